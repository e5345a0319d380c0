"""API keys: made once, shown once, kept as a hash, dead at the next request when revoked."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.journal.commands import Happening, record
from samtime.organizations.commands.grants import MoreThanOwn, refuse_more_than_own
from samtime.organizations.models import ApiKey
from samtime.organizations.queries.people import keys_of, membership_of

THINGS = (
    *("slots", "bookings", "patients", "catalog", "channels", "partnerships", "statistics"),
    *("statements", "cases", "invoices", "network", "users", "journal"),
)
SCOPES = tuple(f"{thing}.{access}" for thing in THINGS for access in ("read", "write"))


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A key as asked for: `member_id` None is the actor himself, `scopes` None is no limit."""

    name: str
    member_id: UUID | None = None
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None


@transaction.atomic
def create_key(*, actor: Actor, wish: KeyWish) -> tuple[ApiKey, str]:
    """The key, and its secret, which is told this once. What it may: scope and the user's right.

    Refuses: RightMissing, Invalid, NotFound (no such user), MoreThanOwn.
    """
    actor.require(Right.MANAGE_KEYS)
    _check(wish)
    member = membership_of(actor, wish.member_id)
    refuse_more_than_own(actor, member.roles, can_book_at_partner=member.can_book_at_partner)
    _refuse_wider(actor, wish)
    secret = f"st_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        membership=member,
        name=wish.name.strip(),
        hash=hashlib.sha256(secret.encode()).digest(),
        hint=secret[:8],
        scopes=None if wish.scopes is None else sorted(set(wish.scopes)),
        expires_at=wish.expires_at,
    )
    _journal(actor, key, "key.created", scopes=key.scopes)
    return key, secret


@transaction.atomic
def revoke_key(*, actor: Actor, key_id: UUID) -> ApiKey:
    """The next call with it is refused (P9). Refuses: RightMissing, NotFound."""
    actor.require(Right.MANAGE_KEYS)
    key = keys_of(actor).filter(public_id=key_id).select_for_update(of=("self",)).first()
    if key is None:
        raise NotFound()
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    _journal(actor, key, "key.revoked")
    return key


def _check(wish: KeyWish) -> None:
    faults = []
    if not 1 <= len(wish.name.strip()) <= 100:
        sentence = _("Give the key a name, at most 100 letters, that says which program uses it.")
        faults.append(FieldError("name", "required", sentence))
    unknown = sorted(set(wish.scopes or ()) - set(SCOPES))
    if unknown:
        sentence = _("There is no scope «%(name)s».")
        faults.append(FieldError("scopes", "unknown", sentence % {"name": unknown[0][:60]}))
    if wish.scopes is not None and not wish.scopes:
        faults.append(FieldError("scopes", "required", _("Choose at least one scope.")))
    if wish.expires_at is not None and wish.expires_at <= timezone.now():
        faults.append(FieldError("expires_at", "past", _("The end lies in the past.")))
    if faults:
        raise Invalid(*faults)


def _refuse_wider(actor: Actor, wish: KeyWish) -> None:
    """A key cannot make one that opens more than itself."""
    if actor.scopes is None:
        return
    if wish.scopes is None or not set(wish.scopes) <= actor.scopes:
        raise MoreThanOwn(field="scopes")


def _journal(actor: Actor, key: ApiKey, kind: str, **data: object) -> None:
    happening = Happening(
        kind=kind,
        object_kind="key",
        object_id=key.public_id,
        organization_id=actor.organization_id,
        data={"user": str(key.membership.public_id), **data},
    )
    record(actor, happening)
