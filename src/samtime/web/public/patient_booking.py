"""The patient's own page of one appointment: read it, confirm, cancel, take it along."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from samtime.bookings.commands.letters import address_of, appointment_of, payment_words
from samtime.bookings.commands.patient_link import cancel_by_client, confirm_by_client
from samtime.bookings.queries.patient_link import PatientLink, behind_booking_link
from samtime.bookings.rules import shown_reference
from samtime.foundation.errors import Refusal
from samtime.foundation.money import Money
from samtime.organizations.models import Location
from samtime.web.form_state import FormState
from samtime.web.public.client_door import client_page, shell

PAGE = "public:patient_booking"


@client_page
def patient_booking(request: HttpRequest, link: PatientLink, token: str) -> HttpResponse:
    """What, who, where, when, and what it costs; POST confirms."""
    state = FormState()
    if request.method == "POST" and request.POST.get("act") == "confirm":
        try:
            confirm_by_client(link=link, now=timezone.now())
            messages.success(request, _("Thank you. The clinic knows that you will come."))
            return redirect(PAGE, token)
        except Refusal as refusal:
            state.refuse(refusal)
            link = fresh(link, token)
            return _show(request, link, token, state, status=refusal.status)
    return _show(request, link, token, state)


def fresh(link: PatientLink, token: str) -> PatientLink:
    """The link with its booking as it is now."""
    return behind_booking_link(
        token, language=link.actor.language, request_id=link.actor.request_id
    )


def map_of(place: Location) -> str:
    """Where the place lies on an open map; «» when nobody has said."""
    if place.latitude is None or place.longitude is None:
        return ""
    at = f"{place.latitude:.5f}/{place.longitude:.5f}"
    mark = f"mlat={place.latitude:.5f}&mlon={place.longitude:.5f}"
    return f"https://www.openstreetmap.org/?{mark}#map=17/{at}"


def facts(link: PatientLink, token: str, now: datetime) -> dict[str, Any]:
    """What the pages about the visit show."""
    booking, language = link.booking, translation.get_language() or "en"
    return {
        **shell(link, token),
        "now": now,
        "is_open": link.is_open(now),
        "may_change": link.may_change(now),
        "is_over": now >= booking.starts_at and booking.state != "cancelled",
        "service": booking.service.name_in(language),
        "minutes": round((booking.ends_at - booking.starts_at).total_seconds() / 60),
        "address": address_of(booking.location),
        "map_href": map_of(booking.location),
        "price": Money(booking.price_amount, booking.currency),
        "payment": payment_words(booking),
        "preparation": booking.service.preparation_in(language),
        "reference": shown_reference(booking.reference),
        "given_name": booking.patient_as_given.get("given_name") or booking.patient.given_name,
    }


def _show(
    request: HttpRequest, link: PatientLink, token: str, state: FormState, *, status: int = 200
) -> HttpResponse:
    page = {**facts(link, token, timezone.now()), "state": state}
    return render(request, "public/patient_booking/patient_booking.html", page, status=status)


@client_page
def patient_cancel(request: HttpRequest, link: PatientLink, token: str) -> HttpResponse:
    """What cancelling means, before it is done; POST does it."""
    state, status = FormState(), 200
    if request.method == "POST" and request.POST.get("act") == "cancel":
        state = FormState.posted(request.POST)
        try:
            cancel_by_client(link=link, reason=state.text("reason"), now=timezone.now())
            messages.success(request, _("The appointment is cancelled."))
            return redirect(PAGE, token)
        except Refusal as refusal:
            state.refuse(refusal)
            link, status = fresh(link, token), refusal.status
    page = {**facts(link, token, timezone.now()), "state": state}
    return render(request, "public/patient_booking/patient_cancel.html", page, status=status)


@client_page
def patient_file(request: HttpRequest, link: PatientLink, token: str) -> HttpResponse:
    """The appointment for the patient's own calendar; the mails' file has the same identity."""
    method = "CANCEL" if link.booking.state == "cancelled" else "PUBLISH"
    said = appointment_of(link.booking, email=link.token.email, method=method)
    kind = f"text/calendar; charset=utf-8; method={said.method}"
    response = HttpResponse(said.text, content_type=kind)
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response
