"""What somebody looks for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import cos, radians
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from samtime.accounts.actor import Actor
from samtime.calendars.rules import CELL, CELLS

EARTH_KM = 6371.0
# Local hours in which a time of that part of the day begins.
PARTS = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """What to look for; public ids, empty = any. `start` is a local date in each place's zone.

    `services` are any of these, `numbers` the same as the tables number them, where the asker knows
    (then nothing is looked up); `offerings` are numbers too. `apart` leaves out starts that
    overlap an earlier one of the same calendar; `first_per` («location», «calendar») keeps the
    first of each. `count_to` goes on counting after `limit` starts were kept.
    """

    start: date
    days: int = 14
    limit: int = 20
    service: UUID | None = None
    offering: UUID | None = None
    location: UUID | str | None = None
    practitioner: UUID | None = None
    provider: UUID | str | None = None
    channel: UUID | None = None
    specialty: str = ""
    not_before: datetime | None = None
    near: tuple[float, float] | None = None
    radius_km: float = 0.0
    services: tuple[UUID, ...] = ()
    numbers: npt.NDArray[np.int64] | None = field(default=None, compare=False)
    offerings: npt.NDArray[np.int64] | None = field(default=None, compare=False)
    language: str = ""
    gender: str = ""
    part: str = ""
    apart: bool = False
    first_per: str = ""
    count_to: int = 0


def values_of(actor: Actor, wish: SlotSearch) -> dict[str, Any]:
    """Parameters of the query."""
    return {
        "me": actor.organization_id,
        "service": wish.service,
        "offering": wish.offering,
        "location": str(wish.location) if wish.location else None,
        "practitioner": wish.practitioner,
        "provider": str(wish.provider) if wish.provider else None,
        "channel": wish.channel,
        "specialty": wish.specialty,
        "services": list(wish.services),
        "language": wish.language,
        "gender": wish.gender,
    }


def box_of(wish: SlotSearch) -> dict[str, float]:
    """Degrees that the radius around the wished place can reach at most.

    A degree of latitude is 111 km everywhere, one of longitude shrinks towards the poles.
    """
    assert wish.near is not None
    lat, lon = (float(degrees) for degrees in wish.near)
    high = wish.radius_km / 110.5
    return {
        "lon": lon,
        "south": lat - high,
        "north": lat + high,
        "span": high / max(0.01, cos(radians(abs(lat) + high))),
    }


def part_mask(days: Sequence[date], zone: str, part: str) -> npt.NDArray[np.uint8]:
    """Mask of the cells of consecutive UTC days that begin in this part of the local day.

    The offset at noon stands for the day: clocks change at night, parts do not.
    """
    first, last = PARTS[part]
    rows = []
    for day in days:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).astimezone(ZoneInfo(zone))
        offset = int((noon.utcoffset() or timedelta()).total_seconds() // 60)
        hours = ((np.arange(CELLS) * CELL + offset) // 60) % 24
        rows.append(np.packbits(((hours >= first) & (hours < last)).astype(np.uint8)))
    return np.concatenate(rows)
