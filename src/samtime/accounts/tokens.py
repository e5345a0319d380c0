"""Tokens of links: 256 random bits, stored as a hash, single use (P14, D5)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from samtime.accounts.models import AccessToken
from samtime.foundation.errors import RateLimited

# Links that are mailed to people who did not ask for them (P19).
MAILED = ("invitation", "user_invitation")
PER_ADDRESS_AND_HOUR, PER_ORGANIZATION_AND_DAY = 3, 200
MOST_TRIES, PAUSE = 5, timedelta(minutes=15)


def make_token(
    *,
    kind: str,
    organization_id: int,
    object_id: UUID,
    email: str,
    lifetime: timedelta | None,
    secret: str = "",
) -> str:
    """A new secret for a link; it is told once and never stored. No lifetime: until revoked.

    `secret`: one that the caller derived, where the same request must give the same link.
    """
    secret = secret or secrets.token_urlsafe(32)
    AccessToken.objects.create(
        hash=_hash(secret),
        kind=kind,
        organization_id=organization_id,
        object_id=object_id,
        email=email.lower(),
        expires_at=None if lifetime is None else timezone.now() + lifetime,
    )
    return secret


def find_token(kind: str, secret: str) -> AccessToken | None:
    """The token of a link, also a dead one; None when it was never ours."""
    if len(secret) > 200:
        return None
    return AccessToken.objects.filter(kind=kind, hash=_hash(secret)).first()


def is_alive(token: AccessToken) -> bool:
    """Neither used nor revoked nor too old."""
    too_old = token.expires_at is not None and token.expires_at <= timezone.now()
    return token.used_at is None and token.revoked_at is None and not too_old


def use_up(kind: str, object_id: UUID) -> bool:
    """Mark the living token of an object as used; False when somebody was faster."""
    now = timezone.now()
    living = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    rows = AccessToken.objects.filter(
        living, kind=kind, object_id=object_id, used_at=None, revoked_at=None
    )
    return rows.update(used_at=now) > 0


def revoke(kind: str, object_ids: list[UUID]) -> int:
    """The links of these objects are dead from now on."""
    rows = AccessToken.objects.filter(
        kind=kind, object_id__in=object_ids, used_at=None, revoked_at=None
    )
    return rows.update(revoked_at=timezone.now())


def prolong(kind: str, object_id: UUID, until: datetime) -> int:
    """The living links of an object live until then at least; dead ones stay dead."""
    now = timezone.now()
    rows = AccessToken.objects.filter(
        kind=kind, object_id=object_id, used_at=None, revoked_at=None, expires_at__gt=now
    )
    return rows.filter(expires_at__lt=until).update(expires_at=until)


@dataclass(frozen=True, slots=True)
class Tried:
    """What an answer to a link's question brought: right, how many tries are left, the pause."""

    right: bool
    left: int = 0
    paused_until: datetime | None = None


@transaction.atomic
def answer_question(*, token: AccessToken, right: bool, now: datetime) -> Tried:
    """Count an answer to the question a link asks: five wrong ones pause it for 15 minutes.

    Answers rather than refuses, so that the count is kept. While it is paused a right answer does
    not open it either.
    """
    row = AccessToken.objects.select_for_update().get(id=token.id)
    if row.paused_until is not None and row.paused_until > now:
        return Tried(False, 0, row.paused_until)
    if right:
        row.tries, row.paused_until = 0, None
    else:
        row.tries += 1
        if row.tries >= MOST_TRIES:
            row.tries, row.paused_until = 0, now + PAUSE
    row.save(update_fields=["tries", "paused_until"])
    left = 0 if row.paused_until else MOST_TRIES - row.tries
    return Tried(right, left, row.paused_until)


def refuse_flood(*, email: str, organization_id: int, now: datetime) -> None:
    """At most 3 mailed links per address and hour, from everybody, and 200 a day from one (P19).

    One caller per address at a time; the demo counts from its last start. Refuses: RateLimited.
    """
    _one_at_a_time(email.lower())
    _one_at_a_time(str(organization_id))
    hour = AccessToken.objects.filter(
        kind__in=MAILED, email=email.lower(), created_at__gt=_counted_from(now, 1)
    )
    if hour.count() >= PER_ADDRESS_AND_HOUR:
        raise RateLimited(retry_after=3600)
    if left_today(organization_id, now=now) < 1:
        raise RateLimited(retry_after=86400)


def left_today(organization_id: int, *, now: datetime) -> int:
    """How many links an organization may still mail within 24 hours."""
    rows = AccessToken.objects.filter(
        kind__in=MAILED, organization_id=organization_id, created_at__gt=_counted_from(now, 24)
    )
    return max(PER_ORGANIZATION_AND_DAY - rows.count(), 0)


def _counted_from(now: datetime, hours: int) -> datetime:
    began, started = now - timedelta(hours=hours), settings.DEMO_STARTED_AT
    return max(started, began) if started else began


def _one_at_a_time(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"mailed {what}"])


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
