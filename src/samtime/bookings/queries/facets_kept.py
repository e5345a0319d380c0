"""What may be looked for, kept in the process as long as what is open stays the same.

A partner of two thousand institutions has ten thousand doctors to narrow a search by; telling them
apart takes a hundred times as long as the search itself, while an agent types. The offerings kept
for the search (`channels.queries.openings_kept`) are another object as soon as anything about them
changes, names included (`opening_change`), so what was made from one object holds while it lives.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from html import escape
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from samtime.accounts.actor import Actor
from samtime.bookings.queries.facets import (
    Facets,
    ServiceChoice,
    choices_of,
    facets,
    ticked,
)
from samtime.bookings.queries.rooms import distinct
from samtime.channels.queries.kept import openings
from samtime.channels.queries.opening_arrays import Openings

MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Choosable:
    """The facets of a choice of services, and their lists as HTML options, none of them chosen."""

    facets: Facets
    institutions: str
    places: str
    doctors: str


_kept: OrderedDict[tuple[Any, ...], tuple[Openings, Any]] = OrderedDict()
_told: OrderedDict[tuple[int, str], tuple[list[tuple[Any, ...]], list[ServiceChoice]]]
_told = OrderedDict()
_lock = Lock()


class Kept:
    """What this actor may choose from on a day. Refuses: RightMissing."""

    def __init__(self, actor: Actor, *, on: date) -> None:
        self._actor, self._on = actor, on
        self._openings, _answers = openings(actor, on=on)

    def services(self) -> list[ServiceChoice]:
        """As `bookable_services`. One query at most."""
        key = ("services", self._actor.language)
        found: list[ServiceChoice] | None = self._known(key)
        if found is None:
            found = self._keep(key, self._choices(ticked(self._actor, on=self._on)))
        return found

    def _choices(self, rows: list[tuple[Any, ...]]) -> list[ServiceChoice]:
        """What changed was mostly not a service: then the rows are those of the last time, and
        sorting thousands of them by their names again would tell nothing new."""
        key = (self._actor.organization_id, self._actor.language)
        last = _told.get(key)
        if last is None or last[0] != rows:
            last = (rows, choices_of(rows))
            with _lock:
                _told[key] = last
                while len(_told) > MOST_KEPT:
                    _told.popitem(last=False)
        return last[1]

    def zones(self) -> list[str]:
        """The time zones of what is open; none where nothing is."""
        return sorted({kind.zone for kind in self._openings.kinds})

    def open_services(self) -> npt.NDArray[np.int64]:
        """What can be booked somewhere, as the tables number it. No query."""
        key = ("open",)
        found: npt.NDArray[np.int64] | None = self._known(key)
        return self._keep(key, distinct(self._openings.services)) if found is None else found

    def institutions(self, choice: ServiceChoice | None) -> int:
        """At how many institutions this examination is open, or anything at all. No query."""
        key = ("institutions", choice.key if choice else None)
        found: int | None = self._known(key)
        if found is None:
            there = self._openings.providers
            if choice is not None:
                there = there[np.isin(self._openings.services, choice.numbers)]
            found = self._keep(key, len(distinct(there)))
        return found

    def facets(self, choice: ServiceChoice | None) -> Choosable:
        """As `facets` of these services. One query at most."""
        key = ("facets", choice.key if choice else None)
        found: Choosable | None = self._known(key)
        if found is None:
            services = choice.services if choice else ()
            told = facets(self._actor, services=services, on=self._on)
            lists = (told.institutions, told.places, told.doctors)
            found = self._keep(key, Choosable(told, *map(_options, lists)))
        return found

    def _known(self, key: tuple[Any, ...]) -> Any:
        held = _kept.get((id(self._openings), self._on, *key))
        return held[1] if held else None

    def _keep(self, key: tuple[Any, ...], found: Any) -> Any:
        with _lock:
            # The object is held too: as long as it is, no other one has its number.
            _kept[(id(self._openings), self._on, *key)] = (self._openings, found)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
        return found


def _options(words: dict[str, str]) -> str:
    return "".join(
        f'<option value="{value}">{escape(word)}</option>' for value, word in words.items()
    )
