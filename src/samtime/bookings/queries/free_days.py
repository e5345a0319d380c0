"""Which days have a free start at all: what a month's view and a first look need."""

from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from samtime.accounts.actor import Actor
from samtime.bookings.queries.groups import Batch, Group
from samtime.bookings.queries.starts import search
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars.rules import CELL, CELLS
from samtime.foundation.periods import day_bounds

MOST_DAYS = 400


def free_days(actor: Actor, wish: SlotSearch, *, now: datetime) -> dict[int, list[date]]:
    """By offering (internal id), the local days of the wish with a free start, in order.

    Two queries, and two more for each day on which ticks change; no names and no prices. Offerings
    without a free day are there, with an empty list. Refuses: RightMissing.
    """
    found: dict[int, list[date]] = {}
    day, last = wish.start, wish.start + timedelta(days=max(1, min(wish.days, MOST_DAYS)))
    while day < last:
        batch = search(actor, wish, day=day, end=last, now=now)
        days = np.array([day + timedelta(days=n) for n in range((batch.end - day).days)])
        for group in batch.groups:
            free = _by_day(batch, group, day)
            for offering, row in zip(group.every.ids[group.rows].tolist(), free, strict=True):
                known = found.setdefault(offering, [])
                known += [d for d in days[row].tolist() if d not in known]
        day = batch.end
    return found


def _by_day(batch: Batch, group: Group, day: date) -> npt.NDArray[np.bool_]:
    """A row per offering, a column per local day of the batch: whether any start counts."""
    count, zone = (batch.end - day).days, group.rule.zone
    midnights = [day_bounds(day + timedelta(days=n), zone)[0] for n in range(count)]
    bounds = [(int(at.timestamp()) // 60 - batch.base) // CELL for at in midnights]
    bits = np.zeros((len(group.rows), group.starts.shape[1] * 8 + CELLS), np.uint8)
    if group.high > group.low:
        bits[:, group.low : group.high] = group.window()
    return np.bitwise_or.reduceat(bits, bounds, axis=1).astype(bool)
