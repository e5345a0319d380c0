"""What is done on a client's page: numbers, contacts, what is hidden and why it is opened."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.patients.commands import records
from samtime.patients.commands.merging import propose_duplicates
from samtime.patients.models import Patient
from samtime.patients.queries import one_patient
from samtime.patients.queries.records import open_address, open_number
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.provider import client_words
from samtime.web.provider.client import show_tab


@page(Right.SEE_PATIENTS)
@once_only
def client_act(request: HttpRequest, actor: Actor, ident: UUID, act: str) -> HttpResponse:
    """One button, one command: numbers, contacts, what is hidden and why it is opened."""
    found = one_patient(actor, ident, purpose="client")
    if act not in ACTS:
        raise NotFound()
    tab, run = ACTS[act]
    if request.method != "POST":
        return redirect("provider:client", slug_of(request), ident, tab)
    state = FormState.posted(request.POST)
    try:
        more = run(request, actor, found, state)
    except NotFound:
        raise
    except Refusal as refusal:
        state.refuse(refusal)
        status = refusal.status
        return show_tab(request, actor, found, tab, more={"act_state": state}, status=status)
    if more is not None:
        return show_tab(request, actor, found, tab, more=more, status=more.pop("status", 200))
    return redirect("provider:client", slug_of(request), ident, tab)


More = dict[str, Any] | None


def _reason(state: FormState) -> str:
    reason = state.text("reason")
    if reason not in dict(client_words.reasons()) or not reason:
        state.wrong("reason", _("Say why you need to see it. The reason stands in the log."))
        return ""
    return reason


def _show_number(request: HttpRequest, actor: Actor, found: Patient, state: FormState) -> More:
    reason = _reason(state)
    if not reason:
        return {"act_state": state, "asked": _line(state), "status": 422}
    return {"opened": open_number(actor, found, _line(state), purpose=reason)}


def _show_address(request: HttpRequest, actor: Actor, found: Patient, state: FormState) -> More:
    reason = _reason(state)
    if not reason:
        return {"act_state": state, "status": 422}
    open_address(actor, found, purpose=reason)
    return {"address_shown": True}


def _line(state: FormState) -> int:
    """Which number or contact a button stands at; 0 is none."""
    text = state.text("line")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _add_number(request: HttpRequest, actor: Actor, found: Patient, state: FormState) -> More:
    doubtful = records.add_identifier(
        actor=actor,
        patient_id=found.public_id,
        kind=state.text("identifier.kind"),
        country=state.text("identifier.country"),
        number=state.text("identifier.number"),
    )
    propose_duplicates(actor=actor, patient_id=found.id)
    if doubtful:
        messages.warning(request, _("Noted, but this number fails its check. Compare it again."))
    else:
        messages.success(request, _("Number saved."))
    return None


def _remove_number(request: HttpRequest, actor: Actor, found: Patient, state: FormState) -> More:
    records.remove_identifier(actor=actor, patient_id=found.public_id, identifier_id=_line(state))
    messages.success(request, _("Number removed."))
    return None


def _checked(request: HttpRequest, actor: Actor, found: Patient, state: FormState) -> More:
    records.confirm_contact(actor=actor, patient_id=found.public_id, now=timezone.now())
    return None


def _add_contact(request: HttpRequest, actor: Actor, found: Patient, state: FormState) -> More:
    given = records.ContactGiven(
        kind=state.text("contact.kind"),
        name=state.text("contact.name"),
        phone=state.text("contact.phone"),
        email=state.text("contact.email"),
        is_told=bool(state.text("contact.is_told")),
        pays=bool(state.text("contact.pays")),
    )
    records.add_contact(actor=actor, patient_id=found.public_id, contact=given)
    messages.success(request, _("Contact saved."))
    return None


def _remove_contact(request: HttpRequest, actor: Actor, found: Patient, state: FormState) -> More:
    records.remove_contact(actor=actor, patient_id=found.public_id, contact_id=_line(state))
    messages.success(request, _("Contact removed."))
    return None


Run = Callable[[HttpRequest, Actor, Patient, FormState], More]
ACTS: dict[str, tuple[str, Run]] = {
    "show-number": ("overview", _show_number),
    "show-address": ("overview", _show_address),
    "add-number": ("overview", _add_number),
    "remove-number": ("overview", _remove_number),
    "checked": ("overview", _checked),
    "add-contact": ("contacts", _add_contact),
    "remove-contact": ("contacts", _remove_contact),
}
