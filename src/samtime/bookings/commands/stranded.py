"""Bookings to come on something that was closed for them: kept, noted, or cancelled (T14)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.models import Booking
from samtime.inbox.commands import raise_item

CHOICES = ("keep", "inbox", "cancel", "some")


@transaction.atomic
def settle_stranded(
    *,
    actor: Actor,
    stranded: Sequence[Booking],
    choice: str,
    chosen: frozenset[str],
    reason: str,
    now: datetime,
) -> int:
    """What happens to them; how many were cancelled (each patient gets his notice).

    `choice`: keep, inbox (somebody looks at them later), cancel, or some: those whose public ids
    are `chosen`. Refuses like `cancel_booking`.
    """
    actor.require(Right.EDIT_CHANNELS)
    if choice == "inbox" and stranded:
        _note(actor, stranded)
    gone = [b for b in stranded if choice == "cancel" or str(b.public_id) in chosen]
    if choice not in ("cancel", "some"):
        return 0
    for booking in gone:
        cancel_booking(actor=actor, booking=booking.public_id, reason=reason, now=now)
    return len(gone)


def _note(actor: Actor, stranded: Sequence[Booking]) -> None:
    """One item for each channel: its bookings are looked at one by one."""
    for channel in {booking.channel.id: booking.channel for booking in stranded}.values():
        count = sum(booking.channel_id == channel.id for booking in stranded)
        raise_item(
            actor,
            kind="bookings_stranded",
            object_kind="channel",
            object_id=channel.public_id,
            facts={"name": channel.name, "count": count},
            link=f"bookings/?source={channel.public_id}",
        )
