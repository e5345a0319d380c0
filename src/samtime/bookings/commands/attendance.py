"""After a mark: taken back when it was wrong, and the note of a visit."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import note_booking
from samtime.bookings.commands.changes import NotPossible, change_booking, lock_booking
from samtime.bookings.models import Booking
from samtime.foundation.errors import FieldError, Invalid, NotFound

BACK = {"arrived": "booked", "noshow": "booked"}


@transaction.atomic
def undo_mark(*, actor: Actor, booking: UUID, now: datetime, version: int | None = None) -> Booking:
    """Arrived, attended or no-show was a mistake: one step back.

    Attended goes back to arrived where the patient had been marked so, else to booked.
    Refuses: RightMissing, NotFound, VersionConflict, NotPossible.
    """
    actor.require(Right.MARK_ATTENDANCE)
    found = lock_booking(actor, booking, version)
    if found.provider_id != actor.organization_id:
        raise NotFound()
    before = found.state
    if before == "fulfilled":
        after = "arrived" if found.arrived_at else "booked"
    else:
        after = BACK.get(before, "")
    if not after:
        raise NotPossible()
    arrived = found.arrived_at if after == "arrived" else None
    change_booking(found, state=after, arrived_at=arrived, closed_at=None)
    note_booking(actor, found, "booking.mark_undone", before=before)
    return found


@transaction.atomic
def write_note(
    *, actor: Actor, booking: UUID, note: str, version: int | None, now: datetime
) -> Booking:
    """The note of a visit, as the own desk keeps it.

    Refuses: RightMissing, NotFound, VersionConflict, Invalid.
    """
    actor.require(Right.CHANGE_BOOKING)
    if len(note) > 2000:
        raise Invalid(FieldError("note", "too_long", _("At most 2,000 characters.")))
    found = lock_booking(actor, booking, version)
    if found.provider_id != actor.organization_id:
        raise NotFound()
    change_booking(found, note=note)
    note_booking(actor, found, "booking.note_changed")
    return found
