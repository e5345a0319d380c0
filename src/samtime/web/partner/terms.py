"""General terms of the partner: what waits for a signature, and everything accepted before."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.organizations.queries import home_zone, organization_of
from samtime.organizations.queries.terms import (
    acceptances,
    accepted_document,
    document_of,
    pending_standing,
    publication_of,
)
from samtime.partners.commands import accept_new_terms
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.signature import signature_of
from samtime.web.terms_file import terms_as_file

READS = (Right.ACCEPT_TERMS, Right.SEE_PARTNERS)


@page(*READS)
@once_only
def terms(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The text that waits, with its deadline; POST accepts it in the company's name."""
    state, status = FormState.posted(request.POST), 200
    if request.method == "POST":
        try:
            accept_new_terms(actor=actor, signature=signature_of(request, state))
        except NotFound:
            return redirect(request.path)  # accepted by a colleague meanwhile
        except Refusal as refusal:
            state.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, _("Accepted. Booking goes on as before."))
            return redirect(request.path)
    elif not state["person_name"]:
        state.values["person_name"] = str(request.user)
    pending = pending_standing(actor.organization_id)
    context = {
        "own": organization_of(actor),
        "state": state,
        "pending": pending,
        "document": document_of(pending.version, actor.language) if pending else None,
        "publication": publication_of(pending.version) if pending else None,
        "accepted": acceptances(actor),
        "may_accept": actor.may(Right.ACCEPT_TERMS),
        "zone": home_zone(actor),
    }
    return render(request, "partner/terms/terms.html", context, status=status)


@page(*READS)
def terms_file(request: HttpRequest, actor: Actor, acceptance: UUID) -> HttpResponse:
    """The text that was accepted, as a file."""
    return terms_as_file(accepted_document(actor, acceptance).document)
