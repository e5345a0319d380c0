"""Tokens of links: 256 random bits, stored as a hash, single use (P14, D5)."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from samtime.accounts.models import AccessToken


def make_token(
    *, kind: str, organization_id: int, object_id: UUID, email: str, lifetime: timedelta
) -> str:
    """A new secret for a link; it is told once and never stored."""
    secret = secrets.token_urlsafe(32)
    AccessToken.objects.create(
        hash=_hash(secret),
        kind=kind,
        organization_id=organization_id,
        object_id=object_id,
        email=email.lower(),
        expires_at=timezone.now() + lifetime,
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


def sent_since(kind: str, since: datetime, *, email: str = "", organization_id: int = 0) -> int:
    """How many links went to an address, or from an organization; one caller at a time (P19)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{kind} {email or organization_id}"]
        )
    rows = AccessToken.objects.filter(kind=kind, created_at__gte=since)
    if email:
        return rows.filter(email=email.lower()).count()
    return rows.filter(organization_id=organization_id).count()


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
