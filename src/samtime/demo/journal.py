"""The journal of the demo's bookings, without reactions: nobody gets a mail about the past."""

from collections.abc import Sequence
from datetime import datetime

from samtime.bookings.models import Booking
from samtime.journal.models import JournalEntry


def note(rows: Sequence[Booking]) -> None:
    """Every step of each booking, in order of time."""
    steps = [(b, kind, at) for b in rows for kind, at in _steps(b)]
    steps.sort(key=lambda step: step[2])
    entries = [
        JournalEntry(
            kind=kind,
            object_kind="booking",
            object_id=booking.public_id,
            organization_id=booking.provider_id,
            other_id=booking.booker_id if booking.booker_id != booking.provider_id else None,
            channel_id=booking.channel_id,
            actor_kind="member" if booking.booker_user_id else "system",
            actor_organization_id=booking.booker_id,
            user_id=booking.booker_user_id,
            data={"version": booking.version},
            request_id="demo",
            at=at,
        )
        for booking, kind, at in steps
    ]
    JournalEntry.objects.bulk_create(entries, batch_size=1000)


def _steps(booking: Booking) -> list[tuple[str, datetime]]:
    found = [("booking.booked", booking.created_at)]
    if booking.moved_at:
        found.append(("booking.moved", booking.moved_at))
    if booking.cancelled_at:
        found.append(("booking.cancelled", booking.cancelled_at))
    if booking.state == "noshow" and booking.closed_at:
        found.append(("booking.no_show", booking.closed_at))
    if booking.state == "fulfilled" and booking.closed_at:
        found.append(("booking.fulfilled", booking.closed_at))
    return found
