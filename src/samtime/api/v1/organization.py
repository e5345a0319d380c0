"""Calls about oneself and one's own catalog, channels and inbox."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from samtime.accounts.rights import Right
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.places import place_shape, practitioner_shape
from samtime.api.v1.repeatable import actor_of, needs
from samtime.api.v1.shapes import instant, listed, listed_rows, money
from samtime.api.v1.times import judged_day
from samtime.bookings.queries.agenda import offerings_of, own_calendars
from samtime.calendars.models import Calendar, Offering
from samtime.calendars.queries import own_prices_on
from samtime.catalog.models import Service
from samtime.catalog.queries import prices_on, services
from samtime.channels.models import Channel
from samtime.channels.queries import outside_channels, own_channels
from samtime.foundation.errors import NotFound
from samtime.inbox.queries import open_items, title_of
from samtime.organizations.queries import (
    current_terms,
    home_day,
    home_zone,
    locations,
    organization_of,
    practitioners,
    user_of,
)
from samtime.organizations.queries.people import public_ids_of
from samtime.reports.queries import StatisticsWish, booking_statistics


@api.get("/me")
def me(request: HttpRequest) -> HttpResponse:
    """Who the key is, for which organization, with which rights."""
    actor = actor_of(request, "slots.read")
    organization, user = organization_of(actor), user_of(actor)
    return answer(
        200,
        {
            "user": {"id": str(user.public_id), "email": user.email, "name": user.name},
            "organization": {
                "id": str(organization.public_id),
                "slug": organization.slug,
                "name": organization.name,
                "tax_number": organization.tax_number,
                "registration_number": organization.registration_number,
                "country": organization.country,
                "currency": organization.currency,
                "capabilities": organization.capabilities,
            },
            "rights": sorted(actor.rights),
            "locations": [place_shape(place) for place in locations(actor)],
        },
    )


class PageQuery(Schema):
    """Which page of a list."""

    limit: int = Field(100, ge=1, le=200)
    cursor: str = Field("", max_length=200)


@api.get("/locations")
def location_list(request: HttpRequest, q: Query[PageQuery]) -> HttpResponse:
    """Own places."""
    actor = actor_of(request, "catalog.read")
    needs(actor, Right.SEE_ORGANIZATION)
    return listed(request, locations(actor), place_shape, limit=q.limit, cursor=q.cursor)


@api.get("/practitioners")
def practitioner_list(request: HttpRequest, q: Query[PageQuery]) -> HttpResponse:
    """Own practitioners."""
    actor = actor_of(request, "catalog.read")
    needs(actor, Right.SEE_CATALOG)

    return listed(request, practitioners(actor), practitioner_shape, limit=q.limit, cursor=q.cursor)


@api.get("/services")
def service_list(request: HttpRequest, q: Query[PageQuery]) -> HttpResponse:
    """Own services, and those given where one may book."""
    actor = actor_of(request, "catalog.read")
    needs(actor, Right.SEE_CATALOG)
    found: dict[int, Service] = {s.id: s for s in services(actor)}
    found |= {o.service_id: o.service for o in offerings_of(actor)}
    prices = prices_on(actor, home_day(actor, timezone.now()))  # of own services alone

    def shape(s: Service) -> dict[str, Any]:
        price = prices.get(s.id)
        return {
            "id": str(s.public_id),
            "name": s.name,
            "code": s.code,
            "specialty": s.specialty,
            "duration_minutes": s.duration_minutes,
            "buffer_before_minutes": s.buffer_before_minutes,
            "buffer_after_minutes": s.buffer_after_minutes,
            "preparation": s.preparation,
            "price": money(price.amount, price.currency) if price else None,
        }

    return listed_rows(request, found.values(), shape, limit=q.limit, cursor=q.cursor)


@api.get("/offerings")
def offering_list(request: HttpRequest, q: Query[PageQuery]) -> HttpResponse:
    """Services by calendar."""
    actor = actor_of(request, "catalog.read")
    needs(actor, Right.SEE_CATALOG)
    found = list(offerings_of(actor))
    own = [o for o in found if o.service.provider_id == actor.organization_id]
    prices = own_prices_on(own, home_day(actor, timezone.now()))

    def shape(o: Offering) -> dict[str, Any]:
        price = prices.get(o.id)
        return {
            "id": str(o.public_id),
            "service": str(o.service.public_id),
            "calendar": str(o.calendar.public_id),
            "location": str(o.calendar.location.public_id),
            "practitioner": str(o.calendar.role.practitioner.public_id),
            "duration_minutes": o.duration_minutes or o.service.duration_minutes,
            "price": money(price.amount, price.currency) if price else None,
        }

    return listed_rows(request, found, shape, limit=q.limit, cursor=q.cursor)


@api.get("/calendars")
def calendar_list(request: HttpRequest, q: Query[PageQuery]) -> HttpResponse:
    """Own calendars."""
    actor = actor_of(request, "catalog.read")

    def shape(c: Calendar) -> dict[str, Any]:
        return {
            "id": str(c.public_id),
            "location": str(c.location.public_id),
            "practitioner": str(c.role.practitioner.public_id),
            "step_minutes": c.step_minutes,
        }

    return listed(request, own_calendars(actor), shape, limit=q.limit, cursor=q.cursor)


@api.get("/channels")
def channel_list(request: HttpRequest, q: Query[PageQuery]) -> HttpResponse:
    """Channels of the organization, on either side; the id is the same for both."""
    actor = actor_of(request, "channels.read")
    needs(actor, Right.SEE_CHANNELS, Right.BOOK_AT_PARTNER, Right.SEE_PARTNERS)

    def shape(c: Channel) -> dict[str, Any]:
        return {
            "id": str(c.public_id),
            "kind": c.kind,
            "name": c.name,
            "state": c.state,
            "provider": str(c.provider.public_id),
        }

    rows = {c.pk: c for c in (*own_channels(actor), *outside_channels(actor))}
    return listed_rows(request, rows.values(), shape, limit=q.limit, cursor=q.cursor)


@api.get("/inbox")
def inbox_list(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first."""
    actor = actor_of(request, "journal.read")
    needs(actor, Right.SEE_INBOX)
    now, found = timezone.now(), list(open_items(actor)[:200])
    owners = public_ids_of(actor, {i.owner_id for i in found if i.owner_id})
    items = [
        {
            "id": str(i.public_id),
            "kind": i.kind,
            "title": title_of(i),
            "age_hours": int((now - i.created_at).total_seconds() // 3600),
            "due_at": instant(i.due_at),
            "owner": str(owners[i.owner_id]) if i.owner_id in owners else None,
            "link": i.link,
        }
        for i in found
    ]
    return answer(200, {"items": items, "next": None})


@api.get("/terms/current")
def terms_current(request: HttpRequest, language: str = "en") -> HttpResponse:
    """The general terms in effect."""
    actor_of(request, "partnerships.read")
    document = current_terms(language[:5])
    if document is None:
        raise NotFound()
    return answer(
        200,
        {
            "version": document.version,
            "language": document.language,
            "title": document.title,
            "text": document.text,
            "hash": document.sha256,
            "effective_from": document.effective_from.isoformat(),
        },
    )


class StatisticsQuery(Schema):
    """Filters of GET /statistics/bookings."""

    from_: date = Field(alias="from")
    to: date
    group_by: str = Field("source", max_length=60)


@api.get("/statistics/bookings")
def statistics(request: HttpRequest, q: Query[StatisticsQuery]) -> HttpResponse:
    """Counts, value and commission by group; both sides see the same figures."""
    actor = actor_of(request, "statistics.read")
    wish = StatisticsWish(
        start=judged_day(q.from_, "from"), end=judged_day(q.to, "to"), zone=home_zone(actor)
    )
    lines = booking_statistics(actor, wish, group_by=q.group_by, now=timezone.now())
    items = [
        {
            "key": x.key,
            "label": x.label,
            "bookings": x.bookings,
            "attended": x.attended,
            "no_show": x.no_show,
            "cancelled": x.cancelled,
            "value": money(x.value, x.currency),
            "commission": money(x.commission, x.currency),
            "expected_commission": money(x.expected, x.currency),
        }
        for x in lines
    ]
    return answer(200, {"items": items})
