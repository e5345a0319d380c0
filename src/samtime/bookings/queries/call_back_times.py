"""How many free times there are for each of many wishes, asked together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np

from samtime.accounts.actor import Actor
from samtime.bookings.queries.chosen import NAMED, Chosen, meant_by
from samtime.bookings.queries.groups import DAY, Batch, Group, midnight
from samtime.bookings.queries.packed import groups_of
from samtime.bookings.queries.rooms import distinct
from samtime.bookings.queries.wishes import SlotSearch, part_mask
from samtime.calendars.rules import CELL
from samtime.channels.queries.kept import openings
from samtime.foundation.periods import day_bounds
from samtime.foundation.prepared import fetch

# Days looked through together: few first, since there most wishes have their number already.
STEPS = (1, 13, 30, 30)
NUMBERS = """
SELECT public_id, id FROM organizations_organization WHERE public_id = ANY(%(ids)s)
UNION ALL SELECT public_id, id FROM organizations_location WHERE public_id = ANY(%(ids)s)
UNION ALL SELECT public_id, id FROM organizations_practitioner WHERE public_id = ANY(%(ids)s)
"""
NAMES = ("provider", "location", "practitioner")


@dataclass(slots=True)
class _Count:
    """A wish, the last day that counts for it, and what was met so far."""

    wish: SlotSearch
    end: date
    met: int = 0

    def still_asks(self, day: date, most: int) -> bool:
        return self.met < most and self.end > day


def free_counts(
    actor: Actor, wishes: Sequence[SlotSearch], *, today: date, now: datetime, most: int
) -> list[int]:
    """The number of free starts of each wish in its days, at most `most`; as `find_slots` counts.

    Services are named by `numbers`. One statement for what the wishes name, and two for every step
    of days (more where ticks change or rooms are needed): the same for one wish and for a hundred.
    Refuses: RightMissing.
    """
    # Many ask for the same: counted once.
    counts = {wish: _Count(wish, wish.start + DAY * wish.days) for wish in wishes}
    numbers = _numbers(wishes)
    day, last = today, today + DAY * sum(STEPS)
    widths = list(STEPS)
    while day < last:
        asking = [one for one in counts.values() if one.still_asks(day, most)]
        if not asking:
            break
        width = widths.pop(0) if widths else STEPS[-1]
        day = _add(actor, asking, numbers, (day, min(day + DAY * width, last)), now)
    return [min(counts[wish].met, most) for wish in wishes]


def reach(today: date) -> date:
    """The first day that is too far ahead to be counted."""
    return today + DAY * sum(STEPS)


def _numbers(wishes: Iterable[SlotSearch]) -> dict[UUID, int]:
    """What the tables call the places and people that are named. One query, none without names."""
    named = {getattr(wish, name) for wish in wishes for name in NAMES} - {None}
    ids = [ident for ident in named if isinstance(ident, UUID)]
    return dict(fetch(NUMBERS, {"ids": ids})) if ids else {}


def _add(
    actor: Actor,
    asking: list[_Count],
    numbers: dict[UUID, int],
    days: tuple[date, date],
    now: datetime,
) -> date:
    """Add the starts of these days, or up to the day on which a tick changes; that day."""
    every, _nothing = openings(actor, on=days[0])
    batch = Batch(days[0] - DAY, min(days[1], every.until), [])
    meant = []
    for one in asking:
        named = [n for n in NAMED if n.given(one.wish) and n.part in NAMES]
        ids = [[numbers.get(getattr(one.wish, n.part), 0)] for n in named]
        meant.append(meant_by(one.wish, every, zip(named, ids, strict=True)))
    rows = distinct(np.concatenate([each.rows for each in meant]))
    anything = SlotSearch(start=days[0])
    groups = groups_of(batch, Chosen(every, rows, None), anything, now)
    for one, each in zip(asking, meant, strict=True):
        one.met += sum(_met(group, batch, one, each) for group in groups)
    return batch.end


def _met(group: Group, batch: Batch, one: _Count, meant: Chosen) -> int:
    """Starts of a group that belong to the wish, in its days and its part of the day."""
    first = _cell(batch.first, one.wish.start, group.rule.zone)
    after = _cell(batch.first, one.end, group.rule.zone)
    theirs = np.isin(group.rows, meant.rows)
    starts = group.starts[theirs]
    if one.wish.part:
        days = [batch.first + DAY * n for n in range(starts.shape[1] * 8 * CELL // (24 * 60))]
        starts = starts & part_mask(days, group.rule.zone, one.wish.part)
    mine = replace(
        group, starts=starts, low=max(group.low, first), high=min(group.high, max(after, 0))
    )
    return mine.count() if mine.high > mine.low and len(starts) else 0


def _cell(zero: date, day: date, zone: str) -> int:
    """The cell, from UTC midnight of `zero`, with which a local day begins."""
    return (day_bounds(day, zone)[0] - midnight(zero)) // timedelta(minutes=CELL)
