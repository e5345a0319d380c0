"""The page behind the mail's link: who invites, on which terms; accept or decline.

Opening it starts nothing. A new company reads the terms, signs, and sets a password; a company that
is here signs in and approves.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from samtime.accounts.actor import Actor
from samtime.accounts.commands import begin_session
from samtime.accounts.models import User
from samtime.accounts.queries import has_account
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import local_day
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.commands import check_signature
from samtime.organizations.models import TermsDocument
from samtime.organizations.queries import actor_for_member, current_terms, home_zone
from samtime.partners import commands
from samtime.partners.commands import NewPerson, answering
from samtime.partners.queries import Behind, behind_link, dated_terms
from samtime.web import agreement_words
from samtime.web.door import public_page, request_id
from samtime.web.form_state import FormState
from samtime.web.frame import home_of
from samtime.web.signature import signature_of
from samtime.web.terms_file import terms_as_file

TEMPLATE = "public/invitation/invitation.html"
GONE = 410


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who reads the page. `actor`: he may answer for the invited company that is here."""

    user: User | None
    right_address: bool
    actor: Actor | None


@public_page
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """`?step=terms` is the second step; a POST says with `act` what it is."""
    behind = _behind(request, token)
    if request.method != "POST":
        commands.open_invitation(behind=behind)
        status = 200 if behind.link_state == "open" else GONE
        step = request.GET.get("step", "company")
        return _show(request, behind, FormState(), step, status=status)
    state = FormState.posted(request.POST)
    if behind.link_state == "expired" and state.text("act") == "ask":
        commands.ask_for_new_link(behind=behind)
        return _show(request, behind, FormState({"asked": "yes"}), "company")
    if behind.link_state != "open":
        return _show(request, behind, state, "company", status=409)
    try:
        with transaction.atomic():
            return _answer(request, behind, state)
    except Refusal as refusal:
        state.refuse(refusal)
        step = "sign-in" if _password_wrong(state) else "terms"
        return _show(request, behind, state, step, status=refusal.status)


@public_page
def terms_text(request: HttpRequest, token: str) -> HttpResponse:
    """The general terms as a plain text to keep."""
    behind = _behind(request, token)
    document = current_terms(translation.get_language() or behind.invitation.language)
    if document is None:
        raise NotFound()
    return terms_as_file(document)


def _behind(request: HttpRequest, token: str) -> Behind:
    behind = behind_link(
        token, language=translation.get_language() or "en", request_id=request_id(request)
    )
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES or request.user.is_authenticated
    if not chosen:
        translation.activate(behind.invitation.language)
        request.LANGUAGE_CODE = behind.invitation.language
    return behind


def _answer(request: HttpRequest, behind: Behind, state: FormState) -> HttpResponse:
    act, visitor = state.text("act"), _visitor(request, behind)
    if act == "decline":
        return _decline(request, behind, state)
    signature = signature_of(request, state)
    if behind.company is not None:
        if visitor.actor is None:
            raise commands.WrongAccount() if visitor.user else commands.CompanyKnown()
        commands.accept_by_link(
            actor=visitor.actor,
            behind=behind,
            email=behind.invitation.email,
            signature=signature if state.text("terms_version") else None,
        )
        return redirect(home_of(behind.company))
    if visitor.user is None and not state.text("password"):
        check_signature(signature)
        return _show(request, behind, state, "sign-in")
    person = NewPerson(signature.person_name, request.POST.get("password", ""), visitor.user)
    done = commands.accept_as_new_company(behind=behind, person=person, signature=signature)
    begin_session(request=request, user=done.user)
    return redirect(home_of(done.organization))


def _decline(request: HttpRequest, behind: Behind, state: FormState) -> HttpResponse:
    with viewing_as(behind.provider.id):
        commands.decline_invitation(
            actor=behind.actor,
            invitation_id=behind.invitation.public_id,
            reason=state.text("reason"),
        )
    return render(request, "public/invitation/declined.html", {"behind": behind})


def _password_wrong(state: FormState) -> bool:
    return "password" in state.errors


def _visitor(request: HttpRequest, behind: Behind) -> Visitor:
    if not request.user.is_authenticated:
        return Visitor(None, False, None)
    user = request.user
    right = user.email.lower() == behind.invitation.email.lower()
    if behind.company is None or not right:
        return Visitor(user, right, None)
    try:
        actor = actor_for_member(
            user=user,
            slug=behind.company.slug,
            language=translation.get_language() or "en",
            request_id=request_id(request),
        )
    except NotFound:
        return Visitor(user, right, None)
    return Visitor(user, right, actor if actor.may(Right.ACCEPT_TERMS) else None)


def _terms_to_accept(behind: Behind, visitor: Visitor) -> TermsDocument | None:
    language = translation.get_language() or "en"
    if behind.company is None:
        return current_terms(language)
    if visitor.actor is None:
        return None
    with viewing_as(behind.company.id):
        return answering.needs_terms(visitor.actor, language)


def _show(
    request: HttpRequest, behind: Behind, state: FormState, step: str, *, status: int = 200
) -> HttpResponse:
    visitor = _visitor(request, behind)
    document = _terms_to_accept(behind, visitor)
    with viewing_as(behind.provider.id):
        zone = home_zone(behind.actor)
        today = local_day(timezone.now(), zone)
        every = dated_terms(behind.partnership)
        terms = ([t for t in every if t.from_on <= today] or every)[-1]
        places = [place.name for place in behind.partnership.channel.locations.order_by("name")]
    if not state["person_name"]:
        state.values["person_name"] = behind.partnership.representative_name
    context: dict[str, Any] = {
        "behind": behind,
        "card": behind.partnership,
        "kind": agreement_words.kind_word(behind.partnership.kind),
        "visitor": visitor,
        "document": document,
        "step": step if step in ("company", "terms", "sign-in") else "company",
        "state": state,
        "places": places,
        "commission": agreement_words.commission(terms),
        "pays_here": terms.payment_place == "partner",
        "patient_access": agreement_words.patient_access_told(terms.patient_access),
        "zone": zone,
        "account_exists": visitor.user is None and has_account(behind.invitation.email),
        "here": request.path,
        # A link that was replaced or withdrawn may be in the hands it was never meant for.
        "shows_offer": behind.link_state in ("open", "expired"),
    }
    return render(request, TEMPLATE, context, status=status)
