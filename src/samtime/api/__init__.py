"""The JSON API.

Not a place for business decisions: parse, one command or query, shape.
Serves scripts, partners and outside checks.
"""
