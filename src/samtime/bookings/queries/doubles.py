"""Has this partner booked the same person already? Asked of his own bookings alone."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.patients.rules import words_of

MOST = 3


@dataclass(frozen=True, slots=True)
class Double:
    """An own booking to come of somebody with this name and birth date."""

    booking: UUID
    patient_id: int
    provider_id: int
    channel_id: int
    provider_name: str
    service_name: str
    starts_at: datetime
    zone: str


def own_doubles(actor: Actor, *, family_name: str, birth_date: date, now: datetime) -> list[Double]:
    """At most three, the next first. One query.

    Compares what this partner gave himself, never what a clinic knows, so it is no oracle.
    Refuses: RightMissing.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    wanted = words_of(family_name)
    if not wanted:
        return []
    rows = Booking.objects.visible_to(actor).filter(
        booker_id=actor.organization_id,
        channel__outsider_id=actor.organization_id,
        starts_at__gte=now,
        state__in=["pending", "booked"],
        patient_as_given__birth_date=birth_date.isoformat(),
    )
    found = rows.select_related("provider", "service", "location").order_by("starts_at")[:20]
    same = [b for b in found if words_of(b.patient_as_given.get("family_name", "")) == wanted]
    return [
        Double(
            b.public_id,
            b.patient_id,
            b.provider_id,
            b.channel_id,
            b.provider.name,
            b.service.name,
            b.starts_at,
            b.location.time_zone,
        )
        for b in same[:MOST]
    ]
