"""The patient moves his appointment: free times of the same service and place, one kept to read."""

from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.bookings.commands.patient_link import keep_time, move_by_client
from samtime.bookings.queries.patient_link import (
    PatientLink,
    kept_time,
    last_day_ahead,
    price_at,
    times_to_move_to,
)
from samtime.bookings.queries.shown import Slot
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.web.dates import day_typed
from samtime.web.form_state import FormState
from samtime.web.public.client_door import client_page
from samtime.web.public.patient_booking import PAGE, facts, fresh


@client_page
def patient_move(request: HttpRequest, link: PatientLink, token: str) -> HttpResponse:
    """The list, or the kept time and the question; POST keeps one, or moves to the kept one."""
    state, now = FormState(), timezone.now()
    if request.method == "POST":
        state = FormState.posted(request.POST)
        try:
            if state.text("act") == "move":
                move_by_client(link=link, now=now)
                messages.success(request, _("Your appointment has a new time."))
                return redirect(PAGE, token)
            _keep(link, state, now)
            return redirect("public:patient_move", token)
        except Refusal as refusal:
            state.refuse(refusal)
            return _show(request, fresh(link, token), token, state, status=refusal.status)
    return _show(request, link, token, state)


def _keep(link: PatientLink, state: FormState, now: datetime) -> None:
    offering, _blank, start = state.text("time").partition(" ")
    try:
        chosen, at = UUID(offering), datetime.fromisoformat(start)
    except ValueError:
        raise NotFound() from None
    if at.tzinfo is None:
        raise NotFound()
    keep_time(link=link, offering=chosen, start=at, now=now)


def _show(
    request: HttpRequest, link: PatientLink, token: str, state: FormState, *, status: int = 200
) -> HttpResponse:
    now, zone = timezone.now(), link.booking.location.time_zone
    page = {**facts(link, token, now), "state": state}
    if link.may_change(now):
        today = local_day(now, zone)
        first = _first_day(request, link, today)
        found = times_to_move_to(link, first=first, now=now)
        page |= {
            "days": _by_day(found, zone),
            "first": first,
            "from_typed": request.GET.get("from", first.isoformat()),
            "later": local_day(found[-1].start, zone) + timedelta(days=1) if found else None,
            **_kept(link, now),
        }
    return render(request, "public/patient_booking/patient_move.html", page, status=status)


def _first_day(request: HttpRequest, link: PatientLink, today: date) -> date:
    asked = day_typed(request.GET.get("from", "")) or today
    return min(max(asked, today), last_day_ahead(link, today))


def _by_day(found: list[Slot], zone: str) -> list[tuple[date, list[Slot]]]:
    groups = groupby(found, key=lambda slot: local_day(slot.start, zone))
    return [(day, list(slots)) for day, slots in groups]


def _kept(link: PatientLink, now: datetime) -> dict[str, object]:
    kept = kept_time(link, now)
    if kept is None:
        return {}
    price = Money(*price_at(link, kept))
    return {
        "kept": kept,
        "seconds": max(0, round((kept.expires_at - now).total_seconds())),
        "new_price": price,
        "price_differs": price != Money(link.booking.price_amount, link.booking.currency),
    }
