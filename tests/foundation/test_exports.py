"""Exports carry no formulas, whatever people typed (P16, T11)."""

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from samtime.foundation.exports import RISKY, Sheet, csv_bytes, xlsx_bytes
from samtime.foundation.money import Money

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.builds(
        lambda blank, sign, rest: blank + sign + rest,
        st.text(" \u00a0\u200b\ufeff\n\v\f\x00\t", max_size=3),
        st.sampled_from(["=", "+", "-", "@", "\t", "\r", "＝", "|"]),
        st.sampled_from(["1+1", "cmd|'/C calc'!A0", 'HYPERLINK("http://x")', "SUM(A1)", "x"]),
    ),
)


def sheet(*cells):
    return Sheet("Test", ["A", "B"], [list(cells)])


@settings(max_examples=300, deadline=None)
@given(HOSTILE, HOSTILE)
@example("=1+1", "\x00=1+1")
@example("  @SUM(1)", "\r\n-2+3")
def test_no_cell_of_a_csv_begins_a_formula(one, two):
    """P16: 0 cells beginning = + - @ tab CR, blanks and NUL before them do not help."""
    text = csv_bytes(sheet(one, two)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    cells = rows[1]
    assert len(cells) == 2
    for cell in cells:
        assert not cell.startswith(RISKY)
        assert not cell.lstrip().startswith(RISKY)


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE)
@example("=1+1", '=HYPERLINK("http://x")')
def test_no_cell_of_an_xlsx_is_a_formula(one, two):
    """P16: every text is a text; links are none either."""
    book = load_workbook(io.BytesIO(xlsx_bytes(sheet(one, two))))
    for line in book.active.iter_rows():
        for cell in line:
            assert cell.data_type in ("s", "n", "inlineStr")
            assert cell.hyperlink is None


def test_numbers_stay_numbers():
    row = list(load_workbook(io.BytesIO(xlsx_bytes(sheet(-5, "x")))).active.values)[1]
    assert row == (-5, "x")


def test_money_is_a_number_that_can_be_summed():
    """R6: to the cent, negative corrections too; whoever opens the file adds it up."""
    cells = sheet(Money(566_625, "RON"), Money(-3_750, "RON"))
    row = load_workbook(io.BytesIO(xlsx_bytes(cells))).active[2]
    assert [(c.value, c.number_format) for c in row] == [(5666.25, "0.00"), (-37.5, "0.00")]
    assert csv_bytes(cells).decode("utf-8-sig").splitlines()[1] == "5666.25;-37.50"
