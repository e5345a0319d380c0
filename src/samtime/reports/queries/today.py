"""The day so far, for the landing page: practitioners, sources, what partners did."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Concat

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.channels.queries.names import channel_name
from samtime.foundation.periods import day_bounds


@dataclass(frozen=True, slots=True)
class DaySoFar:
    """A practitioner's day in numbers, for the landing page."""

    practitioner: str
    location: str
    booked: int
    arrived: int
    cancelled: int


def today_in_numbers(actor: Actor, *, on: date, zone: str) -> list[DaySoFar]:
    """Bookings of a local day per practitioner and location. One query."""
    actor.require_any(Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
    first, last = day_bounds(on, zone)
    rows = Booking.objects.visible_to(actor).filter(
        provider_id=actor.organization_id, starts_at__gte=first, starts_at__lt=last
    )
    if not actor.may(Right.SEE_CALENDAR):
        rows = rows.filter(practitioner_id=actor.practitioner_id or 0)
    if actor.location_ids is not None:
        rows = rows.filter(location_id__in=actor.location_ids)
    name = Concat("practitioner__given_name", Value(" "), "practitioner__family_name")
    found = (
        rows.annotate(who=name)
        .values("who", "location__name")
        .annotate(
            booked=Count("id", filter=~Q(state="cancelled")),
            arrived=Count("id", filter=Q(state__in=["arrived", "fulfilled"])),
            cancelled=Count("id", filter=Q(state="cancelled")),
        )
        .order_by("who", "location__name")
    )
    return [
        DaySoFar(r["who"], r["location__name"], r["booked"], r["arrived"], r["cancelled"])
        for r in found
    ]


@dataclass(frozen=True, slots=True)
class SourceShare:
    """How many bookings of a day came from one source."""

    source: str
    name: str
    bookings: int


def sources_of_day(actor: Actor, *, on: date, zone: str) -> list[SourceShare]:
    """Bookings of a local day by source, not counting cancelled ones. One query."""
    actor.require(Right.SEE_CALENDAR)
    first, last = day_bounds(on, zone)
    found = (
        Booking.objects.visible_to(actor)
        .filter(provider_id=actor.organization_id, starts_at__gte=first, starts_at__lt=last)
        .exclude(state="cancelled")
        .values("source", "channel__name")
        .annotate(bookings=Count("id"))
        .order_by("-bookings", "channel__name")
    )
    return [
        SourceShare(r["source"], channel_name(r["source"], r["channel__name"]), r["bookings"])
        for r in found
    ]


def since_yesterday(actor: Actor, *, now: datetime) -> "QuerySet[Booking]":
    """Bookings that partners made or cancelled in the last day, newest first, at most ten."""
    actor.require(Right.SEE_CALENDAR)
    since = now - timedelta(days=1)
    return (
        Booking.objects.visible_to(actor)
        .filter(provider_id=actor.organization_id)
        .filter(Q(created_at__gte=since) | Q(cancelled_at__gte=since))
        .exclude(source="own_desk")
        .select_related("channel", "service", "location", "practitioner")
        .order_by("-id")[:10]
    )
