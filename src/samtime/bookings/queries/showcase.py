"""What an outsider sees of calendars: free starts, taken runs, his own bookings (B2 to B6, D27).

Reasons, patients and other bookers never show: everything else that is open is «taken».
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking, Hold
from samtime.bookings.queries.shown import Slot
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars.rules import taken_runs
from samtime.channels.queries import ELIGIBLE, OUTSIDE
from samtime.foundation.periods import day_bounds

MOST_STARTS = 2000


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
    free: list[Slot] = field(default_factory=list)
    taken: list[tuple[datetime, datetime]] = field(default_factory=list)
    own: list[OwnBooking] = field(default_factory=list)
    held: list[Hold] = field(default_factory=list)
    open: list[tuple[datetime, datetime]] = field(default_factory=list)


OPEN = f"""
WITH e AS ({ELIGIBLE})
SELECT o.public_id, o.calendar_id, e.mask_id, p.public_id,
  trim(concat(p.title, ' ', p.given_name, ' ', p.family_name)), s.public_id,
  coalesce(s.names ->> %(language)s, s.name),
  l.public_id, l.name, org.public_id, org.name, e.zone, e.dur, e.price, org.currency, ch.public_id
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


def open_offerings(actor: Actor, *, on: date) -> list[OpenOffering]:
    """Everything this partner may book on a day, by service, institution and doctor. One query.

    Refuses: RightMissing.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    sql = OPEN.format(distance="NULL::float8", more="", whose=OUTSIDE, wanted="true")
    with connection.cursor() as cursor:
        cursor.execute(sql, {"me": actor.organization_id, "day": on, "language": actor.language})
        return [OpenOffering(*row) for row in cursor.fetchall()]


def calendar_offerings(actor: Actor, calendar: UUID, *, on: date) -> list[OpenOffering]:
    """What this partner may book in one calendar on a day. One query.

    Refuses: RightMissing.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    wanted = "c.public_id = %(calendar)s"
    sql = OPEN.format(distance="NULL::float8", more="", whose=OUTSIDE, wanted=wanted)
    values: dict[str, Any] = {
        "me": actor.organization_id,
        "day": on,
        "language": actor.language,
        "calendar": calendar,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [OpenOffering(*row) for row in cursor.fetchall()]


def outside_day(
    actor: Actor, offerings: Sequence[OpenOffering], *, on: date, now: datetime
) -> list[OutsideColumn]:
    """Columns of a local day for these offerings; a constant number of queries."""
    columns = {o.offering: OutsideColumn(o) for o in offerings}
    services = tuple({o.service for o in offerings})
    if services:
        wish = SlotSearch(start=on, days=1, limit=MOST_STARTS, services=services)
        for slot in find_slots(actor, wish, now=now).items:
            if slot.offering in columns:
                columns[slot.offering].free.append(slot)
    _add_own(actor, columns, on)
    _add_open(columns, on)
    for column in columns.values():
        busy = [(b.start, b.end) for b in column.own]
        free = [(s.start, s.end) for s in column.free]
        column.taken = taken_runs(column.open, [*free, *busy])
    return list(columns.values())


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


def _add_open(columns: dict[UUID, OutsideColumn], on: date) -> None:
    if not columns:
        return
    first, last = _span(columns, on)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resource_id, day, open::text FROM resource_day"
            " WHERE resource_id = ANY(%s) AND day BETWEEN %s AND %s ORDER BY resource_id, day",
            [[c.offering.mask_id for c in columns.values()], first.date(), last.date()],
        )
        opened: dict[int, list[tuple[datetime, datetime]]] = {}
        for mask, day, bits in cursor.fetchall():
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
