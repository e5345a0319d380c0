"""A partner's search for a patient inside the booking form: two criteria, ten masked hits, logged.

Only where the channel's terms say «search» (P18, P19). Elsewhere the refusal comes before any
patient is asked for, so it tells nothing about who is known (invariant 4).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.queries.access import patient_access
from samtime.foundation.errors import RateLimited, RightMissing
from samtime.foundation.tenancy import on_behalf
from samtime.journal.commands import Access, log_access
from samtime.journal.queries import searches_since
from samtime.patients.models import Patient
from samtime.patients.queries import PatientSearch, judge_two, partner_hits
from samtime.patients.rules import masked_name, masked_phone

PER_USER, USER_WINDOW = 30, timedelta(minutes=10)
PER_PARTNER, PARTNER_WINDOW = 300, timedelta(days=1)
LOCK = 11


@dataclass(frozen=True, slots=True)
class Where:
    """At whom to search: a channel or a provider, on the terms of a day."""

    on: date
    channel: UUID | None = None
    provider: UUID | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One masked patient: enough to ask the caller «is it you?», not enough to learn from."""

    patient: UUID
    name: str
    birth_date: date | None
    birth_year: int | None
    phone: str


@transaction.atomic
def find_patients(*, actor: Actor, wish: PatientSearch, where: Where, now: datetime) -> list[Hit]:
    """At most ten masked hits at one provider.

    Refuses: RightMissing (no booking right, or the terms do not say search), NotFound,
    ChannelInactive, ChannelAmbiguous, TooLittleGiven, RateLimited (30 in 10 minutes a user, 300 a
    day a partner).
    """
    actor.require(Right.BOOK_AT_PARTNER)
    access = patient_access(actor, on=where.on, channel=where.channel, provider=where.provider)
    if access.level != "search":
        raise RightMissing()
    judge_two(wish)
    _judge_rate(actor, now)
    with on_behalf(access.provider_id, channel_id=access.channel_id):
        found = partner_hits(access.provider_id, wish)
        ids = tuple(patient.id for patient in found)
        seen = Access(
            access.provider_id, ids, "searched", "booking", access.channel_id, hits=len(ids)
        )
        log_access(actor, seen)
    return [_hit(patient, wish) for patient in found]


def _judge_rate(actor: Actor, now: datetime) -> None:
    """Count what this partner searched; one at a time, so that two at once count as two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, actor.organization_id % 2**31]
        )
    by_user, by_all = searches_since(
        actor, user_since=now - USER_WINDOW, all_since=now - PARTNER_WINDOW
    )
    if by_user >= PER_USER:
        raise RateLimited(retry_after=int(USER_WINDOW.total_seconds()))
    if by_all >= PER_PARTNER:
        raise RateLimited(retry_after=3600)


def _hit(patient: Patient, wish: PatientSearch) -> Hit:
    born = patient.birth_date
    return Hit(
        patient=patient.public_id,
        name=masked_name(patient.given_name, patient.family_name, wish.name),
        birth_date=born if wish.birth_date else None,
        birth_year=born.year if born else None,
        phone=masked_phone(patient.phone),
    )
