"""The page behind a user's link: who gives access to what; take it up. Opening changes nothing."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation

from samtime.accounts.commands import begin_session
from samtime.accounts.queries import has_account, names_of
from samtime.accounts.rights import SEES_PATIENTS, rights_of
from samtime.foundation.errors import Refusal
from samtime.organizations.commands.joining import Joining, join, open_user_invitation
from samtime.organizations.queries import home_zone
from samtime.organizations.queries.people import JoinLink, behind_join_link
from samtime.web import people_words
from samtime.web.door import public_page, request_id
from samtime.web.form_state import FormState
from samtime.web.frame import home_of

GONE = 410


@public_page
def joining(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the invitation; POST takes it up, with a name and password where one is new."""
    behind = behind_join_link(
        token, language=translation.get_language() or "en", request_id=request_id(request)
    )
    _speak(request, behind)
    if request.method != "POST":
        open_user_invitation(behind=behind)
        status = 200 if behind.state == "open" else GONE
        return _show(request, behind, FormState({"name": behind.invitation.name}), status=status)
    state = FormState.posted(request.POST)
    if behind.state != "open":
        return _show(request, behind, state, status=409)
    user = request.user if request.user.is_authenticated else None
    who = Joining(user, state.text("name"), request.POST.get("password", ""))
    try:
        with transaction.atomic():
            member = join(behind=behind, who=who)
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, behind, state, status=refusal.status)
    if user is None:
        begin_session(request=request, user=member.user)
    return redirect(home_of(behind.organization))


def _speak(request: HttpRequest, behind: JoinLink) -> None:
    """In the mail's language, until somebody chooses another."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES or request.user.is_authenticated
    if not chosen:
        translation.activate(behind.invitation.language)
        request.LANGUAGE_CODE = behind.invitation.language


def _show(
    request: HttpRequest, behind: JoinLink, state: FormState, *, status: int = 200
) -> HttpResponse:
    invitation = behind.invitation
    user = request.user if request.user.is_authenticated else None
    inviter = names_of([invitation.invited_by_id]) if invitation.invited_by_id else {}
    books = invitation.can_book_at_partner
    rights = rights_of(invitation.roles, can_book_at_partner=books)
    context = {
        "behind": behind,
        "invitation": invitation,
        "organization": behind.organization,
        "inviter": inviter.get(invitation.invited_by_id or 0, ""),
        "roles": people_words.role_words(invitation.roles),
        "books_at_partners": books,
        "visitor": user,
        "right_address": user is not None and user.email.lower() == invitation.email,
        "account_exists": user is None and has_account(invitation.email),
        "second_step": behind.organization.second_factor_required and bool(rights & SEES_PATIENTS),
        "zone": home_zone(behind.actor),
        "state": state,
        "here": request.path,
    }
    return render(request, "public/joining/joining.html", context, status=status)
