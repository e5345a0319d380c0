"""An outsider's own bookings at all institutions: the list, and what may narrow it (D16)."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings
from samtime.patients.rules import words_of

# What a partner calls an outcome, by the states behind it.
OUTCOMES = {
    "to_come": ("pending", "booked"),
    "came": ("arrived", "fulfilled"),
    "noshow": ("noshow",),
    "cancelled": ("cancelled",),
}


@dataclass(frozen=True, slots=True)
class OwnFilter:
    """Instants in UTC, public ids; empty = all. A reference leaves all others out."""

    start: datetime | None = None
    end: datetime | None = None
    agent: UUID | None = None
    institution: UUID | None = None
    outcome: str = ""
    reference: str = ""


@dataclass(slots=True)
class OwnFacets:
    """Who booked, and where, as (public id, name) in the order of names."""

    agents: list[tuple[str, str]] = field(default_factory=list)
    institutions: list[tuple[str, str]] = field(default_factory=list)


def own_bookings(actor: Actor, wish: OwnFilter) -> "QuerySet[Booking]":
    """Bookings the actor's organization made at others, in order of time.

    Refuses: RightMissing.
    """
    rows = _made_by(actor)
    if wish.reference:
        return rows.filter(reference=wish.reference).order_by("starts_at", "id")
    wanted = Q()
    if wish.start:
        wanted &= Q(starts_at__gte=wish.start)
    if wish.end:
        wanted &= Q(starts_at__lt=wish.end)
    if wish.agent:
        wanted &= Q(booker_user__public_id=wish.agent)
    if wish.institution:
        wanted &= Q(provider__public_id=wish.institution)
    if wish.outcome in OUTCOMES:
        wanted &= Q(state__in=OUTCOMES[wish.outcome])
    return rows.filter(wanted).order_by("starts_at", "id")


def _made_by(actor: Actor) -> "QuerySet[Booking]":
    rows = bookings(actor, BookingFilter()).filter(booker_id=actor.organization_id)
    return rows.exclude(provider_id=actor.organization_id)


def own_facets(actor: Actor) -> OwnFacets:
    """Everybody who ever booked for this organization, and every institution. Two queries."""
    rows = _made_by(actor).order_by()
    agents = rows.values_list("booker_user__public_id", "booker_user__name").distinct()
    places = rows.values_list("provider__public_id", "provider__name").distinct()
    return OwnFacets(_sorted(list(agents)), _sorted(list(places)))


def _sorted(pairs: list[tuple[UUID | None, str | None]]) -> list[tuple[str, str]]:
    found = [(str(ident), name or "") for ident, name in pairs if ident is not None]
    return sorted(found, key=lambda pair: words_of(pair[1]))
