"""VIES, the European VAT register (open, no key). Norway and Iceland are not in it."""
