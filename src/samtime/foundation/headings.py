"""Which row is the heading, and which column is what: by names in four languages.

Titles, logos and notes above the heading row are passed over; columns nobody asked for are named.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samtime.foundation.errors import Refusal
from samtime.foundation.sheets import (
    MOST_ROWS,
    RawRow,
    RawSheet,
    SheetTooLong,
    Value,
    column_letter,
)

LOOK_IN = 40
# Letters that do not come apart into a plain one and an accent.
PLAIN = str.maketrans({"æ": "ae", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "ł": "l"})
UNITS = re.compile(r"\b(nok|ron|lei|huf|ft|eur|kr|min|mins|minutes|minutter|minute|perc)\b")


@dataclass(frozen=True, slots=True)
class Column:
    """A column we know: its key, how it is called to people, and its names in the files."""

    key: str
    label: str | Promise
    names: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row under the heading: values by column key, with the letter of each column."""

    number: int
    values: Mapping[str, Value]
    letters: Mapping[str, str]

    def __getitem__(self, key: str) -> Value:
        return self.values.get(key)

    def letter(self, key: str) -> str:
        """The column's letter, or «» when the file has no such column."""
        return self.letters.get(key, "")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows, the columns found (key to letter), and headings that nobody asked for."""

    rows: tuple[TableRow, ...]
    letters: Mapping[str, str]
    unknown: tuple[tuple[str, str], ...] = field(default=())


class HeadingMissing(Refusal):
    """No row names the columns that are needed."""

    code = "heading_missing"
    status = 422
    field = "file"
    sentence = _(
        "A row with the names of the columns is needed. These are missing: %(missing)s. "
        "Compare with the example file."
    )


class HeadingTwice(Refusal):
    """Two columns mean the same."""

    code = "heading_twice"
    status = 422
    field = "file"
    sentence = _("Columns %(first)s and %(second)s both mean «%(label)s». Remove one of them.")


def folded(text: str) -> str:
    """Small letters without accents and punctuation, for comparing names."""
    parts = unicodedata.normalize("NFKD", text.casefold().translate(PLAIN))
    plain = "".join(c for c in parts if not unicodedata.combining(c)).translate(PLAIN)
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def find_table(sheets: Sequence[RawSheet], columns: Sequence[Column]) -> Table:
    """The table whose heading row knows most columns, in the first sheet that has one.

    Refuses: HeadingMissing, HeadingTwice, SheetTooLong.
    """
    known = {
        folded(name): column.key
        for column in reversed(columns)
        for name in (str(column.label), column.key, *column.names)
    }
    best = max(
        ((sheet, row) for sheet in sheets for row in sheet.rows[:LOOK_IN]),
        key=lambda place: len(set(_found(place[1], known).values())),
    )
    sheet, heading = best
    found = _found(heading, known)
    _check(found, columns)
    body = tuple(row for row in sheet.rows if row.number > heading.number)
    if len(body) > MOST_ROWS:
        raise SheetTooLong()
    letters = {key: column_letter(index) for index, key in found.items()}
    return Table(
        rows=tuple(_row(row, found, letters) for row in body if _has_something(row, found)),
        letters=letters,
        unknown=_unknown(heading, found),
    )


def _found(row: RawRow, known: Mapping[str, str]) -> dict[int, str]:
    names = {n: v for n, v in enumerate(row.values) if isinstance(v, str) and v.strip()}
    keys = {index: _key(name, known) for index, name in names.items()}
    return {index: key for index, key in keys.items() if key is not None}


def _key(name: str, known: Mapping[str, str]) -> str | None:
    whole = folded(name)
    without = folded(re.sub(r"\([^)]*\)|\[[^]]*\]", " ", name))
    plain = " ".join(UNITS.sub(" ", without).split())
    return known.get(whole) or known.get(without) or known.get(plain)


def _check(found: Mapping[int, str], columns: Sequence[Column]) -> None:
    labels = {column.key: column.label for column in columns}
    places: dict[str, int] = {}
    for index, key in found.items():
        if key in places:
            first, second = column_letter(places[key]), column_letter(index)
            raise HeadingTwice(first=first, second=second, label=labels[key])
        places[key] = index
    missing = [str(c.label) for c in columns if c.required and c.key not in places]
    if missing:
        raise HeadingMissing(missing=", ".join(missing))


def _has_something(row: RawRow, found: Mapping[int, str]) -> bool:
    mine = [row.values[index] for index in found if index < len(row.values)]
    return any(v is not None and str(v).strip() for v in mine)


def _row(row: RawRow, found: Mapping[int, str], letters: Mapping[str, str]) -> TableRow:
    values = {
        key: row.values[index] if index < len(row.values) else None for index, key in found.items()
    }
    return TableRow(row.number, values, letters)


def _unknown(heading: RawRow, found: Mapping[int, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (column_letter(index), str(value).strip())
        for index, value in enumerate(heading.values)
        if index not in found and value is not None and str(value).strip()
    )
