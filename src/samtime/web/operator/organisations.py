"""Organisations of the network: who they are, what they may use, whether the company is confirmed.

Nothing about patients or bookings stands here, and the operator has no right to any.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samtime.accounts.actor import Actor
from samtime.accounts.queries import names_of
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.journal.queries import history_of
from samtime.organizations.commands.modules import (
    ModuleContract,
    confirm_company,
    switch_partner_module,
)
from samtime.organizations.models import COUNTRIES, Organization
from samtime.organizations.queries.network import (
    OrganizationFilter,
    administrators,
    one_organization,
    organizations,
)
from samtime.organizations.queries.terms import pending_standing
from samtime.web import agreement_words
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed

TEMPLATE = "operator/organisations/organisations.html"
STEP = 100
CAPABILITIES: tuple[tuple[str, str | Promise], ...] = (
    ("provider", gettext_lazy("Institution")),
    ("partner", gettext_lazy("Partner")),
    ("insurer", gettext_lazy("Insurer")),
    ("assistance", gettext_lazy("Assistance company")),
)
HAPPENED: dict[str, str | Promise] = {
    "module.asked": gettext_lazy("Partner module asked for"),
    "module.switched": gettext_lazy("Partner module switched"),
    "organization.confirmed": gettext_lazy("Company confirmed"),
}


@page(Right.OPERATE)
def organisations(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table with its filters; `?open=<id>` with the sheet of one."""
    text = request.GET.get("open", "")
    ident = ident_needed(text) if text else None
    return _show(request, actor, ident, FormState())


@page(Right.OPERATE)
def organisation_act(request: HttpRequest, actor: Actor, ident: UUID, act: str) -> HttpResponse:
    """POST: switch the partner module on or off, confirm the company."""
    if request.method != "POST":
        return redirect(f"{_home(request)}?open={ident}")
    state = FormState.posted(request.POST)
    try:
        if act == "on":
            contract = ModuleContract(state.text("contract"), day_typed(state.text("since")))
            switch_partner_module(actor=actor, organization_id=ident, on=True, contract=contract)
            said = _("The partner module is on. Its administrators get a mail.")
        elif act == "off":
            switch_partner_module(actor=actor, organization_id=ident, on=False)
            said = _("The partner module is off. Partners that have accepted go on booking.")
        elif act == "confirm":
            confirm_company(actor=actor, organization_id=ident)
            said = _("The company is confirmed.")
        else:
            raise NotFound()
    except NotFound:
        raise
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, actor, ident, state, status=refusal.status)
    messages.success(request, said)
    return redirect(f"{_home(request)}?open={ident}")


def _show(
    request: HttpRequest, actor: Actor, ident: UUID | None, state: FormState, *, status: int = 200
) -> HttpResponse:
    wish = OrganizationFilter(
        text=request.GET.get("q", "").strip()[:100],
        country=request.GET.get("country", "")[:2],
        capability=request.GET.get("capability", "")[:20],
        module=request.GET.get("module", "")[:10],
        confirmed=request.GET.get("confirmed", "")[:3],
    )
    most = _most(request.GET.get("most", ""))
    found = list(organizations(actor, wish)[: most + 1])
    opened = one_organization(actor, ident) if ident else None
    query = request.GET.copy()
    for name in ("open", "most"):
        query.pop(name, None)
    context: dict[str, Any] = {
        "rows": [(one, _words(one)) for one in found[:most]],
        "filtered": wish != OrganizationFilter(),
        "more": most + STEP if len(found) > most else 0,
        "total": organizations(actor, wish).count(),
        "wish": wish,
        "query": query.urlencode(),
        "countries": COUNTRIES,
        "capabilities": CAPABILITIES,
        "modules": _modules(),
        "confirmations": [("yes", _("Confirmed")), ("no", _("Not confirmed"))],
        "opened": opened,
        "state": state,
        **(_sheet(actor, opened, state) if opened else {}),
    }
    return render(request, TEMPLATE, context, status=status)


def _sheet(actor: Actor, opened: Organization, state: FormState) -> dict[str, Any]:
    if not state["contract"]:
        state.values["contract"] = opened.module_contract
    history = history_of(actor, opened.public_id, limit=20)
    users = {e.user_id for e in history if e.user_id} | {opened.module_asked_by_id or 0}
    names = names_of(users)
    return {
        "capability_words": _words(opened),
        "number": agreement_words.number_shown(opened.country, opened.registration_number or "–"),
        "people": administrators(actor, opened),
        "asked_by": names.get(opened.module_asked_by_id or 0, ""),
        "pending": pending_standing(opened.id),
        "history": [
            (e.at, HAPPENED[e.kind], names.get(e.user_id or 0, "–"), e.data)
            for e in history
            if e.kind in HAPPENED
        ],
    }


def _words(found: Organization) -> str:
    known = dict(CAPABILITIES)
    return ", ".join(str(known[c]) for c in found.capabilities if c in known) or "–"


def _modules() -> list[tuple[str, str]]:
    return [("off", _("Module off")), ("asked", _("Module asked for")), ("on", _("Module on"))]


def _most(text: str) -> int:
    return min(int(text), 5000) if text.isdecimal() and len(text) < 6 else STEP


def _home(request: HttpRequest) -> str:
    return reverse("operator:organisations", args=[slug_of(request)])
