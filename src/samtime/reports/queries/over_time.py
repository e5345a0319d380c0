"""Bookings by source over time, for charts; and what the filters of statistics offer."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from samtime.accounts.actor import Actor
from samtime.catalog.models import Service
from samtime.channels.models import Channel
from samtime.organizations.models import Location
from samtime.organizations.queries import locations, practitioners
from samtime.reports.queries.statistics import StatisticsWish, sent_bookings
from samtime.reports.rules import step_of, steps_between

MOST_SOURCES = 5


@dataclass(frozen=True, slots=True)
class SourceSeries:
    """How many bookings of a source in each step; `kind` own_desk, partner, assistance, insurer
    or rest."""

    name: str
    kind: str
    counts: list[int]


def sources_over_time(
    actor: Actor, wish: StatisticsWish
) -> tuple[str, list[date], list[SourceSeries]]:
    """All steps (days, weeks or months by the length of the period) with the five largest sources;
    the others are summed as «rest». One query."""
    step = step_of(wish.start, wish.end)
    trunc = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}[step]
    name = "provider__name" if wish.as_booker else "channel__name"
    rows = (
        sent_bookings(actor, wish)
        .order_by()
        .annotate(step=trunc("starts_at", tzinfo=ZoneInfo(wish.zone)))
        .values_list("step", name, "source")
        .annotate(count=Count("id"))
    )
    found: dict[tuple[str, str], dict[date, int]] = {}
    for at, source, kind, count in rows:
        found.setdefault((source, kind), {})[at.date()] = count
    steps = steps_between(wish.start, wish.end, step)
    ranked = sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    series = [
        SourceSeries(source, kind, [counts.get(day, 0) for day in steps])
        for (source, kind), counts in ranked[:MOST_SOURCES]
    ]
    if rest := [counts for _key, counts in ranked[MOST_SOURCES:]]:
        summed = [sum(counts.get(day, 0) for counts in rest) for day in steps]
        series.append(SourceSeries("", "rest", summed))
    return step, steps, series


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: (public id, name)."""

    locations: list[tuple[str, str]]
    services: list[tuple[str, str]]
    practitioners: list[tuple[str, str]]
    channels: list[tuple[str, str]]


def filter_choices(actor: Actor) -> Choices:
    """The institution's own places, services, people and channels. Four queries."""
    services = Service.objects.filter(provider_id=actor.organization_id).order_by("name", "id")
    channels = Channel.objects.visible_to(actor).filter(provider_id=actor.organization_id)
    channels = channels.exclude(state="preparing").order_by("name", "id")
    return Choices(
        [(str(p.public_id), p.name) for p in locations(actor)],
        [(str(s.public_id), s.name) for s in services],
        [(str(p.public_id), str(p)) for p in practitioners(actor)],
        [(str(c.public_id), c.name) for c in channels.exclude(kind="own_desk")],
    )


def institutions_of(actor: Actor) -> list[tuple[str, str]]:
    """Where the actor's organization books or booked: (public id, name)."""
    rows = Channel.objects.visible_to(actor).filter(outsider_id=actor.organization_id)
    found = rows.select_related("provider").order_by("provider__name")
    return list({str(c.provider.public_id): c.provider.name for c in found}.items())


def reading_zone(actor: Actor) -> str:
    """The zone whose days a report counts: of the own first place, else of the first institution
    where the organization books; UTC when there is neither."""
    own = Location.objects.filter(organization_id=actor.organization_id).order_by("id").first()
    if own is not None:
        return own.time_zone
    channels = Channel.objects.visible_to(actor).filter(outsider_id=actor.organization_id)
    places = Location.objects.filter(organization_id__in=channels.values("provider_id"))
    first = places.order_by("id").first()
    return first.time_zone if first else "UTC"
