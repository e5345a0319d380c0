"""Clients: nobody is listed before a search; the search is a POST, so no address names anybody."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import Refusal
from samtime.foundation.periods import day_bounds, local_day
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone
from samtime.patients.commands import PatientGiven, add_patient
from samtime.patients.commands.merging import propose_duplicates
from samtime.patients.models import Patient
from samtime.patients.queries import PatientSearch, search_patients
from samtime.patients.queries.duplicates import open_count
from samtime.patients.queries.records import seen_by_me
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.patient_form import language_choices

SEARCHED = ("name", "birth_date", "phone", "identifier")


@page(Right.SEE_PATIENTS)
@once_only
def patients(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The search and whom I saw today; `?new` with the form of a new client."""
    if "new" in request.GET:
        return _new(request, actor)
    if request.method == "POST":
        return _search(request, actor)
    return _page(request, actor, FormState())


def _search(request: HttpRequest, actor: Actor) -> HttpResponse:
    state = FormState.posted(request.POST)
    born = day_typed(state.text("birth_date"))
    if state.text("birth_date") and born is None:
        state.wrong("birth_date", _("Write the birth date like 24.11.1980."))
        return _page(request, actor, state, status=422)
    wish = PatientSearch(state.text("name"), born, state.text("phone"), state.text("identifier"))
    try:
        found = search_patients(actor, wish)
    except Refusal as refusal:
        state.refuse(refusal)
        return _page(request, actor, state, status=refusal.status)
    return _page(request, actor, state, found=found)


def _new(request: HttpRequest, actor: Actor) -> HttpResponse:
    state, status = FormState.posted(request.POST), 200
    if request.method == "POST" and state.text("from") == "search":
        # «Not found: new client» brings along what was typed in the search.
        words = state.text("name").split()
        state = FormState(
            {
                "patient.given_name": " ".join(words[:-1]) or "".join(words[:1]),
                "patient.family_name": words[-1] if len(words) > 1 else "",
                "patient.birth_date": state.text("birth_date"),
                "patient.phone": state.text("phone"),
            }
        )
    elif request.method == "POST":
        made = _made(actor, state)
        if made is not None:
            messages.success(request, _("Saved."))
            return redirect("provider:client", slug_of(request), made.public_id, "overview")
        status = 422
    panel = {"panel": "new", "form": state, "languages": language_choices()}
    return _page(request, actor, FormState(), status=status, panel=panel)


def _made(actor: Actor, state: FormState) -> Patient | None:
    person = person_of(state)
    if not state.ok:
        return None
    try:
        today = local_day(timezone.now(), home_zone(actor))
        made = add_patient(actor=actor, person=person, today=today)
    except Refusal as refusal:
        state.refuse(refusal)
        return None
    # At once, so that the new client's page already says who looks like the same person.
    propose_duplicates(actor=actor, patient_id=made.id)
    return made


def person_of(state: FormState) -> PatientGiven:
    """The fields `patient.*`; a clinic may know a person without birth date or phone."""
    born = day_typed(state.text("patient.birth_date"))
    if state.text("patient.birth_date") and born is None:
        state.wrong("patient.birth_date", _("Write the birth date like 24.11.1980."))
    return PatientGiven(
        given_name=state.text("patient.given_name"),
        family_name=state.text("patient.family_name"),
        birth_date=born,
        phone=state.text("patient.phone"),
        email=state.text("patient.email"),
        language=state.text("patient.language"),
    )


def _page(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    *,
    found: list[Patient] | None = None,
    panel: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    zone = home_zone(actor)
    start, _end = day_bounds(local_day(timezone.now(), zone), zone)
    recent = seen_by_me(actor, since=start) if found is None else []
    if recent:
        ids = tuple(p.id for p in recent)
        log_access(actor, Access(actor.organization_id, ids, "listed", "recent"))
    context: dict[str, Any] = {
        "state": state,
        "searched": found is not None,
        "rows": found if found is not None else [],
        "recent": recent,
        "can_edit": actor.may(Right.EDIT_PATIENTS),
        "duplicates": open_count(actor) if actor.may(Right.SEE_CALENDAR) else 0,
        "sees_log": actor.may(Right.SEE_JOURNAL),
        "slug": slug_of(request),
        **(panel or {}),
    }
    response = render(request, "provider/patients/patients.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
