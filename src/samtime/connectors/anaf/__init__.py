"""ANAF, the Romanian tax register (open, no key, one question a second)."""
