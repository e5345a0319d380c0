"""Free starts as numbers: offerings of one kind, their packed starts, and the order of a page."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from samtime.bookings.queries.wishes import SlotSearch
from samtime.bookings.rules import last_bookable_day
from samtime.calendars.rules import CELL
from samtime.channels.queries.opening_arrays import Openings
from samtime.foundation.periods import day_bounds, local_day

FEW = 64
DAY = timedelta(days=1)
Bytes = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.int64]


class Offer(NamedTuple):
    """An offering on the channel on which it is open; minutes; kilometres where asked for."""

    id: int
    mask: int
    channel: int
    location: int
    service: int
    practitioner: int
    provider: int
    duration: int
    zone: str
    distance: float | None


class Hit(NamedTuple):
    """A free start: minutes since the epoch."""

    minute: int
    offer: Offer


class Rule(NamedTuple):
    """What a kind of offering has in common; minutes, days, a zone, whether it needs rooms."""

    duration: int
    before: int
    after: int
    step: int
    lead: int
    horizon: int
    zone: str
    room: bool


@dataclass(slots=True)
class Group:
    """Offerings of one kind, `rows` of `every` in the order of a page, and their starts.

    `starts` has one row per offering, packed; cells from `low` to before `high` count.
    """

    rule: Rule
    every: Openings
    rows: Ids
    distances: npt.NDArray[np.float64] | None
    starts: Bytes
    low: int
    high: int

    def offer(self, row: int) -> Offer:
        """One of them."""
        every, one = self.every, self.rows[row]
        return Offer(
            int(every.ids[one]),
            int(every.masks[one]),
            int(every.channels[one]),
            int(every.locations[one]),
            int(every.services[one]),
            int(every.practitioners[one]),
            int(every.providers[one]),
            self.rule.duration,
            self.rule.zone,
            None if self.distances is None else float(self.distances[row]),
        )

    def window(self) -> Bytes:
        """One byte for each cell that counts: a start or not."""
        if self.high <= self.low:
            return np.zeros((len(self.rows), 0), np.uint8)
        return np.unpackbits(self.starts, axis=1)[:, self.low : self.high]

    def count(self) -> int:
        """How many starts there are."""
        return int(self.window().sum())

    def hits(self, base: int) -> Iterator[Hit]:
        """In order of time, then of the page; nothing is computed that is not asked for."""
        if self.high <= self.low or not len(self.rows):
            return
        if len(self.rows) <= FEW:
            offers = [self.offer(n) for n in range(len(self.rows))]
            cells, rows = np.nonzero(self.window().T)
            for cell, row in zip(cells.tolist(), rows.tolist(), strict=True):
                yield Hit(base + (self.low + cell) * CELL, offers[row])
            return
        any_start = np.unpackbits(np.bitwise_or.reduce(self.starts, axis=0))
        for cell in (np.flatnonzero(any_start[self.low : self.high]) + self.low).tolist():
            column = self.starts[:, cell >> 3] & (128 >> (cell & 7))
            for row in np.flatnonzero(column).tolist():
                yield Hit(base + cell * CELL, self.offer(row))


@dataclass(slots=True)
class Batch:
    """Starts of consecutive local days, from a day to before `end`."""

    first: date
    end: date
    groups: list[Group]

    @property
    def base(self) -> int:
        """The minute of the first cell."""
        return int(midnight(self.first).timestamp()) // 60

    def hits(self) -> Iterator[Hit]:
        """All starts in order of time, then distance, then offering."""
        each = [group.hits(self.base) for group in self.groups]
        return each[0] if len(each) == 1 else heapq.merge(*each, key=place_on_page)

    def count(self) -> int:
        """How many."""
        return sum(group.count() for group in self.groups)

    def settled(self) -> int:
        """Minute before which no later batch can have a start: the earliest next local midnight."""
        return settled_at(self.end, {group.rule.zone for group in self.groups})


def place_on_page(hit: Hit) -> tuple[int, float, int]:
    """The order of a page: time, then distance, then offering."""
    return (hit.minute, hit.offer.distance or 0.0, hit.offer.id)


def settled_at(end: date, zones: set[str]) -> int:
    """The minute of the earliest local midnight of that day in these zones; 0 where none are."""
    ends = [day_bounds(end, zone)[0] for zone in zones]
    return int(min(ends).timestamp()) // 60 if ends else 0


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def window_of(batch: Batch, rule: Rule, wish: SlotSearch, now: datetime) -> tuple[int, int]:
    """Cells between which a start counts: the batch's local days, the lead time, the horizon."""
    low = max(
        day_bounds(batch.first + DAY, rule.zone)[0],
        now + timedelta(minutes=rule.lead),
        wish.not_before or now,
    )
    reach = last_bookable_day(local_day(now, rule.zone), rule.horizon)
    high = day_bounds(min(batch.end, reach + DAY), rule.zone)[0]
    zero = midnight(batch.first)
    first = -((zero - low) // timedelta(minutes=CELL))
    return max(0, first), max(0, (high - zero) // timedelta(minutes=CELL))
