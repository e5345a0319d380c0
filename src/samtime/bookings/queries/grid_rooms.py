"""The calendar by room: what stands in rooms and devices on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.grid import Grid, GridBlock, GridColumn, Wall, wall_of, watched_rows
from samtime.bookings.queries.live import rooms_version
from samtime.calendars.models import Resource
from samtime.foundation.periods import day_bounds
from samtime.foundation.prepared import fetch

ROOMS = """
SELECT a.resource_id, a.kind, coalesce(b.public_id, a.source_id)::text,
  coalesce(b.starts_at, lower(a.period)), coalesce(b.ends_at, upper(a.period)),
  coalesce(p.given_name || ' ' || p.family_name, ''), coalesce(s.name, ''),
  coalesce(b.source, ''), coalesce(ch.name, ''), coalesce(b.state, ''),
  coalesce(b.payment_state, ''), coalesce(b.version, 0), coalesce(b.patient_id, 0),
  lower(a.period), upper(a.period), concat_ws(' ', pr.given_name, pr.family_name)
FROM calendars_allocation a
  LEFT JOIN bookings_booking b ON b.public_id = a.source_id AND b.provider_id = %(me)s
  LEFT JOIN patients_patient p ON p.id = b.patient_id
  LEFT JOIN catalog_service s ON s.id = b.service_id
  LEFT JOIN channels_channel ch ON ch.id = b.channel_id
  LEFT JOIN organizations_practitioner pr ON pr.id = b.practitioner_id
WHERE a.resource_id = ANY(%(rooms)s) AND a.live
  AND a.period && tstzrange(%(low)s, %(high)s)
  AND (a.expires_at IS NULL OR a.expires_at > %(now)s)
ORDER BY lower(a.period)
"""


def rooms_grid(actor: Actor, *, on: date, now: datetime, location: str = "") -> Grid:
    """A column for each room and device in use. Three queries.

    Refuses: RightMissing (a room shows everybody's appointments).
    """
    actor.require(Right.SEE_CALENDAR)
    rooms = _rooms(actor, location)
    zones = {r.location.time_zone for r in rooms if r.location} or {"UTC"}
    low = min(day_bounds(on, zone)[0] for zone in zones)
    high = max(day_bounds(on, zone)[1] for zone in zones)
    columns = {r.id: _column(r, on) for r in rooms}
    values = {
        "rooms": list(columns),
        "low": low,
        "high": high,
        "now": now,
        "me": actor.organization_id,
    }
    masks = watched_rows([r.id for r in rooms], low, high)
    # Before the rows: what changes in between is then asked for again.
    version = rooms_version(actor, masks)
    patients = set()
    for row in fetch(ROOMS, values) if rooms else []:
        column = columns[row[0]]
        wall = wall_of(on, column.zone)
        start, end = (int(at.timestamp()) // 60 for at in (row[3], row[4]))
        if start < wall.high and end > wall.low:
            column.blocks.append(_block(row, wall))
            patients |= {row[12]} - {0}
    return Grid(list(columns.values()), frozenset(patients), masks, version)


def _rooms(actor: Actor, location: str) -> Sequence[Resource]:
    rows = Resource.objects.filter(
        provider_id=actor.organization_id, kind__in=["room", "device"], ended_on=None
    )
    if actor.location_ids is not None:
        rows = rows.filter(location_id__in=actor.location_ids)
    if location:
        rows = rows.filter(location__slug=location)
    return list(rows.select_related("location").order_by("location__name", "kind", "name", "id"))


def _column(room: Resource, on: date) -> GridColumn:
    place = room.location
    return GridColumn(
        ident=str(room.public_id),
        name=room.name,
        place=place.name if place else "",
        zone=place.time_zone if place else "UTC",
        on=on,
        open=[(0, 1440)],
    )


def _block(row: tuple[Any, ...], wall: Wall) -> GridBlock:
    start, end, low, high = (
        wall(int(at.timestamp()) // 60) for at in (row[3], row[4], row[13], row[14])
    )
    booked = bool(row[9])
    return GridBlock(
        kind="booking" if booked else row[1],
        ident=row[2],
        minute=start,
        until=max(end, start + 5),
        title=row[5],
        service=f"{row[6]} · {row[15]}" if booked else "",
        source=row[7],
        source_name=row[8],
        state=row[9],
        payment=row[10],
        version=row[11],
        patient=row[12],
        low=low,
        high=high,
    )
