"""The calendar's page: blocks and open time of many columns and days, from one statement.

A column is one calendar's (or one room's) local day. Patients' names are in it: the door that shows
the columns logs the reading.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from samtime.accounts.actor import Actor
from samtime.bookings.queries.grid_calendars import GridCalendar, grid_calendars
from samtime.bookings.queries.grid_facts import Facts, Stretch, facts_json
from samtime.foundation.periods import day_bounds


class GridBlock(NamedTuple):
    """What stands in a column. Minutes since the column's local midnight, by the wall clock.

    `kind`: booking, hold, block, meeting, absence, busy. `low`, `high`: with its buffers. A tuple,
    because a week has more than a thousand of them.
    """

    kind: str
    ident: str
    minute: int
    until: int
    title: str = ""
    service: str = ""
    source: str = ""
    source_name: str = ""
    state: str = ""
    payment: str = ""
    version: int = 0
    patient: int = 0
    low: int = 0
    high: int = 0
    expires: int = 0


@dataclass(slots=True)
class GridColumn:
    """One calendar's or room's local day. `bookable`: a calendar, in which events may begin."""

    ident: str
    name: str
    place: str
    zone: str
    on: date
    bookable: bool = False
    note: str = ""
    open: list[Stretch] = field(default_factory=list)
    blocks: list[GridBlock] = field(default_factory=list)

    def free(self) -> list[Stretch]:
        """Open stretches that nothing occupies."""
        return left_of(self.open, [(b[12], b[13]) for b in self.blocks if b[8] != "noshow"])


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns by day and name; who is named in them; the mask rows behind them.

    `calendars`: all this person may choose from, shown or not. `version`: of what was read.
    """

    columns: list[GridColumn]
    patients: frozenset[int]
    rows: list[tuple[int, date]]
    version: str = "0"
    calendars: Sequence[GridCalendar] = ()


def watched_rows(masks: Sequence[int], low: datetime, high: datetime) -> list[tuple[int, date]]:
    """The mask rows of these UTC days, also those that are not there yet."""
    days = [low.date() + timedelta(days=n) for n in range((high.date() - low.date()).days + 1)]
    return [(mask, day) for mask in masks for day in days]


def left_of(stretches: Sequence[Stretch], taken: Sequence[Stretch]) -> list[Stretch]:
    """What is left of stretches, in minutes."""
    found: list[Stretch] = []
    taken = sorted(taken)
    for start, end in stretches:
        cursor = start
        for low, high in taken:
            if high <= cursor or low >= end:
                continue
            if low > cursor:
                found.append((cursor, low))
            cursor = max(cursor, high)
        if cursor < end:
            found.append((cursor, end))
    return found


def days_grid(
    actor: Actor,
    *,
    days: Sequence[date],
    now: datetime,
    location: str = "",
    only: Sequence[UUID] = (),
) -> Grid:
    """The columns of local days: for each day one for each calendar. Two queries.

    `only`: the calendars that are wanted, empty = all this person may see.
    """
    every = grid_calendars(actor, location=location)
    wanted = {str(ident) for ident in only}
    calendars = [c for c in every if c.ident in wanted] if wanted else every
    if not calendars:
        return Grid([], frozenset(), [], calendars=every)
    low, high = _reach(days, {c.zone for c in calendars})
    facts = Facts(facts_json(actor, [c.id for c in calendars], low, high, now), calendars)
    columns = [_column(c, day, facts) for day in days for c in calendars]
    rows = watched_rows([c.mask for c in calendars], low, high)
    return Grid(columns, facts.patients, rows, facts.version, every)


def grid_json(
    actor: Actor, calendar_ids: Sequence[int], days: Sequence[date], zone: str, *, now: datetime
) -> bytes:
    """The page's data as JSON, as the database writes it (W6)."""
    return facts_json(actor, calendar_ids, *_reach(days, {zone}), now).encode()


def _reach(days: Sequence[date], zones: set[str]) -> tuple[datetime, datetime]:
    low = min(day_bounds(days[0], zone)[0] for zone in zones)
    return low, max(day_bounds(days[-1], zone)[1] for zone in zones)


class Wall:
    """Minutes since 1970 to minutes of one local day by its wall clock, cut to the day."""

    def __init__(self, on: date, zone: str) -> None:
        low, high = day_bounds(on, zone)
        self.low, self.high = int(low.timestamp()) // 60, int(high.timestamp()) // 60
        # On 363 days of the year the wall clock runs like every other clock.
        self.plain = self.high - self.low == 1440
        self._on, self._zone = on, ZoneInfo(zone)

    def __call__(self, minute: int) -> int:
        if minute <= self.low:
            return 0
        if minute >= self.high:
            return 1440
        if self.plain:
            return minute - self.low
        local = datetime.fromtimestamp(minute * 60, self._zone)
        return local.hour * 60 + local.minute


_walls: dict[tuple[date, str], Wall] = {}


def wall_of(on: date, zone: str) -> Wall:
    """The wall clock of a day and zone; twenty columns share one."""
    if len(_walls) > 500:
        _walls.clear()
    found = _walls.get((on, zone))
    if found is None:
        found = _walls[(on, zone)] = Wall(on, zone)
    return found


def _column(calendar: GridCalendar, on: date, facts: Facts) -> GridColumn:
    wall = wall_of(on, calendar.zone)
    first, last = wall.low, wall.high
    column = GridColumn(
        ident=calendar.ident,
        name=calendar.name,
        place=calendar.place,
        zone=calendar.zone,
        on=on,
        bookable=True,
        note=calendar.profession,
    )
    for low, high in facts.opened.get(calendar.id, ()):
        if low < last and high > first:
            column.open.append((wall(low), wall(high)))
    column.blocks = [
        _block(row, wall)
        for row in facts.by_calendar[calendar.id]
        if row[2] < last and row[3] > first
    ]
    column.blocks.sort(key=itemgetter(2, 3))
    return column


def _block(row: tuple[Any, ...], wall: Wall) -> GridBlock:
    kind, ident, start, end, low, high, *rest = row
    if wall.plain and low >= wall.low and high <= wall.high:  # nearly always: within a plain day
        first = wall.low
        minute, until, low, high = start - first, end - first, low - first, high - first
    else:
        minute, until, low, high = wall(start), wall(end), wall(low), wall(high)
    until = max(until, minute + 5)
    expires = rest.pop() if len(rest) > 8 else 0
    return GridBlock._make((kind, ident, minute, until, *rest, low, high, expires))
