"""The middle of the cockpit: hold a time, keep it longer, earlier or later, let it go."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.holds import TooManyHolds, extend_hold, hold_slot, release_hold
from samtime.bookings.models import Hold
from samtime.bookings.queries.held import mine_already, my_holds, one_hold
from samtime.bookings.queries.shown import Slot
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.channels.queries import BookingTerms, terms_for
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.web.dates import instant_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.partner.cockpit import TEMPLATES
from samtime.web.partner.read_back import read_backs
from samtime.web.patient_form import language_choices

LONGEST_LOOK = 60


@page(Right.BOOK_AT_PARTNER)
def cockpit_take(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST: hold a time; `instead` names a hold that is let go in the same step."""
    state = FormState.posted(request.POST)
    offering, start = ident_typed(state.text("offering")), instant_typed(state.text("start"))
    if request.method != "POST" or offering is None or start is None:
        raise NotFound()
    return _take(request, actor, state, offering, start)


def _take(
    request: HttpRequest, actor: Actor, state: FormState, offering: UUID, start: datetime
) -> HttpResponse:
    now = timezone.now()
    try:
        held = hold_slot(
            actor=actor,
            offering=offering,
            start=start,
            now=now,
            instead_of=ident_typed(state.text("instead")),
        )
        ident: UUID | None = held.public_id
    except Refusal as refusal:
        ident = mine_already(actor, offering, start, now=now)
        if ident is None:
            return refused_take(request, actor, refusal, offering, start)
    found = one_hold(actor, ident, now=now) if ident else None
    assert found is not None
    return shown_hold(request, actor, found, state)


@page(Right.BOOK_AT_PARTNER)
def cockpit_held(request: HttpRequest, actor: Actor, hold_id: UUID) -> HttpResponse:
    """The hold again (GET); POST `act`: extend, release, earlier, later."""
    state, now = FormState.posted(request.POST), timezone.now()
    act = state.text("act") if request.method == "POST" else ""
    if act == "release":
        release_hold(actor=actor, hold=hold_id, now=now)
        context = {"holds": my_holds(actor, now=now), "released": True}
        return render(request, f"{TEMPLATES}/_free.html", context)
    found = one_hold(actor, hold_id, now=now)
    if found is None:
        raise NotFound()
    if act in ("earlier", "later"):
        return _beside(request, actor, found, state, act)
    if act == "extend":
        try:
            extend_hold(actor=actor, hold=hold_id, now=now)
        except Refusal as refusal:
            state.general.append(refusal.detail)
        found = one_hold(actor, hold_id, now=now) or found
    return shown_hold(request, actor, found, state)


def _beside(
    request: HttpRequest, actor: Actor, held: Hold, state: FormState, act: str
) -> HttpResponse:
    """The next free time of the same examination at the same place, before or after."""
    other = neighbour(actor, held, later=act == "later", now=timezone.now())
    if other is None:
        sentence = _("No later time here.") if act == "later" else _("No earlier time here.")
        state.general.append(sentence)
        return shown_hold(request, actor, held, state)
    state.values["instead"] = str(held.public_id)
    return _take(request, actor, state, other.offering, other.start)


def neighbour(actor: Actor, held: Hold, *, later: bool, now: datetime) -> Slot | None:
    """The nearest free start after or before a hold, same service and location."""
    place = held.offering.calendar.location
    day = local_day(held.starts_at, place.time_zone)
    wanted: dict[str, Any] = {
        "service": held.offering.service.public_id,
        "location": place.public_id,
    }
    if later:
        wish = SlotSearch(start=day, days=LONGEST_LOOK, limit=1, not_before=held.ends_at, **wanted)
        return next(iter(find_slots(actor, wish, now=now).items), None)
    today = local_day(now, place.time_zone)
    while day >= today:
        for slot in reversed(_of_day(actor, day, wanted, now)):
            if slot.end <= held.starts_at:
                return slot
        day -= timedelta(days=1)
        if (local_day(held.starts_at, place.time_zone) - day).days > LONGEST_LOOK:
            break
    return None


def _of_day(actor: Actor, day: date, wanted: dict[str, Any], now: datetime) -> list[Slot]:
    wish = SlotSearch(start=day, days=1, limit=500, **wanted)
    return find_slots(actor, wish, now=now).items


def shown_hold(
    request: HttpRequest, actor: Actor, held: Hold, state: FormState, *, status: int = 200
) -> HttpResponse:
    """Middle and right column of a live hold, with what is already typed; where it may no longer
    be booked, the reason stands in the middle and the form on the right is left alone."""
    try:
        context = hold_context(actor, held, state)
    except Refusal as withdrawn:
        return refused_take(request, actor, withdrawn, held.offering.public_id, held.starts_at)
    return render(request, f"{TEMPLATES}/_held.html", context, status=status)


def hold_context(actor: Actor, held: Hold, state: FormState) -> dict[str, Any]:
    """What the columns of a hold show; no patient is read for it.

    Refuses: what `terms_for` refuses, when the right to book it was withdrawn meanwhile.
    """
    now = timezone.now()
    terms = terms_of(actor, held)
    languages = [(code, word) for code, word in language_choices() if code]
    if not state.text("patient.language"):
        state.values["patient.language"] = held.provider.language
    return {
        "hold": held,
        "state": state,
        "terms": terms,
        "access": terms.patient_access,
        "zone": held.offering.calendar.location.time_zone,
        "price": Money(held.price_amount, held.currency),
        "seconds": max(int((held.expires_at - now).total_seconds()), 0),
        "service": held.offering.service.name_in(actor.language),
        "minutes": int((held.ends_at - held.starts_at).total_seconds() // 60),
        "languages": languages,
        "spoken": state.text("patient.language"),
        "read_backs": read_backs(held, [code for code, _word in languages]),
        "holds": my_holds(actor, now=now),
    }


def terms_of(actor: Actor, held: Hold) -> BookingTerms:
    """The terms the hold will be booked on."""
    return terms_for(
        actor,
        at=held.starts_at,
        internal_id=held.offering_id,
        channel=held.channel.public_id,
    )


def refused_take(
    request: HttpRequest, actor: Actor, refusal: Refusal, offering: UUID, start: datetime
) -> HttpResponse:
    """Taken, too many, or not allowed any more: said where the time would stand."""
    now = timezone.now()
    others = [_other(fact) for fact in refusal.facts.get("alternatives", [])]
    context = {
        "refusal": refusal,
        "offering": offering,
        "start": start,
        "others": others,
        "zone": _zone_of(actor, offering, now),
        "holds": my_holds(actor, now=now),
        "too_many": isinstance(refusal, TooManyHolds),
    }
    status = refusal.status if refusal.status != 404 else 409
    return render(request, f"{TEMPLATES}/_refused.html", context, status=status)


def _other(fact: dict[str, Any]) -> dict[str, Any]:
    start = datetime.fromisoformat(fact["start"])
    return {"offering": fact["offering"], "start": start, "iso": start.isoformat()}


def _zone_of(actor: Actor, offering: UUID, now: datetime) -> str:
    """The zone to show a refused time in; one search, only for a refusal."""
    wish = SlotSearch(start=now.date(), days=LONGEST_LOOK, limit=1, offering=offering)
    found = find_slots(actor, wish, now=now).items
    return found[0].zone if found else "UTC"
