"""Times somebody keeps for five minutes: his own, in short, and one of them with all it shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from samtime.accounts.actor import Actor
from samtime.bookings.models import Hold
from samtime.foundation.prepared import fetch


@dataclass(frozen=True, slots=True)
class HeldTime:
    """A time this person holds, as a list names it; an instant and the zone it is told in."""

    public_id: UUID
    starts_at: datetime
    zone: str
    service: str
    location: str
    offering: UUID


MINE = """
SELECT h.public_id, h.starts_at, l.time_zone,
  coalesce(nullif(s.names ->> %(language)s, ''), s.name), l.name,
  o.public_id
FROM bookings_hold h
  JOIN calendars_offering o ON o.id = h.offering_id
  JOIN catalog_service s ON s.id = o.service_id
  JOIN calendars_calendar c ON c.id = o.calendar_id
  JOIN organizations_location l ON l.id = c.location_id
WHERE h.user_id = %(user)s AND h.expires_at > %(now)s AND %(me)s IN (h.provider_id, h.holder_id)
ORDER BY h.expires_at
"""


def my_holds(actor: Actor, *, now: datetime) -> list[HeldTime]:
    """Times this person holds, the oldest first. One query."""
    return [HeldTime(*row) for row in fetch(MINE, mine_values(actor, now))]


def mine_values(actor: Actor, now: datetime) -> dict[str, Any]:
    """What the statement `MINE` is asked with."""
    return {
        "user": actor.user_id,
        "now": now,
        "me": actor.organization_id,
        "language": actor.language,
    }


def mine_already(
    actor: Actor, offering: UUID | None, start: datetime | None, *, now: datetime
) -> UUID | None:
    """The hold of this very time by this very person: he pressed twice, or asked again after an
    answer got lost. One query."""
    for held in my_holds(actor, now=now):
        if (held.offering, held.starts_at) == (offering, start):
            return held.public_id
    return None


def one_hold(actor: Actor, public_id: UUID, *, now: datetime) -> Hold | None:
    """A live hold of the actor's organization, with what its panel shows. One query."""
    rows = Hold.objects.visible_to(actor).filter(
        holder_id=actor.organization_id, public_id=public_id, expires_at__gt=now
    )
    found: Hold | None = rows.select_related(
        "channel",
        "provider",
        "offering__service",
        "offering__calendar__location",
        "offering__calendar__role__practitioner",
    ).first()
    return found
