"""Agreements and invitations: where the organization may book, on which terms, and what waits."""

from dataclasses import dataclass
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
from samtime.organizations.commands import Signature
from samtime.organizations.queries import home_zone
from samtime.partners import commands
from samtime.partners.commands.answering import needs_terms
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import agreements, dated_terms, open_invitations
from samtime.web import agreement_words
from samtime.web.door import page
from samtime.web.form_state import FormState

TEMPLATE = "partner/partnerships/partnerships.html"


@dataclass(frozen=True, slots=True)
class Row:
    """One institution: its agreement in words."""

    partnership: Partnership
    places: list[str]
    terms: ChannelTerms
    commission: str
    later: list[tuple[Any, str]]
    pays_here: bool
    patient_access: str
    short_access: str
    invitation: Invitation | None


@page(Right.SEE_PARTNERS)
def partnerships(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table; `?open=<id>` with one agreement, or the invitation to answer."""
    opened = request.GET.get("open", "")
    try:
        ident = UUID(opened) if opened else None
    except ValueError:
        raise NotFound() from None
    return _show(request, actor, ident, FormState())


@page(Right.ACCEPT_TERMS)
def partnership_answer(
    request: HttpRequest, actor: Actor, ident: UUID, answer: str
) -> HttpResponse:
    """Approve the cooperation or decline it (P22, P23, P24)."""
    if request.method != "POST" or answer not in ("approve", "decline"):
        return redirect("partner:partnerships", _slug(request))
    state = FormState.posted(request.POST)
    waiting = open_invitations(actor).filter(partnership__public_id=ident).first()
    if waiting is None:
        raise NotFound()
    try:
        if answer == "approve":
            commands.accept_invitation(
                actor=actor,
                invitation_id=waiting.public_id,
                signature=_signature(request, state) if state.text("terms_version") else None,
            )
            sentence = _("The cooperation with %(name)s is active.")
        else:
            commands.decline_invitation(
                actor=actor, invitation_id=waiting.public_id, reason=state.text("reason")
            )
            sentence = _("The invitation of %(name)s is declined.")
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, actor, ident, state, status=refusal.status)
    messages.success(request, sentence % {"name": waiting.partnership.provider.name})
    return redirect(f"{request.path.rsplit('/', 3)[0]}/?open={ident}")


def _signature(request: HttpRequest, state: FormState) -> Signature:
    version = state.text("terms_version")
    return Signature(
        terms_version=int(version) if version.isdecimal() and len(version) < 6 else 0,
        person_name=state.text("person_name"),
        person_role=state.text("person_role"),
        authority=bool(state.text("authority")),
        network=str(request.META.get("REMOTE_ADDR", ""))[:45],
    )


def _show(
    request: HttpRequest,
    actor: Actor,
    ident: UUID | None,
    state: FormState,
    *,
    status: int = 200,
) -> HttpResponse:
    waiting = {i.partnership_id: i for i in open_invitations(actor)}
    rows = [_row(found, waiting.get(found.id)) for found in agreements(actor)]
    opened = next((row for row in rows if row.partnership.public_id == ident), None)
    if ident and opened is None:
        raise NotFound()
    if not state["person_name"]:
        state.values["person_name"] = str(request.user)
    pending = opened is not None and opened.invitation is not None
    context = {
        "slug": _slug(request),
        "rows": rows,
        "opened": opened,
        "state": state,
        "document": needs_terms(actor, actor.language) if pending else None,
        "may_answer": actor.may(Right.ACCEPT_TERMS),
        "zone": home_zone(actor),
        "key_words": [("↑ ↓", _("next agreement"))],
    }
    return render(request, TEMPLATE, context, status=status)


def _row(found: Partnership, invitation: Invitation | None) -> Row:
    today, every = timezone.now().date(), dated_terms(found)
    terms = ([t for t in every if t.from_on <= today] or every)[-1]
    return Row(
        found,
        [place.name for place in found.channel.locations.order_by("name")],
        terms,
        agreement_words.commission(terms),
        [(t.from_on, agreement_words.commission(t)) for t in every if t.from_on > today],
        terms.payment_place == "partner",
        agreement_words.patient_access_told(terms.patient_access),
        agreement_words.patient_access(terms.patient_access),
        invitation,
    )


def _slug(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs["slug"]) if match else ""
