"""Which places outside may be called: the address as written, and what its name resolves to.

Nothing here opens a connection. The judgement is made when an address is saved, before each call
and after each redirect; the connection goes to the address that was judged (P15).
"""

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Beyond what `is_global` knows: ranges that lead inside by translation, tunnel or old habit.
_NEVER = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]
_INSIDE_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa")
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,62}")
_LONGEST = 2048


class OutwardFault(Exception):
    """A call that gave no answer. `code`: forbidden, unresolved, connect, tls, slow, too_large,
    protocol, redirect, resting. Says nothing of what the other side sent."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call goes: parts of a judged URL. `trusted` = named in SAMTIME_OUTWARD_ALLOW."""

    scheme: str
    host: str
    port: int
    target: str
    trusted: bool

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def place_of(url: str) -> Place:
    """The parts of an address that may be called as it is written. Refuses: OutwardFault.

    https only, a full host name or a public address, no user name, no odd signs; ports below
    1024 only 443. What SAMTIME_OUTWARD_ALLOW names is taken as it stands, http too.
    """
    if len(url) > _LONGEST or re.search(r"[\x00-\x20\x7f\\]", url):
        raise OutwardFault("forbidden", "the address has signs that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OutwardFault("forbidden", "this is no address") from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise OutwardFault("forbidden", "an address carries no user name")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise OutwardFault("forbidden", "only https is called")
    host = _plain_host(parts.hostname)
    port = port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    place = Place(parts.scheme, host, port, target, f"{host}:{port}" in settings.OUTWARD_ALLOW)
    if not place.trusted:
        _judge_written(place)
    return place


def is_public(address: str) -> bool:
    """Whether an address lies in the open internet: not private, loopback, link-local, shared
    (CGNAT), reserved, multicast, nor one that carries such an address inside (mapped, NAT64,
    6to4, Teredo)."""
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if "%" in address or any(found in net for net in _NEVER if net.version == found.version):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _plain_host(host: str) -> str:
    """The host in small ASCII letters: what looks like another sign is that sign (IDNA, NFKC)."""
    same = unicodedata.normalize("NFKC", host).lower().replace("\u3002", ".").rstrip(".")
    if same.isascii():
        return same
    try:
        return same.encode("idna").decode("ascii")
    except UnicodeError:
        raise OutwardFault("forbidden", "this is no host name") from None


def _judge_written(place: Place) -> None:
    if place.scheme != "https":
        raise OutwardFault("forbidden", "only https is called")
    if place.port < 1024 and place.port != 443:
        raise OutwardFault("forbidden", "this port is not called")
    if ":" in place.host or re.fullmatch(r"[0-9.]+", place.host):
        if not is_public(place.host):
            raise OutwardFault("forbidden", "this address lies inside")
        return
    if not _NAME.fullmatch(place.host) or place.host.rpartition(".")[2] in _INSIDE_NAMES:
        raise OutwardFault("forbidden", "this is no host name of the open internet")
