"""Everything about one client as a file: JSON for programs, PDF for the person."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import typst
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound
from samtime.organizations.queries import organization_of
from samtime.patients.models import Patient
from samtime.patients.queries import one_patient
from samtime.reports.queries.person import person_export
from samtime.web.door import page
from samtime.web.templatetags.formats import day_short

TEMPLATE = Path(__file__).parents[1] / "documents" / "person.typ"


@page(Right.EXPORT_PATIENTS)
def client_export(request: HttpRequest, actor: Actor, ident: UUID, kind: str) -> HttpResponse:
    """The file; it names the person inside, not in its name."""
    if kind not in ("json", "pdf"):
        raise NotFound()
    found = one_patient(actor, ident, purpose="export")
    told = person_export(actor, found)
    content = as_json(told) if kind == "json" else as_pdf(actor, found, told)
    media = "application/json" if kind == "json" else "application/pdf"
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="client-{found.public_id}.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


def as_json(told: dict[str, list[dict[str, Any]]]) -> bytes:
    """Tables by name, rows as they are kept."""
    return json.dumps(told, ensure_ascii=False, indent=2, default=str).encode()


def as_pdf(actor: Actor, found: Patient, told: dict[str, list[dict[str, Any]]]) -> bytes:
    """The same typeset: one part per table, in the reader's language."""
    words = table_words()
    parts = [
        [words.get(label, label), [_pairs(row) for row in rows]]
        for label, rows in told.items()
        if rows
    ]
    data = {
        "language": (get_language() or "en").split("-")[0],
        "title": _("What we keep about you"),
        "name": str(found),
        "house": organization_of(actor).name,
        "printed": day_short(timezone.now().date()),
        "page_word": _("Page"),
        "parts": parts,
    }
    text = json.dumps(data, ensure_ascii=False, default=str)
    made: bytes = typst.compile(str(TEMPLATE), sys_inputs={"data": text})
    return made


def _pairs(row: dict[str, Any]) -> list[list[str]]:
    found = []
    for name, value in row.items():
        if value in (None, "", [], {}) or name == "public_id":
            continue
        text = json.dumps(value, ensure_ascii=False, default=str)
        found.append([name.replace("_", " "), text.strip('"')[:2000]])
    return found


def table_words() -> dict[str, str]:
    """What each part of the file is called."""
    return {
        "patients.Patient": _("Contact data"),
        "patients.PatientIdentifier": _("Identity numbers"),
        "patients.PatientContact": _("Contacts"),
        "patients.PatientMerge": _("Merging"),
        "patients.DuplicateProposal": _("Possible duplicates"),
        "bookings.Booking": _("Bookings"),
        "billing.StatementLine": _("Lines of settlement statements"),
        "billing.LineDispute": _("Disputed lines"),
        "mailbox.OutgoingMail": _("Letters sent"),
        "inbox.InboxItem": _("Inbox"),
        "inbox.InboxNote": _("Notes in the inbox"),
        "journal.JournalEntry": _("What happened"),
        "journal.AccessLogEntry": _("Who has seen"),
    }
