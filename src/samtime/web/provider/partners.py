"""Partners: the list, the data sheet, and what can be done with a partnership."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.connectors.registers import look_up
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.exports import Sheet, xlsx_bytes
from samtime.organizations.commands import ask_for_partner_module
from samtime.organizations.models import Organization
from samtime.organizations.queries import home_zone, organization_of
from samtime.partners import commands
from samtime.partners.queries import partnership, partnerships
from samtime.web.badges import badge_of
from samtime.web.door import Steps, calling_page, page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed
from samtime.web.once import once_only
from samtime.web.provider import partner_forms, partner_list, partner_sheet
from samtime.web.provider.partner_list import address_of, list_page, today_of
from samtime.web.provider.partner_new import new_partner
from samtime.web.provider.partner_panel import sheet_page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(Right.SEE_PARTNERS)
@once_only
def partners(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table; `?open=<id>` with the data sheet, `?new` with the form of a new partner.

    With the module off only what is new stops: who is a partner already stays here, and books.
    """
    own = organization_of(actor)
    off = own.partner_module != "on"
    if off and request.method == "POST" and "new" not in request.GET:
        return _ask(request, actor)
    if off and not partnerships(actor).exists():
        return _module(request, actor, own)
    if "new" in request.GET and not (off and request.method == "GET"):
        return new_partner(request, actor, own)
    if opened := request.GET.get("open", ""):
        return sheet_page(request, actor, ident_needed(opened), "overview")
    return list_page(request, actor, {})


@page(Right.SEE_PARTNERS)
def partner_module(request: HttpRequest, actor: Actor) -> HttpResponse:
    """P2: the older name of the page."""
    return redirect("provider:partners", slug_of(request), permanent=False)


@page(Right.SEE_PARTNERS)
@once_only
def partner(request: HttpRequest, actor: Actor, ident: UUID, tab: str) -> HttpResponse:
    """A tab of the data sheet; `?edit` with its fields, which post to the same address."""
    if tab not in dict(partner_sheet.tabs()):
        raise NotFound()
    if request.method == "POST" and tab in ("company", "terms"):
        return _save(request, actor, ident, tab)
    return sheet_page(request, actor, ident, tab)


@page(Right.INVITE_PARTNER)
@once_only
def partner_act(request: HttpRequest, actor: Actor, ident: UUID, act: str) -> HttpResponse:
    """Send, resend, withdraw, suspend, resume, take a notice back: one button, one command."""
    if request.method != "POST":
        return redirect(address_of(request, ident))
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
        "keep": (
            lambda: commands.take_back_notice(actor=actor, partnership_id=ident),
            _("The notice is taken back. The cooperation goes on."),
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
        return sheet_page(request, actor, ident, "overview", state=state, status=refusal.status)
    messages.success(request, done)
    return redirect(address_of(request, ident))


@calling_page(Right.INVITE_PARTNER)
def partner_check(request: HttpRequest, actor: Actor, ident: UUID) -> Steps:
    """Ask the register again about a partner we have; its answer stands on the Company tab."""
    found = partnership(actor, ident)
    address = f"/o/{slug_of(request)}/partners/{ident}/company/"
    if request.method != "POST":
        return redirect(address)
    asked = commands.CompanyAsked(found.country, found.registration_number, found.tax_number)
    try:
        check = commands.begin_look_up(actor=actor, company=asked)
    except Refusal as refusal:
        messages.warning(request, refusal.detail)
        return redirect(address)
    if check.outcome == "asked":
        country, number = check.country, check.number
        told = yield lambda: look_up(country, number)
        commands.keep_register_answer(actor=actor, check=check, answer=told)
    return redirect(address)


@page(Right.SEE_PARTNERS)
def partners_file(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list as a file; no patient data."""
    heads = [
        _("Partner"),
        _("Org. number"),
        _("Locations"),
        _("Commission"),
        _("Patient pays at"),
        _("Services"),
        _("Future bookings"),
        _("State"),
    ]
    rows: list[list[str | int]] = [
        [
            row.partnership.company_name,
            row.partnership.registration_number,
            row.places,
            row.commission,
            row.payment_place,
            row.services,
            row.coming,
            row.badge[2] or str(badge_of(*row.badge[:2]).word),
        ]
        for row in partner_list.rows_of(request, actor, today_of(actor))
    ]
    response = HttpResponse(xlsx_bytes(Sheet(_("Partners"), heads, rows)), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="partners.xlsx"'
    return response


def _ask(request: HttpRequest, actor: Actor) -> HttpResponse:
    """P5: customer service is asked to switch the module on."""
    ask_for_partner_module(actor=actor)
    messages.success(request, _("Customer service has your request."))
    return redirect("provider:partners", slug_of(request))


def _module(request: HttpRequest, actor: Actor, own: Organization) -> HttpResponse:
    """P5: the module is off and nobody is a partner; the page explains it."""
    context = {
        "own": own,
        "slug": slug_of(request),
        "zone": home_zone(actor),
        "may_ask": actor.may(Right.INVITE_PARTNER),
    }
    return render(request, "provider/partners/module.html", context)


def _save(request: HttpRequest, actor: Actor, ident: UUID, tab: str) -> HttpResponse:
    state = FormState.posted(request.POST, lists=["locations"])
    typed = state.text("version")
    version = int(typed) if typed.isdecimal() and len(typed) < 10 else None
    try:
        if tab == "company":
            commands.change_partner(
                actor=actor,
                partnership_id=ident,
                card=partner_forms.card_of(state),
                version=version,
            )
        else:
            from_on = partner_forms.day_typed(state, "from")
            if state.ok:
                change = commands.TermsChange(partner_forms.terms_of(state), from_on, version)
                commands.change_terms(actor=actor, partnership_id=ident, change=change)
    except NotFound:
        raise
    except Refusal as refusal:
        state.refuse(refusal)
    if not state.ok:
        return sheet_page(request, actor, ident, tab, state=state, status=422)
    messages.success(request, _("Saved."))
    return redirect(f"/o/{slug_of(request)}/partners/{ident}/{tab}/")
