"""The panel with a partner's data sheet: what each tab shows."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.models import ChannelTerms
from samtime.connectors.registers import register_of
from samtime.organizations.queries import bookers_of, home_zone, organization_of
from samtime.partners.commands import number_warnings
from samtime.partners.models import Partnership
from samtime.partners.queries import (
    dated_terms,
    invitations_of,
    last_booking_on,
    latest_check,
    partnership,
    ticked_services,
)
from samtime.partners.rules import OVER, SENT_AGAIN_IN, value_on
from samtime.web import agreement_words
from samtime.web.form_state import FormState
from samtime.web.provider import (
    partner_forms,
    partner_history,
    partner_list,
    partner_lookup,
    partner_sheet,
)
from samtime.web.provider.partner_end import LIVE_NOW, end_form, ending
from samtime.web.provider.partner_list import list_page, places_of, today_of
from samtime.web.provider.partner_new import example_of


def sheet_page(
    request: HttpRequest,
    actor: Actor,
    ident: UUID,
    tab: str,
    *,
    state: FormState | None = None,
    status: int = 200,
) -> HttpResponse:
    """The list with a data sheet open at a tab; a refused form comes with its state and status."""
    found, today = partnership(actor, ident), today_of(actor)
    ticked = ticked_services(found, today, actor.language)
    agreed = list(found.channel.locations.order_by("name"))
    every = dated_terms(found)
    now = [t for t in every if t.from_on <= today] or every[:1]
    sendings = invitations_of(found)
    last = sendings[-1] if sendings else None
    panel: dict[str, Any] = {
        "panel": "sheet",
        "tab": tab,
        "tabs": partner_sheet.tabs(),
        "found": found,
        "kind": agreement_words.kind_word(found.kind),
        "number": agreement_words.number_shown(found.country, found.registration_number),
        "badge_of": partner_list.state_badge(found, last),
        "last": last,
        "is_live": found.state in LIVE_NOW,
        "is_over": found.state in OVER,
        "refused": state is not None and not state.ok,
        "zone": home_zone(actor),
        "next_act": partner_sheet.next_act(found, last, home_zone(actor)),
        "terms": now[-1],
        "commission": agreement_words.commission(now[-1]),
        "payment_place": agreement_words.payment_place(now[-1]),
        "patient_access": agreement_words.patient_access(now[-1].patient_access),
        "later_terms": [
            (t.from_on, agreement_words.commission(t)) for t in every if t.from_on > today
        ],
        "ticked": ticked,
        "agreed": agreed,
        "services_at": [(place, ticked.get(place.id, [])) for place in agreed],
        "edit": state is not None or "edit" in request.GET,
        "own": organization_of(actor),
        "typed": state is not None,
        "places": places_of(actor),
        **partner_forms.choices(),
    }
    panel["state"] = state or _form_of(tab, found, now[-1], actor)
    panel |= _tab_facts(actor, found, tab, panel)
    if found.state in LIVE_NOW:
        panel |= ending(actor, found, end_form(today))
    return list_page(request, actor, panel, status=status)


def _form_of(tab: str, found: Partnership, terms: ChannelTerms, actor: Actor) -> FormState:
    if tab == "terms":
        return partner_forms.terms_form(found, terms, today_of(actor))
    if tab == "company":
        return partner_forms.card_form(found)
    return FormState({"representative.email": found.representative_email})


def _tab_facts(actor: Actor, found: Partnership, tab: str, panel: dict[str, Any]) -> dict[str, Any]:
    if tab == "overview":
        again = found.state in SENT_AGAIN_IN
        return {"track": partner_sheet.track(found), "may_send_again": again}
    if tab == "company":
        return _company(actor, found, panel["state"])
    if tab == "terms":
        if panel["edit"]:
            return {"example": example_of(actor, panel["own"], panel["state"], found)}
        form = partner_forms.terms_form(found, panel["terms"], today_of(actor))
        return {
            "dated": dated_lines(dated_terms(found), today_of(actor)),
            "example": example_of(actor, panel["own"], form, found),
        }
    if tab == "history":
        return {
            "history": partner_history.history(actor, found),
            "accepted_line": partner_sheet.accepted_line(found, panel["zone"]),
        }
    if tab == "services":
        return {"may_tick": actor.may(Right.EDIT_CHANNELS)}
    return _users(actor, found)


def _company(actor: Actor, found: Partnership, state: FormState) -> dict[str, Any]:
    if state["company.country"]:
        partner_lookup.warn_of_numbers(state)
    check = latest_check(
        actor,
        country=found.country,
        registration_number=found.registration_number,
        tax_number=found.tax_number,
    )
    fields = {"company.registration_number": _("Registration number:")}
    return {
        "number_warnings": [
            (fields.get(w.field, _("Tax number:")), w.detail)
            for w in number_warnings(found.country, found.registration_number, found.tax_number)
        ],
        "check_line": partner_lookup.check_line(check, home_zone(actor)),
        "has_register": register_of(found.country) is not None,
        "tax_shown": agreement_words.number_shown(found.country, found.tax_number),
    }


def _users(actor: Actor, found: Partnership) -> dict[str, Any]:
    """P25: how many may book, and when one of them did last; no names."""
    if found.partner_id is None or found.accepted_at is None:
        return {"bookers": None}
    return {"bookers": bookers_of(found.partner_id), "last_booking": last_booking_on(actor, found)}


def dated_lines(every: list[ChannelTerms], today: date) -> list[dict[str, Any]]:
    """Each value of the terms in words: since when, and the next one with its day (P27, P29)."""
    words = (
        (_("Statistics"), lambda t: _("Required") if t.statistics else _("Not required")),
        (_("Commission"), agreement_words.commission),
        (_("Patient pays at"), agreement_words.payment_place),
        (_("Patient data"), lambda t: agreement_words.patient_access(t.patient_access)),
    )
    lines = []
    for label, word in words:
        value = value_on([(t.from_on, word(t)) for t in every], today)
        lines.append({"label": label, "dated": value})
    return lines
