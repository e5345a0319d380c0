"""Columns of Show calendars as drawn: blocks with their minutes, from what an outsider may see."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from samtime.bookings.models import Hold
from samtime.bookings.queries.showcase import OpenOffering, OutsideColumn
from samtime.calendars.rules import subtract
from samtime.foundation.money import Money


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as drawn: minutes since the place's midnight."""

    kind: str
    minute: int
    length: int
    clock: str
    text: str = ""
    start: str = ""
    ident: str = ""


@dataclass(slots=True)
class Drawn:
    """A column as drawn."""

    offering: OpenOffering
    price: Money
    free: str = ""
    pieces: list[Piece] = field(default_factory=list)


def hours_of(columns: list[OutsideColumn], on: date) -> tuple[int, int]:
    """First hour shown and the one after the last: 8 to 16, or wider where somebody is open."""
    low, high = 8 * 60, 16 * 60
    for column in columns:
        for start, end in column.open:
            low = min(low, _minute(start, on, column.offering.zone))
            high = max(high, _minute(end, on, column.offering.zone))
    return low // 60, min(24, -(-high // 60))


def _minute(at: datetime, on: date, zone: str) -> int:
    local = at.astimezone(ZoneInfo(zone))
    return (local.date() - on).days * 1440 + local.hour * 60 + local.minute


def drawn(column: OutsideColumn, on: date, first: int, last: int, current: Hold | None) -> Drawn:
    """One doctor's column. `free` names every free start, for the question what was just taken."""
    offering = column.offering
    found = Drawn(offering, Money(offering.price, offering.currency))
    found.free = " ".join(f"{s.offering}@{s.start.isoformat()}" for s in column.free)

    def piece(kind: str, start: datetime, end: datetime, text: str = "", ident: str = "") -> None:
        minute = _minute(start, on, offering.zone)
        length = int((end - start) / timedelta(minutes=1))
        clock = f"{start.astimezone(ZoneInfo(offering.zone)):%H:%M}"
        found.pieces.append(Piece(kind, minute, length, clock, text, start.isoformat(), ident))

    cursor: datetime | None = None
    for slot in column.free:
        if cursor is None or slot.start >= cursor:
            piece("free", slot.start, slot.end)
            cursor = slot.end
    mine = current is not None and current.offering.calendar_id == offering.calendar_id
    taken = column.taken
    if mine and current is not None:
        piece("held", current.starts_at, current.ends_at)
        taken = subtract(taken, [(current.starts_at, current.ends_at)])
    for start, end in _cut(taken, offering.minutes):
        piece("taken", start, end)
    for own in column.own:
        piece("own", own.start, own.end, own.name, str(own.public_id))
    _add_closed(found, column, on, first, last)
    return found


def _cut(
    runs: list[tuple[datetime, datetime]], minutes: int
) -> Iterator[tuple[datetime, datetime]]:
    """Merged runs in pieces of the service's length, so that every row says «Taken».

    They are cut by the clock alone: where another's booking begins does not show (D27).
    """
    step = timedelta(minutes=max(minutes, 15))
    for low, high in runs:
        start = low
        while high - start >= 2 * step:
            yield start, start + step
            start += step
        yield start, high


def _add_closed(found: Drawn, column: OutsideColumn, on: date, first: int, last: int) -> None:
    zone, cursor = column.offering.zone, first * 60
    opened = [(_minute(s, on, zone), _minute(e, on, zone)) for s, e in column.open]
    for start, end in [*sorted(opened), (last * 60, last * 60)]:
        if start > cursor:
            clock = f"{cursor // 60:02d}:{cursor % 60:02d}"
            found.pieces.append(Piece("closed", cursor, start - cursor, clock))
        cursor = max(cursor, end)
