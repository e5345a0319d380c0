"""What somebody looks for, and how each part of it narrows the one search query."""

from collections.abc import Sequence
from dataclasses import dataclass
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

    `services`, `providers`, `practitioners` are any of these. `apart` leaves out starts that
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
        "radius": float(wish.radius_km),
        **box_of(wish),
    }


# What does not depend on the place is computed once, not by the server for every row.
DISTANCE = (
    f"{EARTH_KM} * 2 * asin(least(1, sqrt(sin(radians(l.latitude - %(lat)s) / 2) ^ 2"
    " + %(shrink)s * cos(radians(l.latitude)) * sin(radians(l.longitude - %(lon)s) / 2) ^ 2)))"
)
# Cheap before exact: a degree of latitude is 111 km everywhere, one of longitude shrinks.
BOX = (
    "l.latitude BETWEEN %(south)s AND %(north)s"
    " AND least(abs(l.longitude - %(lon)s), 360 - abs(l.longitude - %(lon)s)) <= %(span)s"
)


def box_of(wish: SlotSearch) -> dict[str, Any]:
    """What the radius can reach at most: a box of degrees; all None where no place is wished."""
    if wish.near is None:
        return dict.fromkeys(("lat", "lon", "shrink", "south", "north", "span"))
    lat, lon = (float(degrees) for degrees in wish.near)
    high = wish.radius_km / 110.5
    return {
        "lat": lat,
        "lon": lon,
        "shrink": cos(radians(lat)),
        "south": lat - high,
        "north": lat + high,
        "span": high / max(0.01, cos(radians(abs(lat) + high))),
    }


def distance_of(wish: SlotSearch) -> str:
    """SQL: kilometres from the wished place, or null."""
    return DISTANCE if wish.near else "NULL::float8"


def near_of(wish: SlotSearch) -> str:
    """SQL: the place lies within the radius, where one is wished."""
    return f"{BOX} AND {DISTANCE} <= %(radius)s" if wish.near and wish.radius_km else "true"


def joins_of(wish: SlotSearch) -> str:
    """SQL: tables that only some wishes need."""
    joins = []
    if wish.practitioner or wish.language or wish.gender:
        joins.append(
            "JOIN organizations_practitionerrole pr ON pr.id = c.role_id"
            " JOIN organizations_practitioner p ON p.id = pr.practitioner_id"
        )
    if wish.provider:
        joins.append("JOIN organizations_organization org ON org.id = o.provider_id")
    return " ".join(joins)


def wanted_of(wish: SlotSearch) -> str:
    """SQL: the conditions of the wish."""
    simple = {
        "s.public_id = %(service)s": wish.service,
        "s.public_id = ANY(%(services)s)": wish.services,
        "o.public_id = %(offering)s": wish.offering,
        "p.public_id = %(practitioner)s": wish.practitioner,
        "%(language)s = ANY(p.languages)": wish.language,
        "p.gender = %(gender)s": wish.gender,
        "ch.public_id = %(channel)s": wish.channel,
        "lower(s.specialty) = lower(%(specialty)s)": wish.specialty,
        near_of(wish): wish.near and wish.radius_km,
    }
    parts = ["true", *(sql for sql, given in simple.items() if given)]
    if isinstance(wish.location, UUID):
        parts.append("l.public_id = %(location)s::uuid")
    elif wish.location:
        parts.append("l.slug = %(location)s")
    if isinstance(wish.provider, UUID):
        parts.append("org.public_id = %(provider)s::uuid")
    elif wish.provider:
        parts.append("org.slug = %(provider)s")
    return " AND ".join(parts)


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
