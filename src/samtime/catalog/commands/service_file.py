"""A price list as a table: which columns there are, and each row as a wanted service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from samtime.catalog.rules import PriceGiven
from samtime.documents.rules import RowFault
from samtime.foundation import cells
from samtime.foundation.cells import BadCell
from samtime.foundation.headings import Column, HeadingMissing, Table, TableRow, find_table
from samtime.foundation.sheets import Value, read_sheets

T = TypeVar("T")
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "en": ("en", "english", "engelsk", "engleza", "angol"),
    "nb": ("nb", "no", "norsk", "norwegian", "bokmål", "norvegiana", "norvég"),
    "ro": ("ro", "romana", "romanian", "rumensk", "română", "román"),
    "hu": ("hu", "magyar", "hungarian", "ungarsk", "maghiara"),
}
NAME = (
    "name", "service", "examination", "treatment", "service name", "navn", "tjeneste",
    "behandling", "undersøkelse", "tjenestenavn", "denumire", "nume", "serviciu", "examinare",
    "denumire serviciu", "investigație", "megnevezés", "név", "szolgáltatás", "vizsgálat",
)  # fmt: skip
PREPARATION = (
    "preparation", "instructions", "forberedelse", "forberedelser", "pregătire", "instrucțiuni",
    "előkészület", "felkészülés", "tájékoztató",
)  # fmt: skip


def _in_language(words: tuple[str, ...], marks: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{w} {m}" for w in words for m in marks) + tuple(
        f"{m} {w}" for w in words for m in marks
    )


COLUMNS: tuple[Column, ...] = (
    Column("code", _("Code"), (
        "service code", "id", "no", "number", "kode", "tjenestekode", "nr", "takst", "cod",
        "cod serviciu", "kód", "szolgáltatáskód", "vizsgálatkód", "sku",
    ), required=True),
    Column("name", _("Name"), NAME),
    Column("specialty", _("Specialty"), (
        "speciality", "category", "group", "department", "fagområde", "spesialitet", "kategori",
        "fag", "gruppe", "specialitate", "categorie", "departament", "szakterület", "szakma",
        "kategória", "osztály",
    )),
    Column("duration", _("Duration"), (
        "duration minutes", "minutes", "length", "time", "varighet", "tid", "lengde", "minutter",
        "durata", "durată", "timp", "minute", "időtartam", "hossz", "perc", "idő",
    )),
    Column("buffer_before", _("Buffer before"), (
        "buffer before minutes", "time before", "preparation time", "buffer før", "pause før",
        "tid før", "timp înainte", "pauză înainte", "buffer înainte", "puffer előtte",
        "szünet előtte",
    )),
    Column("buffer_after", _("Buffer after"), (
        "buffer", "buffer after minutes", "time after", "buffer etter", "pause etter", "tid etter",
        "timp după", "pauză după", "buffer după", "puffer utána", "szünet utána",
    )),
    Column("price", _("Price"), (
        "amount", "fee", "gross price", "price incl vat", "price including vat", "pris",
        "listepris", "pris inkl mva", "pris inklusive mva", "honorar", "egenandel", "preț",
        "tarif", "preț cu tva", "preț final", "ár", "bruttó ár", "díj",
    )),
    Column("vat_rate", _("VAT"), (
        "vat", "vat rate", "vat percent", "tax", "mva", "mva sats", "mva prosent", "moms", "tva",
        "cota tva", "procent tva", "áfa", "áfakulcs", "áfa kulcs",
    )),
    Column("currency", _("Currency"), ("valuta", "moneda", "monedă", "pénznem", "deviza")),
    Column("from", _("Price from"), (
        "price from", "valid from", "price valid from", "from date", "gjelder fra", "pris fra",
        "fra dato", "valabil de la", "preț de la", "érvényes", "érvényes ettől", "ár ettől",
    )),
    *(Column(f"name_{code}", _("Name"), _in_language(NAME, marks))
      for code, marks in LANGUAGES.items()),
    Column("preparation", _("Preparation"), PREPARATION),
    *(Column(f"preparation_{code}", _("Preparation"), _in_language(PREPARATION, marks))
      for code, marks in LANGUAGES.items()),
)  # fmt: skip


@dataclass(slots=True)
class WantedService:
    """A row as understood: None or a missing key means that the file says nothing about it."""

    row: int
    code: str
    name: str | None = None
    specialty: str | None = None
    duration: int | None = None
    buffer_before: int | None = None
    buffer_after: int | None = None
    names: dict[str, str] = field(default_factory=dict)
    preparation: dict[str, str] = field(default_factory=dict)
    price: PriceGiven | None = None
    from_on: date | None = None
    letters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class House:
    """What a file is read against: the organization's currency and own language."""

    currency: str
    language: str


def read_service_file(
    content: bytes, house: House
) -> tuple[list[WantedService], list[RowFault], Table]:
    """Every row of the file, and every fault in it.

    Refuses: SheetTooLarge, SheetTooLong, SheetUnreadable, HeadingMissing, HeadingTwice.
    """
    table = find_table(read_sheets(content), COLUMNS)
    if not any(key == "name" or key.startswith("name_") for key in table.letters):
        raise HeadingMissing(missing=str(_("Name")))
    found: list[WantedService] = []
    faults: list[RowFault] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        reader = RowReader(row, faults)
        wanted = _wanted(reader, house)
        first = seen.setdefault(wanted.code.casefold(), row.number) if wanted.code else row.number
        if first != row.number:
            reader.fault("code", _("Row %(row)s has the same code."), row=first)
        found.append(wanted)
    return found, faults, table


class RowReader:
    """Reads the cells of one row and notes every fault with its place."""

    def __init__(self, row: TableRow, faults: list[RowFault]) -> None:
        self.row = row
        self.faults = faults

    def read(self, key: str, how: Callable[[Value], T]) -> T | None:
        """The cell's meaning; None when the column is not there or the cell is bad."""
        if key not in self.row.letters:
            return None
        try:
            return how(self.row[key])
        except BadCell as bad:
            self.faults.append(RowFault(self.row.number, self.row.letter(key), bad.detail))
            return None

    def fault(self, key: str, sentence: object, **facts: object) -> None:
        """Note a fault at a column of this row."""
        text = str(sentence) % facts if facts else str(sentence)
        self.faults.append(RowFault(self.row.number, self.row.letter(key), text))

    def text(self, key: str, longest: int) -> str | None:
        """A plain text."""
        return self.read(key, lambda value: cells.text(value, longest=longest))


def _wanted(reader: RowReader, house: House) -> WantedService:
    before = len(reader.faults)
    wanted = WantedService(
        row=reader.row.number,
        code=reader.text("code", 40) or "",
        name=reader.text("name", 200),
        specialty=reader.text("specialty", 100),
        duration=reader.read("duration", cells.minutes),
        buffer_before=reader.read("buffer_before", lambda v: cells.minutes(v) or 0),
        buffer_after=reader.read("buffer_after", lambda v: cells.minutes(v) or 0),
        names=_texts(reader, "name", 200),
        preparation=_texts(reader, "preparation", 5000),
        from_on=reader.read("from", cells.day),
        letters=reader.row.letters,
    )
    own = reader.read("preparation", lambda value: cells.lines(value, longest=5000))
    if own is not None:
        wanted.preparation.setdefault(house.language, own)
    if wanted.name is None and "name" not in reader.row.letters:
        wanted.name = wanted.names.get(house.language) or next(
            (text for text in wanted.names.values() if text), ""
        )
    if len(reader.faults) == before and not wanted.code:
        reader.fault("code", _("The code is missing."))
    if len(reader.faults) == before and not wanted.name:
        reader.fault("name", _("The name is missing."))
    wanted.price = _price(reader, house)
    return wanted


def _texts(reader: RowReader, key: str, longest: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in LANGUAGES:
        text = reader.read(f"{key}_{code}", lambda value: cells.lines(value, longest=longest))
        if text is not None:
            found[code] = text
    return found


def _price(reader: RowReader, house: House) -> PriceGiven | None:
    said = (reader.text("currency", 10) or "").upper()
    if said and said not in (house.currency, *(s.upper() for s in cells.SIGNS[house.currency])):
        reader.fault("currency", _("Your organisation uses %(currency)s."), currency=house.currency)
        return None
    amount = reader.read("price", lambda value: cells.money(value, house.currency))
    rate = reader.read("vat_rate", cells.rate)
    if amount is None:
        return None
    return PriceGiven(
        amount=amount.minor,
        currency=house.currency,
        vat_rate=rate or 0,
        vat_category="S" if rate else "E",
    )


def example_services(currency: str) -> tuple[list[str], list[list[str | int]]]:
    """Headings in the reader's language and two invented rows that can be imported as they are."""
    keys = ("code", "name", "specialty", "duration", "buffer_after", "price", "vat_rate")
    labels = {column.key: str(column.label) for column in COLUMNS}
    heads = [f"{labels[k]} ({currency})" if k == "price" else labels[k] for k in keys]
    general = str(_("General"))
    return heads, [
        ["EX-1", str(_("First consultation (example)")), general, 30, 5, "450", "0 %"],
        ["EX-2", str(_("Follow-up (example)")), general, 20, 0, "300", "0 %"],
    ]
