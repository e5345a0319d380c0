"""One client: overview, bookings, contacts, who has seen. Every look is an entry of the log."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.clients import bookings_of
from samtime.channels.queries.names import names_of_channels
from samtime.foundation.errors import NotFound, Refusal, VersionConflict
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.patients.commands import records
from samtime.patients.commands.merging import propose_duplicates
from samtime.patients.models import Patient
from samtime.patients.queries import one_patient
from samtime.patients.queries.accesses import accesses_of
from samtime.patients.queries.duplicates import merges_of, proposals_of
from samtime.patients.queries.records import (
    contacts_of,
    merged_target,
    numbers_of,
)
from samtime.web.dates import day_as_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.patient_form import language_choices
from samtime.web.provider import client_conflict, client_words
from samtime.web.provider.patients import person_of

TABS = ("overview", "bookings", "contacts", "seen")
WRITTEN = records.WRITTEN
MOST_BOOKINGS = 100
HIDDEN = ("patient.street", "patient.postal_code", "patient.city")


@page(Right.SEE_PATIENTS)
@once_only
def client(request: HttpRequest, actor: Actor, ident: UUID, tab: str) -> HttpResponse:
    """A tab; `overview/?edit` with the fields, which post to the same address."""
    if tab not in TABS:
        raise NotFound()
    target = merged_target(actor, ident)
    if target is not None:
        return redirect("provider:client", slug_of(request), target, tab)
    purpose = "access_log" if tab == "seen" else "client"
    found = one_patient(actor, ident, purpose=purpose)
    if request.method == "POST" and tab == "overview":
        return _save(request, actor, found)
    return show_tab(request, actor, found, tab)


def _save(request: HttpRequest, actor: Actor, found: Patient) -> HttpResponse:
    state = FormState.posted(request.POST)
    client_conflict.take_picked(state, _fields(found))
    person = person_of(state)
    version = state.text("version")
    if state.ok:
        try:
            changed = records.change_patient(
                actor=actor,
                patient_id=found.public_id,
                person=person,
                address=_address(state, found),
                version=int(version) if version.isdecimal() and len(version) < 9 else 0,
                today=local_day(timezone.now(), home_zone(actor)),
            )
        except NotFound:
            raise
        except VersionConflict:
            return _conflict(request, actor, found, state)
        except Refusal as refusal:
            state.refuse(refusal)
        else:
            propose_duplicates(actor=actor, patient_id=changed.id)
            messages.success(request, _("Saved."))
            return redirect("provider:client", slug_of(request), found.public_id, "overview")
    return show_tab(request, actor, found, "overview", state=state, status=422)


def _conflict(request: HttpRequest, actor: Actor, found: Patient, state: FormState) -> HttpResponse:
    """A colleague was faster: what differs, line by line (SCREENS.md 1, rule 9)."""
    labels = client_conflict.labels()
    if found.protected_address and not state.text("patient.street"):
        for name in HIDDEN:
            labels.pop(name)
    lines = client_conflict.lines_of(state, _fields(found), labels)
    state.values["version"] = str(found.version)
    more = {
        "conflict": True,
        "lines": lines,
        "hidden": client_conflict.unchosen(state, lines),
    }
    return show_tab(request, actor, found, "overview", state=state, more=more, status=409)


def _address(state: FormState, found: Patient) -> records.AddressGiven:
    """A protected address is not in the form, so it stays unless a new one is typed."""
    hidden = found.protected_address and not state.text("patient.street")
    return records.AddressGiven(
        street=found.street if hidden else state.text("patient.street"),
        postal_code=found.postal_code if hidden else state.text("patient.postal_code"),
        city=found.city if hidden else state.text("patient.city"),
        protected_address=bool(state.text("patient.protected_address")),
        note=state.text("patient.note"),
    )


def _was(state: FormState, found: Patient) -> list[tuple[str, str]]:
    """What the fields said when the form was opened; a refused form hands it on."""
    now = _fields(found)
    return [
        (name, state.text(f"was.{name}") if f"was.{name}" in state.values else now[name])
        for name in client_conflict.labels()
    ]


def _fields(found: Patient) -> dict[str, Any]:
    values = {f"patient.{name}": getattr(found, name) for name in WRITTEN}
    values["patient.birth_date"] = day_as_typed(found.birth_date)
    values["patient.protected_address"] = "on" if found.protected_address else ""
    if found.protected_address:
        values |= dict.fromkeys(HIDDEN, "")
    return {**values, "version": str(found.version)}


def show_tab(
    request: HttpRequest,
    actor: Actor,
    found: Patient,
    tab: str,
    *,
    state: FormState | None = None,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page with one tab. `state`: a form on its way back; `more` adds to the context."""
    words = (_("Overview"), _("Bookings"), _("Contacts"), _("Who has seen"))
    context: dict[str, Any] = {
        "found": found,
        "tab": tab,
        "tabs": list(zip(TABS, words, strict=True)),
        "zone": home_zone(actor),
        "slug": slug_of(request),
        "can_edit": actor.may(Right.EDIT_PATIENTS),
        "sees_log": actor.may(Right.SEE_JOURNAL),
        "can_export": actor.may(Right.EXPORT_PATIENTS),
        "edit": state is not None or "edit" in request.GET,
        "state": state or FormState(_fields(found)),
        "act_state": FormState(),
        **(more or {}),
    }
    context["was"] = _was(context["state"], found)
    context |= PARTS[tab](actor, found, context)
    response = render(request, "provider/client/client.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _overview(actor: Actor, found: Patient, context: dict[str, Any]) -> dict[str, Any]:
    channel = found.created_channel_id
    names = names_of_channels(actor, [channel]) if channel else {}
    errors = context["act_state"].errors
    return {
        "reason_error": errors.get("reason", ""),
        "number_refused": any(name.startswith("identifier.") for name in errors),
        "made_by": names.get(channel or 0, ""),
        "numbers": numbers_of(actor, found, opened=context.get("opened", 0)),
        "kinds": client_words.kinds(),
        "reasons": client_words.reasons(),
        "languages": language_choices(),
        "language": dict(language_choices()).get(found.language, found.language),
        "proposals": proposals_of(actor, found),
        "merges": merges_of(actor, found),
    }


def _bookings(actor: Actor, found: Patient, context: dict[str, Any]) -> dict[str, Any]:
    rows, now = list(bookings_of(actor, found)[: MOST_BOOKINGS + 1]), timezone.now()
    shown = rows[:MOST_BOOKINGS]
    coming = [b for b in reversed(shown) if b.starts_at >= now]
    return {
        "coming": coming,
        "past": [b for b in shown if b.starts_at < now],
        "more": len(rows) > MOST_BOOKINGS,
    }


def _contacts(actor: Actor, found: Patient, context: dict[str, Any]) -> dict[str, Any]:
    words = dict(client_words.contact_kinds())
    rows = contacts_of(actor, found)
    return {
        "contacts": [(row, words.get(row.kind, row.kind)) for row in rows],
        "contact_kinds": [("", "–"), *client_words.contact_kinds()],
    }


def _seen(actor: Actor, found: Patient, context: dict[str, Any]) -> dict[str, Any]:
    rows = accesses_of(actor, found)
    agreements = names_of_channels(actor, {r.channel_id for r in rows if r.channel_id})
    return {"lines": [client_words.access_line(actor, row, agreements) for row in rows]}


Part = Callable[[Actor, Patient, dict[str, Any]], dict[str, Any]]
PARTS: dict[str, Part] = {
    "overview": _overview,
    "bookings": _bookings,
    "contacts": _contacts,
    "seen": _seen,
}
