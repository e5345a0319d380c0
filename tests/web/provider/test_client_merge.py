"""Possible duplicates and the two columns."""

from datetime import date

import pytest

from samtime.accounts.actor import system_actor
from samtime.foundation.tenancy import set_viewer
from samtime.patients.commands import add_patient
from samtime.patients.commands.merging import propose_recent_duplicates
from samtime.patients.models import Patient
from tests.town import NOW, TODAY, person
from tests.web.provider.conftest import LIST, page_of
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def twin(town, known):
    set_viewer(town.aurora.id)
    given = person("Stefan-Test", "Probaescu", birth_date=date(1961, 3, 14), phone="+40 722 1")
    made = add_patient(actor=town.desk, person=given, today=TODAY)
    propose_recent_duplicates(actor=system_actor(town.aurora.id), now=NOW)
    set_viewer(0)
    return made


def form(one, other, **more):
    return {
        "one": one.public_id,
        "other": other.public_id,
        "one_version": 1,
        "other_version": 1,
        "kept": "one",
        "take.phone": "other",
        "word": "Merge",
        **more,
    }


def test_proposed_compared_merged_undone(town, known, twin):
    """SCREENS 4.7, 2.12 (c): the typed word, line by line, and the way back."""
    desk = visitor(town.desk)
    assert "1 possible duplicate" in texts(desk.get(LIST))
    assert "looks like the same person" in texts(desk.get(page_of(known)))
    page = texts(desk.get(f"{LIST}merge/"))
    assert "Same birth date, similar name" in page
    columns = texts(desk.get(f"{LIST}merge/?one={known.public_id}&other={twin.public_id}"))
    assert "+40 722 1" in columns
    refused = desk.post(f"{LIST}merge/", form(known, twin, word="yes"))
    assert refused.status_code == 422
    assert "Type the word «merge»." in texts(refused)
    answer = desk.post(f"{LIST}merge/", form(known, twin))
    assert answer.status_code == 302
    page = texts(desk.get(answer["Location"]))
    assert "+40 722 1" in page
    assert "Merged into this client" in page
    assert desk.get(page_of(twin))["Location"] == page_of(known)
    undo = page.split("/undo/")[0].rsplit("/", 1)[1]
    assert desk.post(f"{LIST}merge/{undo}/undo/").status_code == 302
    assert desk.get(page_of(twin)).status_code == 200


def test_a_twin_typed_at_the_desk_is_seen_at_once(town, known):
    """Nobody waits for the night: the page after «Save client» says who looks alike."""
    desk = visitor(town.desk)
    typed = {
        "patient.given_name": "Stefan-Test",
        "patient.family_name": "Probaescu",
        "patient.birth_date": "14.03.1961",
    }
    page = texts(desk.post(f"{LIST}?new", typed, follow=True))
    assert "looks like the same person" in page


def test_the_second_is_told(town, known, twin):
    desk = visitor(town.desk)
    desk.post(f"{LIST}merge/", form(known, twin))
    told = desk.post(f"{LIST}merge/", form(twin, known), follow=True)
    assert "A colleague has merged one of these two clients" in texts(told)
    assert told.request["PATH_INFO"] == page_of(known)
    set_viewer(town.aurora.id)
    assert Patient.objects.exclude(merged_into_id=None).count() == 1


def test_two_people(town, known, twin):
    desk = visitor(town.desk)
    page = texts(desk.get(f"{LIST}merge/"))
    proposal = page.split('name="apart" value="')[1].split('"')[0]
    desk.post(f"{LIST}merge/", {"apart": proposal})
    assert "No possible duplicates" in texts(desk.get(f"{LIST}merge/"))


def test_a_stranger_gets_404(town, known, twin):
    """P7."""
    address = f"merge/?one={known.public_id}&other={twin.public_id}"
    assert visitor(town.outsider).get(f"/o/stranger/patients/{address}").status_code == 404
    assert visitor(town.agent).get(f"/o/aurora/patients/{address}").status_code == 404
