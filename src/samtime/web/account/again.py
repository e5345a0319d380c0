"""Signing in again over an open form: as a panel on the page, or as a page that keeps the form.

The panel asks and answers in JSON; without JavaScript the form waits on the page (kept_form.py).
"""

from dataclasses import dataclass
from typing import Any

from allauth.account.views import login
from allauth.mfa.base.views import authenticate
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from samtime.web import kept_form

SEND = "account/send_again.html"


@dataclass(frozen=True, slots=True)
class Told:
    """How it went: signed_in, signed_out, code (the second step), refused or other (somebody else
    is signed in); `errors` by field."""

    state: str
    errors: dict[str, str]


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """The panel's calls (JSON), and the page without JavaScript."""
    if "X-Person" in request.headers:
        person = kept_form.person_of(request.headers["X-Person"])
        # Answers in the language of the page that asks: nobody's own is known here.
        if (language := request.headers.get("X-Language", "")) in dict(settings.LANGUAGES):
            translation.activate(language)
        told = _signed(request, person) if request.method == "POST" else _now(request, person)
        return JsonResponse(
            {"state": told.state, "errors": told.errors, "csrf": get_token(request)}
        )
    form = kept_form.kept(request.POST.get("kept", "")) if request.method == "POST" else None
    if form is None:
        return redirect(settings.LOGIN_URL)
    told = _now(request, form.person)
    if told.state == "signed_out" and ("login" in request.POST or "code" in request.POST):
        told = _signed(request, form.person)
    return _page(request, form, told)


def _now(request: HttpRequest, person: str) -> Told:
    if not request.user.is_authenticated:
        return Told("signed_out", {})
    return Told("signed_in" if str(request.user.public_id) == person else "other", {})


def _signed(request: HttpRequest, person: str) -> Told:
    """Sign in by the ordinary way, with its limits and its second step; nobody but that person."""
    if request.user.is_authenticated:
        return _now(request, person)
    answer = authenticate(request) if "code" in request.POST else login(request)
    if request.user.is_authenticated:
        told = _now(request, person)
        if told.state == "signed_in":
            return told
        logout(request)
        sentence = _("The form was begun by somebody else. Sign in with the address you had.")
        return Told("refused", {"login": sentence})
    if answer.status_code == 302:
        waits = answer["Location"].split("?")[0] == reverse("mfa_authenticate")
        return Told("code" if waits else "signed_out", {})
    return Told("code_refused" if "code" in request.POST else "refused", _errors(answer))


def _errors(answer: HttpResponseBase) -> dict[str, str]:
    """The faults of the sign-in form, by field; «» is the form as a whole."""
    context: dict[str, Any] = getattr(answer, "context_data", None) or {}
    form = context.get("form")
    if form is None:
        return {"": _("Too many tries. Wait a little and try again.")}
    return {
        "" if name == "__all__" else name: " ".join(faults) for name, faults in form.errors.items()
    }


def _page(request: HttpRequest, form: kept_form.KeptForm, told: Told) -> HttpResponse:
    if told.state == "signed_in":
        return _send_page(request, form, at_once=True)
    return kept_form.sign_in_page(
        request,
        request.POST["kept"],
        form,
        errors=told.errors,
        step="code" if told.state in ("code", "code_refused") else "password",
    )


def _send_page(request: HttpRequest, form: kept_form.KeptForm, *, at_once: bool) -> HttpResponse:
    context = {
        "path": form.path,
        "fields": form.fields,
        "form_had_files": form.had_files,
        "at_once": at_once and not form.had_files,
    }
    return render(request, SEND, context, status=200 if at_once else 403)


def token_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form with an old token, for instance of a page that stood open while its person signed in
    anew elsewhere: nothing was done, what was typed is here, one press sends it.

    Only where the browser says that our own page sent it; a foreign page's form is not repeated.
    """
    text = kept_form.keep(request) if kept_form.is_from_here(request) else ""
    form = kept_form.kept(text) if text else None
    if form is None or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        answer = render(request, "403_csrf.html", status=403)
        answer["X-Token-Refused"] = "1"
        return answer
    told = _now(request, form.person)
    if told.state == "signed_in":
        return _send_page(request, form, at_once=False)
    return kept_form.sign_in_page(request, text, form)
