"""Repeatable calls (D22): one key, one execution, the same answer for a day."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from samtime.foundation.errors import Refusal
from samtime.journal.commands import Doer
from samtime.journal.models import IdempotencyKey

KEPT = timedelta(hours=48)


class RequestInProgress(Refusal):
    """The same key is being worked on right now."""

    code = "request_in_progress"
    status = 409
    sentence = _("The same request is still running. Ask again in a moment.")


class KeyReused(Refusal):
    """The same key came with another body."""

    code = "idempotency_mismatch"
    status = 422
    sentence = _("This key was used for another request. Use a new one.")


@dataclass(frozen=True, slots=True)
class Once:
    """Whose key, and what it is bound to. `waits`: for the first to end, instead of refusing."""

    doer: Doer
    key: str
    request_hash: bytes
    now: datetime
    waits: bool = False


def once(call: Once, run: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """Status and body: of the first time, or run now and kept in the same transaction.

    Only successes are kept; a refusal rolls everything back and is judged anew next time.
    Refuses: RequestInProgress, KeyReused.
    """
    doer = call.doer
    mark = f"{doer.organization_id}/{doer.user_id}/{call.key}".encode()
    number = int.from_bytes(hashlib.sha256(mark).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        if call.waits:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        else:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
            if not cursor.fetchone()[0]:
                raise RequestInProgress()
    rows = IdempotencyKey.objects.filter(
        organization_id=doer.organization_id, user_id=doer.user_id, key=call.key
    )
    known: IdempotencyKey | None = rows.first()
    if known is not None and known.created_at > call.now - KEPT:
        if bytes(known.request_hash) != call.request_hash:
            raise KeyReused()
        return known.status, known.answer
    if known is not None:
        known.delete()
    status, answer = run()
    IdempotencyKey.objects.create(
        organization_id=doer.organization_id,
        user_id=doer.user_id,
        key=call.key,
        request_hash=call.request_hash,
        status=status,
        answer=answer,
    )
    return status, answer
