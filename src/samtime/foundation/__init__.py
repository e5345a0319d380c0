"""What every floor stands on: errors, tenancy, money, periods, the embedded database.

Not a place for anything with tables or for nameless helpers.
Serves the whole product.
"""
