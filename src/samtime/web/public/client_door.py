"""The door of a patient's link: the token names the booking, the birth date opens it.

Opening an address changes nothing (mail scanners do); who gave the right birth date is known for
half an hour by a signed cookie.
"""

import functools
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.tokens import Tried
from samtime.bookings.commands.patient_link import ask_for_fresh_link, identify, note_own_reading
from samtime.bookings.queries.patient_link import PatientLink, behind_booking_link
from samtime.foundation.errors import Refusal
from samtime.foundation.tenancy import viewing_as
from samtime.web.dates import day_typed
from samtime.web.door import View, public_page, request_id
from samtime.web.form_state import FormState
from samtime.web.templatetags.formats import time_of_day

COOKIE, OPEN_SECONDS = "samtime_client", 1800
GONE = 410


def client_page(view: View) -> View:
    """A page `(request, link, token)` behind a patient's link, shown to whoever proved himself."""

    @public_page
    @functools.wraps(view)
    def inside(request: HttpRequest, token: str, **named: Any) -> HttpResponse:
        language = translation.get_language() or "en"
        link = behind_booking_link(token, language=language, request_id=request_id(request))
        _speak(request, link)
        with viewing_as(link.actor.organization_id):
            if not link.is_alive:
                return _too_old(request, link)
            if not _is_known(request, link):
                return _question(request, link, token)
            note_own_reading(link=link)
            return view(request, link, token, **named)

    return inside


def shell(link: PatientLink, token: str) -> dict[str, Any]:
    """What every page of the link shows: clinic, booking, the place's zone and number."""
    booking = link.booking
    words = booking.provider.name.split()
    return {
        "link": link,
        "booking": booking,
        "token": token,
        "zone": booking.location.time_zone,
        "phone": booking.location.phone or booking.provider.phone,
        "initials": "".join(word[0] for word in words[:2]).upper(),
    }


def _speak(request: HttpRequest, link: PatientLink) -> None:
    """In the patient's language, until he chose another."""
    wanted = link.booking.language
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or request.user.is_authenticated:
        return
    if wanted in dict(settings.LANGUAGES):
        translation.activate(wanted)
        request.LANGUAGE_CODE = wanted


def _is_known(request: HttpRequest, link: PatientLink) -> bool:
    try:
        said = request.get_signed_cookie(COOKIE, salt=COOKIE, max_age=OPEN_SECONDS)
    except (KeyError, signing.BadSignature):
        return False
    return said == str(link.token.id)


def _question(request: HttpRequest, link: PatientLink, token: str) -> HttpResponse:
    state = FormState()
    if request.method == "POST" and request.POST.get("act") == "identify":
        state = FormState.posted(request.POST)
        now = timezone.now()
        day, digits = day_typed(state.text("birth_date")), state.text("phone_end")
        if link.question == "birth_date" and day is None:
            state.wrong("birth_date", _("Write the day like this: 24.11.1980."))
        else:
            tried = identify(link=link, day=day, digits=digits, now=now)
            if tried.right:
                return _opened(request, link, token)
            _say_wrong(state, link, tried, now)
    page = {**shell(link, token), "state": state}
    return render(
        request, "public/patient_booking/question.html", page, status=200 if state.ok else 422
    )


def _say_wrong(state: FormState, link: PatientLink, tried: Tried, now: datetime) -> None:
    if tried.paused_until is not None:
        clock = time_of_day(tried.paused_until, link.booking.location.time_zone)
        state.general.append(_("Too many tries. Try again after %(clock)s.") % {"clock": clock})
        return
    said = ngettext(
        "This does not fit. %(left)s try is left.",
        "This does not fit. %(left)s tries are left.",
        tried.left,
    )
    state.wrong(link.question, said % {"left": tried.left})


def _opened(request: HttpRequest, link: PatientLink, token: str) -> HttpResponse:
    response = redirect(request.path)
    response.set_signed_cookie(
        COOKIE,
        str(link.token.id),
        salt=COOKIE,
        max_age=OPEN_SECONDS,
        path=reverse("public:patient_booking", args=[token]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _too_old(request: HttpRequest, link: PatientLink) -> HttpResponse:
    """The same answer whether a mail follows or not: nothing is told of the booking."""
    state, status = FormState(), GONE
    if request.method == "POST" and request.POST.get("act") == "fresh":
        try:
            ask_for_fresh_link(link=link, now=timezone.now())
            state.values["asked"], status = "yes", 200
        except Refusal as refusal:
            state.refuse(refusal)
            status = refusal.status
    page = {**shell(link, ""), "state": state}
    return render(request, "public/patient_booking/too_old.html", page, status=status)
