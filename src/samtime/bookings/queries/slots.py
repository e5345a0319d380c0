"""What is free, with names and prices: what pages, the API and refusals show.

Days are taken progressively until enough starts are found. Ticks and prices are judged by the local
day of each start (D9). A search may be stale by a moment: the booking is the judge (SPEED.md 2.7).
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from samtime.accounts.actor import Actor
from samtime.bookings.queries.groups import Batch, Hit, place_on_page
from samtime.bookings.queries.nearest import Nearest
from samtime.bookings.queries.shown import Slot, described
from samtime.bookings.queries.starts import batches
from samtime.bookings.queries.wishes import SlotSearch


@dataclass(frozen=True, slots=True)
class SlotPage:
    """Free starts in order of time, how many days were searched, how many starts were met."""

    items: list[Slot]
    searched_days: int
    total: int = 0


def find_slots(actor: Actor, wish: SlotSearch, *, now: datetime) -> SlotPage:
    """Free starts the actor may book, earliest first, at one time the nearest first.

    Refuses: RightMissing. Own desk searches its own calendars, outsiders what is ticked for them.
    """
    page, waiting, end = _Page(wish), list[Hit](), wish.start
    for batch in batches(actor, wish, now=now):
        end = batch.end
        waiting = page.fill(_in_order(waiting, batch), batch.settled())
        if page.is_enough:
            break
    else:
        page.fill(iter(waiting), None)
    return SlotPage(page.items, (end - wish.start).days, page.met)


def _in_order(waiting: list[Hit], batch: Batch | Nearest) -> Iterator[Hit]:
    hits = batch.hits()
    return heapq.merge(waiting, hits, key=place_on_page) if waiting else hits


class _Page:
    """What is kept: all hits, only starts apart in each calendar, or the first of a group."""

    def __init__(self, wish: SlotSearch) -> None:
        self.items: list[Slot] = []
        self.met = 0
        self._wish = wish
        self._until: dict[int, int] = {}

    @property
    def is_enough(self) -> bool:
        """Whether neither more starts nor a higher count are wanted."""
        return len(self.items) >= self._wish.limit and self.met >= self._wish.count_to

    def fill(self, hits: Iterator[Hit], settled: int | None) -> list[Hit]:
        """Take hits until there is enough; those from minute `settled` on are handed back."""
        waiting: list[Hit] = []
        while not self.is_enough:
            chosen = self._pull(hits, settled, waiting)
            if not chosen:
                break
            self.items += described(chosen)
        return waiting

    def _pull(self, hits: Iterator[Hit], settled: int | None, waiting: list[Hit]) -> list[Hit]:
        chosen: list[Hit] = []
        room = self._wish.limit - len(self.items)
        for hit in hits:
            if settled is not None and hit.minute >= settled:
                waiting.append(hit)
                continue
            self.met += 1
            if len(chosen) < room and self._wants(hit):
                chosen.append(hit)
            if len(chosen) >= room and self.met >= self._wish.count_to:
                break
        return chosen

    def _wants(self, hit: Hit) -> bool:
        wish, offer = self._wish, hit.offer
        if not (wish.first_per or wish.apart):
            return True
        home = offer.location if wish.first_per == "location" else offer.mask
        if self._until.get(home, -1) > hit.minute:
            return False
        self._until[home] = 2**62 if wish.first_per else hit.minute + offer.duration
        return True
