"""«Own patients only»: a practitioner reads and changes nothing of whom a colleague treats (P7).

The limit is judged in the queries, so it holds for pages, calls, files and commands alike.
"""

import json

import pytest
from django.test import Client

from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings, patient_names
from samtime.bookings.queries.visits import birth_years, last_visits
from samtime.foundation.errors import NotFound
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import Membership
from samtime.patients.commands.records import ContactGiven, add_contact, confirm_contact
from samtime.patients.queries import PatientSearch, living, one_patient, search_patients
from tests.api.conftest import Caller
from tests.promises.test_walls import ask, said
from tests.promises.walls import CANARY, checksums, filled, foreign_ids, page_routes
from tests.town import NOW, actor, at, book, member, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def ward(town):
    """The bird is Dan's patient; Ana treats somebody else, and may book at partners too (P33)."""
    made = member(town.aurora, "ana@aurora.example", "practitioner", practitioner=town.ana)
    Membership.objects.filter(user_id=made.user_id).update(can_book_at_partner=True)
    set_viewer(town.aurora.id)
    from samtime.accounts.models import User

    town.doctor = actor(User.objects.get(id=made.user_id), town.aurora)
    assert town.doctor.may(Right.BOOK_AT_PARTNER)
    dan_mri = town.dan_nord.offers["mri"]
    given = person(CANARY, CANARY, phone="+40 721 999 111")
    town.secret = book(town.desk, dan_mri, at(0, 9), given, note=CANARY)
    town.own = book(town.desk, town.mri_ana, at(0, 10), person("Egen", "Pasient"))
    town.ids = foreign_ids(town.aurora)
    set_viewer(town.aurora.id)
    town.bird = Booking.objects.get(id=town.secret.id).patient
    town.ids |= {"booking": str(town.secret.public_id), "patient": str(town.bird.public_id)}
    return town


def test_the_queries_themselves_know_nobody_else(ward):
    """P7: whoever asks, through which door: search, one, names, lists, years, visits."""
    doctor, bird, own = ward.doctor, ward.bird, ward.own
    assert [str(p) for p in living(doctor)] == ["Egen Pasient"]
    for wish in (PatientSearch(CANARY), PatientSearch(phone="+40 721 999 111")):
        assert search_patients(doctor, wish) == []
    with pytest.raises(NotFound):
        one_patient(doctor, bird.public_id, purpose="client")
    assert [b.id for b in bookings(doctor, BookingFilter())] == [own.id]
    assert patient_names(doctor, [bird.id, own.patient_id]) == {own.patient_id: "Egen Pasient"}
    assert list(birth_years(doctor, [bird.id, own.patient_id])) == [own.patient_id]
    assert last_visits(doctor, [bird.id], now=at(5, 9)) == {}


def test_commands_touch_nobody_else(ward):
    """P7: neither booked nor noted about, and nothing has changed."""
    before = checksums(ward.aurora)
    set_viewer(ward.aurora.id)
    doctor, bird = ward.doctor, ward.bird.public_id
    wish = Wish(offering=ward.mri_ana.public_id, start=at(1, 9), patient_id=bird)
    contact = ContactGiven(kind="other", name="X", phone="+40 721 555 000")
    for act in (
        lambda: book_slot(actor=doctor, wish=wish, now=NOW),
        lambda: add_contact(actor=doctor, patient_id=bird, contact=contact),
        lambda: confirm_contact(actor=doctor, patient_id=bird, now=NOW),
    ):
        with pytest.raises(NotFound):
            act()
    assert checksums(ward.aurora) == before


def test_no_page_of_the_own_house_shows_another_practitioners_patient(ward):
    """P7: every address with the ids of the bird; calendar, lists, client, files, day sheet."""
    doctor = visitor(ward.doctor)
    doctor.raise_request_exception = False
    seen = 0
    for route in page_routes():
        for ident in (ward.secret.public_id, ward.bird.public_id):
            answer = doctor.get(filled(route, "aurora", ident))
            assert CANARY not in said(answer), route
            assert answer.status_code < 500, route
            seen += answer.status_code == 200
    assert seen > 5
    day = "/o/aurora/calendar/2026-06-01"
    for view in ("day", "week", "work-week"):
        page = texts(doctor.get(f"{day}/{view}/"))
        assert "Egen Pasient" in page
        assert CANARY not in page
    assert doctor.get(f"{day}/rooms/").status_code in (403, 404)
    found = doctor.post("/o/aurora/calendar/clients/", {"q": CANARY.lower()})
    assert "Nobody found" in texts(found)
    assert "Egen Pasient" in texts(doctor.post("/o/aurora/calendar/clients/", {"q": "egen pas"}))
    for act in ("arrive", "cancel", "note"):
        path = f"/o/aurora/bookings/{ward.secret.public_id}/"
        assert doctor.post(path, {"act": act, "note": "x"}).status_code == 404


def test_no_call_of_the_own_house_reads_or_changes_it(ward):
    """P7: every call with the bird's ids in address, query and body."""
    document = json.loads(Client().get("/api/v1/openapi.json").content)
    set_viewer(0)
    before = checksums(ward.aurora)["patients_patient"]
    verbs = ("get", "put", "patch", "delete")
    faults, sent = ask(Caller(ward.doctor).client, document, ward.ids, verbs)
    assert faults == []
    assert sent > 40
    assert checksums(ward.aurora)["patients_patient"] == before
    caller = Caller(ward.doctor)
    assert caller.get("patients?name=kanarifugl").body["items"] == []
    assert CANARY not in json.dumps(caller.get("bookings").body)


def test_who_keeps_the_whole_calendar_sees_everybody(ward):
    """The proofs above would notice."""
    set_viewer(ward.aurora.id)
    assert living(ward.desk).count() == 2
    assert CANARY in texts(visitor(ward.desk).get("/o/aurora/calendar/2026-06-01/day/"))
