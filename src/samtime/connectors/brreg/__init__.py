"""Enhetsregisteret, the Norwegian register of companies (open, no key)."""
