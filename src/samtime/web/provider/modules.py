"""Modules: what each does, whether it is on, and who asked customer service for it (P5)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.queries import names_of
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound
from samtime.organizations.commands import ask_for_partner_module
from samtime.organizations.queries import home_zone, organization_of
from samtime.partners.queries import active_count
from samtime.web.door import page


@page(Right.EDIT_ORGANIZATION)
def modules(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list; POST asks customer service to switch the partner module on, once."""
    own = organization_of(actor)
    if "provider" not in own.capabilities:
        raise NotFound()
    if request.method == "POST":
        asked_before = own.partner_module != "off"
        ask_for_partner_module(actor=actor)
        if not asked_before:
            messages.success(request, _("Customer service has been asked."))
        return redirect(request.path)
    asker = own.module_asked_by_id
    context = {
        "own": own,
        "asked_by": names_of([asker]).get(asker, "") if asker else "",
        "may_ask": actor.may(Right.INVITE_PARTNER),
        "active": active_count(actor) if actor.may(Right.SEE_PARTNERS) else 0,
        "zone": home_zone(actor),
    }
    return render(request, "provider/modules/modules.html", context)
