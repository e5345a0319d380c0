"""What a partner may book and what it asked for beside that (SCREENS.md 6.5)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.channels.queries.catalogue import closed_cells
from samtime.organizations.queries import home_day
from samtime.partners.models import Partnership, WiderAccessRequest


@dataclass(frozen=True, slots=True)
class ClosedPair:
    """A service that a place of the agreement gives, and the partner may not book."""

    location: UUID
    service: UUID
    location_name: str
    service_name: str
    ids: list[int]


def closed_pairs(actor: Actor, partnership: Partnership) -> list[ClosedPair]:
    """What the partner can ask for, by place and name. Refuses: RightMissing."""
    actor.require(Right.SEE_PARTNERS)
    return [
        ClosedPair(
            place.public_id,
            service.public_id,
            place.name,
            service.name_in(actor.language),
            [place.id, service.id],
        )
        for place, service in closed_cells(partnership.channel, today=_today(partnership))
    ]


def _today(found: Partnership) -> date:
    """The clinic's own day: from its midnight on counts what is ticked."""
    return home_day(system_actor(found.provider_id), timezone.now())


def still_closed(asked: WiderAccessRequest) -> int:
    """How many of the services asked for are not open yet."""
    today = _today(asked.partnership)
    closed = {(p.id, s.id) for p, s in closed_cells(asked.partnership.channel, today=today)}
    return sum((place, service) in closed for place, service in asked.wanted)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and what came of it."""

    request: WiderAccessRequest
    wanted: int
    opened: int

    @property
    def state(self) -> str:
        """open, partly or done; a request of words alone stays open until it is old."""
        if not self.wanted:
            return "open"
        return "done" if self.opened == self.wanted else "partly" if self.opened else "open"


def requests_of(actor: Actor, *, most: int = 10) -> list[Asked]:
    """What the actor's organization asked for, newest first. Refuses: RightMissing."""
    actor.require(Right.SEE_PARTNERS)
    rows = WiderAccessRequest.objects.visible_to(actor).filter(partner_id=actor.organization_id)
    found = rows.select_related("partnership__channel", "partnership__provider")
    return [
        Asked(asked, len(asked.wanted), len(asked.wanted) - still_closed(asked))
        for asked in found.order_by("-id")[:most]
    ]
