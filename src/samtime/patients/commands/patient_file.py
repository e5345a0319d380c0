"""A list of clients as a table: which columns there are, and each row as a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext_lazy as _

from samtime.documents.rules import Progress, RowFault, counted, unwatched
from samtime.foundation import cells
from samtime.foundation.cells import BadCell
from samtime.foundation.errors import Invalid
from samtime.foundation.headings import Column, Table, TableRow, find_table
from samtime.foundation.sheets import Value, read_sheets
from samtime.patients.commands import PatientGiven, checked
from samtime.patients.commands.records import AddressGiven
from samtime.patients.rules import identifier_form

COLUMNS: tuple[Column, ...] = (
    Column("given_name", _("Given name"), (
        "first name", "forename", "fornavn", "prenume", "keresztnév", "utónév", "firstname",
    ), required=True),
    Column("family_name", _("Family name"), (
        "last name", "surname", "etternavn", "slektsnavn", "nume", "nume de familie",
        "vezetéknév", "családnév", "lastname",
    ), required=True),
    Column("birth_date", _("Birth date"), (
        "date of birth", "born", "dob", "fødselsdato", "født", "data nașterii", "născut",
        "születési dátum", "születési idő", "született",
    )),
    Column("phone", _("Phone"), (
        "telephone", "mobile", "mobile phone", "telefon", "mobil", "mobiltelefon", "telefon mobil",
        "telefonnummer", "mobilnummer", "telefonszám", "nr telefon", "tlf",
    )),
    Column("email", _("E-mail"), (
        "email", "e-mail address", "mail", "epost", "e-post", "epostadresse", "adresă email",
        "email cím", "e-mail cím",
    )),
    Column("language", _("Language of letters"), (
        "language", "språk", "målform", "limba", "limbă", "nyelv",
    )),
    Column("street", _("Street"), (
        "address", "street address", "gate", "gateadresse", "adresse", "adresă", "strada",
        "stradă", "utca", "cím", "lakcím",
    )),
    Column("postal_code", _("Postal code"), (
        "zip", "zip code", "postcode", "postnummer", "postnr", "cod poștal", "irányítószám", "irsz",
    )),
    Column("city", _("City"), (
        "town", "poststed", "by", "sted", "localitate", "oraș", "város", "település",
    )),
    Column("identifier", _("Identity number"), (
        "national id", "personal number", "fødselsnummer", "fnr", "personnummer", "cnp",
        "cod numeric personal", "taj", "taj szám", "tajszám", "azonosító",
    )),
    Column("country", _("Issued by (country)"), (
        "country", "id country", "land", "utstederland", "țara", "țară", "ország",
    )),
    Column("note", _("Note"), (
        "notes", "comment", "notat", "merknad", "kommentar", "notă", "observații", "megjegyzés",
    )),
)  # fmt: skip
LANGUAGES = {
    "english": "en", "engelsk": "en", "engleză": "en", "angol": "en", "norsk": "nb", "no": "nb",
    "bokmål": "nb", "norwegian": "nb", "română": "ro", "romanian": "ro", "rumensk": "ro",
    "romana": "ro", "magyar": "hu", "hungarian": "hu", "ungarsk": "hu", "maghiară": "hu",
}  # fmt: skip
LENGTHS = {"NO": 11, "HU": 9, "DK": 10}


@dataclass(frozen=True, slots=True)
class WantedPatient:
    """A row as understood."""

    row: int
    person: PatientGiven
    address: AddressGiven
    letters: Mapping[str, str] = field(default_factory=dict)


def read_patient_file(
    content: bytes,
    *,
    country: str,
    today: date,
    progress: Progress = unwatched,
    steps: int = 1,
) -> tuple[list[WantedPatient], list[RowFault], Table]:
    """Every row of the file, and every fault in it. `country` issued the numbers without one.

    Refuses: SheetTooLarge, SheetTooLong, SheetUnreadable, HeadingMissing, HeadingTwice.
    """
    table = find_table(read_sheets(content), COLUMNS)
    found: list[WantedPatient] = []
    faults: list[RowFault] = []
    for row in counted(table.rows, progress, step=1, steps=steps):
        before = len(faults)
        wanted = _wanted(row, country, faults)
        # What could not be read is empty by now: of its column nothing more is said.
        told = {fault.column for fault in faults[before:]}
        faults += [fault for fault in _faults(wanted, today) if fault.column not in told]
        found.append(wanted)
    return found, faults, table


def _wanted(row: TableRow, country: str, faults: list[RowFault]) -> WantedPatient:
    def text(key: str, longest: int) -> str:
        try:
            return cells.text(row[key], longest=longest)
        except BadCell as bad:
            faults.append(RowFault(row.number, row.letter(key), bad.detail))
            return ""

    said = text("language", 40).casefold()
    issued = (text("country", 2) or country).upper()
    number = _number(text("identifier", 60), issued)
    person = PatientGiven(
        given_name=text("given_name", 100),
        family_name=text("family_name", 100),
        birth_date=_born(row["birth_date"], row, faults),
        phone=text("phone", 40),
        email=text("email", 254),
        language=LANGUAGES.get(said, said),
        identifier=number,
        identifier_country=issued if number else "",
    )
    address = AddressGiven(
        text("street", 200), text("postal_code", 20), text("city", 100), False, text("note", 5000)
    )
    return WantedPatient(row.number, person, address, row.letters)


def _born(value: Value, row: TableRow, faults: list[RowFault]) -> date | None:
    try:
        return cells.day(value)
    except BadCell as bad:
        faults.append(RowFault(row.number, row.letter("birth_date"), bad.detail))
        return None


def _number(typed: str, country: str) -> str:
    """Spreadsheets drop the zero a number begins with."""
    number = identifier_form(typed)
    length = LENGTHS.get(country, 0)
    return number.zfill(length) if number.isdecimal() and len(number) == length - 1 else number


def _faults(wanted: WantedPatient, today: date) -> list[RowFault]:
    try:
        checked(wanted.person, today=today)
    except Invalid as refusal:
        return [
            RowFault(
                wanted.row, wanted.letters.get(e.field.removeprefix("patient."), ""), str(e.detail)
            )
            for e in refusal.errors
        ]
    return []


def example_patients() -> tuple[list[str], list[list[str | int]]]:
    """Headings in the reader's language and two invented people."""
    keys = ("family_name", "given_name", "birth_date", "phone", "email", "street", "postal_code")
    labels = {column.key: str(column.label) for column in COLUMNS}
    return [labels[k] for k in (*keys, "city")], [
        ["Eksempel", "Test-Kari", "1980-02-03", "+47 555 00 001", "kari@pasient.example",
         "Testveien 1", "5003", "Bergen"],
        ["Exemplu", "Test-Ion", "1975-11-24", "+40 721 555 001", "", "", "", "București"],
    ]  # fmt: skip
