"""Idempotency-Key on POST: required where money or time is taken, honoured everywhere."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.api.door import answer, body_hash
from samtime.foundation.errors import FieldError, Invalid, Refusal, RightMissing
from samtime.journal.commands.once import Once, once

LONGEST = 100


class KeyMissing(Refusal):
    """A call that must be repeatable came without its key."""

    code = "idempotency_key_missing"
    status = 400
    sentence = _("This call needs an Idempotency-Key header.")


def actor_of(request: HttpRequest, scope: str) -> Actor:
    """The call's actor, if his key has the scope («bookings.write»)."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    if actor.scopes is not None and scope not in actor.scopes:
        raise RightMissing()
    return actor


def repeatable(
    request: HttpRequest,
    actor: Actor,
    run: Callable[[], tuple[int, Any]],
    *,
    required: bool = False,
) -> HttpResponse:
    """Run once per key; without a key (where that is allowed) just run."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        if required:
            raise KeyMissing()
        return answer(*run())
    if len(key) > LONGEST or not key.isprintable():
        sentence = _("At most 100 printable characters.")
        raise Invalid(FieldError("Idempotency-Key", "idempotency_key", sentence))

    def kept() -> tuple[int, str]:
        status, body = run()
        return status, json.dumps(body, default=str)

    call = Once(actor, key, body_hash(request), timezone.now())
    status, text = once(call, kept)
    return answer(status, None if text == "null" else text.encode())


def needs(actor: Actor, *rights: Right) -> None:
    """Refuse unless the actor has one of the rights."""
    actor.require_any(*rights)
