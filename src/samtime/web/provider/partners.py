"""Partners: the list, a new partner, the data sheet, and what can be done with a partnership."""

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
from samtime.channels.models import ChannelTerms
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.exports import Sheet, xlsx_bytes
from samtime.foundation.periods import local_day
from samtime.organizations.commands import ask_for_partner_module
from samtime.organizations.models import Organization
from samtime.organizations.queries import home_zone, locations, organization_of
from samtime.partners import commands
from samtime.partners.models import Partnership
from samtime.partners.queries import (
    dated_terms,
    future_bookings_of,
    invitations_of,
    partnership,
    partnerships,
    ticked_services,
)
from samtime.web import agreement_words
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.provider import partner_forms, partner_list, partner_sheet

TEMPLATE = "provider/partners/partners.html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(Right.SEE_PARTNERS)
def partners(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table; `?open=<id>` with the data sheet, `?new` with the form of a new partner."""
    own = organization_of(actor)
    if own.partner_module != "on":
        return _module(request, actor, own)
    if "new" in request.GET:
        return _new(request, actor, own)
    if opened := request.GET.get("open", ""):
        try:
            return _sheet(request, actor, UUID(opened), "overview")
        except ValueError:
            raise NotFound() from None
    return _list(request, actor, {})


@page(Right.SEE_PARTNERS)
def partner_module(request: HttpRequest, actor: Actor) -> HttpResponse:
    """P2: the older name of the page."""
    return redirect("provider:partners", _slug(request), permanent=False)


@page(Right.SEE_PARTNERS)
def partner(request: HttpRequest, actor: Actor, ident: UUID, tab: str) -> HttpResponse:
    """A tab of the data sheet; `?edit` with its fields, which post to the same address."""
    if tab not in ("overview", "company", "terms", "services", "history"):
        raise NotFound()
    if request.method == "POST" and tab in ("company", "terms"):
        return _save(request, actor, ident, tab)
    return _sheet(request, actor, ident, tab)


@page(Right.INVITE_PARTNER)
def partner_act(request: HttpRequest, actor: Actor, ident: UUID, act: str) -> HttpResponse:
    """Send, resend, withdraw, suspend, resume: one button, one command."""
    if request.method != "POST":
        return redirect(_address(request, ident))
    email = FormState.posted(request.POST).text("representative.email")
    ways: dict[str, tuple[Callable[[], Any], str]] = {
        "send": (
            lambda: commands.send_draft(actor=actor, partnership_id=ident),
            _("The invitation is on its way."),
        ),
        "resend": (
            lambda: commands.resend_invitation(actor=actor, partnership_id=ident, email=email),
            _("A new invitation is on its way. The old link is dead."),
        ),
        "withdraw": (
            lambda: commands.withdraw_invitation(actor=actor, partnership_id=ident),
            _("The invitation is withdrawn. Its link is dead."),
        ),
        "suspend": (
            lambda: commands.suspend_partnership(actor=actor, partnership_id=ident),
            _("Suspended. Nobody there can book until you resume."),
        ),
        "resume": (
            lambda: commands.resume_partnership(actor=actor, partnership_id=ident),
            _("Resumed. The partner can book again."),
        ),
    }
    if act not in ways:
        raise NotFound()
    run, done = ways[act]
    try:
        run()
    except NotFound:
        raise
    except Refusal as refusal:
        state = FormState({"representative.email": email})
        state.refuse(refusal)
        return _sheet(request, actor, ident, "overview", state=state, status=refusal.status)
    messages.success(request, done)
    return redirect(_address(request, ident))


@page(Right.INVITE_PARTNER)
def partner_end(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """The question before the end, with its consequences, and the end (P28)."""
    found = partnership(actor, ident)
    state = FormState.posted(request.POST)
    if request.method == "POST":
        try:
            commands.end_partnership(
                actor=actor,
                partnership_id=ident,
                future_bookings=state.text("future_bookings"),
            )
        except Refusal as refusal:
            state.refuse(refusal)
        else:
            sentence = _("The partnership with %(name)s has ended.")
            messages.success(request, sentence % {"name": found.company_name})
            return redirect(_address(request, ident))
    else:
        state.values["future_bookings"] = "honour"
    context = {"slug": _slug(request), "found": found, "state": state, **_ending(actor, found)}
    status = 200 if state.ok else 422
    return render(request, "provider/partners/end.html", context, status=status)


@page(Right.SEE_PARTNERS)
def partners_file(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list as a file; no patient data."""
    heads = [_("Partner"), _("Org. number"), _("Locations"), _("Commission"), _("State")]
    rows: list[list[str | int]] = [
        [
            row.partnership.company_name,
            row.partnership.registration_number,
            row.places,
            row.commission,
            row.partnership.state,
        ]
        for row in partner_list.rows_of(request, actor, _today(actor))
    ]
    response = HttpResponse(xlsx_bytes(Sheet(_("Partners"), heads, rows)), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="partners.xlsx"'
    return response


def _slug(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs["slug"]) if match else ""


def _address(request: HttpRequest, ident: UUID) -> str:
    return f"/o/{_slug(request)}/partners/?open={ident}"


def _module(request: HttpRequest, actor: Actor, own: Organization) -> HttpResponse:
    """P5: the module is off; the page explains it and asks customer service."""
    if request.method == "POST":
        own = ask_for_partner_module(actor=actor)
        messages.success(request, _("Customer service has your request."))
        return redirect("provider:partners", _slug(request))
    context = {"own": own, "slug": _slug(request), "may_ask": actor.may(Right.INVITE_PARTNER)}
    return render(request, "provider/partners/module.html", context)


def _list(
    request: HttpRequest, actor: Actor, panel: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    rows = partner_list.rows_of(request, actor, _today(actor))
    every = partnerships(actor).count()
    context = {
        "slug": _slug(request),
        "rows": rows,
        "every": every,
        "active": sum(row.partnership.state == "active" for row in rows),
        "q": request.GET.get("q", ""),
        "chosen_state": request.GET.get("state", ""),
        "states": partner_list.states(),
        "may_invite": actor.may(Right.INVITE_PARTNER),
        "may_edit_terms": actor.may(Right.EDIT_TERMS),
        "key_words": [("↑ ↓", _("next partner")), ("R", _("resend"))],
        **panel,
    }
    return render(request, TEMPLATE, context, status=status)


def _today(actor: Actor) -> Any:
    return local_day(timezone.now(), home_zone(actor))


def _places(actor: Actor) -> list[tuple[str, str]]:
    return [(str(place.public_id), place.name) for place in locations(actor)]


def _new(request: HttpRequest, actor: Actor, own: Organization) -> HttpResponse:
    actor.require(Right.INVITE_PARTNER)
    places = _places(actor)
    state, status = partner_forms.empty_form(own, places), 200
    if request.method == "POST":
        state = FormState.posted(request.POST, lists=["locations"])
        run = commands.save_partner_draft if state.text("draft") else commands.invite_partner
        try:
            made = run(actor=actor, proposal=partner_forms.proposal_of(state))
        except Refusal as refusal:
            state.refuse(refusal)
            status = refusal.status
            known = str(refusal.facts.get("partnership", ""))
        else:
            sent = _("Saved. The invitation to %(email)s is on its way.")
            told = _("The draft is saved.") if state.text("draft") else sent
            messages.success(request, told % {"email": made.representative_email})
            return redirect(_address(request, made.public_id))
    else:
        known = ""
    panel = {"panel": "new", "state": state, "places": places, "own": own, "known": known}
    return _list(request, actor, {**panel, **partner_forms.choices()}, status=status)


def _save(request: HttpRequest, actor: Actor, ident: UUID, tab: str) -> HttpResponse:
    state = FormState.posted(request.POST, lists=["locations"])
    try:
        if tab == "company":
            version = state.text("version")
            commands.change_partner(
                actor=actor,
                partnership_id=ident,
                card=partner_forms.card_of(state),
                version=int(version) if version.isdecimal() and len(version) < 10 else None,
            )
        else:
            from_on = partner_forms.day_typed(state, "from")
            if state.ok:
                change = commands.TermsChange(partner_forms.terms_of(state), from_on)
                commands.change_terms(actor=actor, partnership_id=ident, change=change)
    except NotFound:
        raise
    except Refusal as refusal:
        state.refuse(refusal)
    if not state.ok:
        return _sheet(request, actor, ident, tab, state=state, status=422)
    messages.success(request, _("Saved."))
    return redirect(f"/o/{_slug(request)}/partners/{ident}/{tab}/")


def _sheet(
    request: HttpRequest,
    actor: Actor,
    ident: UUID,
    tab: str,
    *,
    state: FormState | None = None,
    status: int = 200,
) -> HttpResponse:
    found, today = partnership(actor, ident), _today(actor)
    every = dated_terms(found)
    now = [t for t in every if t.from_on <= today] or every
    sendings = invitations_of(found)
    last = sendings[-1] if sendings else None
    panel: dict[str, Any] = {
        "panel": "sheet",
        "tab": tab,
        "tabs": partner_sheet.tabs(found),
        "found": found,
        "kind": agreement_words.kind_word(found.kind),
        "number": agreement_words.number_shown(found.country, found.registration_number),
        "badge_of": partner_list.state_badge(found, last),
        "last": last,
        "refused": state is not None and not state.ok,
        "zone": home_zone(actor),
        "next_act": partner_sheet.next_act(found, last),
        "terms": now[-1],
        "commission": agreement_words.commission(now[-1]),
        "payment_place": agreement_words.payment_place(now[-1]),
        "patient_access": agreement_words.patient_access(now[-1].patient_access),
        "later_terms": [
            (t.from_on, agreement_words.commission(t)) for t in every if t.from_on > today
        ],
        "ticked": ticked_services(found, today),
        "agreed": list(found.channel.locations.order_by("name")),
        "edit": state is not None or "edit" in request.GET,
        "own": organization_of(actor),
        "places": _places(actor),
        **partner_forms.choices(),
    }
    panel["state"] = state or _form_of(tab, found, now[-1], actor)
    panel |= _tab_facts(actor, found, tab)
    if found.state in ("active", "suspended"):
        panel |= _ending(actor, found)
        panel["end_state"] = FormState({"future_bookings": "honour"})
    return _list(request, actor, panel, status=status)


def _form_of(tab: str, found: Partnership, terms: ChannelTerms, actor: Actor) -> FormState:
    if tab == "terms":
        return partner_forms.terms_form(found, terms, _today(actor))
    if tab == "company":
        return partner_forms.card_form(found)
    return FormState({"representative.email": found.representative_email})


def _tab_facts(actor: Actor, found: Partnership, tab: str) -> dict[str, Any]:
    if tab == "overview":
        return {"track": partner_sheet.track(found)}
    if tab == "history":
        return {
            "history": partner_sheet.history(actor, found),
            "accepted_line": partner_sheet.accepted_line(found),
        }
    if tab == "services":
        ticked = ticked_services(found, _today(actor))
        agreed = found.channel.locations.order_by("name")
        return {"service_lists": [(place, ticked.get(place.id, [])) for place in agreed]}
    return {}


def _ending(actor: Actor, found: Partnership) -> dict[str, Any]:
    count = future_bookings_of(actor, found).count()
    lines = [
        _("From now on nobody there can book, move or see free times here."),
        _("They keep reading their own past bookings."),
        _("Bookings made and commission owed stay as they are."),
    ]
    choices = [
        ("honour", _("Honour them: they stay in the calendar")),
        ("cancel", _("Cancel them and free the times")),
    ]
    return {"consequences": lines, "future_count": count, "future_choices": choices}
