"""Reading tables as people have them: XLSX and CSV, any usual encoding, separator and quoting.

Gives rows of values with the row number of the file, so that an error can name its place. What a
column means is found by headings.py, what a value means by cells.py.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
from django.utils.translation import gettext_lazy as _

from samtime.foundation.encodings import decode
from samtime.foundation.errors import Refusal

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 10_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767
MOST_UNPACKED = 300 * 1024 * 1024
MOST_PARTS = 2_000
SEPARATORS = (";", ",", "\t", "|")
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell of the file that holds no value: an error such as #N/A, or a formula never counted."""

    text: str


Value = str | int | Decimal | date | datetime | time | timedelta | bool | CellFault | None


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of the file: its number as the spreadsheet shows it, and its values from column A."""

    number: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One worksheet (a CSV file is one), without its empty rows."""

    name: str
    rows: tuple[RawRow, ...]


class SheetTooLarge(Refusal):
    """More than 20 MB, or it unpacks to far more than a table needs."""

    code = "too_large"
    status = 413
    field = "file"
    sentence = _("This file is larger than 20 MB. Split it, or remove pictures and extra sheets.")


class SheetTooLong(Refusal):
    """More rows, columns or text in one cell than we take."""

    code = "sheet_too_long"
    status = 422
    field = "file"
    sentence = _("A file may have at most 10,000 rows and 200 columns. Split it.")


class SheetUnreadable(Refusal):
    """Not a table we can read."""

    code = "sheet_unreadable"
    status = 422
    field = "file"
    sentence = _(
        "This file cannot be read as a table. Save it as XLSX or CSV in your spreadsheet program."
    )


def column_letter(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA: the column as the spreadsheet shows it."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_sheets(content: bytes) -> list[RawSheet]:
    """All worksheets with something in them; the kind of file is told from its content.

    Refuses: SheetTooLarge, SheetTooLong, SheetUnreadable.
    """
    if len(content) > MOST_BYTES:
        raise SheetTooLarge()
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise SheetUnreadable(_("This file is empty."))
    if content.startswith(b"PK\x03\x04"):
        return _from_xlsx(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetUnreadable(
            _("This is an old Excel file (.xls) or a locked one. Save it as XLSX without password.")
        )
    sheets = [RawSheet("", tuple(_kept(_csv_rows(decode_text(content)))))]
    if not sheets[0].rows:
        raise SheetUnreadable(_("This file is empty."))
    return sheets


def decode_text(content: bytes) -> str:
    """The text of a CSV file, its encoding guessed by evidence. Refuses: SheetUnreadable."""
    text = decode(content)
    strange = sum(1 for c in text if c < " " and c not in "\t\r\n")
    if strange or "\x00" in text:
        raise SheetUnreadable()
    return text


def _kept(rows: Iterable[tuple[Value, ...]]) -> Iterator[RawRow]:
    found = 0
    for number, values in enumerate(rows, start=1):
        last = max((n for n, v in enumerate(values, start=1) if not _empty(v)), default=0)
        if not last:
            continue
        found += 1
        if found > MOST_ROWS + 50 or last > MOST_COLUMNS:
            raise SheetTooLong()
        yield RawRow(number, values[:last])


def _empty(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _csv_rows(text: str) -> Iterator[tuple[Value, ...]]:
    text, separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for record in reader:
            if any(len(cell) > LONGEST_CELL for cell in record):
                raise SheetTooLong(_cell_too_long(reader.line_num))
            yield tuple(record)
    except csv.Error:
        raise SheetUnreadable(
            _("Line %(line)s cannot be read: a quotation mark is missing or too many."),
            line=reader.line_num,
        ) from None


def _cell_too_long(line: int) -> str:
    return str(_("Line %(line)s has a cell with far too much text.")) % {"line": line}


def _separator(text: str) -> tuple[str, str]:
    """The text without a «sep=;» line, and the separator that makes the widest even table."""
    first = text[:10].lstrip("\ufeff").splitlines()[:1]
    if first and first[0].lower().startswith("sep=") and len(first[0]) == 5:
        return "\n" + text.split("\n", 1)[-1] if "\n" in text else "", first[0][4]
    return text, max(SEPARATORS, key=lambda mark: _evenness(text, mark))


def _evenness(text: str, mark: str) -> int:
    widths: dict[int, int] = {}
    try:
        for number, record in enumerate(csv.reader(io.StringIO(text), delimiter=mark)):
            if number >= SAMPLE:
                break
            if len(record) > 1:
                widths[len(record)] = widths.get(len(record), 0) + 1
    except csv.Error:
        return 0
    return max((width * count for width, count in widths.items()), default=0)


def _from_xlsx(content: bytes) -> list[RawSheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _guard(packed)
            counted = any(
                b"<f" in packed.read(part)
                for part in packed.namelist()
                if part.startswith("xl/worksheets/") and part.endswith(".xml")
            )
        sheets = list(_worksheets(content, with_formulas=counted))
    except Refusal:
        raise
    except Exception as fault:
        # openpyxl answers a broken file with almost any exception; every one means the same.
        raise SheetUnreadable() from fault
    if not sheets:
        raise SheetUnreadable(_("This file is empty."))
    return sheets


def _guard(packed: zipfile.ZipFile) -> None:
    """Refuse what unpacks to too much before unpacking it (sizes are enforced while reading)."""
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise SheetTooLarge()
    if "xl/workbook.xml" not in packed.namelist():
        raise SheetUnreadable()


def _worksheets(content: bytes, *, with_formulas: bool) -> Iterator[RawSheet]:
    book = _book(content, values=True)
    formulas = _book(content, values=False) if with_formulas else None
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        sheet.reset_dimensions()
        cells = _rows(sheet.iter_rows(max_col=MOST_COLUMNS + 1))
        if formulas is not None:
            beside = formulas[sheet.title]
            beside.reset_dimensions()
            cells = _uncounted(cells, beside.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True))
        rows = tuple(_kept(cells))
        if rows:
            yield RawSheet(str(sheet.title), rows)


def _book(content: bytes, *, values: bool) -> Any:
    return openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=values, keep_links=False
    )


def _rows(rows: Iterable[Iterable[Any]]) -> Iterator[tuple[Value, ...]]:
    for row in rows:
        yield tuple(_value(cell) for cell in row)


def _uncounted(
    rows: Iterable[tuple[Value, ...]], formulas: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[Value, ...]]:
    for values, written in zip(rows, formulas, strict=True):
        yield tuple(
            CellFault("=") if value is None and str(source or "").startswith("=") else value
            for value, source in zip(values, written, strict=True)
        )


def _value(cell: Any) -> Value:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "e":
        return CellFault(str(value))
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            raise SheetTooLong()
        return value.replace("\x00", "")
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, int | Decimal) and "%" in str(cell.number_format):
        return f"{(Decimal(value) * 100).normalize():f} %"
    return value  # type: ignore[no-any-return]
