"""Files as people have them: every usual encoding, separator, quoting and way of writing."""

import io
import zipfile
from datetime import date, time, timedelta
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samtime.foundation import cells
from samtime.foundation.cells import BadCell
from samtime.foundation.encodings import decode
from samtime.foundation.exports import Sheet, csv_bytes, xlsx_bytes
from samtime.foundation.headings import (
    Column,
    HeadingMissing,
    HeadingTwice,
    find_table,
    folded,
)
from samtime.foundation.sheets import (
    CellFault,
    SheetTooLarge,
    SheetTooLong,
    SheetUnreadable,
    column_letter,
    read_sheets,
)

COLUMNS = (
    Column("code", "Code", ("kode", "cod", "kód"), required=True),
    Column("name", "Name", ("navn", "denumire", "megnevezés"), required=True),
    Column("price", "Price", ("pris", "preț", "ár")),
)


def xlsx(*rows, formats=()):
    """A workbook with one sheet of these rows; formats are (cell, number format)."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, form in formats:
        book.active[place].number_format = form
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(content):
    """The rows of the first sheet as (number, values)."""
    return [(row.number, row.values) for row in read_sheets(content)[0].rows]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "Blåbærøy Prøve, Ștefan Țăranu, Őri Űző"),
        ("utf-8-sig", "Blåbærøy"),
        ("utf-16", "Ødegård; Țăranu"),
        ("cp1252", "Ødegård; Blåbær; Ærlig Åse"),
        ("cp1252", "Kr 450,– «fysio» æ"),
        ("cp1250", "Őri Űző; hétfő"),
        ("cp1250", "Ştefan Ţăranu; preţ în lei"),
        ("iso8859-2", "Ştefan Ţăranu; Ionuţ"),
        ("iso8859-2", "Őri Űző Gyöngyvér"),
        ("cp1250", "Škoda Žižka Šťastný Žďár"),
    ],
)
def test_the_letters_are_those_that_were_meant(encoding, words):
    """Issue 1c: BOM, UTF-8, Latin-2, Windows-1250 and 1252 told by evidence."""
    assert decode(words.encode(encoding)) == words


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_separators_quotes_and_empty_rows_keep_the_row_number(mark):
    """Issue 1c: row numbers are those of the file."""
    text = f'code{mark}name\r\n\r\nA{mark}"One{mark} two ""three"""\r\n'
    assert rows_of(text.encode()) == [
        (1, ("code", "name")),
        (3, ("A", f'One{mark} two "three"')),
    ]


def test_decimal_commas_do_not_split_a_semicolon_file():
    """Issue 1c."""
    text = "kode;pris\nA;450,00\nB;1 250,50\n"
    assert rows_of(text.encode())[1] == (2, ("A", "450,00"))


def test_the_separator_line_of_excel_is_honoured():
    """Excel writes «sep=;» first; it counts as a row."""
    assert rows_of(b"sep=|\ncode|name\nA|B;C\n") == [(2, ("code", "name")), (3, ("A", "B;C"))]


def test_an_excel_file_gives_numbers_dates_times_and_percent_as_typed():
    """Issue 1c: values, not pictures of values; 25 % is not 0.25."""
    content = xlsx(
        ["code", 450.5, 30, date(2026, 12, 1), time(8, 30), 0.25],
        formats=[("F1", "0%")],
    )
    number, values = rows_of(content)[0]
    assert number == 1
    assert values[:3] == ("code", Decimal("450.5"), 30)
    assert cells.day(values[3]) == date(2026, 12, 1)
    assert cells.clock(values[4]) == time(8, 30)
    assert cells.rate(values[5]) == 2500


def test_error_cells_and_uncounted_formulas_are_told():
    """Issue 1c: formulas are read as values; where there is none, it is said."""
    values = rows_of(xlsx(["#N/A", "=1+1", "x"]))[0][1]
    assert values[0] == CellFault("#N/A")
    assert values[1] == CellFault("=")
    with pytest.raises(BadCell) as caught:
        cells.text(values[0], longest=10)
    assert "#N/A" in caught.value.detail
    with pytest.raises(BadCell, match="never counted"):
        cells.money(values[1], "NOK")


def test_the_heading_is_found_under_a_title_in_four_languages():
    """Issue 1c: title rows above, synonyms, units in the heading, unknown columns named."""
    text = "Prisliste 2026\n\nKODE;Navn ;Pris (NOK);Merknad\nA;Test;450\n"
    table = find_table(read_sheets(text.encode()), COLUMNS)
    assert table.letters == {"code": "A", "name": "B", "price": "C"}
    assert table.unknown == (("D", "Merknad"),)
    assert (table.rows[0].number, table.rows[0]["price"]) == (4, "450")
    for names in ("Cod;Denumire;Preţ", "kód;MEGNEVEZÉS;ár (Ft)"):
        assert len(find_table(read_sheets(names.encode()), COLUMNS).letters) == 3


def test_the_second_worksheet_may_hold_the_table():
    """A cover sheet before the list is passed over."""
    book = openpyxl.Workbook()
    book.active.append(["Klinikk"])
    book.create_sheet("Liste").append(["Kode", "Navn"])
    out = io.BytesIO()
    book.save(out)
    assert find_table(read_sheets(out.getvalue()), COLUMNS).letters == {"code": "A", "name": "B"}


def test_missing_and_doubled_columns_are_told():
    """Sentences name what is missing and which columns clash."""
    with pytest.raises(HeadingMissing) as caught:
        find_table(read_sheets(b"Kode;Pris\nA;1\n"), COLUMNS)
    assert "Name" in caught.value.detail
    with pytest.raises(HeadingTwice) as caught:
        find_table(read_sheets(b"Kode;Navn;Name\nA;1;2\n"), COLUMNS)
    assert "B" in caught.value.detail
    assert "C" in caught.value.detail


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf\r\n \r\n",
        b"\x00\x01\x02garbage",
        b"\xd0\xcf\x11\xe0old excel",
        b"PK\x03\x04no zip at all",
        b'a;"b\nc;d\n',
        b"%PDF-1.7\n\x01\x02",
    ],
)
def test_garbage_is_refused_with_a_sentence(content):
    """Issue 1: a price file with garbage."""
    with pytest.raises(SheetUnreadable) as caught:
        read_sheets(content)
    assert caught.value.detail
    assert caught.value.at_field == "file"


def test_sizes_are_limited():
    """Issue 1: 20 MB, 10,000 rows, 200 columns, one huge cell."""
    with pytest.raises(SheetTooLarge):
        read_sheets(b"a" * (20 * 1024 * 1024 + 1))
    with pytest.raises(SheetTooLong):
        read_sheets(b"a;b\n" * 11_000)
    with pytest.raises(SheetTooLong):
        read_sheets(b";".join([b"x"] * 201))
    with pytest.raises((SheetTooLong, SheetUnreadable)):
        read_sheets(b"a;" + b"x" * 1_000_000)
    heading = "kode;navn\n" + "a;b\n" * 10_001
    with pytest.raises(SheetTooLong):
        find_table(read_sheets(heading.encode()), COLUMNS)


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    """P16: sizes are read from the directory, and enforced by the reader."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<x/>")
        for part in range(4):
            packed.writestr(f"xl/worksheets/sheet{part}.xml", b"0" * (100 * 1024 * 1024))
    with pytest.raises(SheetTooLarge):
        read_sheets(out.getvalue())


def test_entities_in_the_xml_are_refused():
    """Billion laughs: defusedxml reads, the answer is a sentence."""
    good = xlsx(["code", "name"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            if part == "xl/worksheets/sheet1.xml":
                entity = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
                content = entity + content.split(b"?>")[-1]
            target.writestr(part, content)
    with pytest.raises(SheetUnreadable):
        read_sheets(out.getvalue())


WRITTEN = {
    "plain": lambda n, c: f"{n}.{c:02d}",
    "comma": lambda n, c: f"{n},{c:02d}",
    "norwegian": lambda n, c: f"{n:,}".replace(",", "\u00a0") + f",{c:02d}",
    "romanian": lambda n, c: f"{n:,}".replace(",", ".") + f",{c:02d} lei",
    "english": lambda n, c: f"RON {n:,}.{c:02d}",
    "swiss": lambda n, c: f"{n:,}".replace(",", "'") + f".{c:02d}",
}


@given(
    whole=st.integers(0, 9_999_999),
    part=st.integers(0, 99),
    way=st.sampled_from(sorted(WRITTEN)),
)
@settings(max_examples=300, deadline=None)
def test_an_amount_is_the_same_however_it_is_written(whole, part, way):
    """Issue 1c: decimal commas, currency signs, thousands."""
    assert cells.money(WRITTEN[way](whole, part), "RON").minor == whole * 100 + part


@pytest.mark.parametrize(
    ("typed", "minor"),
    [("1.250", 125000), ("1,250", 125000), ("1 250,-", 125000), ("kr 450", 45000), ("0,5", 50)],
)
def test_thousands_and_short_forms(typed, minor):
    """«1.250» in a price list is twelve hundred and fifty."""
    assert cells.money(typed, "NOK").minor == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("free", "NOK"),
        ("-5", "NOK"),
        ("1,2,3", "NOK"),
        ("4.5005", "NOK"),
        ("450 lei", "NOK"),
        ("€ 20", "RON"),
        ("12,50", "HUF"),
        ("9" * 14, "NOK"),
        ("1.25.50,00", "NOK"),
    ],
)
def test_what_is_no_price_is_refused(typed, currency):
    """Letters, below zero, too many decimals, another currency."""
    with pytest.raises(BadCell):
        cells.money(typed, currency)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (30, 30),
        ("30 min", 30),
        ("0:45", 45),
        ("1:30", 90),
        ("1 h 30 min", 90),
        ("1 t", 60),
        (time(0, 20), 20),
        (timedelta(minutes=50), 50),
        (Decimal(60), 60),
        ("", None),
    ],
)
def test_minutes(typed, expected):
    """Durations as price lists give them."""
    assert cells.minutes(typed) == expected


@pytest.mark.parametrize("typed", ["half an hour", "-5", "20,5", "1e3"])
def test_no_minutes(typed):
    """Not a duration."""
    with pytest.raises(BadCell):
        cells.minutes(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("25 %", 2500), (25, 2500), ("0,25 %", 25), (Decimal("0.25"), 2500), ("fritatt", 0)],
)
def test_rates(typed, expected):
    """VAT as typed."""
    assert cells.rate(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("8", time(8)),
        ("08.30", time(8, 30)),
        ("0800", time(8)),
        ("kl. 16:15", time(16, 15)),
    ],
)
def test_clocks(typed, expected):
    """Times of day."""
    assert cells.clock(typed) == expected


def told(refusals, run):
    """It ran, or was refused with a sentence."""
    try:
        run()
    except refusals as refusal:
        return bool(refusal.detail)
    return True


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_never_a_fault(typed):
    """Whatever stands in a cell is a value or a sentence."""
    readers = (cells.minutes, cells.decimal, cells.rate, cells.day, cells.clock)
    for reader in (*readers, lambda value: cells.money(value, "NOK")):
        assert told(BadCell, lambda reader=reader: reader(typed))


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused_never_a_fault(content):
    """A file is a table or a refusal."""
    refusals = (SheetUnreadable, SheetTooLong, SheetTooLarge)
    assert told(refusals, lambda: read_sheets(content))


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_we_write_as_xlsx_we_read_back(rows):
    """P16: texts stay texts, «=1+1» too."""
    content = xlsx_bytes(Sheet("Test", ["a", "b", "c"], rows))
    read = [values for _number, values in rows_of(content)[1:]]
    expected = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    assert [tuple(v or "" for v in values) for values in read] == [
        tuple(row[: max(n for n, c in enumerate(row, 1) if c.strip())]) for row in expected
    ]


def test_a_risky_text_is_harmless_in_csv():
    """P16: no live formula."""
    content = csv_bytes(Sheet("Test", ["a"], [["=1+1"], ["+47"], [5]]))
    assert content.decode("utf-8-sig").splitlines() == ["a", "'=1+1", "'+47", "5"]


def test_column_letters_and_folded_names():
    """As the spreadsheet shows them; names compare without accents."""
    assert [column_letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert folded("  Țărănuș, Ødegård-Æsop ") == "taranus odegard aesop"
