"""Calls that change the own catalog: services with prices, practitioners, calendars, offerings."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, needs, repeatable
from samtime.api.v1.shapes import Body, MoneyIn, money
from samtime.calendars import queries as calendars
from samtime.calendars.commands.calendars import (
    add_calendar,
    add_offering,
    change_offering,
    end_calendar,
    end_offering,
    set_offering_price,
)
from samtime.calendars.models import Offering
from samtime.catalog import queries
from samtime.catalog.commands.services import (
    add_service,
    change_service,
    end_service,
    set_service_price,
)
from samtime.catalog.models import Service
from samtime.catalog.rules import PriceGiven, ServiceGiven
from samtime.foundation.periods import local_day
from samtime.organizations.commands.practitioners import (
    PractitionerGiven,
    add_practitioner,
    add_practitioner_role,
)
from samtime.organizations.queries import home_day

READ, WRITE = "catalog.read", "catalog.write"
Texts = dict[str, str] | str


class ServiceIn(Body):
    """A service; PATCH takes any of the fields. `from` dates the price."""

    code: str | None = Field(None, max_length=1000)
    name: str | None = Field(None, max_length=1000)
    names: dict[str, str] | None = None
    specialty: str | None = Field(None, max_length=1000)
    duration_minutes: int | None = Field(None, ge=0, le=10_000)
    buffer_before_minutes: int | None = Field(None, ge=0, le=10_000)
    buffer_after_minutes: int | None = Field(None, ge=0, le=10_000)
    preparation: Texts | None = None
    lead_minutes: int | None = Field(None, ge=0, le=100_000)
    horizon_days: int | None = Field(None, ge=0, le=10_000)
    cancel_limit_minutes: int | None = Field(None, ge=0, le=100_000)
    external_codes: list[str] | None = Field(None, max_length=20)
    price: MoneyIn | None = None
    from_on: date | None = Field(None, alias="from")

    def given(self, start: ServiceGiven, language: str) -> ServiceGiven:
        """What is said, over what there is."""
        said = self.dict(exclude_none=True, exclude={"price", "from_on"})
        if isinstance(self.preparation, str):
            said["preparation"] = {**start.preparation, language: self.preparation}
        if self.external_codes is not None:
            said["external_codes"] = tuple(self.external_codes)
        return replace(start, **said)


@api.post("/services", response={201: dict})
def service_add(request: HttpRequest, body: ServiceIn) -> HttpResponse:
    """A new service, with its price if one is given."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        blank = ServiceGiven(code="", name="", duration_minutes=0)
        made = add_service(actor=actor, given=body.given(blank, actor.language))
        return 201, _priced(actor, made, body)

    return repeatable(request, actor, run)


@api.get("/services/{service_id}")
def service_one(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """One own service with today's base price."""
    actor = actor_of(request, READ)
    needs(actor, Right.SEE_CATALOG)
    return answer(200, _service(actor, queries.service(actor, service_id)))


@api.patch("/services/{service_id}")
def service_change(request: HttpRequest, service_id: UUID, body: ServiceIn) -> HttpResponse:
    """Change what is named; price, duration and buffers count for appointments from `from` on."""
    actor = actor_of(request, WRITE)
    found = queries.service(actor, service_id)
    given = body.given(queries.given_of(found), actor.language)
    if given != queries.given_of(found):
        found = change_service(
            actor=actor, service_id=service_id, given=given, from_on=body.from_on
        )
    return answer(200, _priced(actor, found, body))


@api.delete("/services/{service_id}", response={204: None})
def service_end(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Nobody can book it any more; history stays."""
    actor = actor_of(request, WRITE)
    end_service(actor=actor, service_id=service_id, today=home_day(actor, timezone.now()))
    return answer(204, None)


def _priced(actor: Actor, service: Service, body: ServiceIn) -> dict[str, Any]:
    if body.price is not None:
        today = home_day(actor, timezone.now())
        from_on = body.from_on or today
        amount = body.price.money("price")
        before = queries.price_on(service, from_on)
        price = PriceGiven(
            amount=amount.minor,
            currency=amount.currency,
            vat_rate=before.vat_rate if before else 0,
            vat_category=before.vat_category if before else "E",
        )
        set_service_price(
            actor=actor, service_id=service.public_id, price=price, from_on=from_on, today=today
        )
    return _service(actor, service)


def _service(actor: Actor, service: Service) -> dict[str, Any]:
    price = queries.price_on(service, home_day(actor, timezone.now()))
    return {
        "id": str(service.public_id),
        "code": service.code,
        "name": service.name,
        "names": service.names,
        "specialty": service.specialty,
        "duration_minutes": service.duration_minutes,
        "buffer_before_minutes": service.buffer_before_minutes,
        "buffer_after_minutes": service.buffer_after_minutes,
        "preparation": service.preparation,
        "lead_minutes": service.lead_minutes,
        "horizon_days": service.horizon_days,
        "cancel_limit_minutes": service.cancel_limit_minutes,
        "external_codes": service.external_codes,
        "price": money(price.amount, price.currency) if price else None,
        "ended_on": service.ended_on.isoformat() if service.ended_on else None,
    }


class PractitionerIn(Body):
    """Somebody who treats."""

    given_name: str = Field(max_length=1000)
    family_name: str = Field(max_length=1000)
    title: str = Field("", max_length=1000)
    profession: str = Field("", max_length=1000)
    licence_number: str = Field("", max_length=1000)
    languages: list[str] = Field([], max_length=30)


@api.post("/practitioners", response={201: dict})
def practitioner_add(request: HttpRequest, body: PractitionerIn) -> HttpResponse:
    """A new practitioner."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        said = {**body.dict(), "languages": tuple(body.languages)}
        made = add_practitioner(actor=actor, given=PractitionerGiven(**said))
        return 201, {"id": str(made.public_id), **body.dict()}

    return repeatable(request, actor, run)


class RoleIn(Body):
    """A practitioner at a location; another organization may invoice."""

    practitioner: UUID
    location: UUID
    billing_organization: UUID | None = None


@api.post("/practitioner-roles", response={201: dict})
def role_add(request: HttpRequest, body: RoleIn) -> HttpResponse:
    """The practitioner works there; an existing role is given back."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        role = add_practitioner_role(
            actor=actor,
            practitioner_id=body.practitioner,
            location_id=body.location,
            billing_organization_id=body.billing_organization,
        )
        shape = {
            "id": str(role.public_id),
            "practitioner": str(body.practitioner),
            "location": str(body.location),
            "billing_organization": str(role.billing_organization.public_id),
        }
        return 201, shape

    return repeatable(request, actor, run)


class CalendarIn(Body):
    """A role's bookable time; starts lie on a grid of `step_minutes`."""

    practitioner_role: UUID
    step_minutes: int = Field(15, ge=1, le=60)


@api.post("/calendars", response={201: dict})
def calendar_add(request: HttpRequest, body: CalendarIn) -> HttpResponse:
    """A calendar, closed until it has hours."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        made = add_calendar(
            actor=actor,
            role_id=body.practitioner_role,
            now=timezone.now(),
            step_minutes=body.step_minutes,
        )
        shape = {
            "id": str(made.public_id),
            "practitioner_role": str(body.practitioner_role),
            "location": str(made.location.public_id),
            "step_minutes": made.step_minutes,
        }
        return 201, shape

    return repeatable(request, actor, run)


@api.delete("/calendars/{calendar_id}", response={204: None})
def calendar_end(request: HttpRequest, calendar_id: UUID) -> HttpResponse:
    """Closed from tomorrow on; bookings stay."""
    actor = actor_of(request, WRITE)
    end_calendar(actor=actor, calendar_id=calendar_id, now=timezone.now())
    return answer(204, None)


class OfferingIn(Body):
    """A service in a calendar, with its own duration or price where they differ."""

    service: UUID
    calendar: UUID
    duration_minutes: int | None = Field(None, ge=0, le=10_000)
    price: MoneyIn | None = None
    from_on: date | None = Field(None, alias="from")


class OfferingPatch(Body):
    """Another duration or price (from a day on); null follows the service."""

    duration_minutes: int | None = Field(None, ge=0, le=10_000)
    price: MoneyIn | None = None
    from_on: date | None = Field(None, alias="from")


@api.post("/offerings", response={201: dict})
def offering_add(request: HttpRequest, body: OfferingIn) -> HttpResponse:
    """The service is given in this calendar."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        made = add_offering(
            actor=actor,
            calendar_id=body.calendar,
            service_id=body.service,
            duration_minutes=body.duration_minutes,
        )
        if body.price is not None:
            _price_offering(actor, made.public_id, body.price, body.from_on)
        return 201, _offering(calendars.offering(actor, made.public_id))

    return repeatable(request, actor, run)


@api.patch("/offerings/{offering_id}")
def offering_change(request: HttpRequest, offering_id: UUID, body: OfferingPatch) -> HttpResponse:
    """Change what is named; null follows the service again."""
    actor = actor_of(request, WRITE)
    if "duration_minutes" in body.model_fields_set:
        change_offering(
            actor=actor,
            offering_id=offering_id,
            duration_minutes=body.duration_minutes,
            from_on=body.from_on,
        )
    if "price" in body.model_fields_set:
        _price_offering(actor, offering_id, body.price, body.from_on)
    return answer(200, _offering(calendars.offering(actor, offering_id)))


@api.delete("/offerings/{offering_id}", response={204: None})
def offering_end(request: HttpRequest, offering_id: UUID) -> HttpResponse:
    """Nobody can book it any more."""
    actor = actor_of(request, WRITE)
    needs(actor, Right.EDIT_CATALOG)
    found = calendars.offering(actor, offering_id)
    end_offering(actor=actor, offering_id=offering_id, today=_today_at(found))
    return answer(204, None)


def _today_at(offering: Offering) -> date:
    return local_day(timezone.now(), offering.calendar.location.time_zone)


def _price_offering(
    actor: Actor, offering_id: UUID, price: MoneyIn | None, from_on: date | None
) -> None:
    needs(actor, Right.EDIT_PRICES)
    today = _today_at(calendars.offering(actor, offering_id))
    set_offering_price(
        actor=actor,
        offering_id=offering_id,
        price=price.money("price") if price else None,
        from_on=from_on or today,
        today=today,
    )


def _offering(offering: Offering) -> dict[str, Any]:
    own = calendars.offering_price_on(offering, _today_at(offering))
    return {
        "id": str(offering.public_id),
        "service": str(offering.service.public_id),
        "calendar": str(offering.calendar.public_id),
        "location": str(offering.calendar.location.public_id),
        "practitioner": str(offering.calendar.role.practitioner.public_id),
        "duration_minutes": offering.duration_minutes or offering.service.duration_minutes,
        "price": money(own.amount, own.currency) if own else None,
        "ended_on": offering.ended_on.isoformat() if offering.ended_on else None,
    }
