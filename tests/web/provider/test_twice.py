"""Forms of the clinic's day sent twice, one after the other and at once: carried out once (D22)."""

import re
import threading
import uuid

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from samtime.accounts.models import AccessToken
from samtime.bookings.models import BlockedTime, Booking
from samtime.calendars.models import AvailabilityRule, CalendarFeed
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import JournalEntry
from samtime.patients.commands import add_patient
from samtime.patients.models import Patient, PatientContact, PatientMerge
from tests.town import TODAY, at, book, person
from tests.web.provider.test_calendar import NEW, form
from tests.web.provider.test_event import block
from tests.web.visitors import texts, visitor

SCRIPT = {"HX-Request": "true"}


def keyed(given):
    """The form with a hidden key of its own."""
    return {**given, "once": uuid.uuid4().hex}


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_script_is_sent_to_what_the_first_click_made(town):
    """D22: a panel's form, without a whole page: the second answer leads to the first one's."""
    desk, given = visitor(town.desk), keyed(form(town))
    first, second = (desk.post(NEW, given, headers=SCRIPT) for _twice in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert "Booked, the client is invited." in texts(first)
    assert second.headers["HX-Redirect"] == first.headers["HX-Push-Url"]
    set_viewer(town.aurora.id)
    assert Booking.objects.count() == 1
    # A refused form keeps no key: put right, it runs under the same one.
    wrong = {**given, "once": uuid.uuid4().hex, "time": "10:20", "patient.phone": "1"}
    assert [desk.post(NEW, wrong).status_code for _twice in range(2)] == [422, 422]
    assert desk.post(NEW, {**wrong, "patient.phone": "+47 555 01 235"}).status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_a_secret_address_asked_for_twice_is_one_and_stands_in_both_answers(town):
    """D22, P15: the second click shows the address too, which is kept nowhere."""
    admin = visitor(town.admin)
    asked = keyed({"practitioner": str(town.ana.public_id), "details": "masked"})
    shown = [
        re.findall(r"<code>(\S+)</code>", texts(admin.post("/o/aurora/calendar-feeds/new/", asked)))
        for _twice in range(2)
    ]
    assert shown[0] == shown[1]
    assert len(shown[0]) == 1
    set_viewer(town.aurora.id)
    assert CalendarFeed.objects.count() == AccessToken.objects.count() == 1
    other = admin.post("/o/aurora/calendar-feeds/new/", keyed(asked))
    assert shown[0] != re.findall(r"<code>(\S+)</code>", texts(other))


@pytest.fixture
def twice(lasting_town, monkeypatch):
    """`twice(address, form)`: two POSTs at once on two connections; their status codes."""
    town = lasting_town
    monkeypatch.setattr("django.utils.timezone.now", lambda: town.now)
    with transaction.atomic():
        session = visitor(town.admin).cookies["sessionid"].value

    def sent(address, given, **headers):
        given, answers, gate = keyed(given), [], threading.Barrier(2)

        def post():
            client = Client(headers=headers)
            client.cookies["sessionid"] = session
            gate.wait()
            answers.append(client.post(address, given))
            connections.close_all()

        threads = [threading.Thread(target=post) for _twice in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({a.headers.get("Location") for a in answers}) == 1
        return [a.status_code for a in answers]

    return sent


def told(kind):
    return JournalEntry.objects.filter(kind=kind).count()


def test_two_clicks_at_once_do_it_once(lasting_town, twice):
    """D22, P14: new event, block, move, another length, cancel, hours, client, contact, merge."""
    town, home, ok = lasting_town, "/o/aurora/", [302, 302]
    seen = {}

    def look(query):
        with transaction.atomic(), viewing_as(town.aurora.id):
            return query()

    def one(query):
        return look(lambda: query().get())

    assert twice(NEW, form(town)) == ok
    made = one(Booking.objects.all)
    assert twice(NEW, block(town)) == ok
    assert look(BlockedTime.objects.count) == 1
    booking = f"{home}bookings/{made.public_id}/"
    place = {"calendar": str(town.ana_centru.public_id), "date": "2026-06-01", "act": "move"}
    to = {**place, "time": "10:00", "minutes": "30", "version": "1"}
    assert twice(f"{booking}move/", to) == ok
    assert twice(f"{booking}move/", {**to, "minutes": "45", "version": "2"}) == ok
    seen["moved"] = one(Booking.objects.all)
    assert (seen["moved"].starts_at, seen["moved"].ends_at) == (at(0, 10), at(0, 10, 45))
    assert twice(booking, {"act": "note", "note": "ring", "version": "3"}) == ok
    assert twice(booking, {"act": "cancel", "by": "patient", "version": "4"}) == ok
    assert one(Booking.objects.all).version == 5
    kinds = ("booked", "moved", "resized", "note_changed", "cancelled")
    assert look(lambda: [told(f"booking.{kind}") for kind in kinds]) == [1] * 5
    rules = look(AvailabilityRule.objects.count)
    week = {"start.1.0": "09:00", "end.1.0": "15:00", "from": "2026-06-08"}
    assert twice(f"{home}calendars/{town.dan_nord.public_id}/week/", week) == ok
    assert look(lambda: told("hours.set")) <= 1
    assert look(AvailabilityRule.objects.count) <= rules + 5
    client = one(Patient.objects.all)
    page = f"{home}patients/{client.public_id}/"
    contact = {
        "contact.kind": "other",
        "contact.name": "Kari Test",
        "contact.phone": "+40 721 1111",
    }
    assert twice(f"{page}act/add-contact/", contact) == ok
    assert look(PatientContact.objects.count) == 1
    edit = {"patient.given_name": "Ny", "patient.family_name": "Prøvesen", "version": "1"}
    assert twice(f"{page}overview/", edit) == ok
    assert (one(Patient.objects.all).given_name, one(Patient.objects.all).version) == ("Ny", 2)
    with transaction.atomic(), viewing_as(town.aurora.id):
        second = add_patient(actor=town.admin, person=person("Ny", "Prøvesen"), today=TODAY)
    merge = {
        "one": str(client.public_id),
        "other": str(second.public_id),
        "one_version": "2",
        "other_version": "1",
        "kept": "one",
        "word": "merge",
    }
    assert twice(f"{home}patients/merge/", merge) == ok
    merged = one(PatientMerge.objects.all)
    assert twice(f"{home}patients/merge/{merged.public_id}/undo/", {}) == ok
    assert look(lambda: told("patient.unmerged")) == 1
    connection.close()


@pytest.mark.django_db
@pytest.mark.usefixtures("clock")
def test_two_people_merge_the_same_pair(town):
    """T14: the second reads that a colleague was faster; nothing is merged twice."""
    book(town.desk, town.mri_ana, at(0, 9))
    set_viewer(town.aurora.id)
    one = Patient.objects.get()
    other = add_patient(actor=town.desk, person=person("Testina", "Prøvesen"), today=TODAY)
    asked = {
        "one": str(one.public_id),
        "other": str(other.public_id),
        "one_version": str(one.version),
        "other_version": "1",
        "word": "merge",
    }
    address = "/o/aurora/patients/merge/"
    first = visitor(town.desk).post(address, keyed({**asked, "kept": "one"}))
    second = visitor(town.admin).post(address, keyed({**asked, "kept": "other"}), follow=True)
    assert first.status_code == 302
    assert "A colleague has merged one of these two clients" in texts(second)
    set_viewer(town.aurora.id)
    assert PatientMerge.objects.count() == 1
