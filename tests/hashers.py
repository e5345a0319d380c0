"""Passwords of tests: the real method with a small cost, for signing in a thousand times."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2id in one pass over 64 KiB; the product's cost stands in settings.py."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1
