"""Rooms and devices: where a service needs one of a group, when is any one of them free (D20)."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from samtime.calendars.rules import CELLS, quiet_starts
from samtime.foundation.prepared import fetch

ROW_BYTES = CELLS // 8
HEADER = 4
Bytes = npt.NDArray[np.uint8]
Ids = npt.NDArray[np.int64]

NEEDS = """
WITH n AS MATERIALIZED (SELECT n.service_id, n.location_id, n.group_id FROM calendars_resourceneed n
  WHERE n.service_id = ANY(%(services)s) AND n.location_id = ANY(%(locations)s)),
r AS MATERIALIZED (SELECT m.resourcegroup_id AS grp, m.resource_id
  FROM calendars_resourcegroup_members m
  JOIN calendars_resource r ON r.id = m.resource_id AND r.ended_on IS NULL
  WHERE m.resourcegroup_id IN (SELECT group_id FROM n)),
d AS (SELECT string_agg(int8send(d.resource_id), ''::bytea) AS resources,
    string_agg(int4send(d.day - %(first)s::date), ''::bytea) AS days,
    string_agg(bit_send(d.busy), ''::bytea) AS busy
  FROM resource_day d WHERE d.resource_id IN (SELECT resource_id FROM r)
    AND d.day >= %(first)s::date AND d.day < %(end)s::date)
SELECT (SELECT string_agg(int8send(service_id) || int8send(location_id) || int8send(group_id),
    ''::bytea) FROM n),
  (SELECT string_agg(int8send(grp) || int8send(resource_id), ''::bytea) FROM r),
  d.resources, d.days, d.busy FROM d
"""


def quiet_groups(
    pairs: Ids, first: date, days: int, *, before: int, cells: int, after: int
) -> Bytes:
    """Packed starts, a row per (service, location) given, at which every group has a free member.

    A room without mask rows is never free; a group without living members asks for nothing.
    """
    services, locations = distinct(pairs[:, 0]), distinct(pairs[:, 1])
    end = first + timedelta(days=days)
    values = {"services": services, "locations": locations, "first": first, "end": end}
    raw = fetch(NEEDS, values)[0]
    free = np.full((len(pairs), days * ROW_BYTES), 255, np.uint8)
    if raw[0] is None or raw[1] is None:
        return free
    quiet = quiet_starts(_busy(raw, days), before=before, cells=cells, after=after)
    members = _rows(raw[1], 2)
    place = np.searchsorted(distinct(members[:, 1]), members[:, 1])
    groups = distinct(members[:, 0])
    any_free = np.bitwise_or.reduceat(quiet[place], np.searchsorted(members[:, 0], groups), axis=0)
    asked = _numbered(pairs, services, locations)
    needs = _rows(raw[0], 3)
    needs = needs[np.isin(needs[:, 2], groups)]
    for some in _rounds(_numbered(needs, services, locations)):
        keys = _numbered(needs[some], services, locations)
        at = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
        there = keys[at] == asked
        free[there] &= any_free[np.searchsorted(groups, needs[some][at[there], 2])]
    return free


def distinct(ids: Ids) -> Ids:
    """In order, each once; `np.unique` hashes, which costs ten times as much as sorting."""
    there = np.sort(ids)
    return there[np.concatenate(([True], there[1:] != there[:-1]))[: len(there)]]


def _rows(raw: bytes, columns: int) -> Ids:
    """Rows of ids, in order."""
    rows = np.frombuffer(raw, ">i8").astype(np.int64).reshape(-1, columns)
    return rows[np.lexsort(rows.T[::-1])]


def _numbered(rows: Ids, services: Ids, locations: Ids) -> Ids:
    """One number for each service and location, in their order."""
    service = np.searchsorted(services, rows[:, 0])
    return service * len(locations) + np.searchsorted(locations, rows[:, 1])


def _rounds(keys: Ids) -> list[Ids]:
    """Indices into sorted keys, so that in each round a service at a place is there once at
    most."""
    which = np.arange(len(keys)) - np.searchsorted(keys, keys)
    return [np.flatnonzero(which == n) for n in range(int(which.max(initial=-1)) + 1)]


def _busy(raw: tuple[Any, ...], days: int) -> Bytes:
    """Busy masks of all members, in the order of their ids."""
    ids = distinct(_rows(raw[1], 2)[:, 1])
    busy = np.full((len(ids), days, ROW_BYTES), 255, np.uint8)
    if raw[2] is not None:
        place = np.searchsorted(ids, np.frombuffer(raw[2], ">i8").astype(np.int64))
        day = np.frombuffer(raw[3], ">i4")
        bits = np.frombuffer(raw[4], np.uint8).reshape(-1, HEADER + ROW_BYTES)[:, HEADER:]
        busy[place, day] = bits
    return busy.reshape(len(ids), days * ROW_BYTES)
