"""Free starts of one offering: the calendar's days as one whole number, no arrays in between.

The same meaning as `starts.search`, for the few rows an offering has (one on each channel on which
it is open): the cost is one round trip and some shifts.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from samtime.accounts.actor import Actor
from samtime.bookings.queries.groups import DAY, Batch, Bytes, Group, Rule, window_of
from samtime.bookings.queries.rooms import quiet_groups
from samtime.bookings.queries.wishes import (
    SlotSearch,
    distance_of,
    joins_of,
    part_mask,
    values_of,
    wanted_of,
)
from samtime.calendars.rules import (
    CELL,
    CELLS,
    free_starts_of_one,
    grid,
    start_step,
)
from samtime.channels.queries.openings import Sides, change_sql, offers_sql, sides_of
from samtime.foundation.prepared import fetch

ROW_BYTES = CELLS // 8
HEADER = 4
SEARCH = """
SELECT {change}, e.id, e.mask_id, e.channel, e.location, e.service, e.dur, e.bef, e.aft, e.step,
  e.lead, e.hor, e.zone, e.room, e.distance, m.days, m.free, m.busy
FROM (SELECT 1) always LEFT JOIN ({offers}) e ON true
  LEFT JOIN LATERAL (SELECT string_agg(int4send(d.day - %(first)s::date), ''::bytea) AS days,
      string_agg(bit_send(d.open & ~d.busy), ''::bytea) AS free,
      string_agg(bit_send(d.busy), ''::bytea) FILTER (WHERE e.bef + e.aft > 0) AS busy
    FROM resource_day d
    WHERE d.resource_id = e.mask_id AND d.day >= %(first)s::date AND d.day <= %(end)s::date) m
  ON true
"""


def search_one(actor: Actor, wish: SlotSearch, *, day: date, end: date, now: datetime) -> Batch:
    """Starts of the wish's offering on the local days from `day` to before `end`.

    Ends earlier where a tick changes. One query, two where rooms are needed. Refuses: RightMissing.
    """
    sides = tuple(sides_of(actor))
    sql = _sql(sides, distance_of(wish), joins_of(wish), wanted_of(wish))
    first = day - DAY
    values = values_of(actor, wish) | {"day": day, "first": first, "end": end}
    rows = fetch(sql, values)
    found, days = Batch(first, rows[0][0] or end, []), (end - first).days + 1
    found.groups += [_group(found, wish, row, days, now) for row in rows if row[1] is not None]
    return found


@lru_cache(maxsize=256)
def _sql(sides: Sides, distance: str, more: str, wanted: str) -> str:
    offers = offers_sql(sides, distance=distance, more=more, wanted=wanted)
    return SEARCH.format(offers=offers, change=change_sql(sides))


def _group(batch: Batch, wish: SlotSearch, row: tuple[Any, ...], days: int, now: datetime) -> Group:
    rule, width = Rule(*row[6:14]), days * CELLS
    cells = {
        "before": rule.before // CELL,
        "cells": rule.duration // CELL,
        "after": rule.after // CELL,
    }
    free, busy = (_number(bits, row[15], days) for bits in row[16:18])
    starts = free_starts_of_one(free, busy, width=width, **cells)
    starts &= _grid(batch.first, days, rule.zone, start_step(rule.step, rule.duration))
    if wish.part:
        starts &= _part(batch.first, days, rule.zone, wish.part)
    packed = np.frombuffer(starts.to_bytes(width // 8, "big"), np.uint8).reshape(1, -1)
    if rule.room:
        pair = np.array([[row[5], row[4]]], np.int64)
        packed = packed & quiet_groups(pair, batch.first, days, **cells)
    ids, masks, channels, locations = (np.array([one], np.int64) for one in row[1:5])
    far = None if row[14] is None else np.array([row[14]], np.float64)
    low, high = window_of(batch, rule, wish, now)
    return Group(rule, ids, masks, channels, locations, far, packed, low, high)


def _number(bits: bytes | None, at: bytes | None, days: int) -> int:
    """The rows of consecutive days as one number; what has no row is 0."""
    if bits is None or at is None:
        return 0
    rows = np.frombuffer(bits, np.uint8).reshape(-1, HEADER + ROW_BYTES)[:, HEADER:]
    if at != _in_order(days):
        every = np.zeros((days, ROW_BYTES), np.uint8)
        every[np.frombuffer(at, ">i4")] = rows
        rows = every
    return int.from_bytes(rows.tobytes(), "big")


@lru_cache(maxsize=512)
def _in_order(days: int) -> bytes:
    return np.arange(days, dtype=">i4").tobytes()


@lru_cache(maxsize=256)
def _grid(first: date, days: int, zone: str, step: int) -> int:
    return _whole(grid(_days(first, days), zone, step))


@lru_cache(maxsize=256)
def _part(first: date, days: int, zone: str, part: str) -> int:
    return _whole(part_mask(_days(first, days), zone, part))


def _whole(packed: Bytes) -> int:
    return int.from_bytes(packed.tobytes(), "big")


def _days(first: date, days: int) -> Sequence[date]:
    return [first + DAY * n for n in range(days)]
