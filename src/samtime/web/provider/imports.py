"""Settings > Import: a price list or staff list is looked at first, then applied as a whole."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.import_work import hand_in, is_long
from samtime.bookings.commands.imports import KINDS, apply_import, start_import
from samtime.calendars.commands.staff_file import example_practitioners
from samtime.catalog.commands.service_file import example_services
from samtime.catalog.queries import services
from samtime.documents.commands import Upload
from samtime.documents.models import ImportRun
from samtime.documents.queries import import_run, recent_runs
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal
from samtime.foundation.exports import Sheet, csv_bytes
from samtime.organizations.queries import home_zone, locations, organization_of
from samtime.patients.commands.patient_file import example_patients
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.provider.import_progress import at_work
from samtime.web.uploads import uploaded

SHOWN = 500
WORDS: dict[str, str | Promise] = {
    "services": gettext_lazy("Services and prices"),
    "practitioners": gettext_lazy("Practitioners and working hours"),
    "patients": gettext_lazy("Clients"),
    "calendar": gettext_lazy("A calendar (.ics)"),
}


@page(Right.EDIT_CATALOG)
def imports(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form, example files, and the last runs; POST looks at a file and changes nothing."""
    state = FormState.posted(request.POST) if request.method == "POST" else FormState()
    if request.method == "POST":
        try:
            run = _look(request, actor, state)
            return redirect("provider:import_run", slug_of(request), run.public_id)
        except Refusal as refusal:
            state.refuse(refusal)
            return _form(request, actor, state, status=refusal.status)
    state.values["kind"] = "services"
    return _form(request, actor, state)


def _look(request: HttpRequest, actor: Actor, state: FormState) -> ImportRun:
    found = uploaded(request, "file")
    if found is None:
        raise Invalid(FieldError("file", "missing", _("Choose a file.")))
    name, content = found
    upload = Upload(kind=state.text("kind"), file_name=name, content=content)
    if upload.kind in KINDS and is_long(upload):
        return hand_in(actor=actor, upload=upload)
    return start_import(actor=actor, upload=upload, now=timezone.now())


def _form(
    request: HttpRequest, actor: Actor, state: FormState, *, status: int = 200
) -> HttpResponse:
    context = {
        "state": state,
        "file_error": state.errors.get("file", ""),
        "kinds": [(name, str(WORDS[name])) for name in KINDS],
        "runs": [(run, str(WORDS.get(run.kind, run.kind))) for run in recent_runs(actor)],
        "zone": home_zone(actor),
        "slug": slug_of(request),
    }
    return render(request, "provider/imports/imports.html", context, status=status)


@page(Right.EDIT_CATALOG)
def run(request: HttpRequest, actor: Actor, run_id: UUID) -> HttpResponse:
    """What a file would do, or what is wrong in it; POST applies it as a whole."""
    found = import_run(actor, run_id)
    if found.kind == "calendar":
        return redirect("provider:calendar_import_run", slug_of(request), run_id)
    state = FormState()
    answer = at_work(request, actor, found)
    if answer is not None:
        return answer
    if request.method == "POST":
        try:
            found = apply_import(actor=actor, run_id=run_id, now=timezone.now())
        except NotFound:
            raise
        except Refusal as refusal:
            state.refuse(refusal)
        else:
            done = ngettext("%(count)s row imported.", "%(count)s rows imported.", found.rows)
            messages.success(request, done % {"count": found.rows})
            return redirect("provider:import_run", slug_of(request), run_id)
    return run_page(request, actor, found, state)


def run_page(
    request: HttpRequest,
    actor: Actor,
    found: ImportRun,
    state: FormState,
    back: str = "provider:imports",
) -> HttpResponse:
    """One run, whichever kind; `back` names the page where another file is handed in."""
    actions = [row["action"] for row in found.preview]
    context = {
        "state": state,
        "run": found,
        "kind": str(WORDS.get(found.kind, found.kind)),
        "rows": found.preview[:SHOWN],
        "hidden": max(len(found.preview) - SHOWN, 0),
        "errors": found.errors[:SHOWN],
        "created": actions.count("create"),
        "changed": actions.count("change"),
        "unchanged": actions.count("unchanged"),
        "zone": home_zone(actor),
        "slug": slug_of(request),
        "back_name": back,
    }
    status = 200 if state.ok else 409
    return render(request, "provider/imports/run.html", context, status=status)


@page(Right.EDIT_CATALOG)
def example(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """A small file of this kind, with headings in the reader's language."""
    if kind not in KINDS:
        raise NotFound()
    if kind == "patients":
        heads, rows = example_patients()
    elif kind == "services":
        heads, rows = example_services(organization_of(actor).currency)
    else:
        place = locations(actor).first()
        codes = services(actor).values_list("code", flat=True)[:2]
        heads, rows = example_practitioners(str(place or ""), "; ".join(codes))
    content = csv_bytes(Sheet(_("Example"), heads, rows))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="samtime-{kind}.csv"'
    return response
