"""Field encryption and keyed hashes from SAMTIME_KEYS: the first key writes, all read (D30)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=64)
def _derived(key: str, use: str) -> bytes:
    return hashlib.blake2b(key.encode(), key=use.encode(), digest_size=32).digest()


def _box() -> MultiFernet:
    return _box_of(tuple(settings.SAMTIME_KEYS))


@lru_cache(maxsize=8)
def _box_of(given: tuple[str, ...]) -> MultiFernet:
    keys = [base64.urlsafe_b64encode(_derived(k, "field")) for k in given]
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


def derived_secret(text: str) -> str:
    """A secret of 256 bits that only we can make again from the same text."""
    made = hmac.new(_derived(settings.SAMTIME_KEYS[0], "link"), text.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made.digest()).rstrip(b"=").decode()


def keyed_numbers(forms: Iterable[str], salt: int) -> list[int]:
    """Signed 32-bit numbers for new rows: without the key and the salt they tell nothing."""
    return _numbers(settings.SAMTIME_KEYS[:1], forms, salt)


def keyed_numbers_met(forms: Iterable[str], salt: int) -> list[int]:
    """The same for looking up: under every key that may have written them."""
    return _numbers(settings.SAMTIME_KEYS, forms, salt)


def _numbers(keys: Sequence[str], forms: Iterable[str], salt: int) -> list[int]:
    texts, grain, found = [f.encode() for f in forms], salt.to_bytes(16, "big"), set()
    for key in keys:
        own = _derived(key, "number")
        for text in texts:
            sign = hashlib.blake2b(text, key=own, salt=grain, digest_size=4).digest()
            found.add(int.from_bytes(sign, "big", signed=True))
    return sorted(found)
