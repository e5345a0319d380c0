"""Field encryption and keyed hashes from SAMTIME_KEYS: the first key writes, all read (D30)."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _derived(key: str, use: str) -> bytes:
    return hashlib.blake2b(key.encode(), key=use.encode(), digest_size=32).digest()


def _box() -> MultiFernet:
    keys = [base64.urlsafe_b64encode(_derived(k, "field")) for k in settings.SAMTIME_KEYS]
    return MultiFernet([Fernet(k) for k in keys])


def encrypt(text: str) -> bytes:
    """For storing; every call gives another result."""
    return _box().encrypt(text.encode())


def decrypt(stored: bytes) -> str:
    """Back to the text, whichever of the keys wrote it."""
    return _box().decrypt(bytes(stored)).decode()


def keyed_hashes(text: str) -> list[bytes]:
    """For looking up without reading: the first is what new rows store, all may be met."""
    return [
        hmac.new(_derived(k, "search"), text.encode(), hashlib.sha256).digest()
        for k in settings.SAMTIME_KEYS
    ]
