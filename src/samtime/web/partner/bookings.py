"""Our bookings: what this partner booked at every institution, and one of them."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings, one_booking
from samtime.bookings.rules import MOVABLE, is_late, shown_reference, spoken_reference
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import day_bounds
from samtime.journal.commands import Access, log_access
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.form_state import FormState

MAY = (Right.BOOK_AT_PARTNER, Right.CHANGE_BOOKING)
MOST = 200


def given_name(booking: Booking) -> str:
    """The person as the partner gave him; nothing the clinic knows beside (D2)."""
    given = booking.patient_as_given
    return f"{given.get('given_name', '')} {given.get('family_name', '')}".strip()


@page(*MAY)
def our_bookings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list of a period, in order of time."""
    state = FormState.posted(request.GET)
    first = day_typed(state.text("from")) or timezone.localdate()
    last = day_typed(state.text("to")) or first + timedelta(days=30)
    state.values["from"], state.values["to"] = first.isoformat(), last.isoformat()
    reference = spoken_reference(state.text("reference"))
    wish = (
        BookingFilter(reference=reference)
        if reference
        else BookingFilter(
            start=day_bounds(first, "UTC")[0], end=day_bounds(max(last, first), "UTC")[1]
        )
    )
    rows = bookings(actor, wish).filter(booker_id=actor.organization_id)
    found = list(rows.order_by("starts_at", "id")[:MOST])
    _log(actor, found, "listed")
    context = {"rows": [(b, given_name(b)) for b in found], "state": state}
    return render(request, "partner/bookings/bookings.html", context)


def _log(actor: Actor, shown: list[Booking], action: str) -> None:
    by_provider: dict[int, set[int]] = {}
    for booking in shown:
        by_provider.setdefault(booking.provider_id, set()).add(booking.patient_id)
    for provider, patients in by_provider.items():
        log_access(actor, Access(provider, tuple(sorted(patients)), action, "booking"))


@page(*MAY)
def our_booking(request: HttpRequest, actor: Actor, booking_id: UUID) -> HttpResponse:
    """One of our bookings; POST cancels it within the agreed limit."""
    found = one_booking(actor, booking_id)
    if found.booker_id != actor.organization_id:
        raise NotFound()
    state, status, now = FormState.posted(request.POST), 200, timezone.now()
    if request.method == "POST":
        try:
            cancel_booking(actor=actor, booking=booking_id, reason=state.text("reason"), now=now)
            messages.success(request, _("Cancelled. The clinic and the person are told."))
            return redirect(request.path)
        except Refusal as refusal:
            state.refuse(refusal)
            status = refusal.status
    else:
        _log(actor, [found], "opened")
    context = {
        "booking": found,
        "name": given_name(found),
        "reference": shown_reference(found.reference),
        "price": Money(found.price_amount, found.currency),
        "can_cancel": found.state in MOVABLE
        and not is_late(found.starts_at, now, found.service.cancel_limit_minutes),
        "state": state,
    }
    return render(request, "partner/bookings/booking.html", context, status=status)
