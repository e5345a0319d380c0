"""The offerings open to an organization, as numbers in the process until something changes.

Joining ten thousand offerings with places, services and ticks takes longer than reading their free
times, and they change a few times a day. So their ids lie here in arrays, and every search asks the
database which institutions have changed anything since (`opening_change`, written by triggers in
the changing transaction): theirs are read anew before it goes on. What the searching transaction
has changed itself and not committed is read, and not kept. Prices, names and free times are never
kept. What is kept belongs to a viewer: the row policies decided what he may read.
"""

import struct
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import DEFAULT_DB_ALIAS, connections

from samtime.accounts.actor import Actor
from samtime.channels.queries.openings import Sides, load_sql, sides_of
from samtime.foundation.prepared import fetch

Ids = npt.NDArray[np.int64]
Degrees = npt.NDArray[np.float64]
# Changes are forgotten after a day (`forget_opening_changes`), what is kept long before.
OLDEST_SECONDS = 3600.0
MOST_KEPT, MOST_PERIODS, FEW_PROVIDERS = 64, 4, 50
MOST_LOOKED_UP = 10_000
# So long the snapshot of an answer serves although a newer one is known: it says the same.
FRESH_SECONDS = 5.0
EVERYBODY = 0
NOBODY: frozenset[int] = frozenset()


class Kind(NamedTuple):
    """What offerings have in common; minutes, days, a zone, whether it needs rooms."""

    duration: int
    before: int
    after: int
    step: int
    lead: int
    horizon: int
    zone: str
    room: bool
    specialty: str
    gender: str
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Openings:
    """Offerings open on the local days from `since` to before `until`, in the order of their ids.

    Arrays have one element per offering and channel; `kind`, `place` and `week` are indices, into
    `kinds`, into `latitudes` and `longitudes` (degrees, infinite where unknown) and into `weeks`:
    for each weekday the minutes after midnight before and after which a calendar is never open.
    """

    since: date
    until: date
    kinds: tuple[Kind, ...]
    latitudes: Degrees
    longitudes: Degrees
    weeks: npt.NDArray[np.int64]
    kind: Ids
    place: Ids
    week: Ids
    ids: Ids
    masks: Ids
    channels: Ids
    locations: Ids
    services: Ids
    providers: Ids
    practitioners: Ids
    public_ids: Ids

    looked_up: Any = field(default_factory=dict, compare=False)

    def of_offering(self, public_id: UUID) -> list[int]:
        """The rows of one offering: one for each channel on which it is open."""
        rows: list[int] | None = self.looked_up.get(public_id)
        if rows is None:
            high, low = struct.unpack(">qq", public_id.bytes)
            found = np.flatnonzero(self.public_ids[:, 1] == low)
            rows = found[self.public_ids[found, 0] == high].tolist()
            if len(self.looked_up) < MOST_LOOKED_UP:
                self.looked_up[public_id] = rows
        return rows

    def at(self, rows: Any) -> "Openings":
        """Some of them: indices, or which."""
        some = {name: getattr(self, name)[rows] for name in COLUMNS}
        return replace(self, looked_up={}, **some)


COLUMNS = tuple(f.name for f in fields(Openings))[6:-1]
IDS = COLUMNS[3:-1]


class _Seen(NamedTuple):
    """What was read when: the transactions that were over then, and when it was last asked for."""

    openings: Openings
    snapshot: str
    at: float


class _Asked(NamedTuple):
    """The answer to «who changed what since»."""

    snapshot: str
    viewer: str | None
    since_then: frozenset[int]
    by_myself: frozenset[int]
    also: tuple[Any, ...]


Key = tuple[Any, ...]
_kept: OrderedDict[Key, tuple[_Seen, ...]] = OrderedDict()
_lock = Lock()

# A change counts when its transaction was not over in the snapshot, but is now; or is this one.
# Rows of a restored dump carry numbers of another server: what lies ahead of this one is not ours.
CHANGES = """
SELECT pg_current_snapshot()::text, nullif(current_setting('samtime.viewer', true), ''),
  (SELECT array_agg(x.provider_id) FROM opening_change x
    WHERE x.at >= pg_snapshot_xmin(%(seen)s::text::pg_snapshot)
      AND x.at < pg_snapshot_xmax(pg_current_snapshot())
      AND NOT pg_visible_in_snapshot(x.at, %(seen)s::text::pg_snapshot)),
  (SELECT array_agg(x.provider_id) FROM opening_change x
    WHERE x.at = pg_current_xact_id_if_assigned()){also}
FROM {source}
"""
NO_SOURCE = "(SELECT 1) nothing"


def openings(
    actor: Actor,
    *,
    on: date,
    also: str = "",
    source: str = NO_SOURCE,
    values: dict[str, Any] | None = None,
) -> tuple[Openings, tuple[Any, ...]]:
    """What is open to the actor's organization on a local day, and the answers to `also`.

    `also`: more columns for the one small statement that is asked every time (each after a comma),
    from the one row of `source`, with their `values`. One more statement where something has
    changed. Refuses: RightMissing.
    """
    sides = tuple(sides_of(actor))
    place = (_database(), actor.organization_id, sides)
    key: Key = (*place, str(actor.organization_id))
    sql = _changes_sql(also, source)
    seen = _known(key, on)
    asked = _ask(sql, seen, values or {})
    if asked.viewer != key[-1]:
        key = (*place, asked.viewer)
        seen = _known(key, on)
        asked = _ask(sql, seen, values or {})
    return _current(key, actor, sides, seen, asked, on), asked.also


def known(actor: Actor, *, on: date) -> Openings | None:
    """What is kept for the actor's own organization, unasked: whether it still holds, only
    `openings` says. Refuses: RightMissing."""
    own = str(actor.organization_id)
    seen = _known((_database(), actor.organization_id, tuple(sides_of(actor)), own), on)
    return seen.openings if seen else None


def forget() -> None:
    """Keep nothing any longer; the next search reads everything."""
    with _lock:
        _kept.clear()


def _current(
    key: Key, actor: Actor, sides: Sides, seen: _Seen | None, asked: _Asked, on: date
) -> Openings:
    changed = asked.since_then | asked.by_myself
    if seen is not None and not changed and monotonic() - seen.at < FRESH_SECONDS:
        return seen.openings
    if seen is None:
        found = _read(actor, sides, on)
    else:
        found = _renewed(seen.openings, actor, sides, changed, on)
    if not asked.by_myself:
        # What this transaction changed itself may still be rolled back.
        _keep(key, seen, _Seen(found, asked.snapshot, monotonic()))
    return found


def _known(key: Key, on: date) -> _Seen | None:
    oldest = monotonic() - OLDEST_SECONDS
    for seen in _kept.get(key, ()):
        if seen.openings.since <= on < seen.openings.until and seen.at > oldest:
            return seen
    return None


def _keep(key: Key, before: _Seen | None, seen: _Seen) -> None:
    with _lock:
        others = [one for one in _kept.pop(key, ()) if one is not before]
        low, high = seen.openings.since, seen.openings.until
        apart = [o for o in others if o.openings.until <= low or high <= o.openings.since]
        _kept[key] = (seen, *apart[: MOST_PERIODS - 1])
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)


def _database() -> int:
    """The database's own number: another one under the same name is another one."""
    here = connections[DEFAULT_DB_ALIAS]
    if here.connection is None:
        here.ensure_connection()
    held: Any = here.connection
    number: int | None = getattr(held, "samtime_database", None)
    if number is None:
        ask = "SELECT oid::bigint FROM pg_database WHERE datname = current_database()"
        number = held.samtime_database = int(fetch(ask, {})[0][0])
    return number


@lru_cache(maxsize=256)
def _changes_sql(also: str, source: str) -> str:
    return CHANGES.format(also=also, source=source)


def _ask(sql: str, seen: _Seen | None, values: dict[str, Any]) -> _Asked:
    row = fetch(sql, {**values, "seen": seen.snapshot if seen else None})[0]
    since, mine = (frozenset(some) if some else NOBODY for some in row[2:4])
    return _Asked(row[0], row[1], since, mine, row[4:])


def _renewed(
    before: Openings, actor: Actor, sides: Sides, changed: frozenset[int], on: date
) -> Openings:
    if not changed:
        return before
    if EVERYBODY in changed or len(changed) > FEW_PROVIDERS:
        return _read(actor, sides, on)
    providers = np.array(sorted(changed), np.int64)
    others = before.at(~np.isin(before.providers, providers))
    theirs = _read(actor, sides, on, providers=sorted(changed))
    return _joined(theirs.since, theirs.until, [others, theirs])


def _joined(since: date, until: date, parts: list[Openings]) -> Openings:
    kinds: dict[Kind, int] = {}
    places: dict[tuple[float, float], int] = {}
    weeks: dict[bytes, int] = {}
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for part in parts:
        for name in COLUMNS:
            columns[name].append(getattr(part, name))
        columns["kind"][-1] = _moved(kinds, part.kinds, part.kind)
        points = zip(part.latitudes.tolist(), part.longitudes.tolist(), strict=True)
        columns["place"][-1] = _moved(places, list(points), part.place)
        columns["week"][-1] = _moved(weeks, [w.tobytes() for w in part.weeks], part.week)
    order = np.argsort(np.concatenate(columns["ids"]), kind="stable")
    table = np.array(list(places), np.float64).reshape(-1, 2)
    joined = {name: np.concatenate(column)[order] for name, column in columns.items()}
    hours = np.frombuffer(b"".join(weeks), np.int64).reshape(-1, 7, 2)
    degrees = table[:, 0].copy(), table[:, 1].copy()
    return Openings(since, until, tuple(kinds), *degrees, hours, **joined)


def _moved(places: dict[Any, int], things: Sequence[Any], indices: Ids) -> Ids:
    """Indices into a part's own list, as indices into everybody's."""
    table = [places.setdefault(thing, len(places)) for thing in things]
    return np.array(table, np.int64)[indices]


def _read(actor: Actor, sides: Sides, on: date, *, providers: list[int] | None = None) -> Openings:
    """From the tables: of everybody, or of a few institutions. One statement."""
    values = {"me": actor.organization_id, "day": on, "providers": providers}
    rows = fetch(load_sql(sides, few=providers is not None), values, hashed=providers is None)
    since, until = rows[0][0] or date.min, rows[0][1] or date.max
    parts = [_part(since, until, row[2:]) for row in rows if row[2] is not None]
    return _joined(since, until, parts or [_part(since, until, None)])


def _part(since: date, until: date, row: tuple[Any, ...] | None) -> Openings:
    """Offerings of one kind, or none at all."""
    kinds = (Kind._make((*row[:10], tuple(row[10]))),) if row else ()
    raw = row[11:] if row else (b"",) * (len(IDS) + 4)
    numbers = [np.frombuffer(column, ">i8").astype(np.int64) for column in raw[: len(IDS)]]
    public_ids = np.frombuffer(raw[-4], ">i8").astype(np.int64).reshape(-1, 2)
    weeks, week = np.unique(np.frombuffer(raw[-3], f"V{2 * 14}"), return_inverse=True)
    # NaN is unlike itself: unknown places would each be another one.
    points = [np.nan_to_num(np.frombuffer(c, ">f8"), nan=np.inf) for c in raw[-2:]]
    degrees, place = np.unique(np.stack(points, axis=1), axis=0, return_inverse=True)
    return Openings(
        since,
        until,
        kinds,
        degrees[:, 0],
        degrees[:, 1],
        weeks.view(">i2").astype(np.int64).reshape(-1, 7, 2),
        kind=np.zeros(len(place), np.int64),
        place=place.reshape(-1),
        week=week.reshape(-1),
        public_ids=public_ids,
        **dict(zip(IDS, numbers, strict=True)),
    )
