"""Bookings to come on something that was closed for them: kept, noted, or cancelled (T14)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.models import Booking
from samtime.channels.queries.saved import GONE
from samtime.foundation.periods import local_day
from samtime.inbox.commands import raise_item
from samtime.journal.commands import Happening, record

CHOICES = ("keep", "inbox", "cancel", "some")


@transaction.atomic
def settle_stranded(
    *,
    actor: Actor,
    stranded: Sequence[Booking],
    choice: str,
    chosen: frozenset[str],
    reason: str,
    saved: UUID | None = None,
    now: datetime,
) -> int:
    """What happens to them; how many were cancelled (each patient gets his notice).

    `choice`: keep, inbox (somebody looks at them later), cancel, or some: those whose public ids
    are `chosen`. `saved`: the save of ticks that closed it, whose undo tells of the cancelled.
    `reason` goes to the patients. Refuses like `cancel_booking`.
    """
    actor.require(Right.EDIT_CHANNELS)
    if choice == "inbox" and stranded:
        _note(actor, stranded)
    gone = [b for b in stranded if choice == "cancel" or str(b.public_id) in chosen]
    if choice not in ("cancel", "some"):
        return 0
    for booking in gone:
        cancel_booking(actor=actor, booking=booking.public_id, reason=reason, now=now)
    if gone and saved:
        _remember(actor, saved, gone)
    return len(gone)


def _remember(actor: Actor, saved: UUID, gone: Sequence[Booking]) -> None:
    first, last = _days(gone)
    data = {"count": len(gone), "first": first, "last": last}
    record(actor, Happening(GONE, "listings", saved, actor.organization_id, data=data))


def _days(rows: Sequence[Booking]) -> tuple[str, str]:
    """First and last day, each in its own place."""
    days = [local_day(row.starts_at, row.location.time_zone) for row in rows]
    return min(days).isoformat(), max(days).isoformat()


def _note(actor: Actor, stranded: Sequence[Booking]) -> None:
    """One item for each channel: its bookings are looked at one by one."""
    for channel in {booking.channel.id: booking.channel for booking in stranded}.values():
        of_channel = [booking for booking in stranded if booking.channel_id == channel.id]
        first, last = _days(of_channel)
        raise_item(
            actor,
            kind="bookings_stranded",
            object_kind="channel",
            object_id=channel.public_id,
            facts={"name": channel.name, "count": len(of_channel)},
            link=f"bookings/?source={channel.public_id}&from={first}&to={last}",
        )
