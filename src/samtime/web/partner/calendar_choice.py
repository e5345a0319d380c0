"""What Show calendars shows: the examination, whose calendars, the day (B2, B3).

Everything that is open is ticked at first. Ticks belong to an examination and to a name looked for:
with another one everything is ticked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from html import escape as escaped
from typing import Any
from uuid import UUID

import numpy as np
from django.utils.safestring import SafeString, mark_safe

from samtime.accounts.actor import Actor
from samtime.bookings.queries.facets import ServiceChoice
from samtime.bookings.queries.facets_kept import Kept
from samtime.bookings.queries.showcase import Asked, OpenOffering, open_offerings
from samtime.foundation.periods import local_day
from samtime.patients.rules import words_of
from samtime.web.dates import day_typed
from samtime.web.form_state import FormState

# More nobody can look at side by side, or tick; a name narrows them.
MOST_COLUMNS, MOST_TICKS = 40, 40
LISTS = ("place", "doctor")


@dataclass(slots=True)
class Ticks:
    """One list to tick: (value, word) pairs, which are ticked, how many more there are, and whether
    these are the ones of a name."""

    name: str
    shown: list[tuple[str, str]]
    ticked: set[str]
    hidden: int = 0
    named: bool = False

    @property
    def narrowed(self) -> list[UUID]:
        """What is ticked, where that is not everything there is."""
        wanted = [value for value, _word in self.shown if value in self.ticked]
        everything = not self.named and len(wanted) == len(self.shown)
        return [] if everything else [UUID(value) for value in wanted]

    @property
    def boxes(self) -> SafeString:
        """The list as HTML: thousands of lines would take a template too long."""
        return mark_safe("".join(self._lines()))

    def _lines(self) -> Iterable[str]:
        for number, (value, word) in enumerate(self.shown, start=1):
            ident, on = f"{self.name}-{number}", " checked" if value in self.ticked else ""
            yield (
                f'<div class="st-check"><input type="checkbox" id="{ident}" name="{self.name}"'
                f' value="{value}"{on}><label for="{ident}">{escaped(word)}</label></div>'
            )


@dataclass(slots=True)
class Choice:
    """The form on the left, and the offerings it means on a day."""

    on: date
    services: list[tuple[str, str]] = field(default_factory=list)
    service: ServiceChoice | None = None
    places: Ticks = field(default_factory=lambda: Ticks("place", [], set()))
    doctors: Ticks = field(default_factory=lambda: Ticks("doctor", [], set()))
    elsewhere: int = 0
    searched: str = ""
    many: bool = False
    cut: bool = False
    offered: list[OpenOffering] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """For which examination and name these are the ticks."""
        return f"{self.service.key if self.service else ''} {self.searched}".strip()


def choice_of(actor: Actor, state: FormState, now: datetime) -> Choice:
    """What is chosen; `offered` is for `add_offered`. No query while what is open is kept."""
    found, known = _day_and_open(actor, day_typed(state.text("day")), now)
    open_now = known.open_services()
    choices = [c for c in known.services() if np.isin(c.numbers, open_now).any()]
    wished = state.text("service")
    same = next((c for c in choices if wished in map(str, c.services)), None) if wished else None
    found.service = same or next(iter(choices), None)
    found.services = [(str(c.key), c.name) for c in choices]
    if found.service is None:
        return found
    found.elsewhere = known.institutions(None) - known.institutions(found.service)
    found.searched = state.text("who")
    facets = known.facets(found.service).facets
    found.many = max(len(facets.places), len(facets.doctors)) > MOST_TICKS
    if state.text("of") not in ("", found.mark):
        state.values |= {"of": found.mark, **{name: [] for name in LISTS}}
    given = {name: state.values.get(name) for name in LISTS}
    found.places = _ticks("place", facets.places, found.searched, given)
    found.doctors = _ticks("doctor", facets.doctors, found.searched, given)
    # A name is an institution's, else a doctor's: the other list stays whole.
    if found.places.shown:
        found.doctors = _ticks("doctor", facets.doctors, "", given)
    elif found.doctors.shown:
        found.places = _ticks("place", facets.places, "", given)
    return found


def _ticks(name: str, words: dict[str, str], searched: str, given: dict[str, Any]) -> Ticks:
    wanted = words_of(searched)
    shown = [(value, word) for value, word in words.items() if _has(word, wanted)]
    ticked = set(given[name] or [value for value, _word in shown])
    hidden = max(0, len(shown) - MOST_TICKS)
    return Ticks(name, shown[:MOST_TICKS], ticked, hidden, named=bool(wanted))


def _has(word: str, wanted: list[str]) -> bool:
    if not wanted:
        return True
    known = words_of(word)
    return all(any(k.startswith(w) for k in known) for w in wanted)


def _day_and_open(actor: Actor, typed: date | None, now: datetime) -> tuple[Choice, Kept]:
    """The day and what is open on it; without a day today, as the clinic's own clock says.

    East of Greenwich the day begins earlier: what was ticked «from today» there is open.
    """
    if typed is not None:
        return Choice(typed), Kept(actor, on=typed)
    on, known = now.date(), Kept(actor, on=now.date())
    if not known.zones():
        known = Kept(actor, on=on + timedelta(days=1))
    if known.zones() and local_day(now, known.zones()[0]) != on:
        on = local_day(now, known.zones()[0])
        known = Kept(actor, on=on)
    return Choice(on), known


def add_offered(actor: Actor, choice: Choice) -> None:
    """The offerings of the columns, by institution and doctor: at most forty. One query."""
    if choice.service is None:
        return
    places, doctors = choice.places.narrowed, choice.doctors.narrowed
    if choice.places.hidden and not places and not doctors:
        # Of thousands the first few: nobody looks at more, and the rest need not be read.
        places = [UUID(value) for value, _word in choice.places.shown]
    numbers, most = choice.service.numbers, MOST_COLUMNS + 1
    asked = Asked(services=numbers, places=places, doctors=doctors, most=most)
    found = open_offerings(actor, asked, on=choice.on)
    choice.offered = found[:MOST_COLUMNS]
    choice.cut = len(found) > MOST_COLUMNS or len(places) > len(choice.places.narrowed)
