"""Making the town: organizations, calendars from files, partners, bookings; once, or nothing."""

from datetime import datetime, time, timedelta
from importlib import resources

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.models import User
from samtime.calendars.commands.hours import ExceptionGiven, add_exception
from samtime.calendars.commands.rooms import RoomGroupGiven, add_room_group
from samtime.calendars.commands.staff import import_practitioners
from samtime.calendars.queries import calendars
from samtime.catalog.commands.importing import import_services
from samtime.catalog.queries import service_by_code, services
from samtime.channels.commands import ensure_own_desk
from samtime.demo import call_backs, history, partnerships, settlements, terms, treatment_rooms
from samtime.demo.keys import write_demo_json
from samtime.demo.people import AURORA, DELT, DUNA, EVERYBODY, FJORD, PASSWORD, OrganizationData
from samtime.documents.rules import ImportPlan
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.commands.practitioners import (
    PractitionerGiven,
    add_practitioner,
    add_practitioner_role,
)
from samtime.organizations.models import Location, Membership, Organization, Practitioner
from samtime.organizations.queries import practitioners
from samtime.partners.rules import stored_number

__all__ = ["seed", "seed_if_empty", "write_demo_json"]
LOCK = 7_260_117
INVOICED_BY = {"9900011": "solo-en", "9900012": "solo-to"}


class SeedFault(Exception):
    """A file of the town does not pass its own import."""


def seed_if_empty() -> bool:
    """Make the town where no organization is yet; says whether it did."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if Organization.objects.exists():
            return False
        seed(now=timezone.now())
    return True


@transaction.atomic
def seed(*, now: datetime) -> None:
    """Everything, in one transaction; the same town for the same day."""
    password = make_password(PASSWORD)
    terms.publish(now.date())
    made = {data.slug: _organization(data, now) for data in EVERYBODY}
    for data in (FJORD, AURORA, DUNA, DELT):
        with viewing_as(made[data.slug].id):
            _equip(data, made, now)
    for data in EVERYBODY:
        _accounts(data, made[data.slug], password, now)
    partnerships.make(made, now)
    history.make(made, now)
    settlements.make(made, now)
    treatment_rooms.make(made, now)
    call_backs.make(made, now)


def _organization(data: OrganizationData, now: datetime) -> Organization:
    made = Organization.objects.create(
        slug=data.slug,
        name=data.name,
        kind=data.kind,
        country=data.country,
        currency=data.currency,
        language=data.language,
        tax_number=data.tax_number,
        registration_number=stored_number(data.country, data.registration_number),
        company_type=data.company_type,
        city=data.city,
        email=f"post@{data.slug}.example",
        capabilities=list(data.capabilities),
        second_factor_required=False,
        partner_module="off" if data.slug == "delt" else "on",
        verified_at=now,
    )
    for place in data.places:
        Location.objects.create(
            organization=made,
            slug=place.slug,
            name=place.name,
            street=place.street,
            postal_code=place.postal_code,
            city=place.city,
            country=data.country,
            time_zone=place.time_zone,
            latitude=place.latitude,
            longitude=place.longitude,
            phone=place.phone,
        )
    if "provider" in data.capabilities:
        ensure_own_desk(made.id)
    return made


def _equip(data: OrganizationData, made: dict[str, Organization], now: datetime) -> None:
    """Services and staff from the clinic's own files, through the commands that import them."""
    actor = system_actor(made[data.slug].id)
    price_list, staff_list = data.files
    _clean(price_list, import_services(actor=actor, content=file(price_list), today=now.date()))
    if data is DELT:
        _invoicing_companies(actor, made)
    _clean(staff_list, import_practitioners(actor=actor, content=file(staff_list), now=now))
    if data is FJORD:
        _details_of_fjord(actor, now)


def file(name: str) -> bytes:
    """A file of the town as a clinic would hand it in."""
    return (resources.files("samtime.demo") / "files" / name).read_bytes()


def _clean(name: str, plan: ImportPlan) -> None:
    if plan.faults or not plan.planned:
        raise SeedFault(f"{name}: {plan.errors()[:3]}")


def _invoicing_companies(actor: Actor, made: dict[str, Organization]) -> None:
    """At Delt two practitioners invoice from their own companies (N7)."""
    place = Location.objects.get(organization_id=actor.organization_id)
    names = {"9900011": ("Ènok-Prøve", "Testesen"), "9900012": ("Prøve-Tuva", "Tosdatter-Test")}
    for licence, slug in INVOICED_BY.items():
        given, family = names[licence]
        person = add_practitioner(
            actor=actor, given=PractitionerGiven(given, family, licence_number=licence)
        )
        add_practitioner_role(
            actor=actor,
            practitioner_id=person.public_id,
            location_id=place.public_id,
            billing_organization_id=made[slug].public_id,
        )


def _details_of_fjord(actor: Actor, now: datetime) -> None:
    """A device that a service needs, a day off, and an evening more."""
    scan = service_by_code(actor, "F09")
    vest = Location.objects.get(slug="fjord-vest")
    if scan is not None:
        add_room_group(
            actor=actor,
            given=RoomGroupGiven(
                vest.public_id, "Ultralyd", ("Ultralydapparat 1",), (scan.public_id,), "device"
            ),
            now=now,
        )
    first = calendars(actor).first()
    if first is not None:
        day = now.date() + timedelta(days=25)
        off = ExceptionGiven(day, closed=True, reason="Test: fri")
        add_exception(actor=actor, calendar_id=first.public_id, given=off, now=now)
        evening = ExceptionGiven(day + timedelta(days=1), False, time(17), time(19))
        add_exception(actor=actor, calendar_id=first.public_id, given=evening, now=now)


def _accounts(
    data: OrganizationData, organization: Organization, password: str, now: datetime
) -> None:
    treats = _licences(organization)
    for account in data.accounts:
        user = User(email=account.email, name=account.name, language=data.language)
        user.password = password
        user.save()
        User.objects.note_address(user)
        Membership.objects.create(
            organization=organization,
            user=user,
            roles=list(account.roles),
            can_book_at_partner=account.books_at_partners,
            practitioner=treats.get(account.licence),
            joined_at=now,
        )


def _licences(organization: Organization) -> dict[str, Practitioner]:
    actor = system_actor(organization.id)
    return {p.licence_number: p for p in practitioners(actor) if p.licence_number}


def counts(slug: str) -> tuple[int, int, int]:
    """Locations, services, practitioners of an organization of the town."""
    organization = Organization.objects.get(slug=slug)
    actor = system_actor(organization.id)
    places = Location.objects.filter(organization=organization).count()
    return places, services(actor).count(), practitioners(actor).count()
