"""One client: the record, numbers, contacts, bookings, who has seen."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.patients.models import Patient, PatientContact, PatientIdentifier
from tests.town import at, book, person
from tests.web.provider.conftest import LIST, act, log, page_of
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NUMBER = "1800101221144"  # a Romanian number whose check passes


def test_editing_guards_the_version(town, known):
    """SCREENS 1.9: the second of two gets the other's values beside his own."""
    desk = visitor(town.desk)
    form = {
        "patient.given_name": "Ștefan-Test",
        "patient.family_name": "Altescu",
        "patient.phone": "+40721555187",
        "version": "1",
    }
    assert desk.post(page_of(known), form).status_code == 302
    late = desk.post(page_of(known), {**form, "patient.family_name": "Spätescu"})
    assert late.status_code == 409
    assert "Altescu" in texts(late)
    assert 'value="Spätescu"' in texts(late)
    set_viewer(town.aurora.id)
    row = Patient.objects.get(id=known.id)
    assert (row.family_name, row.version) == ("Altescu", 2)
    set_viewer(0)
    assert "Altescu" in texts(desk.post(LIST, {"name": "altescu"}))
    assert "Altescu" not in texts(desk.post(LIST, {"name": "probaescu"}))


def test_a_wrong_form_changes_nothing(town, known):
    form = {
        "patient.given_name": "",
        "patient.family_name": "X",
        "patient.email": "no",
        "version": "1",
    }
    answer = visitor(town.desk).post(page_of(known), form)
    assert answer.status_code == 422
    assert "Write the given name." in texts(answer)
    assert 'value="no"' in texts(answer)
    set_viewer(town.aurora.id)
    assert Patient.objects.get(id=known.id).version == 1


def test_a_number_is_hidden_until_a_reason_is_given(town, known):
    """STANDARDS 3.2, P12: masked, encrypted, found by its hash, opened for a reason, logged."""
    desk = visitor(town.desk)
    typed = {"identifier.kind": "cnp", "identifier.number": NUMBER}
    assert desk.post(act(known, "add-number"), typed).status_code == 302
    with viewing_as(town.aurora.id):
        row = PatientIdentifier.objects.get()
    assert NUMBER.encode() not in bytes(row.encrypted)
    assert row.country == "RO"
    page = texts(desk.get(page_of(known)))
    assert NUMBER not in page
    assert "•••••••••1144" in page
    ask = {"line": row.id}
    refused = desk.post(act(known, "show-number"), ask)
    assert refused.status_code == 422
    assert NUMBER not in texts(refused)
    assert not log(town, action="unmasked")
    shown = desk.post(act(known, "show-number"), {**ask, "reason": "billing"})
    assert NUMBER in texts(shown)
    assert [e.purpose for e in log(town, action="unmasked")] == ["billing"]
    assert "Probăescu, " in texts(desk.post(LIST, {"identifier": "180 0101 221144"}))
    assert desk.post(act(known, "remove-number"), ask).status_code == 302
    assert "Probăescu, " not in texts(desk.post(LIST, {"identifier": NUMBER}))


def test_a_number_that_fails_its_check_is_noted_with_a_warning(town, known):
    """DOMAIN 3.2: warns, never blocks."""
    desk = visitor(town.desk)
    typed = {"identifier.kind": "cnp", "identifier.number": "1800101221145"}
    page = texts(desk.post(act(known, "add-number"), typed, follow=True))
    assert "fails its check" in page.lower()
    wrong = desk.post(act(known, "add-number"), {**typed, "identifier.number": "x"})
    assert wrong.status_code == 422
    assert "3 to 40 letters" in texts(wrong)


def test_a_protected_address_is_hidden(town, known):
    """SCREENS section 11: hidden, shown for a reason that is logged; a later save keeps it."""
    desk = visitor(town.desk)
    form = {
        "patient.given_name": "Ștefan-Test",
        "patient.family_name": "Probăescu",
        "patient.street": "Strada Ascunsă 7",
        "patient.city": "Hemmelig",
        "patient.protected_address": "1",
        "version": "1",
    }
    desk.post(page_of(known), form)
    assert "Ascunsă" not in texts(desk.get(page_of(known)))
    assert "Ascunsă" not in texts(desk.get(f"{page_of(known)}?edit"))
    shown = desk.post(act(known, "show-address"), {"reason": "treatment"})
    assert "Ascunsă" in texts(shown)
    assert [e.purpose for e in log(town, action="address_shown")] == ["treatment"]
    again = {**form, "patient.street": "", "patient.city": "", "version": "2"}
    desk.post(page_of(known), {**again, "patient.given_name": "Stefan-Test"})
    with viewing_as(town.aurora.id):
        assert Patient.objects.get(id=known.id).street == "Strada Ascunsă 7"


def test_contacts(town, known):
    desk = visitor(town.desk)
    form = {"contact.kind": "guardian", "contact.name": "Mama Test", "contact.is_told": "1"}
    refused = desk.post(act(known, "add-contact"), form)
    assert refused.status_code == 422
    assert "Mama Test" in texts(refused)
    assert (
        desk.post(act(known, "add-contact"), {**form, "contact.phone": "+40721"}).status_code == 302
    )
    page = texts(desk.get(page_of(known, "contacts")))
    assert "Mama Test" in page
    assert "Is told" in page
    with viewing_as(town.aurora.id):
        row = PatientContact.objects.get()
    desk.post(act(known, "remove-contact"), {"line": row.id})
    assert "Mama Test" not in texts(desk.get(page_of(known, "contacts")))


def test_made_by_a_partner_until_somebody_checked(town):
    """S4: the note, and its end."""
    book(town.agent, town.mri_ana, at(1, 9))
    with viewing_as(town.aurora.id):
        made = Patient.objects.get()
    desk = visitor(town.desk)
    assert "Created by a booking of Hello Calls SRL" in texts(desk.get(page_of(made)))
    desk.post(act(made, "checked"))
    assert "Created by a booking" not in texts(desk.get(page_of(made)))


def test_bookings_and_who_has_seen(town, known):
    """S7, P36: future and past; the log in plain words, with the agreement."""
    given = person("Ștefan-Test", "Probăescu", birth_date=date(1961, 3, 14), phone="+40721555187")
    book(town.agent, town.mri_ana, at(1, 9), given)
    set_viewer(0)
    desk = visitor(town.desk)
    page = texts(desk.get(page_of(known, "bookings")))
    assert "Coming" in page
    assert "Ana-Test Ionescu" in page
    page = texts(desk.get(page_of(known, "seen")))
    assert "Hello Calls SRL" in page
    assert "Booked" in page
    assert "Test Desk" in page


def test_the_bookings_tab_asks_a_constant_number_of_questions(town, known):
    given = person("Ștefan-Test", "Probăescu", birth_date=date(1961, 3, 14), phone="+40721555187")
    desk = visitor(town.desk)
    counts = []
    for day in (1, 2):
        for hour in (9, 10, 11):
            book(town.desk, town.mri_ana, at(day, hour), given)
        set_viewer(0)
        desk.get(page_of(known, "bookings"))
        with CaptureQueriesContext(connection) as asked:
            desk.get(page_of(known, "bookings"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_two_people_edit_and_choose_field_by_field(town, known):
    """T14, SCREENS 1.9: mine beside theirs; what I left alone is proposed as theirs."""
    mine, theirs = visitor(town.desk), visitor(town.admin)
    page = page_of(known)
    shown = texts(mine.get(f"{page}?edit"))
    assert 'name="was.patient.phone" value="+40 721 555 187"' in shown
    base = {
        "patient.given_name": "Ștefan-Test",
        "patient.family_name": "Probăescu",
        "patient.birth_date": "1961-03-14",
        "patient.phone": "+40 721 555 187",
        "version": "1",
    }
    assert theirs.post(page, {**base, "patient.email": "ny@pasient.example"}).status_code == 302
    was = {f"was.{name}": value for name, value in base.items() if name != "version"}
    asked = {**base, **was, "was.patient.email": "", "patient.phone": "+40 722 000 111"}
    refused = mine.post(page, asked)
    assert refused.status_code == 409
    said = texts(refused)
    assert "Choose line by line which value stands" in said
    assert 'name="pick.patient.phone" value="mine" checked' in said
    assert 'name="pick.patient.email" value="theirs" checked' in said
    assert "pick.patient.family_name" not in said
    chosen = {**asked, "version": "2", "pick.patient.phone": "mine", "pick.patient.email": "theirs"}
    assert mine.post(page, chosen).status_code == 302
    set_viewer(town.aurora.id)
    kept = Patient.objects.get(id=known.id)
    assert (kept.phone, kept.email) == ("+40 722 000 111", "ny@pasient.example")
    assert kept.version == 3
