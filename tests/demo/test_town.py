"""The demo town of INTERFACE.md section 2, and demo.json."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone
from stdnum.hu import anum
from stdnum.no import orgnr
from stdnum.ro import cui

from samtime.accounts.actor import system_actor
from samtime.bookings.commands.reminders import due_reminders
from samtime.bookings.models import Booking
from samtime.bookings.queries.clients import unreachable
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars import masks
from samtime.calendars.models import Allocation
from samtime.channels.models import Channel, ChannelTerms, Listing
from samtime.demo.keys import AGENT_SCOPES, write_demo_json
from samtime.demo.people import EVERYBODY, PASSWORD
from samtime.demo.town import counts, seed, seed_if_empty
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.models import (
    ApiKey,
    Membership,
    Organization,
    PractitionerRole,
    TermsAcceptance,
    TermsDocument,
)
from samtime.organizations.queries.arrival import actor_for_key
from samtime.partners.models import Invitation, Partnership
from samtime.patients.models import Patient


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The town, made once for this file in a transaction that rolls back."""
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            now = timezone.now()
            seed(now=now)
            yield now
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


@pytest.fixture
def look(demo, django_db_blocker):
    """Looking at the town as one of its organizations; everything is undone after the test."""
    with django_db_blocker.unblock():
        point = transaction.savepoint()

        def as_viewer(slug):
            organization = Organization.objects.get(slug=slug)
            set_viewer(organization.id)
            return organization

        yield as_viewer
        transaction.savepoint_rollback(point)


def test_all_twelve_organizations_and_accounts_are_there(look):
    """INTERFACE 2: slugs are fixed; everybody signs in with the demo's password."""
    slugs = "fjord aurora duna delt hello medpoint solo-en solo-to atlas trygg nordic operator"
    assert set(Organization.objects.values_list("slug", flat=True)) == set(slugs.split())
    for data in EVERYBODY:
        for account in data.accounts:
            membership = Membership.objects.get(user__email=account.email)
            assert membership.organization.slug == data.slug
    for email in ("admin@fjord.example", "agent@hello.example", "operator@samtime.example"):
        assert authenticate(None, email=email, password=PASSWORD).email == email
    ingrid = Membership.objects.get(user__email="ingrid@fjord.example")
    assert ingrid.practitioner.licence_number == "9900001"


def test_numbers_pass_their_checksums(look):
    """Invented companies with numbers that look right."""
    for organization in Organization.objects.all():
        number, tax = organization.registration_number, organization.tax_number
        if organization.country == "NO":
            assert orgnr.is_valid(number)
        if organization.country == "RO":
            assert cui.is_valid(tax.removeprefix("RO"))
        if organization.country == "HU":
            assert anum.is_valid(tax.replace("-", "")[:8])


@pytest.mark.parametrize(
    ("slug", "expected"),
    [("fjord", (2, 14, 8)), ("aurora", (3, 24, 12)), ("duna", (1, 8, 4)), ("delt", (1, 5, 3))],
)
def test_places_services_and_practitioners_come_from_the_clinics_files(look, slug, expected):
    """INTERFACE 2: the journey starts from such files."""
    look(slug)
    assert counts(slug) == expected


def test_two_practitioners_at_delt_invoice_from_their_own_companies(look):
    """N7, D19."""
    roles = PractitionerRole.objects.filter(location__slug="delt-klinikk")
    found = {r.practitioner.licence_number: r.billing_organization.slug for r in roles}
    assert found == {"9900011": "solo-en", "9900012": "solo-to", "9900013": "delt"}


def test_terms_are_samples_in_four_languages_and_accepted_once(look):
    """Marked as samples; Hello accepted version 1."""
    titles = TermsDocument.objects.values_list("language", "title")
    assert {language for language, _title in titles} == {"en", "nb", "ro", "hu"}
    for _language, title in titles:
        assert any(word in title for word in ("(sample)", "(eksempel)", "(exemplu)", "(minta)"))
    hello = look("hello")
    assert TermsAcceptance.objects.filter(organization=hello).count() == 1


def test_hello_books_at_aurora_and_duna_and_medpoint_is_invited(look):
    """INTERFACE 2: percentage 12.5 %, search, at the institution; fixed, none, at the partner."""
    aurora = look("aurora")
    channel = Channel.objects.get(provider=aurora, outsider__slug="hello")
    terms = ChannelTerms.objects.get(channel=channel)
    assert (terms.commission_kind, terms.commission_rate) == ("percentage", 1250)
    assert (terms.payment_place, terms.patient_access) == ("institution", "search")
    assert channel.state == "open"
    ticked = Listing.objects.filter(channel=channel, open=True)
    assert 5 < ticked.count() < 24
    medpoint = Partnership.objects.get(provider=aurora, partner__slug="medpoint")
    assert medpoint.state == "invited"
    assert Invitation.objects.get(partnership=medpoint).state == "queued"
    duna = look("duna")
    terms = ChannelTerms.objects.get(channel__provider=duna, channel__outsider__slug="hello")
    assert (terms.commission_kind, terms.commission_amount) == ("fixed", 150000)
    assert (terms.payment_place, terms.patient_access) == ("partner", "none")


def test_partner_bookings_of_last_and_this_month(look, demo):
    """INTERFACE 3: attended, cancelled, no-show, moved."""
    look("hello")
    last = (demo.replace(day=1) - timedelta(days=1)).date()
    rows = Booking.objects.filter(source="partner")
    past = rows.filter(starts_at__year=last.year, starts_at__month=last.month)
    assert {"fulfilled", "cancelled", "noshow"} <= set(past.values_list("state", flat=True))
    assert past.exclude(moved_at=None).exists()
    this = rows.filter(starts_at__year=demo.year, starts_at__month=demo.month)
    assert this.count() > 10
    attended = past.filter(state="fulfilled", provider__slug="aurora").first()
    assert attended.commission_amount * 8 == pytest.approx(attended.net_amount, abs=8)


def test_six_weeks_of_bookings_at_fjord_agree_with_the_masks(look, demo):
    """Bookings back and ahead; every mask row equals the truth."""
    look("fjord")
    rows = Booking.objects.filter(provider__slug="fjord")
    assert rows.filter(starts_at__lt=demo - timedelta(days=14)).count() > 50
    assert rows.filter(starts_at__gt=demo + timedelta(days=14)).count() > 10
    assert rows.filter(starts_at__lt=demo, state="booked").count() == 0
    assert masks.check_all(today=demo.date()) == []


def test_the_rooms_of_fjord_have_appointments(look, demo):
    """The calendar by room has something to show."""
    fjord = Organization.objects.get(slug="fjord")
    with viewing_as(fjord.id):
        rooms = Allocation.objects.filter(resource__kind="room", resource__provider=fjord)
        assert rooms.filter(kind="booking").count() > 5


def test_most_patients_can_be_written_to_and_no_letter_is_late(look, demo):
    """Ending a partnership means letters, and a few calls; nobody is written to about the past."""
    for slug in ("fjord", "aurora", "duna", "delt"):
        organization = look(slug)
        with viewing_as(organization.id):
            coming = Booking.objects.filter(provider=organization, starts_at__gt=demo)
            called = unreachable(coming).count() / coming.count()
            assert 0 < called < 0.35
            assert due_reminders(actor=system_actor(organization.id), now=demo) == []
            assert not OutgoingMail.objects.filter(about_kind="booking").exists()


def test_times_are_free_for_the_agent(look, demo):
    """Something to book for whoever comes first."""
    hello = look("hello")
    wish = SlotSearch(start=demo.date() + timedelta(days=1), days=14, limit=50)
    found = find_slots(system_actor(hello.id), wish, now=demo)
    assert len(found.items) == 50


def test_patients_are_unmistakably_invented(look):
    """Every name says test, in every alphabet of the house."""
    names = []
    for slug in ("fjord", "aurora", "duna", "delt"):
        with viewing_as(look(slug).id):
            names += [p.given_name for p in Patient.objects.all()]
    assert all(
        n.split("-")[0] in ("Test", "Prøve", "Proba", "Teszt", "Próba", "Trial") for n in names
    )
    assert {"ș", "ț", "ő", "æ", "ø", "å"} <= set("".join(names).lower())


def test_demo_json_names_accounts_and_keys_and_keeps_them(look, tmp_path):
    """INTERFACE 1: two keys per organization that stay the same at the next start."""
    path = tmp_path / "with space" / "demo.json"
    first = write_demo_json(path, "http://127.0.0.1:8000")
    again = write_demo_json(path, "http://127.0.0.1:9000")
    assert json.loads(path.read_text()) == again
    assert again["keys"] == first["keys"]
    assert again["mail"] == "http://127.0.0.1:9000/demo/mail"
    assert set(first["keys"]) == {data.slug for data in EVERYBODY}
    assert ApiKey.objects.count() == 24
    agent = actor_for_key(secret=first["keys"]["hello"]["agent"], language="en", request_id="t")
    assert sorted(agent.scopes) == sorted(AGENT_SCOPES)
    assert {"email", "password", "organization", "role"} == set(first["accounts"][0])


def test_a_full_database_is_left_alone(look):
    """A second start keeps the data."""
    before = Booking.objects.count()
    assert seed_if_empty() is False
    assert Booking.objects.count() == before
