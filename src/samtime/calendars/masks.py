"""The day masks: the only module that reads for booking and writes `resource_day`.

A mask row belongs to a calendar, room or device. A calendar's busy bits come from allocations on
its PRACTITIONER's resource, so all calendars of a practitioner change together. Rows are locked in
(resource_id, day) order; then a booking ORs its cells, everything else rebuilds from truth.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from samtime.calendars.models import (
    Allocation,
    AvailabilityException,
    AvailabilityRule,
    Calendar,
    Resource,
)
from samtime.calendars.rules import (
    CELLS,
    FULL,
    DayException,
    WeekRule,
    cells_touched,
    days_touched,
    longest_run,
    open_masks,
)
from samtime.foundation.prepared import fetch

HORIZON_DAYS = 400
AT_ONCE = 500
ZERO = "0" * CELLS


@dataclass(frozen=True, slots=True)
class MaskRow:
    """One locked row: bits as ints, cell 0 highest."""

    resource_id: int
    day: date
    open: int
    busy: int


READ = """
SELECT resource_id, day, open::text, busy::text FROM resource_day
WHERE resource_id = ANY(%(resources)s) AND day = ANY(%(days)s)
"""
LOCK = f"{READ} ORDER BY resource_id, day FOR UPDATE"


def lock_days(resources: Iterable[int], days: Iterable[date]) -> dict[tuple[int, date], MaskRow]:
    """Lock the rows in the one order that cannot deadlock, and read them."""
    return _rows(LOCK, resources, days)


def read_days(resources: Iterable[int], days: Iterable[date]) -> dict[tuple[int, date], MaskRow]:
    """The rows as they are, without locking."""
    return _rows(READ, resources, days)


def _rows(
    sql: str, resources: Iterable[int], days: Iterable[date]
) -> dict[tuple[int, date], MaskRow]:
    values = {"resources": sorted(set(resources)), "days": sorted(set(days))}
    return {
        (r, d): MaskRow(r, d, int(opened, 2), int(busy, 2))
        for r, d, opened, busy in fetch(sql, values)
    }


def true_days(
    resources: Sequence[int], days: Sequence[date], *, now: datetime
) -> dict[tuple[int, date], MaskRow]:
    """What a rebuild would give once holds that ended by now are cleared; nothing is written."""
    rows = _truth(resources, days, now=now)
    return {(r, d): MaskRow(r, d, opened, busy) for r, d, opened, busy, _run in rows}


OCCUPY = """
WITH taken AS (
  INSERT INTO calendars_allocation
    (resource_id, provider_id, period, kind, live, source_id, expires_at)
  SELECT resource, %(provider)s, tstzrange(%(low)s, %(high)s), %(kind)s, true, %(source)s,
    %(expires)s FROM unnest(%(occupied)s::bigint[]) resource)
UPDATE resource_day AS r SET busy = r.busy | m.bits::bit(288), ver = r.ver + 1
FROM unnest(%(days)s::date[], %(masks)s::text[]) AS m(day, bits)
WHERE r.day = m.day AND r.resource_id = ANY(%(resources)s)
"""
OWN = "SELECT mask_id FROM calendars_calendar WHERE practitioner_resource_id = %(resource)s"


@dataclass(frozen=True, slots=True)
class Taking:
    """What occupies [low, high): resources with an allocation each, mask rows that darken."""

    provider_id: int
    occupied: Sequence[int]
    masks: Sequence[int]
    low: datetime
    high: datetime
    kind: str
    source_id: UUID
    expires_at: datetime | None = None


def occupy(taking: Taking) -> None:
    """Add the allocations and set busy on locked rows: what a booking adds. One statement.

    Raises IntegrityError (exclusion) where an allocation lies there already.
    """
    low, high = taking.low, taking.high
    days = days_touched(low, high)
    bits = [format(cells_touched(day, low, high), f"0{CELLS}b") for day in days]
    values = {
        "provider": taking.provider_id,
        "low": low,
        "high": high,
        "kind": taking.kind,
        "source": taking.source_id,
        "expires": taking.expires_at,
        "occupied": list(taking.occupied),
        "days": days,
        "masks": bits,
        "resources": list(taking.masks),
    }
    fetch(OCCUPY, values)


def mask_ids(occupied: int) -> list[int]:
    """Mask rows that allocations on a resource darken: a practitioner's calendars, or itself."""
    return [row[0] for row in fetch(OWN, {"resource": occupied})] or [occupied]


def rebuild(masks: Sequence[int], days: Sequence[date]) -> int:
    """Compute rows from truth and write them; rows must be locked or not yet exist."""
    rows = [
        (resource, day, format(opened, f"0{CELLS}b"), format(busy, f"0{CELLS}b"), run)
        for resource, day, opened, busy, run in _truth(masks, days)
    ]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO resource_day AS r (resource_id, day, open, busy, maxrun)"
            " SELECT x.a, x.b, x.c::bit(288), x.d::bit(288), x.e"
            " FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::text[], %s::smallint[])"
            " AS x(a, b, c, d, e)"
            " ON CONFLICT (day, resource_id) DO UPDATE SET open = excluded.open,"
            " busy = excluded.busy, maxrun = excluded.maxrun, ver = r.ver + 1",
            [list(column) for column in zip(*rows, strict=True)],
        )
    return len(rows)


def _truth(
    masks: Sequence[int], days: Sequence[date], *, now: datetime | None = None
) -> Iterable[tuple[int, date, int, int, int]]:
    calendars = {
        c.mask_id: c for c in Calendar.objects.filter(mask_id__in=masks).select_related("location")
    }
    rules = _rules([c.id for c in calendars.values()])
    exceptions = _exceptions([c.id for c in calendars.values()], days)
    occupied = {m: calendars[m].practitioner_resource_id if m in calendars else m for m in masks}
    taken = _taken(set(occupied.values()), days, now)
    for mask in masks:
        opened = dict.fromkeys(days, FULL)
        if mask in calendars:
            opened = _opened(calendars[mask], days, rules, exceptions)
        for day in days:
            busy = 0
            for low, high in taken.get(occupied[mask], ()):
                busy |= cells_touched(day, low, high)
            yield mask, day, opened[day], busy, longest_run(opened[day] & ~busy)


def _opened(
    calendar: Calendar,
    days: Sequence[date],
    rules: dict[int, list[WeekRule]],
    exceptions: dict[int, list[DayException]],
) -> dict[date, int]:
    zone, end = calendar.location.time_zone, calendar.ended_on
    own = (rules.get(calendar.id, []), exceptions.get(calendar.id, []))
    masks = open_masks(days, zone, *own)
    return {day: 0 if end is not None and day > end else masks[day] for day in days}


def _rules(calendars: Sequence[int]) -> dict[int, list[WeekRule]]:
    found: dict[int, list[WeekRule]] = {}
    for r in AvailabilityRule.objects.filter(calendar_id__in=calendars):
        rule = WeekRule(r.kind, r.weekday, r.start, r.end, r.valid_from, r.valid_to)
        found.setdefault(r.calendar_id, []).append(rule)
    return found


def _exceptions(calendars: Sequence[int], days: Sequence[date]) -> dict[int, list[DayException]]:
    found: dict[int, list[DayException]] = {}
    near = (min(days) - timedelta(days=1), max(days) + timedelta(days=1))
    for e in AvailabilityException.objects.filter(calendar_id__in=calendars, date__range=near):
        exception = DayException(e.date, e.closed, e.start, e.end)
        found.setdefault(e.calendar_id, []).append(exception)
    return found


def _taken(
    resources: Iterable[int], days: Sequence[date], now: datetime | None
) -> dict[int, list[tuple[datetime, datetime]]]:
    first = datetime.combine(min(days), datetime.min.time(), UTC)
    last = datetime.combine(max(days), datetime.min.time(), UTC) + timedelta(days=1)
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    rows = Allocation.objects.filter(
        resource_id__in=list(resources), live=True, period__overlap=(first, last)
    ).values_list("resource_id", "period")
    if now is not None:
        rows = rows.exclude(kind="hold", expires_at__lte=now)
    for resource, period in rows:
        found.setdefault(resource, []).append((period.lower, period.upper))
    return found


def horizon(today: date) -> list[date]:
    """The days that have rows: from yesterday to 400 days ahead (D25)."""
    return [today + timedelta(days=n) for n in range(-1, HORIZON_DAYS + 2)]


def rebuild_all(*, today: date, resources: Sequence[int] | None = None) -> int:
    """Rebuild every row within the horizon; returns how many."""
    wanted = _masked() if resources is None else list(resources)
    days, written = horizon(today), 0
    for mask in sorted(wanted):
        lock_days([mask], days)
        written += rebuild([mask], days)
    return written


def check_all(
    *, today: date, resources: Sequence[int] | None = None, repair: bool = False
) -> list[tuple[int, date]]:
    """Rows that differ from truth or are missing; empty when all is right.

    A booking may come between reading the row and reading its truth, so a difference counts only
    when it is there under the lock too. `repair` writes the truth at once.
    """
    wrong: list[tuple[int, date]] = []
    days = horizon(today)
    for mask in sorted(_masked() if resources is None else resources):
        suspects = [day for _mask, day in _differences(read_days, mask, days)]
        if not suspects:
            continue
        with transaction.atomic():
            found = _differences(lock_days, mask, suspects)
            if repair and found:
                rebuild([mask], [day for _mask, day in found])
        wrong += found
    return wrong


def _differences(
    read: Callable[[list[int], list[date]], dict[tuple[int, date], MaskRow]],
    mask: int,
    days: list[date],
) -> list[tuple[int, date]]:
    kept = read([mask], days)
    return [
        (mask, day)
        for _mask, day, opened, busy, _run in _truth([mask], days)
        if (row := kept.get((mask, day))) is None or (row.open, row.busy) != (opened, busy)
    ]


def check_sample(*, today: date, most: int = 100) -> list[tuple[int, date]]:
    """Check and repair the rows of some resources chosen by chance; what was wrong (nightly)."""
    everybody = _masked()
    chosen = random.sample(everybody, min(most, len(everybody)))
    return check_all(today=today, resources=chosen, repair=True)


def extend(*, today: date) -> int:
    """Add the rows that new days bring into the horizon, however many nights were missed.

    Commits by a few hundred resources, so that no transaction is long.
    """
    days = horizon(today)
    with connection.cursor() as cursor:
        cursor.execute("SELECT resource_id, max(day) FROM resource_day GROUP BY resource_id")
        last = dict(cursor.fetchall())
    wanted: dict[date, list[int]] = {}
    for mask in _masked():
        known = max(last.get(mask, days[0] - timedelta(days=1)), days[0] - timedelta(days=1))
        if known < days[-1]:
            wanted.setdefault(known, []).append(mask)
    written = 0
    for known, masks in sorted(wanted.items()):
        missing = [day for day in days if day > known]
        few = max(1, AT_ONCE // len(missing))
        for first in range(0, len(masks), few):
            with transaction.atomic():
                written += rebuild(masks[first : first + few], missing)
    return written


def _masked() -> list[int]:
    rows = Resource.objects.filter(kind__in=["calendar", "room", "device"])
    return list(rows.values_list("id", flat=True))
