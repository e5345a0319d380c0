"""The door of the JSON API: the key, one transaction, the viewer, refusals as RFC 9457 problems."""

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import orjson
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.foundation.errors import Invalid, RateLimited, Refusal
from samtime.foundation.tenancy import set_viewer
from samtime.foundation.transient import is_away, is_retried
from samtime.organizations.queries import actor_for_key

PROBLEM = "application/problem+json"
Answer = tuple[int, Any]


class KeyWrong(Refusal):
    """No key, or one that does not open anything (any more)."""

    code = "key_wrong"
    status = 401
    sentence = _("The API key is missing, unknown, expired or revoked.")


class Malformed(Refusal):
    """The body is no JSON, or not of the shape this call takes."""

    code = "malformed"
    status = 400
    sentence = _("The request cannot be read.")


class KeyMissing(Refusal):
    """A call that must be repeatable came without Idempotency-Key."""

    code = "idempotency_key_missing"
    status = 400
    sentence = _("This call needs an Idempotency-Key header.")


def problem(refusal: Refusal) -> HttpResponse:
    """A refusal as application/problem+json with the fields INTERFACE.md section 3 promises."""
    errors = [{"field": e.field, "code": e.code, "detail": str(e.detail)} for e in _faults(refusal)]
    body = {
        "type": f"urn:samtime:problem:{refusal.code}",
        "title": str(type(refusal).sentence) % refusal.facts if refusal.facts else refusal.detail,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "errors": errors,
        **{k: v for k, v in refusal.facts.items() if k in ("alternatives", "document", "holds")},
    }
    response = HttpResponse(orjson.dumps(body), content_type=PROBLEM, status=refusal.status)
    if isinstance(refusal, RateLimited):
        response["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="samtime"'
    return response


def _faults(refusal: Refusal) -> list[Any]:
    return refusal.errors if isinstance(refusal, Invalid) else []


def call(request: HttpRequest, run: Callable[[Actor], Answer]) -> HttpResponse:
    """Run one call inside its transaction as the key's actor; a transient fault is tried again."""
    for last in (False, True):
        try:
            with transaction.atomic(), translation.override(_language(request)):
                actor = actor_of(request)
                status, body = run(actor)
                return answer(status, body)
        except Refusal as refusal:
            with translation.override(_language(request)):
                return problem(refusal)
        except Exception as fault:
            if is_retried(fault) and not last:
                continue
            if is_away(fault) or is_retried(fault):
                return unavailable()
            raise
    raise AssertionError("unreachable")


def answer(status: int, body: Any) -> HttpResponse:
    """A JSON answer; None has no body. Never stored by anybody on the way."""
    if body is None:
        response = HttpResponse(status=status)
    else:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        response = HttpResponse(raw, content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def unavailable() -> HttpResponse:
    """503 with Retry-After, when the database is away or full."""
    body = {
        "type": "urn:samtime:problem:unavailable",
        "title": "Unavailable",
        "status": 503,
        "code": "unavailable",
        "detail": str(_("The service is busy. Try again in a moment.")),
        "errors": [],
    }
    response = HttpResponse(orjson.dumps(body), content_type=PROBLEM, status=503)
    response["Retry-After"] = "2"
    return response


def actor_of(request: HttpRequest) -> Actor:
    """The actor of the request's key, with the viewer set."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise KeyWrong()
    actor = actor_for_key(
        secret=secret.strip(), language=_language(request), request_id=uuid.uuid4().hex[:12]
    )
    if actor is None:
        raise KeyWrong()
    set_viewer(actor.organization_id)
    return actor


def body_hash(request: HttpRequest) -> bytes:
    """What an idempotency key is bound to: method, address and body."""
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).digest()


def _language(request: HttpRequest) -> str:
    return translation.get_language_from_request(request)
