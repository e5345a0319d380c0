"""Free starts of one offering: the calendar's days as one whole number, no arrays in between.

The same meaning as `starts.search`. Whose offering it is lies in the process already, so its masks
are read by the same statement that asks whether that still holds: one round trip and some shifts.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.groups import DAY, Batch, Bytes, Group, Rule, window_of
from samtime.bookings.queries.rooms import quiet_groups
from samtime.bookings.queries.wishes import SlotSearch, part_mask
from samtime.calendars.rules import (
    CELL,
    CELLS,
    free_starts_of_one,
    grid,
    start_step,
)
from samtime.channels.queries.kept import known, openings, openings_of
from samtime.channels.queries.opening_arrays import Openings
from samtime.foundation.prepared import fetch

ROW_BYTES = CELLS // 8
HEADER = 4
READ = """
SELECT string_agg(int4send(d.day - %(first)s::date), ''::bytea) AS days,
  string_agg(bit_send(d.open & ~d.busy), ''::bytea) AS free,
  string_agg(bit_send(d.busy), ''::bytea) FILTER (WHERE %(buffers)s) AS busy
FROM resource_day d
WHERE d.resource_id = %(mask)s AND d.day >= %(first)s::date AND d.day <= %(end)s::date
"""
# Beside the question whether what is kept still holds: its columns, and where they come from.
BESIDE, BESIDE_FROM = ", m.days, m.free, m.busy", f"({READ}) m"
Masks = tuple[bytes | None, bytes | None, bytes | None]


def is_plain(wish: SlotSearch) -> bool:
    """Whether the wish names an offering and nothing else that narrows whose times it means."""
    others = (
        wish.service, wish.services, wish.location, wish.practitioner, wish.provider, wish.channel,
        wish.specialty, wish.language, wish.gender, wish.near,
    )  # fmt: skip
    return wish.offering is not None and not any(others)


def search_one(actor: Actor, wish: SlotSearch, *, day: date, end: date, now: datetime) -> Batch:
    """Starts of the wish's offering on the local days from `day` to before `end`.

    Ends earlier where a tick changes. One query, and three where nothing is kept yet; one more
    where something has changed, one more where rooms are needed. Refuses: RightMissing.
    """
    assert wish.offering is not None
    before = known(actor, on=day)
    masks: Masks | None
    guess = before.of_offering(wish.offering) if before else []
    if before is None and actor.may(Right.BOOK_AT_PARTNER):
        # Hardly worth reading what thousands of institutions offer.
        every = openings_of(actor, wish.offering, on=day)
        masks = None
    elif before is None or not guess:
        every, _nothing = openings(actor, on=day)
        masks = None
    else:
        asked = _asked(before, guess[0], day, end)
        every, found = openings(actor, on=day, also=BESIDE, source=BESIDE_FROM, values=asked)
        masks = (found[0], found[1], found[2])
    rows = every.of_offering(wish.offering)
    batch = Batch(day - DAY, min(end, every.until), [])
    if not rows:
        return batch
    if masks is None or before is not every:
        masks = _read(every, rows[0], day, end)
    days = (end - batch.first).days + 1
    batch.groups += [_group(batch, wish, every, row, masks, days, now) for row in rows]
    return batch


def _asked(every: Openings, row: int, day: date, end: date) -> dict[str, Any]:
    kind = every.kinds[every.kind[row]]
    return {
        "mask": int(every.masks[row]),
        "first": day - DAY,
        "end": end,
        "buffers": kind.before + kind.after > 0,
    }


def _read(every: Openings, row: int, day: date, end: date) -> Masks:
    days, free, busy = fetch(READ, _asked(every, row, day, end))[0]
    return days, free, busy


def _group(
    batch: Batch,
    wish: SlotSearch,
    every: Openings,
    row: int,
    masks: Masks,
    days: int,
    now: datetime,
) -> Group:
    rule, width = Rule(*every.kinds[every.kind[row]][:8]), days * CELLS
    cells = {
        "before": rule.before // CELL,
        "cells": rule.duration // CELL,
        "after": rule.after // CELL,
    }
    free, busy = (_number(bits, masks[0], days) for bits in masks[1:])
    starts = free_starts_of_one(free, busy, width=width, **cells)
    starts &= _grid(batch.first, days, rule.zone, start_step(rule.step, rule.duration))
    if wish.part:
        starts &= _part(batch.first, days, rule.zone, wish.part)
    packed = np.frombuffer(starts.to_bytes(width // 8, "big"), np.uint8).reshape(1, -1)
    one = slice(row, row + 1)
    if rule.room:
        pair = np.stack([every.services[one], every.locations[one]], axis=1)
        packed = packed & quiet_groups(pair, batch.first, days, **cells)
    low, high = window_of(batch, rule, wish, now)
    return Group(rule, every, np.array([row]), None, packed, low, high)


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
