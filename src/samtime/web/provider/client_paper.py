"""The export of one person on paper: what is said of each table, and in which words.

The JSON file holds every column as it is kept; the paper leaves out what says nothing to a person
(versions, inner names, the clinic's settlement with its partners).
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from samtime.foundation.money import Money
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import title_of
from samtime.web.badges import BADGES
from samtime.web.patient_form import language_choices
from samtime.web.provider import client_words
from samtime.web.provider.booking_panel import HAPPENED
from samtime.web.templatetags.formats import day_short, money, shown_reference, time_of_day

Row = dict[str, Any]
Lines = list[list[str]]


def parts_of(told: dict[str, list[Row]], zone: str) -> list[dict[str, Any]]:
    """Title, and rows of (word, value), of every table that holds something.

    `dense`: rows of a log, which stand as lines of a table. Instants are told in `zone`.
    """
    found = []
    for label, title, fields in tables():
        rows = [_lines(label, row, fields, zone) for row in told.get(label, [])]
        kept = [row for row in rows if row]
        if kept:
            found.append({"title": title, "rows": kept, "dense": label.startswith("journal.")})
    return found


def _lines(label: str, row: Row, fields: dict[str, str], zone: str) -> Lines:
    told = {**row, "what": _what(label, row), "price": _price(row)}
    if label.startswith("journal."):
        return [
            [word, _shown(label, name, told.get(name), zone) or "–"]
            for name, word in fields.items()
        ]
    lines = [[word, _shown(label, name, told.get(name), zone)] for name, word in fields.items()]
    return [line for line in lines if line[1]]


def _price(row: Row) -> str:
    if "price_amount" not in row:
        return ""
    return money(Money(row["price_amount"], row["currency"]))


def _what(label: str, row: Row) -> str:
    """The sentence of an inbox item, or the word of what happened."""
    kind = str(row.get("kind", ""))
    if label == "inbox.InboxItem":
        return title_of(InboxItem(kind=kind, facts=row["facts"]))
    word = {**HAPPENED, **_happened()}.get(kind, kind)
    return str(word)


def _shown(label: str, name: str, value: Any, zone: str) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "at" or name.endswith("_at"):
        at = datetime.fromisoformat(str(value))
        return f"{day_short(at, zone)}, {time_of_day(at, zone)}"
    if name in ("birth_date", "on"):
        return day_short(date.fromisoformat(str(value)))
    if name == "reference":
        return shown_reference(str(value))
    word = _words().get((label, name), dict)().get(str(value), str(value))
    return str(word)


def _badges(kind: str) -> Callable[[], dict[str, Any]]:
    return lambda: {state: badge.word for state, badge in BADGES[kind].items()}


def _words() -> dict[tuple[str, str], Callable[[], dict[str, Any]]]:
    """Where a code stands in a column: its words."""
    return {
        ("patients.Patient", "language"): lambda: dict(language_choices()),
        ("patients.PatientIdentifier", "kind"): lambda: dict(client_words.kinds()),
        ("patients.PatientContact", "kind"): lambda: dict(client_words.contact_kinds()),
        ("bookings.Booking", "state"): _badges("booking"),
        ("bookings.Booking", "payment_state"): _badges("payment"),
        ("bookings.Booking", "cancelled_by"): _cancellers,
        ("mailbox.OutgoingMail", "state"): _badges("mail"),
        ("journal.AccessLogEntry", "action"): client_words.acts,
        ("journal.AccessLogEntry", "purpose"): client_words.purposes,
    }


def _cancellers() -> dict[str, str]:
    return {
        "patient": _("by the client"),
        "booker": _("by the partner"),
        "provider": _("by the institution"),
    }


def _happened() -> dict[str, str]:
    return {
        "patient.added": _("Noted as a client"),
        "patient.linked": _("Recognised in a booking"),
        "patient.changed": _("Contact data changed"),
        "patient.checked": _("Contact data checked"),
        "patient.identifier_added": _("Number added"),
        "patient.identifier_removed": _("Number removed"),
        "patient.contact_added": _("Contact added"),
        "patient.contact_removed": _("Contact removed"),
        "patient.merged": _("Two records merged"),
        "patient.unmerged": _("Two records separated again"),
    }


def tables() -> list[tuple[str, str, dict[str, str]]]:
    """Every table in the order of the paper: its title, and the columns that are told."""
    return [
        ("patients.Patient", _("Contact data"), _person()),
        (
            "patients.PatientIdentifier",
            _("Identity numbers"),
            {"kind": _("Kind"), "country": _("Country"), "number": _("Number")},
        ),
        ("patients.PatientContact", _("Contacts"), _contact()),
        ("bookings.Booking", _("Bookings"), _booking()),
        ("mailbox.OutgoingMail", _("Letters sent"), _letter()),
        ("inbox.InboxItem", _("Inbox"), {"created_at": _("When"), "what": _("What")}),
        ("inbox.InboxNote", _("Notes in the inbox"), {"at": _("When"), "text": _("Note")}),
        (
            "billing.StatementLine",
            _("Lines of settlement statements"),
            {"reference": _("Reference"), "service_name": _("Service"), "price": _("Price")},
        ),
        (
            "billing.LineDispute",
            _("Disputed lines"),
            {"raised_at": _("When"), "text": _("Note"), "answer": _("Answer")},
        ),
        (
            "patients.PatientMerge",
            _("Merging"),
            {"created_at": _("Merged"), "undone_at": _("Separated again")},
        ),
        ("patients.DuplicateProposal", _("Possible duplicates"), {"created_at": _("When")}),
        ("journal.JournalEntry", _("What happened"), {"at": _("When"), "what": _("What")}),
        (
            "journal.AccessLogEntry",
            _("Who has seen"),
            {
                "at": _("When"),
                "organization": _("Organisation"),
                "action": _("Act"),
                "purpose": _("Reason"),
            },
        ),
    ]


def _person() -> dict[str, str]:
    return {
        "given_name": _("Given name"),
        "family_name": _("Family name"),
        "birth_date": _("Birth date"),
        "phone": _("Phone"),
        "email": _("E-mail"),
        "language": _("Language of letters"),
        "street": _("Street"),
        "postal_code": _("Postal code"),
        "city": _("City"),
        "protected_address": _("Protected address"),
        "note": _("Note"),
        "created_at": _("Known since"),
    }


def _contact() -> dict[str, str]:
    return {
        "name": _("Name"),
        "kind": _("Who is it?"),
        "phone": _("Phone"),
        "email": _("E-mail"),
        "is_told": _("Is told what the client is told"),
        "pays": _("Pays the bills"),
        "note": _("Note"),
    }


def _booking() -> dict[str, str]:
    return {
        "starts_at": _("When"),
        "service": _("Service"),
        "practitioner": _("Practitioner"),
        "location": _("Location"),
        "reference": _("Reference"),
        "state": _("State"),
        "channel": _("Booked by"),
        "price": _("Price"),
        "payment_state": _("Payment"),
        "note": _("Note"),
        "created_at": _("Booked"),
        "arrived_at": _("Arrived"),
        "cancelled_at": _("Cancelled"),
        "cancelled_by": _("Cancelled by"),
        "cancel_reason": _("Reason"),
    }


def _letter() -> dict[str, str]:
    return {
        "subject": _("Subject"),
        "recipient": _("To"),
        "created_at": _("Written"),
        "sent_at": _("Sent"),
        "state": _("State"),
        "text": _("Text"),
    }
