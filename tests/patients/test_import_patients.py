"""Lists of clients: three countries, all or nothing, the known are named, nothing is kept long."""

import io
import time
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.bookings.commands.imports import ImportExpired, apply_import, start_import
from samtime.documents.commands import Upload, expire_lists_of_people
from samtime.documents.models import ImportRun
from samtime.foundation.errors import RightMissing
from samtime.foundation.secrets import decrypt, keyed_hashes
from samtime.foundation.tenancy import set_viewer
from samtime.patients.commands import add_patient
from samtime.patients.models import Patient, PatientIdentifier
from samtime.patients.queries import NameKeys, PatientSearch, name_keys, search_patients
from tests.town import NOW, TODAY, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NORWEGIAN = (
    "Etternavn;Fornavn;Fødselsdato;Mobil;E-post;Gateadresse;Postnr;Poststed;Fødselsnummer;Språk\r\n"
    "Prøvesen;Test-Åse;14.03.1961;+47 555 01 187;ase@pasient.example;Testveien 1;5003;Bergen;"
    "14036112345;norsk\r\n"
    "Øvingsås;Test-Ola;3.2.1980;;;;;;;\r\n"
)
ROMANIAN = (
    "Nume,Prenume,Data nașterii,Telefon,CNP\nProbăescu,Ștefan-Test,1961-03-14,0721 555 187,"
    "1800101221144\n"
)


def hungarian():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Páciensek listája"])
    sheet.append(["Vezetéknév", "Keresztnév", "Születési dátum", "Telefonszám", "TAJ szám"])
    sheet.append(["Próbaházi", "Teszt-Őszike", date(1961, 3, 14), 36205550001, 12345678])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def look(actor, content, now=NOW):
    set_viewer(actor.organization_id)
    content = content if isinstance(content, bytes) else content.encode()
    return start_import(actor=actor, upload=Upload("patients", "list.csv", content), now=now)


def done(actor, content):
    run = look(actor, content)
    assert run.state == "previewed", run.errors
    return apply_import(actor=actor, run_id=run.public_id, now=NOW)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (NORWEGIAN, ["Test-Åse Prøvesen", "Test-Ola Øvingsås"]),
        (ROMANIAN, ["Ștefan-Test Probăescu"]),
        (hungarian(), ["Teszt-Őszike Próbaházi"]),
    ],
)
def test_lists_of_three_countries(town, content, found):
    """P21: headings and signs of each country; whoever was imported is found; twice is once."""
    run = done(town.fjord_admin, content)
    assert [str(p) for p in Patient.objects.order_by("id")] == found
    assert [row["label"] for row in run.preview] == [""] * len(found)
    assert bytes(run.content) == b""
    assert PatientIdentifier.objects.count() == 1
    hit = search_patients(town.fjord_admin, PatientSearch(name=found[0]))
    assert [str(p) for p in hit] == [found[0]]
    again = done(town.fjord_admin, content)
    assert [row["action"] for row in again.preview] == ["unchanged"] * len(found)
    assert Patient.objects.count() == len(found)


def test_a_zero_that_the_spreadsheet_dropped_comes_back(town):
    done(town.fjord_admin, "Fornavn;Etternavn;Fnr\nTest-Ola;Prøvesen;1036112345")
    assert PatientIdentifier.objects.get().last_four == "2345"
    found = search_patients(town.fjord_admin, PatientSearch(identifier="01036112345"))
    assert len(found) == 1


def test_errors_by_row_and_column_and_nothing_happens(town):
    bad = (
        "Fornavn;Etternavn;Fødselsdato;E-post\n;Prøvesen;14.03.1961;\nTest-Ola;X;31.02.1980;nei\n"
        "Test-Kari;Y;;ingen\nTest-Per;Z;1.1.1990;\nTest-Per;Z;1.1.1990;\n"
    )
    run = look(town.fjord_admin, bad)
    assert run.state == "refused"
    found = [(e["row"], e["column"]) for e in run.errors]
    assert found == [(2, "A"), (3, "C"), (3, "D"), (4, "D"), (6, "")]
    assert bytes(run.content) == b""
    assert run.preview == []
    assert not Patient.objects.exists()


def test_the_known_and_the_similar_are_named(town):
    set_viewer(town.aurora.id)
    born = date(1961, 3, 14)
    add_patient(
        actor=town.desk, person=person("Ștefan-Test", "Probăescu", birth_date=born), today=TODAY
    )
    run = look(
        town.admin,
        "Nume;Prenume;Data nașterii\nProbaescu;Stefan-Test;14.03.1961\n"
        "Probaesku;Stefan-Test;14.03.1961\n",
    )
    known, similar = run.preview
    assert (known["action"], similar["action"]) == ("unchanged", "create")
    assert known["changes"][0]["after"] == "Ștefan-Test Probăescu"
    assert similar["changes"][0]["field"] == "May be the same as"


def test_what_nobody_applied_is_let_go_after_a_day(town):
    run = look(town.fjord_admin, NORWEGIAN)
    ImportRun.objects.update(created_at=NOW - timedelta(hours=25))
    assert expire_lists_of_people(doer=town.fjord_admin, now=NOW) == 1
    run.refresh_from_db()
    assert (bytes(run.content), run.preview, run.state) == (b"", [], "expired")
    with pytest.raises(ImportExpired):
        apply_import(actor=town.fjord_admin, run_id=run.public_id, now=NOW)
    assert not Patient.objects.exists()


def test_rights(town):
    for who in (town.agent, town.manager):
        with pytest.raises(RightMissing):
            look(who, NORWEGIAN)
    assert not ImportRun.objects.exists()


@pytest.mark.prove
def test_ten_thousand_rows(town, record_property):
    """Ten thousand clients with numbers, looked at and applied; ten seconds on an idle machine."""
    lines = ["Fornavn;Etternavn;Fødselsdato;Mobil;Fødselsnummer"]
    for n in range(10_000):
        born = date(1950, 1, 1) + timedelta(days=n)
        lines.append(f"Test{n};Prøvesen{n % 97};{born};+47 555 {n:05};{10_000_000_000 + n}")
    began = time.monotonic()
    done(town.fjord_admin, "\n".join(lines))
    took = time.monotonic() - began
    record_property("figure", f"10,000 rows in {took:.1f} s")
    assert Patient.objects.count() == 10_000
    assert took < 30, f"{took:.1f} s"


@pytest.mark.parametrize(
    "names",
    [("Test-Åse", "Prøvesen"), ("Ștefan ", "O'Probă-Îescu"), ("ẞtraße", "ıŁ x"), ("Jo", "陳大文")],
)
def test_keys_of_a_whole_list_are_those_of_one_person(names):
    assert NameKeys(7).of(*names) == name_keys(7, *names)


def test_a_list_is_written_in_few_statements_and_found_like_any_client(town):
    """R25: a thousand people a statement; identity numbers are found and read as typed singly."""
    people = "".join(
        f"Test-P{n};Liste{n};0{n % 9 + 1}.02.1980;{18001012211 + n}\n" for n in range(40)
    )
    run = look(town.admin, f"Prenume;Nume;Data nașterii;CNP\n{people}")
    with CaptureQueriesContext(connection) as seen:
        apply_import(actor=town.admin, run_id=run.public_id, now=NOW)
    inserts = [s["sql"] for s in seen if "INSERT INTO patients_" in s["sql"].replace('"', "")]
    assert len(inserts) == 2
    made = Patient.objects.filter(family_name__startswith="Liste").order_by("id")
    assert [p.family_name for p in made] == [f"Liste{n}" for n in range(40)]
    one = made.get(family_name="Liste3")
    single = add_patient(actor=town.admin, person=person("Test-P3", "Liste3"), today=TODAY)
    assert one.name_keys == single.name_keys
    assert (one.version, one.protected_address, one.created_user_id) == (
        1,
        False,
        town.admin.user_id,
    )
    number = one.identifiers.get()
    assert decrypt(number.encrypted) == "18001012214"
    assert bytes(number.keyed_hash) == keyed_hashes("18001012214")[0]
    assert number.last_four == "2214"
