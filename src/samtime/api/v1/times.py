"""Calls that find and hold times."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import AwareDatetime, Field

from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.api.v1.shapes import Body, instant, money
from samtime.bookings.commands.holds import extend_hold, hold_slot, release_hold
from samtime.bookings.models import Hold
from samtime.bookings.queries.shown import Slot
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.foundation.errors import FieldError, Invalid

EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)


class SlotQuery(Schema):
    """Filters of GET /slots; `from` is a date in each place's zone."""

    service: UUID | None = None
    offering: UUID | None = None
    location: str | None = Field(None, max_length=64)
    practitioner: UUID | None = None
    provider: str | None = Field(None, max_length=64)
    specialty: str = Field("", max_length=100)
    from_: date | None = Field(None, alias="from")
    days: int = Field(14, ge=1, le=400)
    limit: int = Field(20, ge=1, le=200)
    near: str = Field("", max_length=60)
    radius_km: float = Field(0, ge=0, le=20000)
    channel: UUID | None = None


@api.get("/slots")
def slots(request: HttpRequest, q: Query[SlotQuery]) -> HttpResponse:
    """Free starts the key may book, earliest first."""
    actor = actor_of(request, "slots.read")
    start = judged_day(q.from_ or timezone.localdate(), "from")
    wish = SlotSearch(
        start=start,
        days=q.days,
        limit=q.limit,
        service=q.service,
        offering=q.offering,
        location=_place(q.location),
        practitioner=q.practitioner,
        provider=_place(q.provider),
        specialty=q.specialty,
        channel=q.channel,
        near=_near(q.near),
        radius_km=q.radius_km,
    )
    page = find_slots(actor, wish, now=timezone.now())
    return answer(
        200, {"items": [_slot(s) for s in page.items], "searched_days": page.searched_days}
    )


def judged_day(day: date, field: str) -> date:
    """A day the product can reckon with."""
    if not EARLIEST <= day <= LATEST:
        raise Invalid(FieldError(field, "date", _("This day is out of reach.")))
    return day


def _place(text: str | None) -> UUID | str | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return text


def _near(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid(FieldError("near", "near", _("Write latitude,longitude."))) from None
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        raise Invalid(FieldError("near", "near", _("Write latitude,longitude.")))
    return lat, lon


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "offering": str(slot.offering),
        "provider": str(slot.provider),
        "location": str(slot.location),
        "practitioner": str(slot.practitioner),
        "service": str(slot.service),
        "start": instant(slot.start, slot.zone),
        "end": instant(slot.end, slot.zone),
        "price": money(slot.price, slot.currency),
        "payment_place": slot.payment_place,
        "distance_km": None if slot.distance_km is None else round(slot.distance_km, 2),
        "names": {
            "provider": slot.provider_name,
            "location": slot.location_name,
            "practitioner": slot.practitioner_name,
            "service": slot.service_name,
        },
    }


class HoldIn(Body):
    """What to hold."""

    offering: UUID
    start: AwareDatetime
    channel: UUID | None = None


@api.post("/holds", response={201: dict})
def holds(request: HttpRequest, body: HoldIn) -> HttpResponse:
    """Keep a free time five minutes."""
    actor = actor_of(request, "bookings.write")

    def run() -> tuple[int, Any]:
        hold = hold_slot(
            actor=actor,
            offering=body.offering,
            start=body.start,
            now=timezone.now(),
            channel=body.channel,
        )
        return 201, _hold(hold)

    return repeatable(request, actor, run, required=True)


@api.post("/holds/{hold_id}/extend")
def hold_extend(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Five more minutes, once."""
    actor = actor_of(request, "bookings.write")
    now = timezone.now()
    return repeatable(
        request, actor, lambda: (200, _hold(extend_hold(actor=actor, hold=hold_id, now=now)))
    )


@api.delete("/holds/{hold_id}", response={204: None})
def hold_release(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """Let the time go."""
    actor = actor_of(request, "bookings.write")
    release_hold(actor=actor, hold=hold_id, now=timezone.now())
    return answer(204, None)


def _hold(hold: Hold) -> dict[str, Any]:
    zone = hold.offering.calendar.location.time_zone
    return {
        "id": str(hold.public_id),
        "offering": str(hold.offering.public_id),
        "start": instant(hold.starts_at, zone),
        "end": instant(hold.ends_at, zone),
        "expires_at": instant(hold.expires_at, zone),
        "price": money(hold.price_amount, hold.currency),
    }
