"""What is free: one query for rights, prices, places and masks, then numpy over the bytes.

Days are taken progressively until enough starts are found. A search may be stale by a moment: the
booking is the judge (SPEED.md section 2). Dated ticks and prices are judged by UTC day here and by
the local day when booking.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from samtime.accounts.actor import Actor
from samtime.bookings.queries.wishes import (
    SlotSearch,
    distance_of,
    joins_of,
    part_mask,
    values_of,
    wanted_of,
)
from samtime.bookings.rules import last_bookable_day
from samtime.calendars.rules import CELL, CELLS, free_starts, grid, quiet_starts, start_step
from samtime.channels.queries import CHANGES, ELIGIBLE, whose_condition
from samtime.foundation.periods import day_bounds, local_day

STEPS = (1, 2, 4, 8, 15)
ROW_BYTES = CELLS // 8
MOST_DAYS = 400
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Slot:
    """A free start. Price gross in minor units; instants in UTC."""

    offering: UUID
    offering_id: int
    provider: UUID
    provider_name: str
    location: UUID
    location_name: str
    zone: str
    practitioner: UUID
    practitioner_name: str
    service: UUID
    service_name: str
    start: datetime
    end: datetime
    price: int
    currency: str
    payment_place: str
    distance_km: float | None = None
    mask_id: int = 0
    service_names: dict[str, str] = field(default_factory=dict)

    def service_in(self, language: str) -> str:
        """The service's name in a language, else the provider's own."""
        return self.service_names.get(language) or self.service_name


@dataclass(frozen=True, slots=True)
class SlotPage:
    """Free starts in order of time, how many days were searched, how many starts were met."""

    items: list[Slot]
    searched_days: int
    total: int = 0


class Picked:
    """The hits a page keeps: all, only starts apart in each calendar, or the first of a group."""

    def __init__(self, wish: SlotSearch) -> None:
        self.hits: list[tuple[int, int, tuple[Any, ...]]] = []
        self._limit, self._apart, self._first_per = wish.limit, wish.apart, wish.first_per
        self._until: dict[tuple[Any, ...], int] = {}

    @property
    def full(self) -> bool:
        """Whether no more are wanted."""
        return len(self.hits) >= self._limit

    def take(self, hit: tuple[int, int, tuple[Any, ...]]) -> None:
        """Keep the hit if the page wants it."""
        minute, _offering, row = hit
        if self.full:
            return
        if self._first_per or self._apart:
            calendar = (row[10],) if self._first_per == "location" else (row[1],)
            if self._until.get(calendar, -1) > minute:
                return
            self._until[calendar] = 2**62 if self._first_per else minute + row[3]
        self.hits.append(hit)


@dataclass(slots=True)
class _Batch:
    """Columns of the eligible offerings, and their masks for consecutive UTC days."""

    rows: list[tuple[Any, ...]]
    first: date
    days: int
    opened: Bytes
    busy: Bytes
    place: dict[int, int]


def find_slots(actor: Actor, wish: SlotSearch, *, now: datetime) -> SlotPage:
    """Free starts the actor may book, earliest first.

    Refuses: RightMissing. Own desk searches its own calendars, outsiders what is ticked for them.
    """
    last = wish.start + timedelta(days=max(1, min(wish.days, MOST_DAYS)))
    found, met = Picked(wish), 0
    day, step = wish.start - timedelta(days=1), 0
    while day < last and not (found.full and met >= wish.count_to):
        width = STEPS[min(step, len(STEPS) - 1)] + (1 if step == 0 else 0)
        end = _before_change(actor, day, min(day + timedelta(days=width), last))
        batch = _fetch(actor, wish, day, end)
        for hit in _starts(batch, wish, now, last):
            met += 1
            found.take(hit)
            if found.full and met >= wish.count_to:
                break
        day, step = end, step + 1
    return SlotPage(_described(found.hits), (min(day, last) - wish.start).days, met)


def _before_change(actor: Actor, day: date, end: date) -> date:
    """The end, or the first day before it on which a dated tick or price changes."""
    if (end - day).days <= 1:
        return end
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, {"me": actor.organization_id, "day": day, "end": end})
        found = cursor.fetchone()[0]
    return found or end


def _fetch(actor: Actor, wish: SlotSearch, day: date, end: date) -> _Batch:
    values = {**values_of(actor, wish), "day": max(day, wish.start)}
    first = day - timedelta(days=1)
    sql = (
        "WITH e AS MATERIALIZED ("
        + ELIGIBLE.format(
            distance=distance_of(wish),
            more=joins_of(wish),
            whose=whose_condition(actor),
            wanted=wanted_of(wish),
        )
        + ") SELECT (SELECT json_agg(e) FROM e), string_agg(int8send(d.resource_id), ''),"
        " string_agg(int4send(d.day - %(first)s::date), ''),"
        " string_agg(substr(bit_send(d.open), 5), ''), string_agg(substr(bit_send(d.busy), 5), '')"
        " FROM resource_day d WHERE d.resource_id IN (SELECT mask_id FROM e)"
        " AND d.day >= %(first)s AND d.day <= %(end)s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {**values, "first": first, "end": end})
        rows, resources, places, opened, busy = cursor.fetchone()
    return _unpacked(rows or [], (resources, places, opened, busy), first, (end - first).days + 1)


def _unpacked(rows: list[dict[str, Any]], raw: tuple[Any, ...], first: date, days: int) -> _Batch:
    place = {mask: n for n, mask in enumerate(sorted({row["mask_id"] for row in rows}))}
    shape = (len(place), days, ROW_BYTES)
    opened, busy = np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)
    if raw[0] is not None:
        at = np.array([place[int(r)] for r in np.frombuffer(bytes(raw[0]), ">i8")], np.intp)
        day = np.frombuffer(bytes(raw[1]), ">i4")
        opened[at, day] = np.frombuffer(bytes(raw[2]), np.uint8).reshape(-1, ROW_BYTES)
        busy[at, day] = np.frombuffer(bytes(raw[3]), np.uint8).reshape(-1, ROW_BYTES)
    flat = (len(place), days * ROW_BYTES)
    names = ("id", "mask_id", "price", "dur", "bef", "aft", "step", "lead", "hor", "service")
    more = ("location", "channel", "zone", "distance", "room")
    columns = [tuple(row[n] for n in (*names, *more)) for row in rows]
    return _Batch(columns, first, days, opened.reshape(flat), busy.reshape(flat), place)


def _starts(
    batch: _Batch, wish: SlotSearch, now: datetime, last: date
) -> Iterator[tuple[int, int, tuple[Any, ...]]]:
    """(minute since the epoch, offering, row) of every free start in the batch's days, in order."""
    groups: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in batch.rows:
        key = (*row[3:9], row[12], row[9], row[10])
        groups.setdefault(key, []).append(row)
    needs = [(r[9], r[10]) for r in batch.rows if r[14]]
    rooms = _rooms(batch, needs) if needs else {}
    found: list[tuple[int, int, tuple[Any, ...]]] = []
    for key, rows in groups.items():
        starts = _group_starts(batch, key, rows, rooms.get((key[7], key[8]), []))
        if wish.part:
            days = [batch.first + timedelta(days=n) for n in range(batch.days)]
            starts = starts & part_mask(days, key[6], wish.part)
        low, high = _window(batch, key, wish, now, last)
        found += _hits(batch, starts, rows, low, high)
    found.sort(key=lambda hit: hit[:2])
    yield from found


def _group_starts(
    batch: _Batch, key: tuple[Any, ...], rows: list[tuple[Any, ...]], rooms: list[Bytes]
) -> Bytes:
    duration, before, after, step, _lead, _hor, zone, _service, _location = key
    at = [batch.place[row[1]] for row in rows]
    cells = {"before": before // CELL, "cells": duration // CELL, "after": after // CELL}
    starts = free_starts(batch.opened[at], batch.busy[at], **cells)
    days = [batch.first + timedelta(days=n) for n in range(batch.days)]
    starts = starts & grid(days, zone, start_step(step, duration))
    for group in rooms:
        starts = starts & np.bitwise_or.reduce(quiet_starts(group, **cells), axis=0)
    return starts


def _window(
    batch: _Batch, key: tuple[Any, ...], wish: SlotSearch, now: datetime, last: date
) -> tuple[datetime, datetime]:
    """Instants between which a start counts: the wish, the lead time, the horizon, the batch."""
    lead, horizon, zone = key[4], key[5], key[6]
    midnight = datetime.combine(batch.first, datetime.min.time(), UTC)
    low = max(
        day_bounds(wish.start, zone)[0],
        now + timedelta(minutes=lead),
        wish.not_before or now,
        midnight + timedelta(days=1),
    )
    reach = last_bookable_day(local_day(now, zone), horizon)
    high = min(
        day_bounds(last - timedelta(days=1), zone)[1],
        day_bounds(reach, zone)[1],
        midnight + timedelta(days=batch.days - 1),
    )
    return low, high


def _hits(
    batch: _Batch, starts: Bytes, rows: list[tuple[Any, ...]], low: datetime, high: datetime
) -> list[tuple[int, int, tuple[Any, ...]]]:
    midnight = datetime.combine(batch.first, datetime.min.time(), UTC)
    base = int(midnight.timestamp()) // 60
    first = max(0, -int((midnight - low).total_seconds() // 300))
    after = min(starts.shape[1] * 8, int((high - midnight).total_seconds() // 300))
    if after <= first:
        return []
    which, cell = np.nonzero(np.unpackbits(starts, axis=1)[:, first:after])
    return [
        (base + (first + c) * CELL, rows[w][0], rows[w])
        for w, c in zip(which.tolist(), cell.tolist(), strict=True)
    ]


def _rooms(batch: _Batch, needs: list[tuple[int, int]]) -> dict[tuple[int, int], list[Bytes]]:
    """Busy masks of the members of every room group that these services need (D20)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.service_id, n.location_id, n.group_id, m.resource_id,"
            " d.day - %s::date, substr(bit_send(d.busy), 5)"
            " FROM calendars_resourceneed n"
            " JOIN calendars_resourcegroup_members m ON m.resourcegroup_id = n.group_id"
            " JOIN calendars_resource r ON r.id = m.resource_id AND r.ended_on IS NULL"
            " LEFT JOIN resource_day d ON d.resource_id = m.resource_id"
            "   AND d.day >= %s AND d.day < %s"
            " WHERE n.service_id = ANY(%s) AND n.location_id = ANY(%s)",
            [
                batch.first,
                batch.first,
                batch.first + timedelta(days=batch.days),
                list({n[0] for n in needs}),
                list({n[1] for n in needs}),
            ],
        )
        groups: dict[tuple[int, int, int], dict[int, Bytes]] = {}
        for service, location, group, resource, day, busy in cursor.fetchall():
            members = groups.setdefault((service, location, group), {})
            mask = members.setdefault(resource, np.full((batch.days, ROW_BYTES), 255, np.uint8))
            if day is not None:
                mask[day] = np.frombuffer(bytes(busy), np.uint8)
    found: dict[tuple[int, int], list[Bytes]] = {}
    for (service, location, _group), members in groups.items():
        stacked = np.stack([m.reshape(-1) for m in members.values()])
        found.setdefault((service, location), []).append(stacked)
    return found


DESCRIBE = """
SELECT o.id, o.public_id, org.public_id, org.name, l.public_id, l.name, l.time_zone, p.public_id,
  trim(concat(p.title, ' ', p.given_name, ' ', p.family_name)), s.public_id, s.name,
  org.currency, ch.id, (SELECT t.payment_place FROM channels_channelterms t
    WHERE t.channel_id = ch.id AND t.from_on <= %(day)s ORDER BY t.from_on DESC LIMIT 1), s.names
FROM calendars_offering o
  JOIN calendars_calendar c ON c.id = o.calendar_id
  JOIN organizations_practitionerrole r ON r.id = c.role_id
  JOIN organizations_practitioner p ON p.id = r.practitioner_id
  JOIN organizations_location l ON l.id = c.location_id
  JOIN catalog_service s ON s.id = o.service_id
  JOIN organizations_organization org ON org.id = o.provider_id
  JOIN channels_channel ch ON ch.id = ANY(%(channels)s) AND ch.provider_id = o.provider_id
WHERE o.id = ANY(%(offerings)s)
"""


def _described(found: list[tuple[int, int, tuple[Any, ...]]]) -> list[Slot]:
    """Names and ids of the found starts: one query for all of them."""
    if not found:
        return []
    first = datetime.fromtimestamp(found[0][0] * 60, UTC).date()
    values: dict[str, Any] = {
        "offerings": list({hit[1] for hit in found}),
        "channels": list({hit[2][11] for hit in found}),
        "day": first,
    }
    with connection.cursor() as cursor:
        cursor.execute(DESCRIBE, values)
        known = {(row[0], row[12]): row for row in cursor.fetchall()}
    return [_slot(minute, row, known[(ident, row[11])]) for minute, ident, row in found]


def _slot(minute: int, row: tuple[Any, ...], names: tuple[Any, ...]) -> Slot:
    start = datetime.fromtimestamp(minute * 60, UTC)
    return Slot(
        offering=names[1],
        offering_id=names[0],
        provider=names[2],
        provider_name=names[3],
        location=names[4],
        location_name=names[5],
        zone=names[6],
        practitioner=names[7],
        practitioner_name=names[8],
        service=names[9],
        service_name=names[10],
        start=start,
        end=start + timedelta(minutes=row[3]),
        price=row[2] or 0,
        currency=names[11],
        payment_place=names[13] or "institution",
        distance_km=row[13],
        mask_id=row[1],
        service_names=names[14] or {},
    )
