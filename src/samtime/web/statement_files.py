"""A statement as a file: CSV and XLSX without live formulas (P16), PDF typeset from our template.

No file names a patient: a statement knows bookings by their number.
"""

import json
from collections.abc import Callable
from pathlib import Path

import typst
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samtime.billing.models import StatementLine
from samtime.bookings.rules import shown_reference
from samtime.foundation.errors import NotFound
from samtime.foundation.exports import Cell, csv_bytes, xlsx_bytes
from samtime.foundation.exports import Sheet as Table
from samtime.foundation.money import Money
from samtime.web.badges import badge_of
from samtime.web.statement_sheet import Row, Sheet
from samtime.web.statement_words import paid_word, rate_word
from samtime.web.templatetags.formats import day_short, money

TEMPLATE = Path(__file__).parent / "documents" / "statement.typ"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def statement_file(sheet: Sheet, kind: str) -> HttpResponse:
    """The whole statement as csv, xlsx or pdf. Refuses: NotFound (another kind)."""
    ways: dict[str, tuple[Callable[[Sheet], bytes], str]] = {
        "csv": (lambda s: csv_bytes(_table(s)), "text/csv; charset=utf-8"),
        "xlsx": (lambda s: xlsx_bytes(_table(s)), XLSX),
        "pdf": (pdf_bytes, "application/pdf"),
    }
    if kind not in ways:
        raise NotFound()
    make, content_type = ways[kind]
    response = HttpResponse(make(sheet), content_type=content_type)
    name = f"statement-{sheet.statement.number}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _table(sheet: Sheet) -> Table:
    currency = sheet.statement.currency
    heads = [
        _("Date"),
        _("Booking"),
        _("Service"),
        _("Location"),
        _("Outcome"),
        _("Paid at"),
        _("Base") + f" {currency}",
        _("Rate"),
        _("Commission") + f" {currency}",
        _("Dispute"),
    ]
    rows = [_cells(r) for r in [*sheet.rows, *sheet.corrections]]
    total = Money(sheet.statement.commission_amount, currency)
    base = Money(sheet.statement.base_amount, currency)
    rows.append([_("Sum"), "", "", "", "", "", base, "", total, ""])
    return Table(sheet.title, heads, rows)


def _cells(row: Row) -> list[Cell]:
    line = row.line
    return [
        line.on,
        row.reference,
        line.service_name,
        str(line.location),
        _outcome(line),
        row.paid_at,
        Money(line.base_amount, line.currency),
        row.rate,
        Money(line.commission_amount, line.currency),
        f"{row.reason}: {row.dispute.text}" if row.dispute else row.reason,
    ]


def _outcome(line: StatementLine) -> str:
    if line.kind == "correction":
        return _("Correction")
    return str(badge_of("outcome", line.outcome).word)


def pdf_bytes(sheet: Sheet) -> bytes:
    """Typeset in the reader's language; A4, page numbers, head of the table on every page."""
    told = json.dumps(_told(sheet), ensure_ascii=False)
    made: bytes = typst.compile(str(TEMPLATE), sys_inputs={"data": told})
    return made


def _told(sheet: Sheet) -> dict[str, object]:
    found = sheet.statement
    return {
        "language": (get_language() or "en").split("-")[0],
        "title": _("Settlement statement"),
        "month": sheet.month,
        "number": ", ".join(sheet.said),
        "provider": [found.provider.name, _company(found.provider)],
        "partner": [found.partner.name, _company(found.partner)],
        "provider_word": _("Institution"),
        "partner_word": _("Partner"),
        "state": str(badge_of("statement", found.state).word),
        "figures": [[label, value, small] for label, value, small, _tone in sheet.figures],
        "heads": [
            _("Date"),
            _("Booking"),
            _("Service"),
            _("Location"),
            _("Outcome"),
            _("Paid at"),
            f"{_('Base')} {found.currency}",
            _("Rate"),
            f"{_('Commission')} {found.currency}",
        ],
        "rows": [_printed(r) for r in [*sheet.rows, *sheet.corrections]],
        "sum": [
            _("Sum"),
            money(Money(found.base_amount, found.currency)),
            money(Money(found.commission_amount, found.currency)),
        ],
        "expected": sheet.expected,
        "empty": _("No bookings in this month."),
        "page_word": _("Page"),
        "printed": _("Made on %(day)s") % {"day": day_short(timezone.now())},
    }


def _company(organization: object) -> str:
    number = getattr(organization, "registration_number", "") or ""
    return ", ".join(filter(None, (getattr(organization, "city", ""), number)))


def _printed(row: Row) -> list[str]:
    line = row.line
    reason = f" · {row.reason}" if line.kind == "correction" and row.reason else ""
    return [
        day_short(line.on),
        shown_reference(line.reference),
        line.service_name,
        str(line.location),
        _outcome(line) + reason,
        paid_word(line),
        row.base,
        rate_word(line),
        row.commission,
    ]
