"""Places of an organization: added, changed, ended."""

import zoneinfo
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal
from samtime.journal.commands import Happening, record
from samtime.organizations import rules
from samtime.organizations.models import COUNTRIES, Location, Organization, PractitionerRole

TEXTS = ("name", "street", "postal_code", "city", "country", "time_zone", "phone")
LONGEST = {"name": 200, "street": 200, "postal_code": 20, "city": 100, "phone": 40}


class NoLocationsHere(Refusal):
    """A company that only invoices has no places of its own (N7)."""

    code = "invoicing_only"
    status = 409
    sentence = _("A company that only invoices has no locations of its own.")


class LocationInUse(Refusal):
    """Practitioners still work there; they are taken away first."""

    code = "location_in_use"
    status = 409
    sentence = _("Practitioners still work at this location. Remove them from it first.")


@dataclass(frozen=True, slots=True)
class LocationGiven:
    """A place as described; `slug` stays for ever and is made from the name where none is given."""

    name: str
    time_zone: str
    slug: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None


@transaction.atomic
def add_location(*, actor: Actor, given: LocationGiven) -> Location:
    """A new place. Refuses: RightMissing, Invalid, NoLocationsHere."""
    actor.require(Right.EDIT_ORGANIZATION)
    own = Organization.objects.select_for_update(no_key=True).get(id=actor.organization_id)
    if own.company_type == "invoicing_only":
        raise NoLocationsHere()
    faults = _faults(given)
    _one_slug_at_a_time()
    if given.slug and not _is_free(given.slug):
        sentence = _("This address word is taken or has other signs than a-z, 0-9 and hyphens.")
        faults.append(FieldError("slug", "slug_taken", sentence))
    if faults:
        raise Invalid(*faults)
    made = Location(organization=own, slug=given.slug or _free_slug(own.slug, given.name))
    _fill(made, given, own.country)
    made.save()
    _journal(actor, "location.added", made)
    return made


@transaction.atomic
def change_location(*, actor: Actor, location_id: UUID, given: LocationGiven) -> Location:
    """Replace what is known of a place; its address word stays. Refuses: NotFound, Invalid."""
    actor.require(Right.EDIT_ORGANIZATION)
    found = _own(actor, location_id)
    faults = _faults(given)
    if given.slug and given.slug != found.slug:
        sentence = _("The address word of a location cannot be changed.")
        faults.append(FieldError("slug", "fixed", sentence))
    if faults:
        raise Invalid(*faults)
    _fill(found, given, found.country)
    found.save()
    _journal(actor, "location.changed", found)
    return found


@transaction.atomic
def end_location(*, actor: Actor, location_id: UUID, today: date) -> Location:
    """Nobody works there any more; history stays. Refuses: NotFound, LocationInUse."""
    actor.require(Right.EDIT_ORGANIZATION)
    found = _own(actor, location_id)
    if PractitionerRole.objects.filter(location=found, ended_on=None).exists():
        raise LocationInUse()
    found.ended_on = today
    found.save(update_fields=["ended_on"])
    _journal(actor, "location.ended", found)
    return found


def given_of(found: Location) -> LocationGiven:
    """What is known of a place, as a change starts from it."""
    known = {name: getattr(found, name) for name in (*TEXTS, "latitude", "longitude")}
    return LocationGiven(**known)


def _own(actor: Actor, public_id: UUID) -> Location:
    rows = Location.objects.select_for_update(no_key=True, of=("self",)).filter(
        public_id=public_id, organization_id=actor.organization_id, ended_on=None
    )
    if actor.location_ids is not None:
        rows = rows.filter(id__in=actor.location_ids)
    found = rows.first()
    if found is None:
        raise NotFound(field="location")
    return found


def _faults(given: LocationGiven) -> list[FieldError]:
    faults = []
    if not given.name.strip():
        faults.append(FieldError("name", "required", _("Write the name of the location.")))
    for name, longest in LONGEST.items():
        if len(getattr(given, name)) > longest:
            sentence = _("This is too long: at most %(longest)s letters.")
            faults.append(FieldError(name, "too_long", sentence % {"longest": longest}))
    if given.time_zone not in zoneinfo.available_timezones():
        sentence = _("A time zone looks like Europe/Oslo.")
        faults.append(FieldError("time_zone", "time_zone", sentence))
    if given.country and given.country not in COUNTRIES:
        sentence = _("The country is one of %(countries)s.")
        known = {"countries": ", ".join(COUNTRIES)}
        faults.append(FieldError("address.country", "invalid", sentence % known))
    pair = (given.latitude, given.longitude)
    if (pair[0] is None) != (pair[1] is None) or not (
        pair[0] is None or (abs(pair[0]) <= 90 and abs(pair[1] or 0.0) <= 180)
    ):
        sentence = _("Give both latitude (-90 to 90) and longitude (-180 to 180), or neither.")
        faults.append(FieldError("latitude", "coordinates", sentence))
    return faults


def _fill(place: Location, given: LocationGiven, country: str) -> None:
    for name in TEXTS:
        setattr(place, name, getattr(given, name).strip())
    place.country = given.country or country
    place.latitude, place.longitude = given.latitude, given.longitude


def _one_slug_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('location slugs'))")


def _is_free(slug: str) -> bool:
    fits = rules.SLUG.fullmatch(slug) and len(slug) <= 63 and slug not in rules.RESERVED_SLUGS
    return bool(fits) and not Location.objects.filter(slug=slug).exists()


def _free_slug(owner: str, name: str) -> str:
    base = f"{owner[:25]}-{slugify(name)[:30]}".strip("-")
    number, slug = 1, base
    while not _is_free(slug):
        number += 1
        slug = f"{base}-{number}"
    return slug


def _journal(actor: Actor, kind: str, place: Location) -> None:
    happening = Happening(
        kind=kind,
        object_kind="location",
        object_id=place.public_id,
        organization_id=actor.organization_id,
    )
    record(actor, happening)
