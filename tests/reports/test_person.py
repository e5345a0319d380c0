"""Everything about one person: no table forgotten, nothing of anybody else, logged."""

import json
from datetime import date

import pytest
from django.apps import apps

from samtime.commandline.person_export import export_person
from samtime.foundation.errors import RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import AccessLogEntry
from samtime.patients.commands import add_patient
from samtime.patients.commands.merging import MergeWish, merge_patients
from samtime.patients.commands.records import ContactGiven, add_contact, add_identifier
from samtime.patients.models import Patient
from samtime.reports.queries.person import PASSING, REGISTER, person_export
from samtime.web.provider.client_paper import parts_of, tables
from tests.town import NOW, TODAY, at, book, person
from tests.web.visitors import visitor

pytestmark = pytest.mark.django_db
# Columns that speak of patients in general, or of how they may be looked for.
GENERAL = {"patient_access"}


def columns(model):
    return {f.name for f in model._meta.concrete_fields} - GENERAL


def test_every_table_that_names_a_patient_is_in_the_register():
    """P37: a new table with a patient's column and no entry fails here."""
    forgotten = []
    for model in apps.get_models():
        if not model.__module__.startswith("samtime."):
            continue
        to_patient = any(f.related_model is Patient for f in model._meta.concrete_fields)
        named = any("patient" in name for name in columns(model))
        label = model._meta.label
        if (to_patient or named) and label not in REGISTER and label not in PASSING:
            forgotten.append(label)
    assert forgotten == []


@pytest.fixture
def whole(town, clock):
    """One person with a booking, a number, a contact and a record that was merged."""
    set_viewer(town.aurora.id)
    born = date(1961, 3, 14)
    kept = add_patient(
        actor=town.desk, person=person("Hval-Test", "Kanarifugl", birth_date=born), today=TODAY
    )
    gone = add_patient(
        actor=town.desk, person=person("Hval-Test", "Fjernfugl", birth_date=born), today=TODAY
    )
    add_patient(actor=town.desk, person=person("Andre-Test", "Fremmedfugl"), today=TODAY)
    given = {"actor": town.desk, "patient_id": gone.public_id}
    add_identifier(**given, kind="passport", country="NO", number="KANARI99")
    add_contact(**given, contact=ContactGiven("guardian", "Mor Kanarimor"))
    book(town.desk, town.mri_ana, at(1, 9), person("Hval-Test", "Kanarifugl", birth_date=born))
    wish = MergeWish(kept.public_id, gone.public_id, 1, 1)
    merge_patients(actor=town.desk, wish=wish, now=NOW)
    set_viewer(0)
    return kept


def test_the_export_holds_everything_and_nobody_else(town, whole):
    """P37, P12: both records, the number in full, contacts, bookings, the log; once logged."""
    set_viewer(town.aurora.id)
    told = person_export(town.admin, Patient.objects.get(id=whole.id))
    text = json.dumps(told, default=str)
    for word in ("Kanarifugl", "Fjernfugl", "KANARI99", "Kanarimor"):
        assert word in text
    assert "Fremmedfugl" not in text
    for label in ("bookings.Booking", "journal.JournalEntry", "journal.AccessLogEntry"):
        assert told[label], label
    assert AccessLogEntry.objects.filter(action="exported").count() == 1
    with pytest.raises(RightMissing):
        person_export(town.desk, whole)


def test_the_paper_speaks_the_person_s_words(town, whole):
    """P37: every table has its place on paper too, and no code or machine's time stands there."""
    assert {label for label, _title, _fields in tables()} == set(REGISTER)
    set_viewer(town.aurora.id)
    told = person_export(town.admin, Patient.objects.get(id=whole.id))
    parts = {part["title"]: part["rows"] for part in parts_of(told, "Europe/Bucharest")}
    assert ["Kind", "Passport"] in parts["Identity numbers"][0]
    assert ["Who is it?", "Guardian"] in parts["Contacts"][0]
    assert ["Birth date", "14 Mar 1961"] in parts["Contact data"][0]
    assert ["State", "Booked"] in parts["Bookings"][0]
    assert ["Organisation", "Clinica Aurora SRL"] in parts["Who has seen"][0]
    assert "patient." not in str(parts["What happened"])


def test_files_from_the_page_and_the_command_line(town, whole, tmp_path, capsys):
    """JSON, PDF and `samtime export`; who may not export gets 404."""
    address = f"/o/aurora/patients/{whole.public_id}/export"
    answer = visitor(town.admin).get(f"{address}.json")
    assert "KANARI99" in answer.content.decode()
    assert "Kanarifugl" not in answer["Content-Disposition"]
    pdf = visitor(town.admin).get(f"{address}.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert visitor(town.desk).get(f"{address}.json").status_code == 404
    assert visitor(town.outsider).get(f"{address}.json").status_code == 404
    out = tmp_path / "one.json"
    assert export_person("aurora", whole.public_id, out) == 0
    assert "KANARI99" in out.read_text("utf-8")
    assert export_person("stranger", whole.public_id, None) == 1
