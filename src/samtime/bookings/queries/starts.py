"""Free starts as numbers: one prepared query for rights, places and masks, then numpy on its bytes.

Rows never cross into Python one by one: the query answers one row per kind of offering (duration,
buffers, grid, zone), with ids and masks as concatenated bytes (SPEED.md 2.1).
"""

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from samtime.accounts.actor import Actor
from samtime.bookings.queries.rooms import quiet_groups
from samtime.bookings.queries.wishes import (
    SlotSearch,
    distance_of,
    joins_of,
    near_of,
    part_mask,
    values_of,
    wanted_of,
)
from samtime.bookings.rules import last_bookable_day
from samtime.calendars.rules import CELL, CELLS, free_starts, grid, start_step
from samtime.channels.queries.openings import change_sql, offers_sql, sides_of
from samtime.foundation.periods import day_bounds, local_day
from samtime.foundation.prepared import fetch

ROW_BYTES = CELLS // 8
HEADER = 4
BIT_SEND = HEADER + ROW_BYTES
FEW = 64
WIDE_STEPS, NARROW_STEPS = (1, 2, 4, 8, 15), (31, 62)
MOST_DAYS = 400
DAY = timedelta(days=1)
Bytes = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.int64]


class Offer(NamedTuple):
    """An offering on the channel on which it is open; minutes; kilometres where asked for."""

    id: int
    mask: int
    channel: int
    location: int
    duration: int
    zone: str
    distance: float | None


class Hit(NamedTuple):
    """A free start: minutes since the epoch."""

    minute: int
    offer: Offer


class Rule(NamedTuple):
    """What a kind of offering has in common; minutes, days, a zone, whether it needs rooms."""

    duration: int
    before: int
    after: int
    step: int
    lead: int
    horizon: int
    zone: str
    room: bool


@dataclass(slots=True)
class Group:
    """Offerings of one kind, in the order of a page, and their starts.

    `starts` has one row per offering, packed; cells from `low` to before `high` count.
    """

    rule: Rule
    ids: Ids
    masks: Ids
    channels: Ids
    locations: Ids
    distances: npt.NDArray[np.float64] | None
    starts: Bytes
    low: int
    high: int

    def offer(self, row: int) -> Offer:
        """One of them."""
        return Offer(
            int(self.ids[row]),
            int(self.masks[row]),
            int(self.channels[row]),
            int(self.locations[row]),
            self.rule.duration,
            self.rule.zone,
            None if self.distances is None else float(self.distances[row]),
        )

    def window(self) -> Bytes:
        """One byte for each cell that counts: a start or not."""
        if self.high <= self.low:
            return np.zeros((len(self.ids), 0), np.uint8)
        return np.unpackbits(self.starts, axis=1)[:, self.low : self.high]

    def count(self) -> int:
        """How many starts there are."""
        return int(self.window().sum())

    def hits(self, base: int) -> Iterator[Hit]:
        """In order of time, then of the page; nothing is computed that is not asked for."""
        if self.high <= self.low or not len(self.ids):
            return
        if len(self.ids) <= FEW:
            offers = [self.offer(n) for n in range(len(self.ids))]
            cells, rows = np.nonzero(self.window().T)
            for cell, row in zip(cells.tolist(), rows.tolist(), strict=True):
                yield Hit(base + (self.low + cell) * CELL, offers[row])
            return
        any_start = np.unpackbits(np.bitwise_or.reduce(self.starts, axis=0))
        for cell in (np.flatnonzero(any_start[self.low : self.high]) + self.low).tolist():
            column = self.starts[:, cell >> 3] & (128 >> (cell & 7))
            for row in np.flatnonzero(column).tolist():
                yield Hit(base + cell * CELL, self.offer(row))


@dataclass(slots=True)
class Batch:
    """Starts of consecutive local days, from a day to before `end`."""

    first: date
    end: date
    groups: list[Group]

    @property
    def base(self) -> int:
        """The minute of the first cell."""
        return int(_midnight(self.first).timestamp()) // 60

    def hits(self) -> Iterator[Hit]:
        """All starts in order of time, then distance, then offering."""
        each = [group.hits(self.base) for group in self.groups]
        return each[0] if len(each) == 1 else heapq.merge(*each, key=place_on_page)

    def count(self) -> int:
        """How many."""
        return sum(group.count() for group in self.groups)

    def settled(self) -> int:
        """Minute before which no later batch can have a start: the earliest next local midnight."""
        zones = {group.rule.zone for group in self.groups}
        ends = [day_bounds(self.end, zone)[0] for zone in zones]
        return int(min(ends).timestamp()) // 60 if ends else 0


def place_on_page(hit: Hit) -> tuple[int, float, int]:
    """The order of a page: time, then distance, then offering."""
    return (hit.minute, hit.offer.distance or 0.0, hit.offer.id)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def batches(actor: Actor, wish: SlotSearch, *, now: datetime) -> Iterator[Batch]:
    """The days of the wish, a few at first, then more at a time. One query each, one for places.

    Refuses: RightMissing.
    """
    day = wish.start
    last = wish.start + DAY * max(1, min(wish.days, MOST_DAYS))
    places = places_of(actor, wish)
    widths = NARROW_STEPS if wish.offering or wish.practitioner else WIDE_STEPS
    for number in itertools.count():
        if day >= last:
            return
        end = min(day + DAY * widths[min(number, len(widths) - 1)], last)
        batch = search(actor, wish, day=day, end=end, now=now, places=places)
        yield batch
        day = batch.end


PLACES = """
SELECT l.id FROM organizations_location l
WHERE l.ended_on IS NULL AND {near} AND (l.organization_id = %(me)s OR l.organization_id IN (
  SELECT ch.provider_id FROM channels_channel ch
  WHERE ch.outsider_id = %(me)s AND ch.state = 'open'))
LIMIT %(most)s
"""
MOST_PLACES = 200


ANYWHERE: tuple[int, ...] = ()


def places_of(actor: Actor, wish: SlotSearch) -> tuple[int, ...] | None:
    """The places that come into question when they are few, else None.

    ANYWHERE when the wish names an offering, a person, a place or an institution: few calendars
    as well. Refuses: RightMissing.
    """
    sides_of(actor)
    if wish.offering or wish.practitioner or wish.location or wish.provider:
        return ANYWHERE
    values = {**values_of(actor, wish), "most": MOST_PLACES + 1}
    found = tuple(row[0] for row in fetch(PLACES.format(near=near_of(wish)), values))
    return found or (0,) if len(found) <= MOST_PLACES else None


SEARCH = """
WITH e AS MATERIALIZED ({offers}),
g AS (SELECT dur, bef, aft, step, lead, hor, zone, room, row_number() OVER () AS nr,
    string_agg(int8send(id), ''::bytea) AS ids, string_agg(int8send(mask_id), ''::bytea) AS masks,
    string_agg(int8send(channel), ''::bytea) AS channels,
    string_agg(int8send(location), ''::bytea) AS locations,
    string_agg(int8send(service), ''::bytea) FILTER (WHERE room) AS services,
    string_agg(float8send(distance), ''::bytea) AS distances
  FROM e GROUP BY dur, bef, aft, step, lead, hor, zone, room),
m AS (SELECT string_agg(int8send(d.resource_id), ''::bytea) AS resources,
    string_agg(int4send(d.day - %(first)s::date), ''::bytea) AS days,
    string_agg(bit_send(d.open & ~d.busy), ''::bytea) AS free,
    string_agg(bit_send(d.busy), ''::bytea)
      FILTER (WHERE (SELECT bool_or(bef + aft > 0) FROM e)) AS busy
  FROM resource_day d
  WHERE d.resource_id IN (SELECT mask_id FROM e)
    AND d.day >= %(first)s::date AND d.day <= %(end)s::date{edges})
SELECT z.change, g.dur, g.bef, g.aft, g.step, g.lead, g.hor, g.zone, g.room,
  g.ids, g.masks, g.channels, g.locations, g.services, g.distances,
  m.resources, m.days, m.free, m.busy
FROM (SELECT {change} AS change) z LEFT JOIN g ON true LEFT JOIN m ON g.nr = 1
ORDER BY g.nr
"""
# The days before and after matter only where something is open or taken near midnight.
EDGES = (
    " AND (d.day > %(first)s::date AND d.day < %(end)s::date"
    " OR (d.open | d.busy) <> repeat('0', 288)::bit(288))"
)


@lru_cache(maxsize=256)
def _grid(first: date, days: int, zone: str, step: int) -> Bytes:
    return grid([first + DAY * n for n in range(days)], zone, step)


@lru_cache(maxsize=256)
def _part(first: date, days: int, zone: str, part: str) -> Bytes:
    return part_mask([first + DAY * n for n in range(days)], zone, part)


def search(
    actor: Actor,
    wish: SlotSearch,
    *,
    day: date,
    end: date,
    now: datetime,
    places: tuple[int, ...] | None = ANYWHERE,
) -> Batch:
    """Starts of the local days from `day` to before `end`, or to before a tick changes.

    `places` as from `places_of`. One query, two where rooms are needed. Refuses: RightMissing.
    """
    wanted = wanted_of(wish) + (" AND l.id = ANY(%(places)s)" if places else "")
    sql = SEARCH.format(
        offers=offers_sql(
            actor,
            wide=places is None,
            distance=distance_of(wish),
            more=joins_of(wish),
            wanted=wanted,
        ),
        change=change_sql(actor),
        edges=EDGES if places is None else "",
    )
    first = day - DAY
    values = {**values_of(actor, wish), "day": day, "first": first, "end": end}
    rows = fetch(sql, {**values, "places": list(places or ())}, hashed=places is None)
    found = Batch(first, rows[0][0] or end, [])
    if rows[0][1] is None:
        return found
    days = (end - first).days + 1
    masks = _Masks(rows, days)
    for row in rows:
        found.groups.append(_group(found, wish, row, masks, now))
    return found


class _Masks:
    """The masks of all calendars found: rows of `days` UTC days; what has no row is closed."""

    def __init__(self, rows: list[tuple[Any, ...]], days: int) -> None:
        self.ids = np.unique(np.concatenate([_ids(row[10]) for row in rows]))
        self.days = days
        resources, at, free, busy = rows[0][15:19]
        shape = (len(self.ids), days, ROW_BYTES)
        self.free, self.busy = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        if resources is not None:
            place = np.searchsorted(self.ids, _ids(resources))
            day = np.frombuffer(at, ">i4")
            self.free[place, day] = _bits(free)
            if busy is not None:
                self.busy[place, day] = _bits(busy)

    def of(self, masks: Ids) -> tuple[Bytes, Bytes]:
        """Free and busy, one packed row for each of these."""
        place = np.searchsorted(self.ids, masks)
        shape = (len(masks), self.days * ROW_BYTES)
        return self.free[place].reshape(shape), self.busy[place].reshape(shape)


def _ids(raw: bytes) -> Ids:
    return np.frombuffer(raw, ">i8").astype(np.int64)


def _bits(raw: bytes) -> Bytes:
    return np.frombuffer(raw, np.uint8).reshape(-1, BIT_SEND)[:, HEADER:]


def _group(
    batch: Batch, wish: SlotSearch, row: tuple[Any, ...], masks: _Masks, now: datetime
) -> Group:
    rule, ids = Rule(*row[1:9]), _ids(row[9])
    distances = None if row[14] is None else np.frombuffer(row[14], ">f8").astype(np.float64)
    order = np.argsort(ids) if distances is None else np.lexsort((ids, distances))
    mine, channels, locations = (_ids(raw)[order] for raw in row[10:13])
    free, busy = masks.of(mine)
    cells = {
        "before": rule.before // CELL,
        "cells": rule.duration // CELL,
        "after": rule.after // CELL,
    }
    starts = free_starts(free, busy, **cells)
    step = start_step(rule.step, rule.duration)
    starts = starts & _grid(batch.first, masks.days, rule.zone, step)
    if wish.part:
        starts = starts & _part(batch.first, masks.days, rule.zone, wish.part)
    if rule.room:
        pairs = np.stack([_ids(row[13])[order], locations], axis=1)
        starts = starts & quiet_groups(pairs, batch.first, masks.days, **cells)
    low, high = _window(batch, rule, wish, now)
    kept = None if distances is None else distances[order]
    return Group(rule, ids[order], mine, channels, locations, kept, starts, low, high)


def _window(batch: Batch, rule: Rule, wish: SlotSearch, now: datetime) -> tuple[int, int]:
    """Cells between which a start counts: the batch's local days, the lead time, the horizon."""
    low = max(
        day_bounds(batch.first + DAY, rule.zone)[0],
        now + timedelta(minutes=rule.lead),
        wish.not_before or now,
    )
    reach = last_bookable_day(local_day(now, rule.zone), rule.horizon)
    high = day_bounds(min(batch.end, reach + DAY), rule.zone)[0]
    midnight = _midnight(batch.first)
    first = -((midnight - low) // timedelta(minutes=CELL))
    return max(0, first), max(0, (high - midnight) // timedelta(minutes=CELL))
