"""Bookings: the list of a period. One booking stands in booking_panel.py."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings, patient_names
from samtime.bookings.rules import spoken_reference
from samtime.foundation.periods import day_bounds, local_day
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone, locations
from samtime.web.badges import badge_of
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.form_state import FormState

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
PAGE = 100
FILTERS = ("source", "state", "location", "reference")
STATES = ("booked", "arrived", "fulfilled", "noshow", "cancelled")


@page(*SEES)
def booking_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Bookings of a period, newest day first; partners' names as booking source (R2)."""
    state = FormState.posted(request.GET)
    zone = home_zone(actor)
    first, last = _period(state, zone)
    wish = _wish(state, first, last, zone)
    count = PAGE * max(1, int(state.text("pages") or 1) if state.text("pages").isdecimal() else 1)
    rows = bookings(actor, wish).order_by("starts_at", "id")
    found = list(rows[: count + 1])
    shown = found[:count]
    kept = request.GET.copy()
    kept["pages"] = str(count // PAGE + 1)
    names = patient_names(actor, [b.patient_id for b in shown])
    log_seen(actor, shown, "listed")
    context = {
        "state": state,
        "rows": [(b, names.get(b.patient_id, "–")) for b in shown],
        "more": len(found) > count,
        "query": kept.urlencode(),
        "first": first,
        "last": last,
        "filtered": any(state.text(name) for name in FILTERS),
        "locations": locations(actor),
        "states": [("", _("All")), *((s, badge_of("booking", s).word) for s in STATES)],
    }
    return render(request, "provider/bookings/bookings.html", context)


def _period(state: FormState, zone: str) -> tuple[date, date]:
    """The days asked for, else the coming week; both back in their fields."""
    today = local_day(timezone.now(), zone)
    first = day_typed(state.text("from")) or today
    last = day_typed(state.text("to")) or first + timedelta(days=6)
    state.values["from"], state.values["to"] = first.isoformat(), last.isoformat()
    return first, max(last, first)


def _wish(state: FormState, first: date, last: date, zone: str) -> BookingFilter:
    reference = spoken_reference(state.text("reference"))
    if reference:
        return BookingFilter(reference=reference)
    return BookingFilter(
        start=day_bounds(first, zone)[0],
        end=day_bounds(last, zone)[1],
        source=state.text("source"),
        state=state.text("state"),
        location=state.text("location"),
    )


def log_seen(actor: Actor, shown: list[Booking], action: str) -> None:
    """Reading patients' names is logged in the same transaction (P12)."""
    ids = tuple(sorted({b.patient_id for b in shown}))
    if ids:
        log_access(actor, Access(actor.organization_id, ids, action, "booking"))
