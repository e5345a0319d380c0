"""The masks of chosen offerings, read in one query and turned into starts by arithmetic on bits."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from samtime.accounts.actor import Actor
from samtime.bookings.queries.chosen import Chosen, chosen, meant_by, supposed
from samtime.bookings.queries.groups import (
    DAY,
    Batch,
    Bytes,
    Group,
    Ids,
    Rule,
    window_of,
)
from samtime.bookings.queries.rooms import distinct, quiet_groups
from samtime.bookings.queries.wishes import SlotSearch, part_mask
from samtime.calendars.rules import CELL, CELLS, free_starts, grid, start_step
from samtime.channels.queries.kept import openings
from samtime.channels.queries.opening_arrays import Openings
from samtime.foundation.periods import day_bounds
from samtime.foundation.prepared import fetch

ROW_BYTES = CELLS // 8
HEADER = 4
BIT_SEND = HEADER + ROW_BYTES
MASKS = """
SELECT string_agg(int8send(d.resource_id), ''::bytea) AS whose,
  string_agg(int4send(d.day - %(first)s::date), ''::bytea) AS days,
  string_agg(bit_send(d.open & ~d.busy), ''::bytea) AS free{busy}
FROM resource_day d WHERE {which} AND d.day >= %(first)s::date AND d.day <= %(last)s::date
"""
BUSY = ", string_agg(bit_send(d.busy), ''::bytea) AS busy"
# Beside another question: its columns, and where they come from.
BESIDE, BESIDE_BUSY = ", m.whose, m.days, m.free", ", m.busy"
EACH = "d.resource_id = ANY(%(masks)s)"
# So many that reading the days from end to end is cheaper than looking up each calendar.
TOGETHER = "d.resource_id IN (SELECT unnest(%(masks)s::bigint[]))"
CROWD = 3000


class Reading(NamedTuple):
    """Which masks the days of a batch need, and which of the rows follow which rule."""

    by_rule: list[tuple[Rule, Ids | slice]]
    masks: Ids
    first: date
    last: date
    buffers: bool

    @property
    def together(self) -> bool:
        return len(self.masks) > CROWD

    @property
    def sql(self) -> str:
        which = TOGETHER if self.together else EACH
        return MASKS.format(busy=BUSY if self.buffers else "", which=which)

    @property
    def values(self) -> dict[str, Any]:
        return {"masks": self.masks, "first": self.first, "last": self.last}


Read = tuple[Reading, tuple[Any, ...]]


def chosen_beside_masks(
    actor: Actor, wish: SlotSearch, day: date, end: date, most: int
) -> tuple[Chosen, Read | None]:
    """The offerings of the wish that are open on a local day, and the masks `groups_of` will want.

    What is kept still holds nearly always, so the masks of fewer than `most` are read by the very
    statement that asks whether it does. None: they are still to be read. Refuses: RightMissing.
    """
    guess = supposed(actor, wish, on=day)
    if guess is None:
        return chosen(actor, wish, on=day), None
    if not 0 < len(guess) < most:
        every, _nothing = openings(actor, on=day)
        return guess if every is guess.every else meant_by(wish, every), None
    reading = _reading(Batch(day - DAY, min(end, guess.every.until), []), guess)
    also, source = BESIDE + (BESIDE_BUSY if reading.buffers else ""), f"({reading.sql}) m"
    every, row = openings(actor, on=day, also=also, source=source, values=reading.values)
    if every is guess.every:
        return guess, (reading, row)
    return meant_by(wish, every), None


def groups_of(
    batch: Batch, meant: Chosen, wish: SlotSearch, now: datetime, read: Read | None = None
) -> list[Group]:
    """The starts of these offerings on the batch's days. One query for the masks unless they are
    `read` already, one more where rooms are needed for each kind that needs them."""
    if not len(meant):
        return []
    reading, row = read or _fetched(_reading(batch, meant))
    masks = _Masks(reading, row)
    return [
        _group(batch, meant.at(places), rule, masks, wish, now) for rule, places in reading.by_rule
    ]


def _fetched(reading: Reading) -> Read:
    return reading, fetch(reading.sql, reading.values, hashed=reading.together)[0]


def _reading(batch: Batch, meant: Chosen) -> Reading:
    every, rows = meant.every, meant.rows
    by_rule = _by_rule(every, every.kind[rows])
    last = max(_last_day(batch.end, rule) for rule, _places in by_rule)
    buffers = any(rule.before or rule.after for rule, _places in by_rule)
    return Reading(by_rule, distinct(every.masks[rows]), batch.first, last, buffers)


def _by_rule(every: Openings, kinds: Ids) -> list[tuple[Rule, Ids | slice]]:
    """Which of the rows follow which rule."""
    there = np.flatnonzero(np.bincount(kinds, minlength=len(every.kinds))).tolist()
    numbers: dict[Rule, int] = {}
    number_of = np.zeros(len(every.kinds), np.int64)
    for kind in there:
        number_of[kind] = numbers.setdefault(Rule(*every.kinds[kind][:8]), len(numbers))
    if len(numbers) == 1:
        return [(next(iter(numbers)), slice(None))]
    follows = number_of[kinds]
    return [(rule, np.flatnonzero(follows == number)) for rule, number in numbers.items()]


def _last_day(end: date, rule: Rule) -> date:
    """The last UTC day that a service touches which begins before the local midnight of `end`."""
    longest = timedelta(minutes=rule.duration + rule.after - CELL)
    return (day_bounds(end, rule.zone)[0] + longest - timedelta(minutes=1)).date()


class _Masks:
    """The masks, by UTC days, of all calendars that have free time in them; on a day without a row
    a calendar is closed."""

    def __init__(self, reading: Reading, row: tuple[Any, ...]) -> None:
        self.days = (reading.last - reading.first).days + 1
        whose, free = np.frombuffer(row[0] or b"", ">i8"), _bits(row[2] or b"")
        self.ids = distinct(whose[free.any(axis=1)].astype(np.int64))
        shape = (len(self.ids), self.days, ROW_BYTES)
        self.free, self.busy = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        if len(self.ids):
            theirs = np.flatnonzero(self.have(whose))
            place = np.searchsorted(self.ids, whose[theirs])
            day = np.frombuffer(row[1], ">i4")[theirs]
            self.free[place, day] = free[theirs]
            if reading.buffers:
                self.busy[place, day] = _bits(row[3])[theirs]

    def have(self, masks: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Which of these calendars are among them."""
        if not len(self.ids):
            return np.zeros(len(masks), bool)
        place = np.minimum(np.searchsorted(self.ids, masks), len(self.ids) - 1)
        there: npt.NDArray[np.bool_] = self.ids[place] == masks
        return there

    def of(self, masks: Ids) -> tuple[Bytes, Bytes]:
        """Free and busy, one packed row for each of these; all of them are among them."""
        place = np.searchsorted(self.ids, masks)
        shape = (len(masks), self.days * ROW_BYTES)
        return self.free[place].reshape(shape), self.busy[place].reshape(shape)


def _bits(raw: bytes) -> Bytes:
    return np.frombuffer(raw, np.uint8).reshape(-1, BIT_SEND)[:, HEADER:]


def _group(
    batch: Batch, meant: Chosen, rule: Rule, masks: _Masks, wish: SlotSearch, now: datetime
) -> Group:
    """Those that have a start at all: whoever is closed or full is left out at once."""
    low, high = window_of(batch, rule, wish, now)
    high = min(high, masks.days * CELLS)
    meant = meant.at(masks.have(meant.every.masks[meant.rows]))
    starts = np.zeros((0, masks.days * ROW_BYTES), np.uint8)
    if len(meant):
        starts = _starts(batch, meant, rule, masks, wish)
        some = np.flatnonzero(starts[:, low // 8 : -(-high // 8)].any(axis=1))
        meant, starts = meant.at(some), starts[some]
    if rule.room and len(meant):
        every, rows = meant.every, meant.rows
        pairs = np.stack([every.services[rows], every.locations[rows]], axis=1)
        starts &= quiet_groups(pairs, batch.first, masks.days, **_cells(rule))
    return Group(rule, meant.every, meant.rows, meant.distances, starts, low, high)


def _starts(batch: Batch, meant: Chosen, rule: Rule, masks: _Masks, wish: SlotSearch) -> Bytes:
    """The starts at which the practitioner is free, one packed row for each offering."""
    free, busy = masks.of(meant.every.masks[meant.rows])
    starts = free_starts(free, busy, **_cells(rule))
    step = start_step(rule.step, rule.duration)
    starts = starts & _grid(batch.first, masks.days, rule.zone, step)
    if wish.part:
        starts = starts & _part(batch.first, masks.days, rule.zone, wish.part)
    return starts


def _cells(rule: Rule) -> dict[str, int]:
    return {
        "before": rule.before // CELL,
        "cells": rule.duration // CELL,
        "after": rule.after // CELL,
    }


@lru_cache(maxsize=256)
def _grid(first: date, days: int, zone: str, step: int) -> Bytes:
    return grid([first + DAY * n for n in range(days)], zone, step)


@lru_cache(maxsize=256)
def _part(first: date, days: int, zone: str, part: str) -> Bytes:
    return part_mask([first + DAY * n for n in range(days)], zone, part)
