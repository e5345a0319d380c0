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
    values = {
        "services": sorted(set(pairs[:, 0].tolist())),
        "locations": sorted(set(pairs[:, 1].tolist())),
        "first": first,
        "end": first + timedelta(days=days),
    }
    raw = fetch(NEEDS, values)[0]
    free = np.full((len(pairs), days * ROW_BYTES), 255, np.uint8)
    if raw[0] is None or raw[1] is None:
        return free
    quiet = quiet_starts(_busy(raw, days), before=before, cells=cells, after=after)
    members = _pairs(raw[1], 2)
    place = np.searchsorted(np.unique(members[:, 1]), members[:, 1])
    groups, begins = np.unique(members[:, 0], return_index=True)
    any_free = np.bitwise_or.reduceat(quiet[place], begins, axis=0)
    for need in _rounds(_pairs(raw[0], 3), groups):
        known = {(s, n): g for s, n, g in need.tolist()}
        rows = np.array([known.get((s, n), -1) for s, n in pairs.tolist()])
        asked = rows >= 0
        free[asked] &= any_free[np.searchsorted(groups, rows[asked])]
    return free


def _pairs(raw: bytes, columns: int) -> Ids:
    rows = np.frombuffer(raw, ">i8").astype(np.int64).reshape(-1, columns)
    return rows[np.lexsort(rows.T[::-1])]


def _rounds(needs: Ids, groups: Ids) -> list[Ids]:
    """The needs of living groups, so that in each round a service at a place has one at most."""
    rounds: list[list[list[int]]] = []
    seen: dict[tuple[int, int], int] = {}
    alive = set(groups.tolist())
    for service, location, group in needs.tolist():
        if group not in alive:
            continue
        number = seen.get((service, location), 0)
        seen[(service, location)] = number + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append([service, location, group])
    return [np.array(one, np.int64) for one in rounds]


def _busy(raw: tuple[Any, ...], days: int) -> Bytes:
    """Busy masks of all members, in the order of their ids."""
    ids = np.unique(_pairs(raw[1], 2)[:, 1])
    busy = np.full((len(ids), days, ROW_BYTES), 255, np.uint8)
    if raw[2] is not None:
        place = np.searchsorted(ids, np.frombuffer(raw[2], ">i8").astype(np.int64))
        day = np.frombuffer(raw[3], ">i4")
        bits = np.frombuffer(raw[4], np.uint8).reshape(-1, HEADER + ROW_BYTES)[:, HEADER:]
        busy[place, day] = bits
    return busy.reshape(len(ids), days * ROW_BYTES)
