"""Where a person is signed in; signing out there, one device or all others."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from samtime.accounts.commands import end_session, end_sessions
from samtime.accounts.models import User
from samtime.accounts.queries import sessions_of
from samtime.foundation.errors import NotFound
from samtime.organizations.queries import zone_of_person
from samtime.web.devices import device
from samtime.web.door import signed_in_page


@signed_in_page
def sessions(request: HttpRequest) -> HttpResponse:
    """The list, newest first. POST ends the one named in `session`, or all others."""
    user = cast(User, request.user)
    if request.method == "POST":
        return _end(request, user)
    here = request.session.session_key
    found = [(one, device(one.user_agent), one.session_key == here) for one in sessions_of(user.pk)]
    context = {"sessions": found, "zone": zone_of_person(user)}
    return render(request, "account/sessions.html", context)


def _end(request: HttpRequest, user: User) -> HttpResponse:
    ident = request.POST.get("session", "")
    if ident:
        if not ident.isdecimal() or len(ident) > 18:
            raise NotFound()
        end_session(user=user, session_id=int(ident))
        messages.success(request, _("Signed out there."))
    else:
        end_sessions(user_id=user.pk, kept=request.session.session_key)
        messages.success(request, _("Signed out everywhere else."))
    return redirect("usersessions_list")
