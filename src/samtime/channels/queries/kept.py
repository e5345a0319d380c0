"""The offerings open to an organization, as numbers in the process until something changes.

Joining ten thousand offerings with places, services and ticks takes longer than reading their free
times, and they change a few times a day. So their ids lie here in arrays, and every search asks the
database which institutions have changed anything since (`opening_change`, written by triggers in
the changing transaction): theirs are read anew before it goes on. What the searching transaction
has changed itself and not committed is read, and not kept. Prices, names and free times are never
kept. What is kept belongs to a viewer: the row policies decided what he may read.
"""

from collections import OrderedDict
from datetime import date
from functools import lru_cache
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db import DEFAULT_DB_ALIAS, connections

from samtime.accounts.actor import Actor
from samtime.channels.queries.opening_arrays import Openings, joined, part_of
from samtime.channels.queries.openings import Sides, load_sql, sides_of
from samtime.foundation.prepared import fetch

# Changes are forgotten after a day (`forget_opening_changes`), what is kept long before.
OLDEST_SECONDS = 3600.0
MOST_KEPT, MOST_PERIODS, FEW_PROVIDERS = 64, 4, 50
# So long the snapshot of an answer serves although a newer one is known: it says the same.
FRESH_SECONDS = 5.0
EVERYBODY = 0
NOBODY: frozenset[int] = frozenset()


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
WHOSE = "SELECT provider_id FROM calendars_offering WHERE public_id = %(offering)s"
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


def openings_of(actor: Actor, offering: UUID, *, on: date) -> Openings:
    """What is open to the actor at the institution of one offering; read, and not kept.

    Two statements: for a process that looks at one time of a partner, and never searches.
    Refuses: RightMissing.
    """
    rows = fetch(WHOSE, {"offering": offering})
    return _read(actor, tuple(sides_of(actor)), on, providers=[row[0] for row in rows])


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
    return joined(theirs.since, theirs.until, [others, theirs])


def _read(actor: Actor, sides: Sides, on: date, *, providers: list[int] | None = None) -> Openings:
    """From the tables: of everybody, or of a few institutions. One statement."""
    values = {"me": actor.organization_id, "day": on, "providers": providers}
    rows = fetch(load_sql(sides, few=providers is not None), values, hashed=providers is None)
    since, until = rows[0][0] or date.min, rows[0][1] or date.max
    parts = [part_of(since, until, row[2:]) for row in rows if row[2] is not None]
    return joined(since, until, parts or [part_of(since, until, None)])
