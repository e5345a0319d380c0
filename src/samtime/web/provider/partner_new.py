"""A new partner: the form, the register asked for it, and the worked example beside its terms."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.connectors.registers import look_up
from samtime.foundation.errors import Refusal
from samtime.organizations.models import Organization
from samtime.organizations.queries import home_zone, organization_of
from samtime.partners import commands
from samtime.partners.queries import earlier_answers, partnership
from samtime.web.door import Steps, calling_page, page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.provider import partner_forms, partner_lookup
from samtime.web.provider.partner_example import worked_example
from samtime.web.provider.partner_list import (
    address_of,
    list_page,
    places_of,
    today_of,
)

EXAMPLE = "provider/partners/_example.html"


def new_partner(request: HttpRequest, actor: Actor, own: Organization) -> HttpResponse:
    """The empty form, or what was typed in it kept as a draft or sent as an invitation."""
    actor.require(Right.INVITE_PARTNER)
    if request.method != "POST":
        return _form(request, actor, own, partner_forms.empty_form(own, places_of(actor)))
    state = FormState.posted(request.POST, lists=["locations"])
    run = commands.save_partner_draft if state.text("draft") else commands.invite_partner
    try:
        made = run(actor=actor, proposal=partner_forms.proposal_of(state))
    except Refusal as refusal:
        state.refuse(refusal)
        known = str(refusal.facts.get("partnership", ""))
        return _form(request, actor, own, state, status=refusal.status, known=known)
    sent = _("Saved. The invitation to %(email)s is on its way.")
    told = _("The draft is saved.") if state.text("draft") else sent
    messages.success(request, told % {"email": made.representative_email})
    return redirect(address_of(request, made.public_id))


@calling_page(Right.INVITE_PARTNER)
def partner_look_up(request: HttpRequest, actor: Actor) -> Steps:
    """The same form with what the register says about the typed number (P9, P10)."""
    own = organization_of(actor)
    if request.method != "POST" or own.partner_module != "on":
        return redirect(f"/o/{slug_of(request)}/partners/?new")
    state = FormState.posted(request.POST, lists=["locations"])
    try:
        asked = partner_lookup.asked_company(state)
        check = commands.begin_look_up(actor=actor, company=asked)
    except Refusal as refusal:
        state.refuse(refusal)
        return _form(request, actor, own, state, status=refusal.status)
    if check.outcome == "asked":
        country, number = check.country, check.number
        told = yield lambda: look_up(country, number)
        check = commands.keep_register_answer(actor=actor, check=check, answer=told)
    earlier, take = earlier_answers(actor, check), bool(state.text("take"))
    differs = partner_lookup.fill(state, check, take=take, earlier=earlier)
    partner_lookup.propose_kind(actor, state, check)
    note, known = partner_lookup.letter_note(actor, state)
    facts: dict[str, Any] = {
        "register_notes": partner_lookup.notes_of(check, home_zone(actor)),
        "differs": differs,
        "letter": note,
        "known": known,
    }
    return _form(request, actor, own, state, **facts)


@page(Right.EDIT_TERMS, Right.INVITE_PARTNER)
def partner_example(request: HttpRequest, actor: Actor, ident: UUID | None = None) -> HttpResponse:
    """The worked example for the terms as typed so far; without scripts the whole form again."""
    own = organization_of(actor)
    found = partnership(actor, ident) if ident else None
    state = FormState.posted(request.POST, lists=["locations"])
    if request.headers.get("HX-Request"):
        return render(request, EXAMPLE, {"example": example_of(actor, own, state, found)})
    if request.method != "POST" or found is not None:
        return redirect(address_of(request, ident) if ident else f"/o/{slug_of(request)}/partners/")
    return _form(request, actor, own, state)


def example_of(actor: Actor, own: Organization, state: FormState, found: Any = None) -> str:
    """The sentence under the commission's fields."""
    terms = partner_forms.terms_of(state)
    return worked_example(actor, own, terms, today=today_of(actor), found=found)


def _form(
    request: HttpRequest,
    actor: Actor,
    own: Organization,
    state: FormState,
    *,
    status: int = 200,
    **facts: Any,
) -> HttpResponse:
    partner_lookup.warn_of_numbers(state)
    panel = {
        "panel": "new",
        "state": state,
        "places": places_of(actor),
        "own": own,
        "looks_up": True,
        "typed": request.method == "POST",
        "example": example_of(actor, own, state),
        **partner_forms.choices(),
        **facts,
    }
    return list_page(request, actor, panel, status=status)
