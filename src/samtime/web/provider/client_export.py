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
from samtime.organizations.queries import home_zone, organization_of
from samtime.patients.models import Patient
from samtime.patients.queries import one_patient
from samtime.reports.queries.person import person_export
from samtime.web.door import page
from samtime.web.provider.client_paper import parts_of
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
    """The same typeset for the person, in the reader's language (client_paper.py)."""
    data = {
        "language": (get_language() or "en").split("-")[0],
        "title": _("What we keep about you"),
        "name": str(found),
        "house": organization_of(actor).name,
        "printed": day_short(timezone.now().date()),
        "page_word": _("Page"),
        "hint": _(
            "Every detail as it is kept stands in the JSON file, which we give you on request."
        ),
        "parts": parts_of(told, home_zone(actor)),
    }
    text = json.dumps(data, ensure_ascii=False)
    made: bytes = typst.compile(str(TEMPLATE), sys_inputs={"data": text})
    return made
