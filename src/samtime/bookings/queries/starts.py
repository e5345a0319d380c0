"""Free starts as numbers: whose offerings they are is known already, only masks are read.

Rows never cross into Python one by one: one query answers ids and masks as concatenated bytes
(SPEED.md 2.1).
"""

import itertools
from collections.abc import Iterator
from datetime import date, datetime

from samtime.accounts.actor import Actor
from samtime.bookings.queries.chosen import Chosen
from samtime.bookings.queries.groups import DAY, Batch
from samtime.bookings.queries.nearest import Nearest
from samtime.bookings.queries.packed import Read, chosen_beside_masks, groups_of
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
        end = min(day + DAY * widths[min(number, len(widths) - 1)], last)
        read: Read | None = None
        if not is_plain(wish) and (meant is None or day >= meant.every.until):
            meant, read = chosen_beside_masks(actor, wish, day, end, MANY)
        batch: Batch | Nearest
        if meant is None:
            batch = search_one(actor, wish, day=day, end=end, now=now)
        elif len(meant) >= MANY:
            batch = Nearest(day - DAY, day + DAY, meant, wish, now)
        else:
            batch = _batch(wish, meant, read, day=day, end=end, now=now)
        yield batch
        day = batch.end


def search(actor: Actor, wish: SlotSearch, *, day: date, end: date, now: datetime) -> Batch:
    """Starts of the local days from `day` to before `end`, or to before a tick changes.

    One query for offerings and masks, two where the wish names things or they are very many, one
    more where rooms are needed. Refuses: RightMissing.
    """
    if is_plain(wish):
        return search_one(actor, wish, day=day, end=end, now=now)
    meant, read = chosen_beside_masks(actor, wish, day, end, MANY)
    return _batch(wish, meant, read, day=day, end=end, now=now)


def _batch(
    wish: SlotSearch, meant: Chosen, read: Read | None, *, day: date, end: date, now: datetime
) -> Batch:
    found = Batch(day - DAY, min(end, meant.every.until), [])
    found.groups += groups_of(found, meant, wish, now, read)
    return found
