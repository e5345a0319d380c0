"""The right of the cockpit: who it is for, by the agreement's level; then the booking itself.

Level «search»: masked hits of two criteria. «confirm» and «none»: typed, and nothing tells whether
the clinic knows the person (P18 to P20).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.call_backs import close_by_booking
from samtime.bookings.commands.finding import Where, find_patients
from samtime.bookings.commands.holds import HoldExpired
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import one_booking
from samtime.bookings.queries.doubles import Double, own_doubles
from samtime.bookings.queries.held import my_holds, one_hold
from samtime.bookings.queries.seen import accesses
from samtime.bookings.rules import shown_reference
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.journal.commands import log_access
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.partner.bookings import given_name
from samtime.web.partner.cockpit import TEMPLATES
from samtime.web.partner.cockpit_hold import shown_hold, terms_of
from samtime.web.patient_form import person_typed, search_typed


@page(Right.BOOK_AT_PARTNER)
def cockpit_person(request: HttpRequest, actor: Actor, hold_id: UUID) -> HttpResponse:
    """POST: masked hits where the agreement allows search, and our own bookings of this person."""
    state, now = FormState.posted(request.POST), timezone.now()
    held = one_hold(actor, hold_id, now=now)
    if request.method != "POST" or held is None:
        raise NotFound()
    context: dict[str, Any] = {"hold": held}
    wish = search_typed(state)
    try:
        terms = terms_of(actor, held)
        context["access"] = terms.patient_access
        if terms.patient_access == "search" and wish.criteria >= 2:
            where = Where(local_day(held.starts_at, terms.zone), channel=held.channel.public_id)
            context["hits"] = find_patients(actor=actor, wish=wish, where=where, now=now)
            context["searched"] = True
    except Refusal as refusal:
        context["sentence"] = refusal.detail
    context["doubles"] = _doubles(actor, state, now)
    return render(request, f"{TEMPLATES}/_person_found.html", context)


def _doubles(actor: Actor, state: FormState, now: datetime) -> list[Double]:
    """Only what this partner booked himself: tells nothing about strangers."""
    born = day_typed(state.text("patient.birth_date"))
    if born is None:
        return []
    found = own_doubles(
        actor, family_name=state.text("patient.family_name"), birth_date=born, now=now
    )
    for access in accesses(actor, found, "listed", "booking"):
        log_access(actor, access)
    return found


@page(Right.BOOK_AT_PARTNER)
def cockpit_confirm(request: HttpRequest, actor: Actor, hold_id: UUID) -> HttpResponse:
    """POST: book. A hold can be booked once, so a second press finds the first booking."""
    state, now = FormState.posted(request.POST), timezone.now()
    if request.method != "POST":
        raise NotFound()
    wish = _wish(hold_id, state)
    if wish is None:
        return _refused(request, actor, hold_id, state, 422)
    try:
        booking = _book(actor, wish, ident_typed(state.text("call_back")), now)
    except HoldExpired:
        return _gone(request, actor, hold_id, state)
    except Refusal as refusal:
        state.refuse(refusal)
        return _refused(request, actor, hold_id, state, refusal.status)
    return _done(request, actor, booking)


def _book(actor: Actor, wish: Wish, call_back: UUID | None, now: datetime) -> Booking:
    """Book; the call-back it came from is done in the same step, or nothing is."""
    if call_back is None:
        return book_slot(actor=actor, wish=wish, now=now)
    with transaction.atomic():
        booking = book_slot(actor=actor, wish=wish, now=now)
        close_by_booking(actor=actor, call_back=call_back, booking=booking, now=now)
    return booking


def _refused(
    request: HttpRequest, actor: Actor, hold_id: UUID, state: FormState, status: int
) -> HttpResponse:
    """The same columns with their faults, as long as the time is held."""
    held = one_hold(actor, hold_id, now=timezone.now())
    if held is None:
        return _gone(request, actor, hold_id, state)
    return shown_hold(request, actor, held, state, status=status)


def _wish(hold_id: UUID, state: FormState) -> Wish | None:
    """What to book, or None with every fault noted at its field."""
    language = state.text("patient.language")
    notify = state.text("notify") != "no"
    common: dict[str, Any] = {"hold": hold_id, "note": state.text("note"), "notify": notify}
    chosen = ident_typed(state.text("patient_id"))
    if chosen is not None:
        phone, email = state.text("patient.phone"), state.text("patient.email")
        return Wish(patient_id=chosen, phone=phone, email=email, language=language, **common)
    person = person_typed(state)
    return Wish(patient=person, language=language, **common) if state.ok else None


def _gone(request: HttpRequest, actor: Actor, hold_id: UUID, state: FormState) -> HttpResponse:
    """The hold ended, or it is booked already: the booking has the hold's id (D3)."""
    try:
        booking = one_booking(actor, hold_id)
    except NotFound:
        context = {"state": state, "holds": my_holds(actor, now=timezone.now())}
        return render(request, f"{TEMPLATES}/_ended.html", context, status=409)
    if booking.booker_id != actor.organization_id:
        raise NotFound()
    return _done(request, actor, booking)


def _done(request: HttpRequest, actor: Actor, made: Booking) -> HttpResponse:
    booking = one_booking(actor, made.public_id)
    for access in accesses(actor, [booking], "opened", "booking"):
        log_access(actor, access)
    context = {
        "booking": booking,
        "name": given_name(booking),
        "reference": shown_reference(booking.reference),
        "price": Money(booking.price_amount, booking.currency),
        "zone": booking.location.time_zone,
        "email": booking.patient_as_given.get("email", ""),
        "service": booking.service.name_in(actor.language),
        "holds": my_holds(actor, now=timezone.now()),
    }
    return render(request, f"{TEMPLATES}/_done.html", context)
