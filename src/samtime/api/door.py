"""The door of the JSON API: one transaction per call, the key, the viewer, RFC 9457 problems.

`ApiTransaction` (middleware, innermost) opens the transaction; `BearerKey` finds the actor in it
and sets the viewer; a refusal or fault rolls everything back.
"""

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from samtime.accounts.actor import Actor
from samtime.foundation.errors import FieldError, Invalid, NotFound, RateLimited, Refusal
from samtime.foundation.transient import is_away, is_retried
from samtime.organizations.commands.members import note_seen
from samtime.organizations.queries.arrival import actor_for_key

PREFIX = "/api/"
LARGEST_JSON = 1024 * 1024
PROBLEM = "application/problem+json"
# Calls that ask another system: they open their own transactions around it (HOUSE.md 9.1).
CALLING_OUT = frozenset({"/api/v1/organizations/lookup"})
SHOWN_FACTS = ("alternatives", "document", "holds", "partnership", "results")


class KeyWrong(Refusal):
    """No key, or one that does not open anything (any more)."""

    code = "key_wrong"
    status = 401
    sentence = _("The API key is missing, unknown, expired or revoked.")


class Malformed(Refusal):
    """The body is no JSON, or not of the shape this call takes."""

    code = "malformed"
    status = 400
    sentence = _("The request cannot be read as JSON.")


class WrongContentType(Refusal):
    """A body that does not say it is JSON (or multipart where a file is expected)."""

    code = "content_type"
    status = 415
    sentence = _("Send application/json.")


class TooLarge(Refusal):
    """More than 20 MB."""

    code = "too_large"
    status = 413
    sentence = _("This is larger than 20 MB.")


class TextTooLarge(TooLarge):
    """JSON of more than 1 MB."""

    sentence = _("This is larger than 1 MB.")


class MethodNotAllowed(Refusal):
    """The address is there, and has no such verb."""

    code = "method_not_allowed"
    status = 405
    sentence = _("This address does not take this method. The header Allow says which it takes.")


class Unavailable(Refusal):
    """The database is away or full."""

    code = "unavailable"
    status = 503
    sentence = _("The service is busy. Try again in a moment.")


class BearerKey(HttpBearer):
    """`Authorization: Bearer <key>`: the actor, found and judged in the call's transaction."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The key's actor, who is the viewer of the transaction; sets the language of sentences."""
        asked = "Accept-Language" in request.headers
        actor = actor_for_key(
            secret=token.strip(),
            language=translation.get_language_from_request(request) if asked else "",
            request_id=uuid.uuid4().hex[:12],
        )
        if actor is not None:
            translation.activate(actor.language)
            today = timezone.now().date()
            if actor.seen_on != today:
                note_seen(actor=actor, today=today)
        return actor


class ApiTransaction:
    """Innermost middleware: a call is one transaction; a deadlock is tried once more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        refusal = _unreadable(request)
        if refusal is not None:
            return problem(refusal)
        response = self._run(request)
        if response.headers.get("st-again"):
            response = self._run(request)
            if response.headers.get("st-again"):
                response = problem(Unavailable())
        if response.status_code == 404 and "json" not in response.headers["Content-Type"]:
            response = problem(NotFound())
        if response.status_code == 405 and "json" not in response.headers["Content-Type"]:
            allowed = response.headers.get("Allow", "")
            response = problem(MethodNotAllowed())
            if allowed:
                response["Allow"] = allowed
        response["Cache-Control"] = "no-store"
        return response

    def _run(self, request: HttpRequest) -> HttpResponse:
        if request.path.rstrip("/") in CALLING_OUT:
            return self.get_response(request)
        try:
            with transaction.atomic():
                response = self.get_response(request)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
                return response
        except Exception as fault:
            if is_away(fault):
                return problem(Unavailable())
            raise


def _unreadable(request: HttpRequest) -> Refusal | None:
    """Bodies that are too long or of another kind than the API takes; NUL, which is in no text."""
    if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
        return Malformed()
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()) or int(length) > settings.UPLOAD_LIMIT:
        return TooLarge()
    if request.method in ("POST", "PUT", "PATCH") and length not in ("", "0"):
        kind = (request.content_type or "").lower()
        if kind not in ("application/json", "multipart/form-data"):
            return WrongContentType()
        if kind == "application/json" and int(length) > LARGEST_JSON:
            return TextTooLarge()
    return None


def fault_answer(fault: BaseException) -> HttpResponse | None:
    """The answer to a database fault that passes by itself; None for every other fault."""
    if is_retried(fault):
        response = HttpResponse(status=503)
        response["st-again"] = "1"
        return response
    return problem(Unavailable()) if is_away(fault) else None


def problem(refusal: Refusal) -> HttpResponse:
    """A refusal as application/problem+json with the fields INTERFACE.md section 3 promises."""
    body = {
        "type": f"urn:samtime:problem:{refusal.code}",
        "title": refusal.code.replace("_", " ").capitalize(),
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "errors": [
            {"field": e.field, "code": e.code, "detail": str(e.detail)} for e in _faults(refusal)
        ],
        **{name: value for name, value in refusal.facts.items() if name in SHOWN_FACTS},
    }
    response = HttpResponse(
        orjson.dumps(body, default=str), content_type=PROBLEM, status=refusal.status
    )
    if isinstance(refusal, RateLimited):
        response["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, Unavailable):
        response["Retry-After"] = "2"
    if refusal.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="samtime"'
    return response


def _faults(refusal: Refusal) -> list[FieldError]:
    if isinstance(refusal, Invalid):
        return refusal.errors
    if refusal.at_field:
        return [FieldError(refusal.at_field, refusal.code, refusal.detail)]
    return []


def answer(status: int, body: Any) -> HttpResponse:
    """A JSON answer from plain values or ready bytes; None has no body."""
    if body is None:
        return HttpResponse(status=status)
    raw = body if isinstance(body, bytes) else orjson.dumps(body, default=str)
    return HttpResponse(raw, content_type="application/json", status=status)


def body_hash(request: HttpRequest) -> bytes:
    """What an idempotency key is bound to: method, address and body."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).digest()
