"""What an outsider booked goes to the own desk; who cannot be written to is called."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import note_booking
from samtime.bookings.commands.changes import NotPossible, change_booking, lock_booking
from samtime.bookings.models import Booking
from samtime.bookings.rules import MOVABLE, shown_reference
from samtime.foundation.errors import NotFound
from samtime.inbox.commands import raise_item, take_item
from samtime.inbox.queries import has_item_since

CALL = "client_to_call"


@transaction.atomic
def move_to_own_desk(*, actor: Actor, booking: UUID, now: datetime) -> Booking:
    """The own desk looks after the visit from now on and tells the patient (P28).

    Time, source, price, place of payment and commission stay as agreed: the booking was sent by
    the outsider, who reads it and changes it no more. Twice changes nothing.
    Refuses: RightMissing, NotFound, NotPossible (over, cancelled, or booked at the desk itself).
    """
    actor.require(Right.CHANGE_BOOKING)
    found = lock_booking(actor, booking)
    if found.provider_id != actor.organization_id:
        raise NotFound()
    if found.desk_since is not None:
        return found
    if found.state not in MOVABLE or found.booker_id == found.provider_id:
        raise NotPossible()
    change_booking(found, desk_since=now)
    note_booking(actor, found, "booking.desk_took_over")
    return found


@transaction.atomic
def call_client(
    *, actor: Actor, booking_id: UUID, why: str, since: datetime, owner_id: int | None
) -> None:
    """Nobody can be written to about what the institution did: somebody calls before the visit.

    `why`: cancelled or desk; `since`: when it was done, so that once is enough; `owner_id`: who
    did it, and hands it on if others call. The viewer must be the provider.
    """
    actor.require(Right.BOOK)
    booking = Booking.objects.filter(public_id=booking_id).first()
    if booking is None or has_item_since(actor, CALL, booking_id, since):
        return
    item = raise_item(
        actor,
        kind=CALL,
        object_kind="booking",
        object_id=booking_id,
        facts={"reference": shown_reference(booking.reference), "why": why},
        link=f"bookings/{booking_id}/",
        due_at=booking.starts_at,
    )
    if owner_id is not None:
        take_item(doer=replace(actor, user_id=owner_id), item=item.public_id)
