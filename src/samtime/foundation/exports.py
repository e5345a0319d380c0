"""Tables as files, without live formulas (P16): every exported text goes through here."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from samtime.foundation.money import Money

Cell = str | int | date | Money
NOT_IN_NAMES = str.maketrans("", "", "[]:*?/\\\x00")
LONGEST_NAME = 31
RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A title (the worksheet's name), the heads, and rows of texts, numbers, days and money."""

    title: str
    heads: list[str]
    rows: Sequence[Sequence[Cell]]


def csv_bytes(sheet: Sheet) -> bytes:
    """Semicolons and a BOM, as spreadsheets in Europe open it; risky texts get a quote in front."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(sheet.heads)
    for row in sheet.rows:
        writer.writerow([_harmless(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, int):
        return cell
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Money):
        return cell.amount
    text = cell.replace("\x00", "")
    return f"'{text}" if text.lstrip().startswith(RISKY) or text.startswith(RISKY) else text


def xlsx_bytes(sheet: Sheet) -> bytes:
    """One worksheet; texts are written as texts, whatever they begin with; days and money count."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, two_places = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        page = book.add_worksheet(_name(sheet.title))
        for column, head in enumerate(sheet.heads):
            page.write_string(0, column, head, bold)
        for number, row in enumerate(sheet.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    page.write_number(number, column, cell)
                elif isinstance(cell, Money):
                    page.write_number(number, column, cell.minor / 100, two_places)
                elif isinstance(cell, date):
                    page.write_datetime(number, column, cell, day)
                else:
                    page.write_string(number, column, cell.replace("\x00", "")[:32000])
        page.freeze_panes(1, 0)
        page.autofit()
    return out.getvalue()


def _name(title: str) -> str | None:
    """What a spreadsheet takes as a worksheet's name; None for its own."""
    return title.translate(NOT_IN_NAMES).strip("' ")[:LONGEST_NAME].rstrip("' ") or None
