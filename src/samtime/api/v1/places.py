"""Calls that change the own places, practitioners, where they work, and calendars' grids."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from samtime.accounts.rights import Right
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, needs, repeatable
from samtime.api.v1.shapes import Body, listed
from samtime.calendars.commands.calendars import change_calendar
from samtime.calendars.commands.leaving import remove_from_location, remove_practitioner
from samtime.foundation.periods import local_day
from samtime.organizations.commands.locations import (
    LocationGiven,
    add_location,
    change_location,
    end_location,
)
from samtime.organizations.commands.locations import given_of as place_given
from samtime.organizations.commands.practitioners import (
    PractitionerGiven,
    change_practitioner,
    change_practitioner_role,
)
from samtime.organizations.commands.practitioners import given_of as practitioner_given
from samtime.organizations.models import Location, Practitioner, PractitionerRole
from samtime.organizations.queries import location, practitioner, roles

READ, WRITE = "catalog.read", "catalog.write"
NETWORK = "network.write"


class AddressIn(Body):
    """Where it is."""

    street: str = Field("", max_length=1000)
    postal_code: str = Field("", max_length=100)
    city: str = Field("", max_length=1000)
    country: str = Field("", max_length=10)


class LocationIn(Body):
    """A place; PATCH takes any of the fields. `slug` is chosen once."""

    name: str | None = Field(None, max_length=1000)
    slug: str | None = Field(None, max_length=1000)
    address: AddressIn | None = None
    time_zone: str | None = Field(None, max_length=100)
    phone: str | None = Field(None, max_length=1000)
    latitude: float | None = None
    longitude: float | None = None

    def given(self, start: LocationGiven) -> LocationGiven:
        """What is said, over what there is."""
        said = self.dict(exclude_unset=True, exclude={"address"})
        lost = ("latitude", "longitude")
        said = {name: value for name, value in said.items() if value is not None or name in lost}
        if self.address is not None:
            said |= self.address.dict(exclude_unset=True)
        return replace(start, **said)


@api.post("/locations", response={201: dict})
def location_add(request: HttpRequest, body: LocationIn) -> HttpResponse:
    """A new place."""
    actor = actor_of(request, NETWORK)

    def run() -> tuple[int, Any]:
        made = add_location(actor=actor, given=body.given(LocationGiven("", "")))
        return 201, place_shape(made)

    return repeatable(request, actor, run)


@api.get("/locations/{location_id}")
def location_one(request: HttpRequest, location_id: UUID) -> HttpResponse:
    """One own place."""
    actor = actor_of(request, READ)
    needs(actor, Right.SEE_ORGANIZATION)
    return answer(200, place_shape(location(actor, location_id)))


@api.patch("/locations/{location_id}")
def location_change(request: HttpRequest, location_id: UUID, body: LocationIn) -> HttpResponse:
    """Change what is named."""
    actor = actor_of(request, NETWORK)
    start = place_given(location(actor, location_id))
    changed = change_location(actor=actor, location_id=location_id, given=body.given(start))
    return answer(200, place_shape(changed))


@api.delete("/locations/{location_id}", response={204: None})
def location_end(request: HttpRequest, location_id: UUID) -> HttpResponse:
    """It ends, once nobody works there; history stays."""
    actor = actor_of(request, NETWORK)
    needs(actor, Right.EDIT_ORGANIZATION)
    today = local_day(timezone.now(), location(actor, location_id).time_zone)
    end_location(actor=actor, location_id=location_id, today=today)
    return answer(204, None)


def place_shape(place: Location) -> dict[str, Any]:
    """A place as every call shows it."""
    return {
        "id": str(place.public_id),
        "slug": place.slug,
        "name": place.name,
        "time_zone": place.time_zone,
        "phone": place.phone,
        "address": {
            "street": place.street,
            "postal_code": place.postal_code,
            "city": place.city,
            "country": place.country,
        },
        "latitude": place.latitude,
        "longitude": place.longitude,
    }


class PractitionerPatch(Body):
    """Any of the fields."""

    given_name: str | None = Field(None, max_length=1000)
    family_name: str | None = Field(None, max_length=1000)
    title: str | None = Field(None, max_length=1000)
    profession: str | None = Field(None, max_length=1000)
    licence_number: str | None = Field(None, max_length=1000)
    languages: list[str] | None = Field(None, max_length=30)

    def given(self, start: PractitionerGiven) -> PractitionerGiven:
        """What is said, over what there is."""
        said = self.dict(exclude_none=True)
        if self.languages is not None:
            said["languages"] = tuple(self.languages)
        return replace(start, **said)


@api.get("/practitioners/{practitioner_id}")
def practitioner_one(request: HttpRequest, practitioner_id: UUID) -> HttpResponse:
    """One own practitioner."""
    actor = actor_of(request, READ)
    needs(actor, Right.SEE_CATALOG)
    return answer(200, practitioner_shape(practitioner(actor, practitioner_id)))


@api.patch("/practitioners/{practitioner_id}")
def practitioner_change(
    request: HttpRequest, practitioner_id: UUID, body: PractitionerPatch
) -> HttpResponse:
    """Change what is named."""
    actor = actor_of(request, WRITE)
    start = practitioner_given(practitioner(actor, practitioner_id))
    changed = change_practitioner(
        actor=actor, practitioner_id=practitioner_id, given=body.given(start)
    )
    return answer(200, practitioner_shape(changed))


@api.delete("/practitioners/{practitioner_id}", response={204: None})
def practitioner_end(request: HttpRequest, practitioner_id: UUID) -> HttpResponse:
    """He has left: his calendars close, bookings and history stay."""
    actor = actor_of(request, WRITE)
    remove_practitioner(actor=actor, practitioner_id=practitioner_id, now=timezone.now())
    return answer(204, None)


def practitioner_shape(found: Practitioner) -> dict[str, Any]:
    """A practitioner as every call shows him."""
    return {
        "id": str(found.public_id),
        "given_name": found.given_name,
        "family_name": found.family_name,
        "title": found.title,
        "profession": found.profession,
        "licence_number": found.licence_number,
        "languages": found.languages,
    }


class RolePatch(Body):
    """Who invoices; null is the provider."""

    billing_organization: UUID | None = None


class RolesQuery(Schema):
    """Filters of GET /practitioner-roles."""

    limit: int = Field(100, ge=1, le=200)
    cursor: str = Field("", max_length=200)
    location: UUID | None = None
    practitioner: UUID | None = None


@api.get("/practitioner-roles")
def role_list(request: HttpRequest, q: Query[RolesQuery]) -> HttpResponse:
    """Who works where, and who invoices."""
    actor = actor_of(request, READ)
    needs(actor, Right.SEE_CATALOG)
    rows = roles(actor)
    if q.location is not None:
        rows = rows.filter(location__public_id=q.location)
    if q.practitioner is not None:
        rows = rows.filter(practitioner__public_id=q.practitioner)
    return listed(request, rows, _role, limit=q.limit, cursor=q.cursor)


@api.patch("/practitioner-roles/{role_id}")
def role_change(request: HttpRequest, role_id: UUID, body: RolePatch) -> HttpResponse:
    """Another organization invoices for new bookings."""
    actor = actor_of(request, WRITE)
    changed = change_practitioner_role(
        actor=actor, role_id=role_id, billing_organization_id=body.billing_organization
    )
    return answer(200, _role(changed))


@api.delete("/practitioner-roles/{role_id}", response={204: None})
def role_end(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """He no longer works there: his calendar closes, bookings and history stay."""
    actor = actor_of(request, WRITE)
    remove_from_location(actor=actor, role_id=role_id, now=timezone.now())
    return answer(204, None)


def _role(role: PractitionerRole) -> dict[str, Any]:
    return {
        "id": str(role.public_id),
        "practitioner": str(role.practitioner.public_id),
        "location": str(role.location.public_id),
        "billing_organization": str(role.billing_organization.public_id),
        "starts_on": role.starts_on.isoformat() if role.starts_on else None,
    }


class CalendarPatch(Body):
    """The grid on which starts lie."""

    step_minutes: int = Field(ge=1, le=60)


@api.patch("/calendars/{calendar_id}")
def calendar_change(request: HttpRequest, calendar_id: UUID, body: CalendarPatch) -> HttpResponse:
    """Another grid; bookings keep their times."""
    actor = actor_of(request, WRITE)
    changed = change_calendar(actor=actor, calendar_id=calendar_id, step_minutes=body.step_minutes)
    shape = {
        "id": str(changed.public_id),
        "practitioner_role": str(changed.role.public_id),
        "location": str(changed.location.public_id),
        "step_minutes": changed.step_minutes,
    }
    return answer(200, shape)
