"""The loser's answer: the next three free starts, found after the locks are given back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import OperationalError
from psycopg import errors

from samtime.accounts.actor import Actor
from samtime.bookings.commands.taking import SlotTaken
from samtime.bookings.queries.shown import Slot
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch

SEARCHED_DAYS = 30
OFFERED = 3
MOST_TURNS = 3
T = TypeVar("T")


def with_alternatives(
    actor: Actor, offering: UUID, start: datetime, now: datetime, run: Callable[[], T]
) -> T:
    """Run a taking; when the time is gone, say so with the nearest free starts after it.

    On a wanted time the queue for a day's row may be longer than the lock's timeout: whoever waited
    that long asks again, when the winner has long committed. `run` gives everything back itself.
    """
    try:
        return _patiently(run)
    except SlotTaken:
        wish = SlotSearch(
            start=start.date() - timedelta(days=1),
            days=SEARCHED_DAYS,
            limit=OFFERED,
            offering=offering,
            not_before=start,
        )
        found = find_slots(actor, wish, now=now).items
        raise SlotTaken(alternatives=[as_shown(slot) for slot in found]) from None


def _patiently(run: Callable[[], T]) -> T:
    for _turn in range(MOST_TURNS - 1):
        try:
            return run()
        except OperationalError as fault:
            if not isinstance(fault.__cause__, errors.LockNotAvailable):
                raise
    return run()


def as_shown(slot: Slot) -> dict[str, Any]:
    """A free start as refusals carry it: with the offset of its place, like every time (D24)."""
    zone = ZoneInfo(slot.zone)
    return {
        "offering": str(slot.offering),
        "start": slot.start.astimezone(zone).isoformat(),
        "end": slot.end.astimezone(zone).isoformat(),
        "location": str(slot.location),
        "practitioner": str(slot.practitioner),
    }
