"""Repeatable calls (D22): one key, one execution, the same answer for a day."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import LockNotAvailable

from samtime.foundation.errors import Refusal
from samtime.foundation.prepared import fetch, planned
from samtime.journal.commands import Doer
from samtime.journal.models import IdempotencyKey

KEPT = timedelta(hours=48)
PATIENCE = "10s"
TRY = "SELECT pg_try_advisory_xact_lock(%(number)s)"
TAKE = "SELECT pg_advisory_xact_lock(%(number)s)"


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
    if not fetch(TRY, {"number": number})[0][0] and not (call.waits and _awaited(number)):
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


def _awaited(number: int) -> bool:
    """Whether the first ended while this one waited. It may well take longer than a row's lock is
    waited for: nobody shall read that the database is away when all went well the first time."""
    try:
        with transaction.atomic(), planned(lock_timeout=PATIENCE, statement_timeout="0"):
            fetch(TAKE, {"number": number})
    except OperationalError as fault:
        if isinstance(fault.__cause__, LockNotAvailable):
            return False
        raise
    return True
