"""Agreements and invitations: where the organization may book, on which terms, and what waits."""

from dataclasses import dataclass, field
from datetime import date, timedelta
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
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.organizations.queries.terms import acceptances
from samtime.partners import commands
from samtime.partners.commands.answering import needs_terms
from samtime.partners.commands.notice import Notice
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import (
    agreed_terms,
    agreements,
    open_invitations,
    own_future_bookings,
)
from samtime.web import agreement_words
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.frame import address
from samtime.web.idents import ident_needed
from samtime.web.once import once_only
from samtime.web.signature import signature_of

TEMPLATE = "partner/partnerships/partnerships.html"
ANSWERS = ("approve", "decline", "notice", "keep")


@dataclass(frozen=True, slots=True)
class Later:
    """Terms that will count from a day on: only what changes, each with what it was."""

    from_on: date
    changes: list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One institution: its agreement in words. `history`: what counted before, newest first."""

    partnership: Partnership
    places: list[str]
    terms: ChannelTerms
    commission: str
    later: list[Later]
    pays_here: bool
    patient_access: str
    invitation: Invitation | None
    history: list[tuple[date, str]] = field(default_factory=list)


@page(Right.SEE_PARTNERS)
def partnerships(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table; `?open=<id>` with one agreement, or the invitation to answer."""
    opened = request.GET.get("open", "")
    return _show(request, actor, ident_needed(opened) if opened else None, FormState())


@page(Right.ACCEPT_TERMS)
@once_only
def partnership_answer(
    request: HttpRequest, actor: Actor, ident: UUID, answer: str
) -> HttpResponse:
    """Approve the cooperation, decline it, give notice, keep it after all (P22, P23, P24, P28)."""
    if request.method != "POST" or answer not in ANSWERS:
        return redirect("partner:partnerships", slug_of(request))
    state = FormState.posted(request.POST)
    found = agreements(actor).filter(public_id=ident).first()
    if found is None:
        raise NotFound()
    try:
        sentence = _answered(request, actor, found, answer, state)
    except NotFound:
        raise
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, actor, ident, state, status=refusal.status)
    messages.success(request, sentence % {"name": found.provider.name})
    return redirect(f"{address('partner:partnerships', slug_of(request))}?open={ident}")


def _answered(
    request: HttpRequest, actor: Actor, found: Partnership, answer: str, state: FormState
) -> str:
    if answer == "notice":
        notice = Notice(
            day_typed(state.text("ends_on")), state.text("future_bookings"), state.text("message")
        )
        commands.give_notice(actor=actor, partnership_id=found.public_id, notice=notice)
        return _("Notice is given. %(name)s has been told.")
    if answer == "keep":
        commands.take_back_notice(actor=actor, partnership_id=found.public_id)
        return _("The notice is taken back: the cooperation with %(name)s goes on.")
    waiting = open_invitations(actor).filter(partnership=found).first()
    if waiting is None:
        raise NotFound()
    if answer == "decline":
        commands.decline_invitation(
            actor=actor, invitation_id=waiting.public_id, reason=state.text("reason")
        )
        return _("The invitation of %(name)s is declined.")
    commands.accept_invitation(
        actor=actor,
        invitation_id=waiting.public_id,
        signature=signature_of(request, state) if state.text("terms_version") else None,
    )
    return _("The cooperation with %(name)s is active.")


def _show(
    request: HttpRequest,
    actor: Actor,
    ident: UUID | None,
    state: FormState,
    *,
    status: int = 200,
) -> HttpResponse:
    found = list(agreements(actor))
    waiting = {i.partnership_id: i for i in open_invitations(actor)}
    dated, today = agreed_terms(actor, found), local_day(timezone.now(), home_zone(actor))
    rows = [_row(one, dated[one.channel_id], waiting.get(one.id), today) for one in found]
    opened = next((row for row in rows if row.partnership.public_id == ident), None)
    if ident and opened is None:
        raise NotFound()
    state.values.setdefault("person_name", str(request.user))
    state.values.setdefault("future_bookings", "honour")
    state.values.setdefault("ends_on", (today + timedelta(days=30)).isoformat())
    pending = opened is not None and opened.invitation is not None
    context = {
        "slug": slug_of(request),
        "rows": rows,
        "opened": opened,
        "state": state,
        "document": needs_terms(actor, actor.language) if pending else None,
        "accepted": acceptances(actor) if opened else [],
        "future": own_future_bookings(actor, opened.partnership) if opened else 0,
        "future_choices": [
            ("honour", _("Keep them: the institution honours what is booked")),
            ("cancel", _("Cancel those after the last day; everybody is told")),
        ],
        "may_answer": actor.may(Right.ACCEPT_TERMS),
        "zone": home_zone(actor),
        "key_words": [("↑ ↓", _("next agreement"))],
    }
    return render(request, TEMPLATE, context, status=status)


def _row(
    found: Partnership, every: list[ChannelTerms], invitation: Invitation | None, today: date
) -> Row:
    past = [t for t in every if t.from_on <= today]
    terms = (past or every)[-1]
    later, before = [], terms
    for one in (t for t in every if t.from_on > today):
        later.append(Later(one.from_on, _changes(before, one)))
        before = one
    return Row(
        found,
        sorted(place.name for place in found.channel.locations.all()),
        terms,
        agreement_words.commission(terms),
        later,
        terms.payment_place == "partner",
        agreement_words.patient_access_told(terms.patient_access),
        invitation,
        [(t.from_on, agreement_words.commission(t)) for t in reversed(past[:-1])],
    )


def _changes(before: ChannelTerms, after: ChannelTerms) -> list[str]:
    """«10% ..., before 12% ...»: each term that differs, new and old."""
    pairs = [
        (agreement_words.commission(before), agreement_words.commission(after)),
        (_pays(before), _pays(after)),
        (
            agreement_words.patient_access_told(before.patient_access),
            agreement_words.patient_access_told(after.patient_access),
        ),
    ]
    told = _("%(new)s (before: %(old)s)")
    return [told % {"new": new, "old": old} for old, new in pairs if old != new]


def _pays(terms: ChannelTerms) -> str:
    here = terms.payment_place == "partner"
    return _("Your patients pay at your company") if here else _("Patients pay at the institution")
