"""Free starts as numbers: whose offerings they are is known already, only masks are read.

Rows never cross into Python one by one: one query answers ids and masks as concatenated bytes
(SPEED.md 2.1).
"""

import itertools
from collections.abc import Iterator
from datetime import date, datetime

from samtime.accounts.actor import Actor
from samtime.bookings.queries.chosen import Chosen, chosen
from samtime.bookings.queries.groups import DAY, Batch
from samtime.bookings.queries.nearest import Nearest
from samtime.bookings.queries.packed import groups_of
from samtime.bookings.queries.single import is_plain, search_one
from samtime.bookings.queries.wishes import SlotSearch

WIDE_STEPS, NARROW_STEPS = (1, 2, 4, 8, 15), (31, 62)
MOST_DAYS = 400
# From so many offerings on, masks are read day by day and from the nearest on.
MANY = 400


def batches(actor: Actor, wish: SlotSearch, *, now: datetime) -> Iterator[Batch | Nearest]:
    """The days of the wish, a few at first, then more at a time. Refuses: RightMissing."""
    day = wish.start
    last = wish.start + DAY * max(1, min(wish.days, MOST_DAYS))
    widths = NARROW_STEPS if wish.offering or wish.practitioner else WIDE_STEPS
    meant: Chosen | None = None
    for number in itertools.count():
        if day >= last:
            return
        if not is_plain(wish) and (meant is None or day >= meant.every.until):
            meant = chosen(actor, wish, on=day)
        batch: Batch | Nearest
        if meant is not None and len(meant) >= MANY:
            batch = Nearest(day - DAY, day + DAY, meant, wish, now)
        else:
            end = min(day + DAY * widths[min(number, len(widths) - 1)], last)
            batch = search(actor, wish, day=day, end=end, now=now, meant=meant)
        yield batch
        day = batch.end


def search(
    actor: Actor,
    wish: SlotSearch,
    *,
    day: date,
    end: date,
    now: datetime,
    meant: Chosen | None = None,
) -> Batch:
    """Starts of the local days from `day` to before `end`, or to before a tick changes.

    `meant` as it was chosen for an earlier day on which the ticks were the same. One query for the
    masks, one to choose, one more where rooms are needed. Refuses: RightMissing.
    """
    if is_plain(wish):
        return search_one(actor, wish, day=day, end=end, now=now)
    if meant is None:
        meant = chosen(actor, wish, on=day)
    found = Batch(day - DAY, min(end, meant.every.until), [])
    found.groups += groups_of(found, meant, wish, now)
    return found
