"""Open offerings as arrays: one element per offering and channel, ids as numbers."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Degrees = npt.NDArray[np.float64]
MOST_LOOKED_UP = 10_000


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


def joined(since: date, until: date, parts: list[Openings]) -> Openings:
    """Several as one, in the order of their ids."""
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


def part_of(since: date, until: date, row: tuple[Any, ...] | None) -> Openings:
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
