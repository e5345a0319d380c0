"""What is free, reckoned five minutes by five minutes from plain facts.

Knows nothing of the product: no masks, no bit arithmetic, no query. Cells are numbered from the
epoch in UTC; a wall time is looked up in a list of what every cell's clock shows.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CELL = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Rule:
    kind: str
    weekday: int
    start: time
    end: time
    valid_from: date
    valid_to: date | None


@dataclass
class Special:
    day: date
    closed: bool
    start: time | None
    end: time | None


@dataclass
class Place:
    """A calendar: whose, in which zone, with which hours; `groups` of rooms it needs one each."""

    practitioner: int
    zone: str
    step: int
    duration: int
    rules: list[Rule]
    exceptions: list[Special]
    groups: list[list[str]] = field(default_factory=list)
    ticks: list[tuple[date, bool]] | None = None
    prices: list[tuple[date, int]] = field(default_factory=list)
    lengths: list[tuple[date, int]] = field(default_factory=list)

    def duration_on(self, day: date) -> int:
        """Minutes of an appointment on a local day: of the last change up to it."""
        known = [minutes for since, minutes in sorted(self.lengths) if since <= day]
        return known[-1] if known else self.duration


@dataclass
class World:
    """`taken` are (practitioner number or room name, from, to)."""

    places: list[Place]
    taken: list[tuple[object, datetime, datetime]]
    now: datetime
    start: date
    days: int
    before: int
    after: int
    lead: int
    horizon: int


def cell_of(at: datetime) -> int:
    return (at - EPOCH) // CELL


def at_cell(cell: int) -> datetime:
    return EPOCH + cell * CELL


class Clock:
    """What the clock on the wall shows in every cell of some days."""

    def __init__(self, zone: str, first: date, last: date):
        self.low = cell_of(datetime.combine(first, time(), UTC))
        self.high = cell_of(datetime.combine(last, time(), UTC))
        tz = ZoneInfo(zone)
        self.wall = {
            c: at_cell(c).astimezone(tz).replace(tzinfo=None) for c in range(self.low, self.high)
        }
        self.first_cell = {}
        for cell, wall in self.wall.items():
            self.first_cell.setdefault(wall, cell)

    def cell(self, day: date, wall: time) -> int:
        """The first cell that shows this time; of a missing hour, the first one after it."""
        wanted = datetime.combine(day, wall)
        while wanted not in self.first_cell:
            wanted += CELL
        return self.first_cell[wanted]


class Oracle:
    """Answers for one world."""

    def __init__(self, world: World):
        self.world = world
        first, last = world.start - 4 * DAY, world.start + (world.days + 4) * DAY
        self.clocks = [Clock(p.zone, first, last) for p in world.places]
        self.days = [first + n * DAY for n in range(1, world.days + 7)]
        self.open = [self._open(p, c) for p, c in zip(world.places, self.clocks, strict=True)]
        self.busy: dict[object, set[int]] = {}
        for who, low, high in world.taken:
            self.busy.setdefault(who, set()).update(
                range(cell_of(low), cell_of(high - timedelta(microseconds=1)) + 1)
            )

    def _open(self, place: Place, clock: Clock) -> set[int]:
        found: set[int] = set()
        for day in self.days:
            mine = [e for e in place.exceptions if e.day == day]
            if any(e.closed and e.start is None for e in mine):
                continue
            today: set[int] = set()
            rules = [r for r in place.rules if self._holds(r, day)]
            for rule in rules:
                if rule.kind == "open":
                    today |= self._cells(clock, day, rule.start, rule.end)
            for rule in rules:
                if rule.kind == "break":
                    today -= self._cells(clock, day, rule.start, rule.end)
            for one in mine:
                if not one.closed:
                    today |= self._cells(clock, day, one.start, one.end)
            for one in mine:
                if one.closed:
                    today -= self._cells(clock, day, one.start, one.end)
            found |= today
        return found

    @staticmethod
    def _holds(rule: Rule, day: date) -> bool:
        if rule.weekday != day.isoweekday() or day < rule.valid_from:
            return False
        return rule.valid_to is None or day <= rule.valid_to

    @staticmethod
    def _cells(clock: Clock, day: date, start: time | None, end: time | None) -> set[int]:
        low = clock.cell(day, start or time())
        high = clock.cell(day, end) if end else clock.cell(day + DAY, time())
        return set(range(low, high))

    def may_be_taken(self, number: int, start: int) -> bool:
        """Whether the judge must accept this start (a cell), on the grid or beside it."""
        world, place = self.world, self.world.places[number]
        clock = self.clocks[number]
        service = range(start, start + place.duration_on(clock.wall[start].date()) // 5)
        kept = range(start - world.before // 5, service.stop + world.after // 5)
        if at_cell(start) < world.now + timedelta(minutes=world.lead):
            return False
        day = clock.wall[start].date()
        today = world.now.astimezone(ZoneInfo(place.zone)).date()
        if (day - today).days > world.horizon or not self.ticked(place, day):
            return False
        if not all(cell in self.open[number] for cell in service):
            return False
        if any(cell in self.busy.get(place.practitioner, ()) for cell in kept):
            return False
        return all(
            any(not any(cell in self.busy.get(room, ()) for cell in kept) for room in group)
            for group in place.groups
        )

    @staticmethod
    def ticked(place: Place, day: date) -> bool:
        if place.ticks is None:
            return True
        known = [tick for tick in sorted(place.ticks) if tick[0] <= day]
        return bool(known) and known[-1][1]

    @staticmethod
    def price(place: Place, day: date) -> int:
        return [price for price in sorted(place.prices) if price[0] <= day][-1][1]

    def offered(self) -> list[tuple[datetime, int, int]]:
        """(start, number of the place, price) of everything a search must list, in order."""
        found = []
        for number, place in enumerate(self.world.places):
            for cell, wall in self.clocks[number].wall.items():
                step, duration = place.step, place.duration_on(wall.date())
                if duration % step:
                    step = max(s for s in (5, 10, 15, 20, 30, 60) if duration % s == 0)
                inside = 0 <= (wall.date() - self.world.start).days < self.world.days
                if inside and wall.minute % step == 0 and self.may_be_taken(number, cell):
                    found.append((at_cell(cell), number, self.price(place, wall.date())))
        return sorted(found)
