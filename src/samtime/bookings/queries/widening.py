"""Nothing is free: which part of the wish cuts most, and what is there without it."""

from dataclasses import dataclass, replace
from datetime import datetime

from samtime.accounts.actor import Actor
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch

COUNTED = 50
LONGER = 60
EMPTY: dict[str, dict[str, object]] = {
    "near": {"near": None, "radius_km": 0.0},
    "part": {"part": ""},
    "language": {"language": ""},
    "gender": {"gender": ""},
    "practitioner": {"practitioner": None},
    "location": {"location": None},
    "provider": {"provider": None},
}


@dataclass(frozen=True, slots=True)
class Widening:
    """A filter to leave out (or `days` for a longer look), and how many starts that gives."""

    name: str
    found: int
    more: bool = False


def widenings(actor: Actor, wish: SlotSearch, *, now: datetime) -> list[Widening]:
    """What helps, the most helpful first; filters that help nothing are left out.

    One search for each filter in use, and one over sixty days; asked only when nothing was found.
    """
    found = []
    tries = [(name, replace(wish, **change)) for name, change in EMPTY.items() if _set(wish, name)]  # type: ignore[arg-type]
    tries.append(("days", replace(wish, days=LONGER)))
    for name, wider in tries:
        page = find_slots(actor, replace(wider, limit=1, count_to=COUNTED), now=now)
        if page.items:
            found.append(Widening(name, min(page.total, COUNTED), page.total >= COUNTED))
    return sorted(found, key=lambda w: (w.name == "days", -w.found))


def _set(wish: SlotSearch, name: str) -> bool:
    return bool(wish.radius_km) if name == "near" else bool(getattr(wish, name))
