"""One local day of very many offerings, read from the nearest on and only as far as is looked.

A page wants twenty starts in order of time, the nearest first. So the masks of the nearest are read
first, and those of farther ones only while one of them could begin earlier than what is known
(their weekly hours say how early at all), or as early once the known ones are used up. The order is
the one that reading everything would give.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from samtime.bookings.queries.chosen import Chosen
from samtime.bookings.queries.groups import DAY, Batch, Hit, Rule, settled_at, window_of
from samtime.bookings.queries.packed import groups_of
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars.rules import CELL
from samtime.foundation.periods import day_bounds

FIRST_READ, TIMES_MORE = 128, 4
NEVER = 2**62
Minutes = npt.NDArray[np.int64]


@dataclass(slots=True)
class Nearest:
    """As a `Batch` of one local day; `meant` in the order of a page."""

    first: date
    end: date
    meant: Chosen
    wish: SlotSearch
    now: datetime

    def settled(self) -> int:
        """Minute before which no later day can have a start."""
        return settled_at(self.end, {kind.zone for kind in self.meant.every.kinds})

    def hits(self) -> Iterator[Hit]:
        """All starts in order of time, then distance, then offering; read as they are asked for."""
        batch = Batch(self.first, self.end, [])
        unread, earliest = self._possible(batch)
        # The earliest of all that come after, for each.
        bounds = np.minimum.accumulate(earliest[::-1])[::-1]
        heads: list[tuple[int, int, Hit, Iterator[Hit]]] = []
        done, number, size = 0, 0, FIRST_READ
        while heads or done < len(bounds):
            if done < len(bounds) and (not heads or bounds[done] < heads[0][0]):
                part = groups_of(batch, unread.at(slice(done, done + size)), self.wish, self.now)
                hits = Batch(self.first, self.end, part).hits()
                first = next(hits, None)
                done, number = done + size, number + 1
                # Where nobody is free, most likely nobody else is: a holiday.
                size *= TIMES_MORE if first else TIMES_MORE**2
                if first is not None:
                    heapq.heappush(heads, (first.minute, number, first, hits))
                continue
            _minute, which, hit, hits = heads[0]
            yield hit
            if (following := next(hits, None)) is None:
                heapq.heappop(heads)
            else:
                heapq.heapreplace(heads, (following.minute, which, following, hits))

    def _possible(self, batch: Batch) -> tuple[Chosen, Minutes]:
        """Those that can have a start on this day at all, and the first minute of each.

        Kinds and weekly hours are few, so it is computed for each pair of them.
        """
        every, rows = self.meant.every, self.meant.rows
        if not every.kinds:
            return self.meant, np.empty(0, np.int64)
        hours = every.weeks[:, (self.end - DAY).isoweekday() - 1]
        each = [self._earliest(batch, Rule(*kind[:8]), hours) for kind in every.kinds]
        table = np.stack(each)
        if table.min(initial=NEVER) == NEVER:  # nobody works on this day
            return self.meant.at(slice(0)), np.empty(0, np.int64)
        earliest = table[every.kind[rows], every.week[rows]]
        some = np.flatnonzero(earliest < NEVER)
        return self.meant.at(some), earliest[some]

    def _earliest(self, batch: Batch, rule: Rule, hours: Minutes) -> Minutes:
        """For each week's hours of this day the first minute at which a start is possible."""
        begin, over = (int(at.timestamp()) // 60 for at in day_bounds(self.end - DAY, rule.zone))
        low, high = (batch.base + c * CELL for c in window_of(batch, rule, self.wish, self.now))
        if over - begin != 1440:
            # The clock changes: hours do not say when they are.
            return np.full(len(hours), low if low < high else NEVER)
        first = np.maximum(begin + hours[:, 0], low)
        return np.where(first < np.minimum(begin + hours[:, 1], high), first, NEVER)
