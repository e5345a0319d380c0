"""Day sheet: one A4 for each practitioner, for the wall, the desk and the day the power fails."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.grid import GridBlock, GridColumn, days_grid
from samtime.bookings.queries.visits import birth_years
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone, locations
from samtime.web.dates import day_in_address
from samtime.web.door import page
from samtime.web.provider.calendar_choice import choice_of
from samtime.web.provider.calendar_paint import LETTERS, clock_of, source_word

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet."""

    clock: str
    until: str
    block: GridBlock
    born: str
    letter: str
    source: str


@page(*SEES)
def day_sheet(request: HttpRequest, actor: Actor, day: str) -> HttpResponse:
    """The sheets of a day; `?names=no` leaves the names out (SCREENS.md 2.15)."""
    on = day_in_address(day)
    named = request.GET.get("names") != "no"
    choice = choice_of(request, day, "day", on)
    grid = days_grid(
        actor, days=[on], location=choice.location, only=choice.who, now=timezone.now()
    )
    if named and grid.patients:
        seen = tuple(sorted(grid.patients))
        log_access(actor, Access(actor.organization_id, seen, "listed", "day_sheet"))
    born = birth_years(actor, sorted(grid.patients)) if named else {}
    context: dict[str, Any] = {
        "on": on,
        "choice": choice,
        "named": named,
        "locations": list(locations(actor)),
        "sheets": [(c, _lines(c, born)) for c in grid.columns if c.open or c.blocks],
        "zone": home_zone(actor),
        "printed": timezone.now(),
    }
    return render(request, "provider/calendar/day_sheet.html", context)


def _lines(column: GridColumn, born: dict[int, int]) -> list[Line]:
    return [
        Line(
            clock_of(b.minute),
            clock_of(b.until),
            b,
            str(born.get(b.patient, "")),
            LETTERS.get(b.source, "D"),
            source_word(b),
        )
        for b in column.blocks
        if b.kind != "hold"
    ]
