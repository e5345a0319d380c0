"""Free starts as numbers: one prepared query for rights, places and masks, then numpy on its bytes.

Rows never cross into Python one by one: the query answers one row per kind of offering (duration,
buffers, grid, zone), with ids and masks as concatenated bytes (SPEED.md 2.1).
"""

import itertools
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from samtime.accounts.actor import Actor
from samtime.bookings.queries.groups import DAY, Batch, Bytes, Group, Ids, Rule, window_of
from samtime.bookings.queries.rooms import quiet_groups
from samtime.bookings.queries.single import search_one
from samtime.bookings.queries.wishes import (
    SlotSearch,
    distance_of,
    joins_of,
    near_of,
    part_mask,
    values_of,
    wanted_of,
)
from samtime.calendars.rules import CELL, CELLS, free_starts, grid, start_step
from samtime.channels.queries.openings import Sides, change_sql, offers_sql, sides_of
from samtime.foundation.prepared import fetch

ROW_BYTES = CELLS // 8
HEADER = 4
BIT_SEND = HEADER + ROW_BYTES
WIDE_STEPS, NARROW_STEPS = (1, 2, 4, 8, 15), (31, 62)
MOST_DAYS = 400


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
WHERE l.ended_on IS NULL AND {near} AND (l.organization_id = %(me)s OR EXISTS (
  SELECT 1 FROM channels_channel ch WHERE ch.outsider_id = %(me)s AND ch.state = 'open'
    AND ch.provider_id = l.organization_id))
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
WITH {place}e AS MATERIALIZED ({offers}),
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
      FILTER (WHERE (SELECT bool_or(bef + aft > 0) FROM g)) AS busy
  FROM resource_day d
  WHERE d.resource_id IN (SELECT mask_id FROM e)
    AND d.day >= %(first)s::date AND d.day <= %(end)s::date{edges})
SELECT z.change, g.dur, g.bef, g.aft, g.step, g.lead, g.hor, g.zone, g.room,
  g.ids, g.masks, g.channels, g.locations, g.services, g.distances,
  m.resources, m.days, m.free, m.busy
FROM (SELECT {change} AS change) z LEFT JOIN g ON true LEFT JOIN m ON g.nr = 1
ORDER BY g.nr
"""
# Thousands of offerings stand at hundreds of places: the distance is computed for these once.
PLACE = """place AS MATERIALIZED (SELECT l.id, l.time_zone, l.ended_on, l.public_id, l.slug,
  {distance} AS distance FROM organizations_location l WHERE l.ended_on IS NULL AND {near}),
"""
# Of the days before and after only the hours matter that the first and last start can touch:
# most calendars are closed then, and their rows stay out.
EDGES = """
  AND (d.day > %(first)s::date AND d.day < %(end)s::date
    OR d.day = %(first)s::date AND (d.open | d.busy) & (SELECT ~repeat('0', 288)::bit(288)
        >> greatest(0, least(288, floor(extract(epoch FROM min(%(day)s::date::timestamp
          AT TIME ZONE zone) - %(first)s::date::timestamptz) / 300 - max(bef) / 5)))::int FROM g)
      <> repeat('0', 288)::bit(288)
    OR d.day = %(end)s::date AND (d.open | d.busy) & (SELECT ~repeat('0', 288)::bit(288)
        << 288 - greatest(0, least(288, ceil(extract(epoch FROM max(%(end)s::date::timestamp
          AT TIME ZONE zone) - %(end)s::date::timestamptz) / 300 + max(dur + aft) / 5)))::int
        FROM g)
      <> repeat('0', 288)::bit(288))"""


@lru_cache(maxsize=256)
def _search_sql(
    sides: Sides, distance: str, near: str, more: str, wanted: str, *, wide: bool
) -> str:
    there = "l.distance" if wide else distance
    return SEARCH.format(
        place=PLACE.format(distance=distance, near=near) if wide else "",
        offers=offers_sql(sides, wide=wide, distance=there, more=more, wanted=wanted),
        change=change_sql(sides),
        edges=EDGES if wide else "",
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
    if wish.offering:
        return search_one(actor, wish, day=day, end=end, now=now)
    sql = _search_sql(
        tuple(sides_of(actor)),
        distance_of(wish),
        near_of(wish),
        joins_of(wish),
        wanted_of(wish, near=places is not None)
        + (" AND l.id = ANY(%(places)s)" if places else ""),
        wide=places is None,
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
        self.ids = _distinct(np.concatenate([_ids(row[10]) for row in rows]))
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


def _distinct(ids: Ids) -> Ids:
    """In order, each once; `np.unique` hashes, which costs ten times as much as sorting."""
    there = np.sort(ids)
    return there[np.concatenate(([True], there[1:] != there[:-1]))]


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
    low, high = window_of(batch, rule, wish, now)
    kept = None if distances is None else distances[order]
    return Group(rule, ids[order], mine, channels, locations, kept, starts, low, high)
