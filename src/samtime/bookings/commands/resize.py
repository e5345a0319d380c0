"""Another length for a visit at the own desk: the allocation follows, buffers too."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import note_booking
from samtime.bookings.commands.changes import NotPossible, change_booking, lock_booking
from samtime.bookings.commands.overbooking import PLAIN, Knowingly, judged
from samtime.bookings.commands.taking import free_together, take
from samtime.bookings.models import Booking
from samtime.bookings.queries.judging import span_of
from samtime.channels.queries import terms_for
from samtime.foundation.errors import NotFound

RESIZABLE = ("pending", "booked", "arrived")


@transaction.atomic
def resize_booking(
    *,
    actor: Actor,
    booking: UUID,
    minutes: int,
    version: int | None,
    now: datetime,
    known: Knowingly = PLAIN,
) -> Booking:
    """The same start, another end.

    Refuses: RightMissing, NotFound (a partner's organization too), VersionConflict, NotPossible,
    Invalid, OutsideHours, SlotTaken.
    """
    actor.require(Right.CHANGE_BOOKING)
    found = lock_booking(actor, booking, version)
    if found.provider_id != actor.organization_id:
        raise NotFound()
    if found.state not in RESIZABLE:
        raise NotPossible()
    terms = terms_for(
        actor,
        at=found.starts_at,
        internal_id=found.offering_id,
        channel=found.channel.public_id,
        moving=True,
    )
    known = replace(known, minutes=minutes)
    terms = judged(actor, terms, known)
    span = span_of(terms, found.starts_at)
    free_together([found.public_id], terms, span.days)
    take(terms, span, kind="booking", source_id=found.public_id, now=now, despite=known.despite)
    before = int((found.ends_at - found.starts_at).total_seconds() // 60)
    change_booking(found, ends_at=span.end, sequence=found.sequence + 1)
    note_booking(actor, found, "booking.resized", before=before, minutes=minutes, **known.trace())
    return found
