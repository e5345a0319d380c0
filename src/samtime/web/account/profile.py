"""The person's own profile: name, phone, language, keyboard."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from samtime.accounts.commands import Profile, change_profile
from samtime.accounts.models import User
from samtime.foundation.errors import Invalid
from samtime.web.door import signed_in_page
from samtime.web.form_state import FormState


@signed_in_page
def profile(request: HttpRequest) -> HttpResponse:
    """Shows the profile; POST saves it."""
    user = cast(User, request.user)
    if request.method == "POST":
        return _save(request, user)
    state = FormState(
        {
            "name": user.name,
            "phone": user.phone,
            "language": user.language,
            "single_keys": user.single_keys,
        }
    )
    return _show(request, state)


def _save(request: HttpRequest, user: User) -> HttpResponse:
    state = FormState.posted(request.POST)
    wanted = Profile(
        name=state.text("name"),
        phone=state.text("phone"),
        language=state.text("language"),
        single_keys=bool(state.text("single_keys")),
    )
    try:
        change_profile(user=user, profile=wanted)
    except Invalid as refusal:
        state.refuse(refusal)
        return _show(request, state, status=422)
    with translation.override(user.language):
        messages.success(request, _("Saved."))
    return redirect("account:profile")


def _show(request: HttpRequest, state: FormState, *, status: int = 200) -> HttpResponse:
    facts = {"state": state, "languages": settings.LANGUAGES}
    return render(request, "account/profile.html", facts, status=status)
