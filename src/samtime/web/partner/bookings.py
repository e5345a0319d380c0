"""Our bookings: what this partner booked at every institution; one of them in the panel (B7, B8).

The person is shown as the partner gave him, nothing the clinic knows beside (D2).
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import NewPlace, cancel_booking, move_booking
from samtime.bookings.commands.holds import hold_slot
from samtime.bookings.commands.letters import resend_confirmation
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import one_booking
from samtime.bookings.queries.held import one_hold
from samtime.bookings.queries.own import OwnFilter, own_bookings, own_facets
from samtime.bookings.queries.seen import accesses
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.bookings.rules import MOVABLE, is_late, shown_reference, spoken_reference
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import day_bounds, local_day
from samtime.journal.commands import log_access
from samtime.web.dates import day_typed, instant_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.once import once_only

MAY = (Right.BOOK_AT_PARTNER, Right.CHANGE_BOOKING)
TEMPLATE = "partner/bookings/bookings.html"
MOST, TIMES, DAYS = 100, 9, 30


def given_name(booking: Booking) -> str:
    """The person as the partner gave him."""
    given = booking.patient_as_given
    return f"{given.get('given_name', '')} {given.get('family_name', '')}".strip()


@page(*MAY)
def our_bookings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list of a period, in order of time."""
    return _shown(request, actor, FormState())


@page(*MAY)
@once_only
def our_booking(request: HttpRequest, actor: Actor, booking_id: UUID) -> HttpResponse:
    """One of ours beside the list; POST `act`: cancel, resend, hold (a new time), move."""
    found = _ours(actor, booking_id)
    state = FormState.posted(request.POST)
    if request.method != "POST":
        return _shown(request, actor, state, found)
    try:
        return _act(request, actor, found, state)
    except Refusal as refusal:
        state.refuse(refusal)
        return _shown(request, actor, state, _ours(actor, booking_id), status=refusal.status)


def _ours(actor: Actor, booking_id: UUID) -> Booking:
    found = one_booking(actor, booking_id)
    if found.booker_id != actor.organization_id or found.provider_id == actor.organization_id:
        raise NotFound()
    return found


def _act(request: HttpRequest, actor: Actor, found: Booking, state: FormState) -> HttpResponse:
    act, now = state.text("act"), timezone.now()
    if act == "hold":
        offering, start = ident_typed(state.text("offering")), instant_typed(state.text("start"))
        if offering is None or start is None:
            raise NotFound()
        channel = found.channel.public_id
        held = hold_slot(actor=actor, offering=offering, start=start, now=now, channel=channel)
        return redirect(f"{request.path}?hold={held.public_id}")
    if act == "move":
        _move(actor, found, state)
        messages.success(request, f"{_('Moved.')} {_who_is_told(found)}")
    elif act == "resend":
        resend_confirmation(actor=actor, booking=found.public_id, now=now)
        messages.success(request, _("The confirmation is sent once more."))
    else:
        reason = state.text("reason")
        cancel_booking(actor=actor, booking=found.public_id, reason=reason, now=now)
        messages.success(request, f"{_('Cancelled.')} {_who_is_told(found)}")
    return redirect(request.path)


def _who_is_told(found: Booking) -> str:
    """Who hears of a change without the agent's help, by what the agent gave."""
    if found.notify and found.patient_as_given.get("email"):
        return _("The clinic and the person are told.")
    return _("The clinic is told. No e-mail of the person is known here: call them yourself.")


def _move(actor: Actor, found: Booking, state: FormState) -> None:
    now, asked = timezone.now(), ident_typed(state.text("hold"))
    held = one_hold(actor, asked, now=now) if asked else None
    if held is None:
        raise NotFound()
    version = state.text("version")
    place = NewPlace(
        held.starts_at,
        held.offering.public_id,
        int(version) if version.isdecimal() and len(version) < 9 else None,
        held.public_id,
    )
    move_booking(actor=actor, booking=found.public_id, to=place, now=now)


def _shown(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    opened: Booking | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    asked = FormState.posted(request.GET)
    first, last = _period(asked)
    rows = list(own_bookings(actor, _wish(asked, first, last))[: MOST + 1])
    shown = rows[:MOST]
    _log(actor, shown, "listed")
    facets = own_facets(actor)
    kept = request.GET.copy()
    for name in ("modify", "on", "hold"):
        kept.pop(name, None)
    context = {
        "rows": [(b, given_name(b)) for b in shown],
        "more": len(rows) > MOST,
        "several_zones": len({b.location.time_zone for b in shown}) > 1,
        "asked": asked,
        "query": kept.urlencode(),
        "first": first,
        "last": last,
        "filtered": any(asked.text(n) for n in ("agent", "institution", "outcome", "reference")),
        "agents": [("", _("All agents")), *facets.agents],
        "institutions": [("", _("All institutions")), *facets.institutions],
        "outcomes": [
            ("", _("All")),
            ("to_come", _("To come")),
            ("came", _("Attended")),
            ("noshow", _("No-show")),
            ("cancelled", _("Cancelled")),
        ],
        "state": state,
        "opened": opened,
    }
    if opened is not None:
        _log(actor, [opened], "opened")
        context |= _panel(actor, opened, asked)
    return render(request, TEMPLATE, context, status=status)


def _period(asked: FormState) -> tuple[date, date]:
    """The days asked for, else the coming month; both back in their fields."""
    first = day_typed(asked.text("from")) or timezone.localdate()
    last = day_typed(asked.text("to")) or first + timedelta(days=DAYS)
    asked.values["from"], asked.values["to"] = first.isoformat(), last.isoformat()
    return first, max(last, first)


def _wish(asked: FormState, first: date, last: date) -> OwnFilter:
    return OwnFilter(
        start=day_bounds(first, "UTC")[0],
        end=day_bounds(last, "UTC")[1],
        agent=ident_typed(asked.text("agent")),
        institution=ident_typed(asked.text("institution")),
        outcome=asked.text("outcome"),
        reference=spoken_reference(asked.text("reference")),
    )


def _log(actor: Actor, shown: list[Booking], action: str) -> None:
    for access in accesses(actor, shown, action, "booking"):
        log_access(actor, access)


def _panel(actor: Actor, found: Booking, asked: FormState) -> dict[str, Any]:
    now, zone = timezone.now(), found.location.time_zone
    late = is_late(found.starts_at, now, found.service.cancel_limit_minutes)
    closed = found.channel.state == "closed" or found.desk_since is not None
    can_change = found.state in MOVABLE and not late and not closed
    asked_hold = ident_typed(asked.text("hold"))
    held = one_hold(actor, asked_hold, now=now) if asked_hold and can_change else None
    given = found.patient_as_given
    return {
        "name": given_name(found),
        "given": given,
        "reference": shown_reference(found.reference),
        "price": Money(found.price_amount, found.currency),
        "service": found.service.name_in(actor.language),
        "preparation": found.service.preparation_in(actor.language),
        "can_change": can_change,
        "late": found.state in MOVABLE and late,
        "phone": found.location.phone or found.provider.phone,
        "can_resend": found.state in MOVABLE and bool(given.get("email")) and not closed,
        "hold": held,
        "hold_gone": asked_hold is not None and held is None and can_change,
        "hold_seconds": max(int((held.expires_at - now).total_seconds()), 0) if held else 0,
        "hold_price": Money(held.price_amount, held.currency) if held else None,
        **(_other_times(actor, found, asked, zone) if can_change and asked["modify"] else {}),
    }


def _other_times(actor: Actor, found: Booking, asked: FormState, zone: str) -> dict[str, Any]:
    """The same examination at the same place and on the same agreement, from a day on."""
    now = timezone.now()
    on = day_typed(asked.text("on")) or local_day(found.starts_at, zone)
    wish = SlotSearch(
        start=max(on, local_day(now, zone)),
        days=DAYS,
        limit=TIMES,
        service=found.service.public_id,
        location=found.location.public_id,
        channel=found.channel.public_id,
        apart=True,
    )
    return {"times": find_slots(actor, wish, now=now).items, "modifying": True, "on": wish.start}
