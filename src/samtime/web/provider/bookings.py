"""Bookings: the list of a period, one booking with what can be done with it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import (
    arrive,
    cancel_booking,
    fulfil,
    mark_no_show,
    record_payment,
)
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings, one_booking, patient_names
from samtime.bookings.rules import MOVABLE, shown_reference, spoken_reference
from samtime.foundation.errors import Refusal
from samtime.foundation.money import Money, NotMoney
from samtime.foundation.periods import day_bounds, local_day
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone, locations
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.form_state import FormState

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
PAGE = 100
STATES = ("booked", "arrived", "fulfilled", "noshow", "cancelled")


@page(*SEES)
def booking_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Bookings of a period, newest day first; partners' names as booking source (R2)."""
    state = FormState.posted(request.GET)
    zone = home_zone(actor)
    wish = _wish(state, zone)
    count = PAGE * max(1, int(state.text("pages") or 1) if state.text("pages").isdecimal() else 1)
    rows = bookings(actor, wish).order_by("starts_at", "id")
    found = list(rows[: count + 1])
    shown = found[:count]
    names = patient_names(actor, [b.patient_id for b in shown])
    log_seen(actor, shown, "listed")
    context = {
        "state": state,
        "rows": [(b, names.get(b.patient_id, "–")) for b in shown],
        "more": len(found) > count,
        "pages": count // PAGE + 1,
        "locations": locations(actor),
        "states": STATES,
        "zone": zone,
    }
    return render(request, "provider/bookings/bookings.html", context)


def _wish(state: FormState, zone: str) -> BookingFilter:
    today = local_day(timezone.now(), zone)
    first = day_typed(state.text("from")) or today
    last = day_typed(state.text("to")) or first + timedelta(days=6)
    state.values["from"], state.values["to"] = first.isoformat(), last.isoformat()
    reference = spoken_reference(state.text("reference"))
    if reference:
        return BookingFilter(reference=reference)
    return BookingFilter(
        start=day_bounds(first, zone)[0],
        end=day_bounds(max(last, first), zone)[1],
        source=state.text("source"),
        state=state.text("state"),
        location=state.text("location"),
    )


def log_seen(actor: Actor, shown: list[Booking], action: str) -> None:
    """Reading patients' names is logged in the same transaction (P12)."""
    ids = tuple(sorted({b.patient_id for b in shown}))
    if ids:
        log_access(actor, Access(actor.organization_id, ids, action, "booking"))


@page(*SEES)
def booking(request: HttpRequest, actor: Actor, booking_id: UUID) -> HttpResponse:
    """One booking; a POST runs the act named by its button."""
    found = one_booking(actor, booking_id)
    if request.method != "POST":
        log_seen(actor, [found], "opened")
        return _shown(request, actor, found, FormState())
    state = FormState.posted(request.POST)
    act = ACTS.get(state.text("act"))
    if act is None:
        return _shown(request, actor, found, state, status=422)
    try:
        act[0](actor, found, state)
    except Refusal as refusal:
        state.refuse(refusal)
        fresh = one_booking(actor, booking_id)
        return _shown(request, actor, fresh, state, status=refusal.status)
    if not state.ok:
        return _shown(request, actor, found, state, status=422)
    messages.success(request, str(act[1]()))
    return redirect(request.path)


def _shown(
    request: HttpRequest, actor: Actor, found: Booking, state: FormState, status: int = 200
) -> HttpResponse:
    names = patient_names(actor, [found.patient_id])
    context: dict[str, Any] = {
        "booking": found,
        "name": names.get(found.patient_id, "–"),
        "reference": shown_reference(found.reference),
        "state": state,
        "can_move": found.state in MOVABLE and actor.may(Right.CHANGE_BOOKING),
        "can_mark": actor.may(Right.MARK_ATTENDANCE),
        "can_pay": actor.may(Right.TAKE_PAYMENT)
        and found.payment_state == "due_at_institution"
        and found.state != "cancelled",
        "price": Money(found.price_amount, found.currency),
        "commission": Money(found.commission_amount, found.currency),
    }
    return render(request, "provider/bookings/booking.html", context, status=status)


def _arrive(actor: Actor, found: Booking, state: FormState) -> None:
    arrive(actor=actor, booking=found.public_id, now=_now(), reason=state.text("reason"))


def _fulfil(actor: Actor, found: Booking, state: FormState) -> None:
    fulfil(actor=actor, booking=found.public_id, now=_now(), reason=state.text("reason"))


def _no_show(actor: Actor, found: Booking, state: FormState) -> None:
    mark_no_show(actor=actor, booking=found.public_id, now=_now(), reason=state.text("reason"))


def _cancel(actor: Actor, found: Booking, state: FormState) -> None:
    cancel_booking(actor=actor, booking=found.public_id, reason=state.text("reason"), now=_now())


def _pay(actor: Actor, found: Booking, state: FormState) -> None:
    try:
        amount = Money.parse(state.text("amount"), found.currency)
    except NotMoney:
        state.wrong("amount", _("Write an amount, for example 450.00."))
        return
    record_payment(
        actor=actor,
        booking=found.public_id,
        method=state.text("method"),
        amount=amount.minor,
        now=_now(),
    )


def _now() -> datetime:
    return timezone.now()


Act = tuple[Callable[[Actor, Booking, FormState], None], Callable[[], str]]
ACTS: dict[str, Act] = {
    "arrive": (_arrive, lambda: _("Marked as arrived.")),
    "fulfil": (_fulfil, lambda: _("Marked as attended.")),
    "no_show": (_no_show, lambda: _("Marked as no-show.")),
    "cancel": (_cancel, lambda: _("The appointment is cancelled and its time is free again.")),
    "pay": (_pay, lambda: _("Payment noted.")),
}
