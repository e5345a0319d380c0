"""The one small town of all tests.

Fjord: a Norwegian clinic with two locations. Aurora: a Romanian clinic. Hello: a call centre,
partner of Aurora. Trygg: an insurer. Stranger: a clinic that has nothing to do with anybody.
"""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from samtime.accounts.models import User
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.calendars import masks
from samtime.calendars.models import AvailabilityRule, Calendar, Offering, Resource
from samtime.catalog.models import Service, ServicePrice
from samtime.channels.models import Channel, ChannelLocation, ChannelTerms, Listing
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.organizations.models import (
    Location,
    Membership,
    Organization,
    Practitioner,
    PractitionerRole,
)
from samtime.organizations.queries import actor_for_member
from samtime.patients.commands import PatientGiven

# A Monday; the town's clock stands here unless a test says otherwise.
NOW = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)
TODAY = NOW.date()
FAR_BACK = date(2025, 1, 1)


def organization(slug, name, country, currency, *capabilities, **more):
    """An organization with its own desk where it is a provider."""
    made = Organization.objects.create(
        slug=slug,
        name=name,
        country=country,
        currency=currency,
        capabilities=list(capabilities),
        registration_number=f"R-{slug}",
        second_factor_required=False,
        partner_module="on",
        **more,
    )
    if "provider" in capabilities:
        with viewing_as(made.id):
            Channel.objects.create(
                provider=made, kind="own_desk", name="Own desk", state="open", opened_at=NOW
            )
    return made


def member(org, email, *roles, **more):
    """A user with roles, as an actor."""
    user = User.objects.create_user(email, name=f"Test {email.split('@')[0].title()}")
    Membership.objects.create(
        organization=org,
        user=user,
        roles=list(roles),
        can_book_at_partner="agent" in roles,
        joined_at=NOW,
        **more,
    )
    return actor(user, org)


def actor(user, org):
    """The user acting for an organization."""
    return actor_for_member(user=user, slug=org.slug, language="en", request_id="test")


def location(org, slug, zone, **more):
    """A place."""
    return Location.objects.create(
        organization=org, slug=slug, name=slug.replace("-", " ").title(), time_zone=zone, **more
    )


def service(org, code, minutes, price, **more):
    """A service with a base price from long ago."""
    made = Service.objects.create(
        provider=org,
        code=code,
        name=more.pop("name", code.title()),
        duration_minutes=minutes,
        **more,
    )
    ServicePrice.objects.create(service=made, from_on=FAR_BACK, amount=price, currency=org.currency)
    return made


def practitioner(org, given, family):
    """Somebody who treats, with the resource that carries allocations."""
    made = Practitioner.objects.create(organization=org, given_name=given, family_name=family)
    Resource.objects.create(provider=org, kind="practitioner", name=str(made), practitioner=made)
    return made


def calendar(who, place, *services, start=time(8), end=time(16), days=(1, 2, 3, 4, 5)):
    """A calendar open on weekdays, with offerings; masks for three weeks."""
    role = PractitionerRole.objects.create(
        practitioner=who, location=place, billing_organization=who.organization
    )
    mask = Resource.objects.create(
        provider=who.organization, kind="calendar", name=f"{who} {place}", location=place
    )
    made = Calendar.objects.create(
        provider=who.organization,
        role=role,
        location=place,
        practitioner_resource=who.resource,
        mask=mask,
    )
    for weekday in days:
        AvailabilityRule.objects.create(
            calendar=made, weekday=weekday, start=start, end=end, valid_from=FAR_BACK
        )
    made.offers = {
        s.code: Offering.objects.create(provider=who.organization, calendar=made, service=s)
        for s in services
    }
    masks.rebuild([mask.id], near_days())
    return made


def near_days():
    """The days that have mask rows in tests."""
    return [TODAY + timedelta(days=n) for n in range(-1, 22)]


def partner_channel(provider, outsider, places, **terms):
    """An open channel with terms and locations."""
    with viewing_as(provider.id):
        made = Channel.objects.create(
            provider=provider,
            outsider=outsider,
            kind="partner",
            name=outsider.name,
            state="open",
            opened_at=NOW,
        )
        for place in places:
            ChannelLocation.objects.create(channel=made, location=place)
        ChannelTerms.objects.create(
            channel=made,
            provider_id=provider.id,
            outsider_id=outsider.id,
            from_on=FAR_BACK,
            currency=provider.currency,
            **terms,
        )
    return made


def listing(channel, place, what, *, is_open=True, from_on=FAR_BACK, offering=None):
    """A tick of the matrix."""
    with viewing_as(channel.provider_id):
        return Listing.objects.create(
            channel=channel,
            provider_id=channel.provider_id,
            outsider_id=channel.outsider_id,
            location=place,
            service=what,
            offering=offering,
            open=is_open,
            from_on=from_on,
        )


def person(given="Testine", family="Prøvesen", **more):
    """A patient nobody could take for a real one."""
    more.setdefault("birth_date", date(1980, 2, 3))
    more.setdefault("phone", "+47 555 01 234")
    return PatientGiven(given_name=given, family_name=family, **more)


def at(day, hour, minute=0, zone_hours=3):
    """An instant of the town's first week: day 0 is Monday, local hour in Bucharest by default."""
    return datetime(2026, 6, 1 + day, hour, minute, tzinfo=UTC) - timedelta(hours=zone_hours)


def build():
    """Everything, in the current transaction."""
    t = SimpleNamespace(now=NOW, today=TODAY)
    t.fjord = organization("fjord", "Fjord Fysio og Helse AS", "NO", "NOK", "provider")
    t.aurora = organization("aurora", "Clinica Aurora SRL", "RO", "RON", "provider")
    t.hello = organization("hello", "Hello Calls SRL", "RO", "RON", "partner", kind="call_centre")
    t.trygg = organization("trygg", "Trygg Helseforsikring AS", "NO", "NOK", "insurer")
    t.stranger = organization("stranger", "Fremmed Klinikk AS", "NO", "NOK", "provider")
    t.sentrum = location(t.fjord, "fjord-sentrum", "Europe/Oslo", latitude=60.39, longitude=5.32)
    t.vest = location(t.fjord, "fjord-vest", "Europe/Oslo", latitude=60.36, longitude=5.22)
    t.centru = location(
        t.aurora, "aurora-centru", "Europe/Bucharest", latitude=44.43, longitude=26.1
    )
    t.nord = location(t.aurora, "aurora-nord", "Europe/Bucharest", latitude=44.5, longitude=26.07)
    t.admin = member(t.aurora, "admin@aurora.example", "admin")
    t.desk = member(t.aurora, "desk@aurora.example", "receptionist")
    t.agent = member(t.hello, "agent@hello.example", "agent")
    t.agent2 = member(t.hello, "agent2@hello.example", "agent")
    t.manager = member(t.hello, "admin@hello.example", "partner_manager", "agent")
    t.fjord_admin = member(t.fjord, "admin@fjord.example", "admin")
    t.fjord_desk = member(t.fjord, "desk@fjord.example", "receptionist")
    t.insurer = member(t.trygg, "admin@trygg.example", "network_manager")
    t.outsider = member(t.stranger, "admin@stranger.example", "admin")
    t.mri = service(t.aurora, "mri", 30, 45000, specialty="Imaging", buffer_after_minutes=5)
    t.ecg = service(t.aurora, "ecg", 15, 12000, specialty="Cardiology")
    t.physio = service(t.fjord, "physio", 45, 90000, specialty="Physiotherapy")
    t.ana = practitioner(t.aurora, "Ana-Test", "Ionescu")
    t.dan = practitioner(t.aurora, "Dan-Test", "Popescu")
    t.ingrid = practitioner(t.fjord, "Ingrid-Test", "Moe")
    t.ana_centru = calendar(t.ana, t.centru, t.mri, t.ecg)
    t.ana_nord = calendar(t.ana, t.nord, t.mri, days=(6,))
    t.dan_nord = calendar(t.dan, t.nord, t.mri, t.ecg)
    t.ingrid_sentrum = calendar(t.ingrid, t.sentrum, t.physio)
    t.channel = partner_channel(
        t.aurora,
        t.hello,
        [t.centru, t.nord],
        commission_kind="percentage",
        commission_rate=1250,
        patient_access="confirm",
    )
    listing(t.channel, t.centru, t.mri)
    listing(t.channel, t.nord, t.mri)
    t.mri_ana = t.ana_centru.offers["mri"]
    t.ecg_ana = t.ana_centru.offers["ecg"]
    set_viewer(0)
    return t


@pytest.fixture
def clock(monkeypatch):
    """Everybody believes that it is the town's Monday morning: days never depend on the hour."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def town(db):
    """The town in a transaction that rolls back; it stands there already where it can."""
    from tests.database import standing_town

    return standing_town() or build()


@pytest.fixture
def lasting_town(own_database):
    """The town committed in a database of its own, for races and pages."""
    from tests.database import committed_town

    return committed_town()


def book(actor_, offering, start, who=None, now=NOW, **more):
    """Book as this actor, with his organization as the viewer."""
    set_viewer(actor_.organization_id)
    wish = Wish(offering=offering.public_id, start=start, patient=who or person(), **more)
    return book_slot(actor=actor_, wish=wish, now=now)
