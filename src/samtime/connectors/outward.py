"""The one way out: every HTTP call to another system goes through `call` (P15, P33).

https only; the name is resolved here, every address it has is judged, and the connection goes to
the judged address (no second look-up that could answer otherwise); redirects are judged anew; the
whole call has one deadline; an answer has at most 1 MB; a place that fails five times in a row
rests for a minute. Never inside a transaction. Nothing of an answer's body is logged.
"""

import contextlib
import functools
import logging
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

import httpcore
from django.db import connection

from samtime.connectors.breaker import Breaker
from samtime.connectors.places import OutwardFault, Place, is_public, place_of

SECONDS = 10.0
PAGE_SECONDS = 2.0
LARGEST = 1024 * 1024
REDIRECTS = 3
log = logging.getLogger(__name__)
breaker = Breaker()


@dataclass(frozen=True, slots=True)
class Question:
    """A call: `seconds` is the deadline of the whole, redirects and name look-up included."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = SECONDS
    largest: int = LARGEST


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class InTransaction(RuntimeError):
    """A programmer's fault: a call would keep a transaction, and its locks, open."""


def call(question: Question) -> Answer:
    """Ask, follow at most three redirects of a GET, answer. Refuses: OutwardFault, InTransaction.

    An answer with status 500 and more is an answer, and a failure for the breaker.
    """
    _judge_no_transaction()
    ends_at = time.monotonic() + question.seconds
    asked = question
    for _hop in range(REDIRECTS + 1):
        place = place_of(asked.url)
        answer = _one(place, asked, ends_at)
        onward = answer.headers.get("location", "")
        if answer.status not in (301, 302, 303, 307, 308) or not onward:
            return answer
        if asked.method != "GET":
            raise OutwardFault("redirect", "only a question may be sent on")
        asked = _onward(asked, place, onward)
    raise OutwardFault("redirect", "sent on too often")


def _onward(asked: Question, place: Place, onward: str) -> Question:
    """The same question at the place a redirect names."""
    url = urljoin(asked.url, onward)
    following = place_of(url)
    if following.trusted and not place.trusted:
        raise OutwardFault("forbidden", "nobody outside sends us inside")
    if following.origin != place.origin:
        # What was meant for one is not told another.
        asked = replace(asked, headers={})
    return replace(asked, url=url)


def judge_address(url: str, *, seconds: float = PAGE_SECONDS) -> None:
    """When an address is saved: may it be called at all? Refuses: OutwardFault.

    Looks the name up; each call judges again.
    """
    place = place_of(url)
    _addresses(place, time.monotonic() + seconds)


def _one(place: Place, question: Question, ends_at: float) -> Answer:
    # First the address: that it is forbidden is our own word, not the other side's failure.
    addresses = _addresses(place, ends_at)
    if not breaker.may_call(place.origin):
        raise OutwardFault("resting", place.host)
    try:
        answer = _exchange(place, addresses, question, ends_at)
    except OutwardFault as fault:
        breaker.note(place.origin, worked=False)
        log.warning("outward %s %s: %s", question.method, place.host, fault.code)
        raise
    breaker.note(place.origin, worked=answer.status < 500)
    log.info("outward %s %s: %s", question.method, place.host, answer.status)
    return answer


def _exchange(place: Place, addresses: list[str], question: Question, ends_at: float) -> Answer:
    headers = {
        "host": place.origin.partition("://")[2].removesuffix(_usual_port(place)),
        "user-agent": "Samtime",
        "accept-encoding": "identity",
        **question.headers,
    }
    pool = httpcore.ConnectionPool(
        ssl_context=_certificates() if place.scheme == "https" else None,
        network_backend=_Pinned(addresses, ends_at),
        max_connections=1,
    )
    try:
        with (
            pool,
            pool.stream(
                question.method,
                f"{place.origin}{place.target}",
                headers=list(headers.items()),
                content=question.body or None,
            ) as response,
        ):
            return _read(response, question.largest)
    except (httpcore.TimeoutException, TimeoutError):
        raise OutwardFault("slow", place.host) from None
    except ssl.SSLError:
        raise OutwardFault("tls", place.host) from None
    except httpcore.ConnectError as fault:
        code = "tls" if isinstance(fault.__cause__, ssl.SSLError) else "connect"
        raise OutwardFault(code, place.host) from None
    except (httpcore.NetworkError, OSError):
        raise OutwardFault("connect", place.host) from None
    except (httpcore.ProtocolError, ValueError, UnicodeError):
        raise OutwardFault("protocol", place.host) from None


@functools.cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(response: httpcore.Response, largest: int) -> Answer:
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in response.headers}
    if headers.get("content-encoding", "identity") not in ("", "identity"):
        raise OutwardFault("protocol", "packed though not asked for")
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > largest:
        raise OutwardFault("too_large")
    body = bytearray()
    for piece in response.iter_stream():
        body += piece
        if len(body) > largest:
            raise OutwardFault("too_large")
    return Answer(response.status, headers, bytes(body))


def _usual_port(place: Place) -> str:
    return ":443" if place.scheme == "https" else ":80"


def _addresses(place: Place, ends_at: float) -> list[str]:
    """Every address of the host; one that lies inside spoils them all."""
    found = list(dict.fromkeys(_resolve(place.host, place.port, ends_at)))
    if not found:
        raise OutwardFault("unresolved", place.host)
    if not place.trusted and not all(is_public(address) for address in found):
        raise OutwardFault("forbidden", "this name leads inside")
    return found


def _resolve(host: str, port: int, ends_at: float) -> list[str]:
    """The system's resolver has no deadline of its own: it runs beside, and is left behind."""
    told: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            rows = lookup(host, port)
        except (OSError, UnicodeError):
            rows = []
        told.put(rows)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return told.get(timeout=max(ends_at - time.monotonic(), 0.001))
    except queue.Empty:
        raise OutwardFault("slow", host) from None


def lookup(host: str, port: int) -> list[str]:
    """All addresses of a name, by the system's resolver."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


def _judge_no_transaction() -> None:
    # A test's own surrounding transaction is not ours.
    blocks = getattr(connection, "atomic_blocks", [])
    if any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise InTransaction("a call to another system inside a transaction")


class _Pinned(httpcore.NetworkBackend):
    """Connects to the judged addresses and nowhere else, whatever the name says now."""

    def __init__(self, addresses: list[str], ends_at: float) -> None:
        self._addresses, self._ends_at = addresses, ends_at
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        last: Exception = OSError("no address")
        for address in self._addresses:
            try:
                stream = self._inner.connect_tcp(address, port, timeout=_left(self._ends_at))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
                last = fault
                continue
            return _Timed(stream, self._ends_at)
        raise last


class _Timed(httpcore.NetworkStream):
    """Every read and write ends with the whole call, so that drops do not add up."""

    def __init__(self, inner: httpcore.NetworkStream, ends_at: float) -> None:
        self._inner, self._ends_at = inner, ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=_left(self._ends_at))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=_left(self._ends_at))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._ends_at)
        stream = self._inner.start_tls(ssl_context, server_hostname, timeout=left)
        return _Timed(stream, self._ends_at)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return left
