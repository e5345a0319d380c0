"""Users: who has access, what each may, invitations, sessions and keys; one page for every desk.

The same functions stand under `provider:`, `partner:`, `insurer:` and `operator:`.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.organizations.commands.members import change_member, end_access
from samtime.organizations.commands.users import (
    invite_user,
    invite_users,
    resend_user_invitation,
    withdraw_user_invitation,
)
from samtime.organizations.queries import organization_of
from samtime.organizations.queries.people import person_in
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.provider import user_forms, user_list, user_sheet

TEMPLATE = "provider/users/users.html"
MANY = 50
LISTS = ("roles", "locations")


@page(Right.MANAGE_USERS)
@once_only
def users(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table; `?new` with the form of a new user, `?several` with that of a pasted list."""
    if "new" in request.GET:
        return _new(request, actor)
    if "several" in request.GET:
        return _several(request, actor)
    return _list(request, actor, {})


@page(Right.MANAGE_USERS)
@once_only
def user(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """The sheet; `?edit` with its fields, which post to the same address."""
    if request.method == "POST":
        return _save(request, actor, ident)
    return _sheet(request, actor, ident)


@page(Right.MANAGE_USERS)
@once_only
def user_act(request: HttpRequest, actor: Actor, ident: UUID, act: str) -> HttpResponse:
    """Resend, also to a corrected address, or withdraw: one button, one command."""
    places = _places(request)
    if request.method != "POST":
        return redirect(places.sheet(ident))
    email = FormState.posted(request.POST).text("email")
    ways: dict[str, tuple[Callable[[], Any], str]] = {
        "resend": (
            lambda: resend_user_invitation(actor=actor, member_id=ident, email=email),
            _("A new invitation is on its way. The old link is dead."),
        ),
        "withdraw": (
            lambda: withdraw_user_invitation(actor=actor, member_id=ident),
            _("The invitation is withdrawn. Its link is dead."),
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
        state = FormState({"email": email})
        state.refuse(refusal)
        return _sheet(request, actor, ident, mail_state=state, status=refusal.status)
    messages.success(request, done)
    return redirect(places.list if act == "withdraw" else places.sheet(ident))


@page(Right.MANAGE_USERS)
@once_only
def user_end(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """The question before the end, with its consequences, and the end (P9)."""
    found = person_in(actor, ident, now=timezone.now())
    places, state = _places(request), FormState()
    if request.method == "POST":
        try:
            end_access(actor=actor, member_id=ident)
        except NotFound:
            raise
        except Refusal as refusal:
            state.refuse(refusal)
        else:
            sentence = _("%(name)s has no access any more.")
            messages.success(request, sentence % {"name": found.name or found.email})
            return redirect(places.list)
    context = {
        "found": found,
        "state": state,
        "places": places,
        "end_href": places.end(ident),
        "consequences": user_sheet.consequences(actor, found),
    }
    return render(request, "provider/users/end.html", context, status=200 if state.ok else 409)


def _places(request: HttpRequest) -> user_list.Addresses:
    match = request.resolver_match
    return user_list.Addresses(match.namespace if match else "", slug_of(request))


def _list(
    request: HttpRequest, actor: Actor, panel: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    rows = user_list.rows_of(request, actor)
    own = organization_of(actor)
    context = {
        "places": _places(request),
        "own": own,
        "is_provider": "provider" in own.capabilities,
        "rows": rows,
        "active": sum(row.person.state == "active" for row in rows),
        "filtered": bool(request.GET.get("q") or request.GET.get("state")),
        "q": request.GET.get("q", ""),
        "chosen_state": request.GET.get("state", ""),
        "states": user_list.states(),
        "zone": user_list.zone_of(actor),
        "key_words": [("↑ ↓", _("next user")), ("N", _("new user"))],
        **panel,
    }
    return render(request, TEMPLATE, context, status=status)


def _new(request: HttpRequest, actor: Actor) -> HttpResponse:
    own, status = organization_of(actor), 200
    state = user_forms.empty_form(own)
    if request.method == "POST":
        state = FormState.posted(request.POST, lists=LISTS)
        new = user_forms.new_user(actor, state)
        if state.ok:
            try:
                made = invite_user(actor=actor, new=new)
            except Refusal as refusal:
                state.refuse(refusal)
                status = refusal.status
            else:
                told = _("Saved. The mail to %(email)s is on its way.")
                messages.success(request, told % {"email": made.email})
                return redirect(_places(request).sheet(made.member_id))
        else:
            status = 422
    panel = {"panel": "new", "state": state, **user_forms.choices(actor, own)}
    return _list(request, actor, panel, status=status)


def _several(request: HttpRequest, actor: Actor) -> HttpResponse:
    """First what would happen, then it happens; more than fifty mails want their number typed."""
    own, status, preview = organization_of(actor), 200, None
    state = user_forms.empty_form(own)
    if request.method == "POST":
        state = FormState.posted(request.POST, lists=LISTS)
        grant = user_forms.grant_of(actor, state)
        preview = user_forms.preview(actor, state, grant) if state.ok else None
        sends = bool(state.text("send")) and preview is not None and bool(preview.new)
        count = len(preview.new) if sends and preview else 0
        if count > MANY and state.text("count") != str(count):
            state.wrong("count", _("Type the number of mails to send them."))
        if sends and preview and state.ok:
            try:
                made = invite_users(actor=actor, people=preview.new)
            except Refusal as refusal:
                state.refuse(refusal)
            else:
                text = ngettext(
                    "%(count)s mail is on its way.", "%(count)s mails are on their way.", len(made)
                )
                messages.success(request, text % {"count": len(made)})
                return redirect(_places(request).list)
        status = 200 if state.ok else 422
    panel = {"panel": "several", "state": state, "preview": preview, "many": MANY}
    return _list(request, actor, {**panel, **user_forms.choices(actor, own)}, status=status)


def _save(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    state = FormState.posted(request.POST, lists=LISTS)
    grant = user_forms.grant_of(actor, state)
    status = 422
    if state.ok:
        try:
            change_member(actor=actor, member_id=ident, grant=grant)
        except NotFound:
            raise
        except Refusal as refusal:
            state.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, _("Saved. It counts from the next click on."))
            return redirect(_places(request).sheet(ident))
    return _sheet(request, actor, ident, edit_state=state, status=status)


def _sheet(
    request: HttpRequest,
    actor: Actor,
    ident: UUID,
    *,
    edit_state: FormState | None = None,
    mail_state: FormState | None = None,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = person_in(actor, ident, now=timezone.now())
    own = organization_of(actor)
    panel: dict[str, Any] = {
        "panel": "sheet",
        "found": found,
        "edit": (edit_state is not None or "edit" in request.GET) and found.state != "ended",
        "state": edit_state or user_forms.form_of(actor, found),
        "mail_state": mail_state or FormState({"email": found.email}),
        "mail_refused": mail_state is not None,
        "end_href": _places(request).end(ident),
        "resend_href": _places(request).sheet(ident),
        "consequences": user_sheet.consequences(actor, found),
        **user_sheet.facts(actor, found),
        **user_forms.choices(actor, own),
        **(more or {}),
    }
    return _list(request, actor, panel, status=status)
