"""What an outsider sees of calendars: free starts, taken runs, his own bookings (B2 to B6, D27).

Reasons, patients and other bookers never show: everything else that is open is «taken».
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking, Hold
from samtime.bookings.queries.starts import search
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars.rules import taken_runs
from samtime.channels.queries import ELIGIBLE, OUTSIDE
from samtime.foundation.periods import day_bounds
from samtime.foundation.prepared import fetch

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OpenOffering:
    """Something this partner may book on a day: ids are public, price in minor units."""

    offering: UUID
    calendar_id: int
    mask_id: int
    practitioner: UUID
    practitioner_name: str
    service: UUID
    service_name: str
    location: UUID
    location_name: str
    provider: UUID
    provider_name: str
    zone: str
    minutes: int
    price: int
    currency: str
    channel: UUID
    id: int


class FreeStart(NamedTuple):
    """A start of an offering that is free."""

    offering: UUID
    service: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """One of the partner's own bookings in a column."""

    public_id: UUID
    name: str
    start: datetime
    end: datetime
    provider_id: int
    channel_id: int
    patient_id: int


@dataclass(slots=True)
class OutsideColumn:
    """One doctor's local day as an outsider sees it."""

    offering: OpenOffering
    free: list[FreeStart] = field(default_factory=list)
    taken: list[tuple[datetime, datetime]] = field(default_factory=list)
    own: list[OwnBooking] = field(default_factory=list)
    held: list[Hold] = field(default_factory=list)
    open: list[tuple[datetime, datetime]] = field(default_factory=list)


OPEN = f"""
WITH e AS ({ELIGIBLE})
SELECT o.public_id, o.calendar_id, e.mask_id, p.public_id,
  trim(concat(p.title, ' ', p.given_name, ' ', p.family_name)), s.public_id,
  coalesce(s.names ->> %(language)s, s.name),
  l.public_id, l.name, org.public_id, org.name, e.zone, e.dur, e.price, org.currency,
  ch.public_id, o.id
FROM e JOIN calendars_offering o ON o.id = e.id
  JOIN calendars_calendar c ON c.id = o.calendar_id
  JOIN organizations_practitionerrole r ON r.id = c.role_id
  JOIN organizations_practitioner p ON p.id = r.practitioner_id
  JOIN catalog_service s ON s.id = e.service
  JOIN organizations_location l ON l.id = e.location
  JOIN organizations_organization org ON org.id = o.provider_id
  JOIN channels_channel ch ON ch.id = e.channel
ORDER BY s.name, org.name, l.name, p.family_name, p.given_name
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of the open offerings are meant; None or empty = any. `services` as the tables number
    them, the rest by public ids. `most`: so many at most, in the order of their names."""

    services: Ids | None = None
    provider: UUID | None = None
    places: Sequence[UUID] = ()
    doctors: Sequence[UUID] = ()
    calendar: UUID | None = None
    most: int | None = None


ASKED = {
    "services": "s.id = ANY(%(services)s)",
    "provider": "ch.provider_id IN"
    " (SELECT x.id FROM organizations_organization x WHERE x.public_id = %(provider)s)",
    "places": "l.public_id = ANY(%(places)s)",
    "doctors": "c.role_id IN (SELECT xr.id FROM organizations_practitionerrole xr"
    " JOIN organizations_practitioner xp ON xp.id = xr.practitioner_id"
    " WHERE xp.public_id = ANY(%(doctors)s))",
    "calendar": "c.public_id = %(calendar)s",
}


def _any(value: Any) -> bool:
    return value is None or (not isinstance(value, UUID) and not len(value))


def open_offerings(actor: Actor, asked: Asked, *, on: date) -> list[OpenOffering]:
    """What this partner may book on a day, by service, institution and doctor. One query.

    Refuses: RightMissing.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    given = {name: value for name in ASKED if not _any(value := getattr(asked, name))}
    wanted = " AND ".join(["true", *(ASKED[name] for name in given)])
    sql = OPEN.format(distance="NULL::float8", more="", whose=OUTSIDE, wanted=wanted)
    values = {"me": actor.organization_id, "day": on, "language": actor.language}
    rows = fetch(sql + " LIMIT %(most)s", {**values, **given, "most": asked.most})
    return [OpenOffering(*row) for row in rows]


def outside_day(
    actor: Actor, offerings: Sequence[OpenOffering], *, on: date, now: datetime
) -> list[OutsideColumn]:
    """Columns of a local day for these offerings; a constant number of queries."""
    columns = {o.offering: OutsideColumn(o) for o in offerings}
    _add_free(actor, columns, on, now)
    _add_own(actor, columns, on)
    _add_open(columns, on)
    for column in columns.values():
        busy = [(b.start, b.end) for b in column.own]
        free = [(s.start, s.end) for s in column.free]
        column.taken = taken_runs(column.open, [*free, *busy])
    return list(columns.values())


def _add_free(actor: Actor, columns: dict[UUID, OutsideColumn], on: date, now: datetime) -> None:
    """Starts without names and prices: those are the offering's own on that day."""
    by_id = {column.offering.id: column for column in columns.values()}
    wish = SlotSearch(start=on, days=1, offerings=np.array(sorted(by_id), np.int64))
    if not columns:
        return
    found = search(actor, wish, day=on, end=on + timedelta(days=1), now=now)
    for hit in found.hits():
        column = by_id[hit.offer.id]
        start = datetime.fromtimestamp(hit.minute * 60, UTC)
        if column.free and column.free[-1].start == start:
            continue  # open on two channels
        end = start + timedelta(minutes=hit.offer.duration)
        free = FreeStart(column.offering.offering, column.offering.service, start, end)
        column.free.append(free)


def _span(columns: dict[UUID, OutsideColumn], on: date) -> tuple[datetime, datetime]:
    bounds = [day_bounds(on, c.offering.zone) for c in columns.values()]
    return min(b[0] for b in bounds), max(b[1] for b in bounds)


def _add_own(actor: Actor, columns: dict[UUID, OutsideColumn], on: date) -> None:
    if not columns:
        return
    first, last = _span(columns, on)
    by_calendar: dict[int, list[OutsideColumn]] = {}
    for column in columns.values():
        by_calendar.setdefault(column.offering.calendar_id, []).append(column)
    mine = {"starts_at__lt": last, "ends_at__gt": first}
    rows = Booking.objects.visible_to(actor).filter(
        booker_id=actor.organization_id, calendar_id__in=list(by_calendar), **mine
    )
    for booking in rows.exclude(state="cancelled"):
        given = booking.patient_as_given
        name = f"{given.get('given_name', '')} {given.get('family_name', '')}".strip()
        own = OwnBooking(
            booking.public_id,
            name,
            booking.starts_at,
            booking.ends_at,
            booking.provider_id,
            booking.channel_id,
            booking.patient_id,
        )
        for column in by_calendar[booking.calendar_id]:
            column.own.append(own)


OPENED = """
SELECT resource_id, day, open::text FROM resource_day
WHERE resource_id = ANY(%(masks)s) AND day >= %(first)s AND day <= %(last)s
ORDER BY resource_id, day
"""


def _add_open(columns: dict[UUID, OutsideColumn], on: date) -> None:
    if not columns:
        return
    first, last = _span(columns, on)
    values = {
        "masks": sorted({c.offering.mask_id for c in columns.values()}),
        "first": first.date(),
        "last": last.date(),
    }
    opened: dict[int, list[tuple[datetime, datetime]]] = {}
    for mask, day, bits in fetch(OPENED, values):
        opened.setdefault(mask, []).extend(_runs(first, day, bits))
    for column in columns.values():
        low, high = day_bounds(on, column.offering.zone)
        found = opened.get(column.offering.mask_id, [])
        column.open = [(max(s, low), min(e, high)) for s, e in found if s < high and e > low]


def _runs(first: datetime, day: date, bits: str) -> list[tuple[datetime, datetime]]:
    midnight = first.replace(hour=0, minute=0) + (day - first.date())
    found, start = [], bits.find("1")
    while start >= 0:
        stop = bits.find("0", start)
        stop = len(bits) if stop < 0 else stop
        found.append(
            (midnight + timedelta(minutes=5 * start), midnight + timedelta(minutes=5 * stop))
        )
        start = bits.find("1", stop)
    return found
