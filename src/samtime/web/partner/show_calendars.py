"""Show calendars: choose a service and institutions, take a free time, name the person, confirm.

Free times are green buttons, taken time red with its word, own bookings blue (B2 to B8).
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.finding import Hit, Where, find_patients
from samtime.bookings.commands.holds import HoldExpired, extend_hold, hold_slot, release_hold
from samtime.bookings.models import Hold
from samtime.bookings.queries.facets import ServiceChoice, bookable_services
from samtime.bookings.queries.held import one_hold
from samtime.bookings.queries.live import Rows, shown_rows, version_of, watch, watched
from samtime.bookings.queries.seen import accesses
from samtime.bookings.queries.showcase import (
    OpenOffering,
    OutsideColumn,
    open_offerings,
    outside_day,
)
from samtime.channels.queries import terms_for
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import day_bounds, local_day
from samtime.journal.commands import log_access
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.partner.calendar_columns import drawn, hours_of
from samtime.web.partner.why_questions import why_questions
from samtime.web.patient_form import language_choices, person_typed, search_typed


@page(Right.BOOK_AT_PARTNER)
def show_calendars(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The selector and, once asked for, the columns."""
    state = FormState.posted(request.GET, lists=("place", "doctor"))
    return _shown(request, actor, state)


@page(Right.BOOK_AT_PARTNER)
def show_calendars_live(request: HttpRequest, actor: Actor) -> HttpResponse:
    """204 while nothing changed in the shown columns, else the columns anew."""
    state = FormState.posted(request.GET, lists=("place", "doctor"))
    if version_of(actor, watched(actor, state.text("live"))) == state.text("version"):
        return HttpResponse(status=204)
    return _shown(request, actor, state, template="_columns.html")


@page(Right.BOOK_AT_PARTNER)
@once_only
def hold(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST: hold a free time, then its panel opens beside the same columns."""
    if request.method != "POST":
        return redirect("partner:show_calendars", slug_of(request))
    state = FormState.posted(request.POST, lists=("place", "doctor"))
    try:
        held = hold_slot(
            actor=actor,
            offering=_uuid(state.text("offering")),
            start=_instant(state.text("start")),
            now=timezone.now(),
        )
    except Refusal as refusal:
        state.refuse(refusal)
        state.values["alternatives"] = _alternatives(refusal)
        return _shown(request, actor, state, status=refusal.status)
    query = urlencode([*_choice(state), ("hold", str(held.public_id))])
    return redirect(f"{_home(request)}?{query}")


@page(Right.BOOK_AT_PARTNER)
@once_only
def held(request: HttpRequest, actor: Actor, hold_id: UUID) -> HttpResponse:
    """POST: confirm the booking, keep the time longer, or let it go."""
    state = FormState.posted(request.POST, lists=("place", "doctor"))
    act, now = state.text("act"), timezone.now()
    back = f"{_home(request)}?{urlencode(_choice(state))}"
    try:
        if act == "release":
            release_hold(actor=actor, hold=hold_id, now=now)
            return redirect(back)
        if act == "extend":
            extend_hold(actor=actor, hold=hold_id, now=now)
            return redirect(f"{back}&hold={hold_id}")
        if act == "search":
            state.values["hits"] = _hits(actor, hold_id, state, now)
            state.values["searched"] = "yes"
            return _shown(request, actor, state, hold_id=hold_id)
        return _confirm(request, actor, hold_id, state, now)
    except Refusal as refusal:
        state.refuse(refusal)
        return _shown(request, actor, state, status=refusal.status, hold_id=hold_id)


def _confirm(
    request: HttpRequest, actor: Actor, hold_id: UUID, state: FormState, now: datetime
) -> HttpResponse:
    chosen = state.text("patient_id")
    common: dict[str, Any] = {"hold": hold_id, "note": state.text("note")}
    if chosen:
        phone, email = state.text("patient.phone"), state.text("patient.email")
        wish = Wish(patient_id=_uuid(chosen), phone=phone, email=email, **common)
    else:
        wish = Wish(patient=person_typed(state), **common)
        if not state.ok:
            return _shown(request, actor, state, status=422, hold_id=hold_id)
    booking = book_slot(actor=actor, wish=wish, now=now)
    messages.success(request, _("Booked. The clinic sees it now."))
    return redirect("partner:booking", slug_of(request), booking.public_id)


def _hits(actor: Actor, hold_id: UUID, state: FormState, now: datetime) -> list[Hit]:
    """Masked patients of two criteria, where the agreement says search; refuses elsewhere."""
    held = one_hold(actor, hold_id, now=now)
    if held is None:
        raise HoldExpired()
    zone = held.offering.calendar.location.time_zone
    where = Where(local_day(held.starts_at, zone), channel=held.channel.public_id)
    return find_patients(actor=actor, wish=search_typed(state), where=where, now=now)


def _alternatives(refusal: Refusal) -> list[dict[str, Any]]:
    """The nearest free starts of a lost race, as buttons need them."""
    return [
        {"offering": a["offering"], "iso": a["start"], "at": datetime.fromisoformat(a["start"])}
        for a in refusal.facts.get("alternatives", [])
    ]


def _home(request: HttpRequest) -> str:
    return f"/o/{slug_of(request)}/partner/book/calendars/"


def _choice(state: FormState) -> list[tuple[str, str]]:
    names = [(n, state.text(n)) for n in ("service", "day") if state.text(n)]
    several = [(n, v) for n in ("place", "doctor") for v in state.values.get(n) or []]
    return [*names, *several, ("show", "1")]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound() from None
    if found.tzinfo is None:
        raise NotFound()
    return found


def _shown(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    status: int = 200,
    hold_id: UUID | None = None,
    template: str = "show_calendars.html",
) -> HttpResponse:
    now = timezone.now()
    on, offered = _offered(actor, day_typed(state.text("day")), now)
    choices = _choices(actor, offered, on)
    wished = state.text("service")
    same = next((c for c in choices if wished in map(str, c.services)), None)
    same = same or next(iter(choices), None)
    of_service = [o for o in offered if same and o.service in same.services]
    chosen = _narrowed(of_service, state)
    wanted = "show" in state.values or request.method == "POST"
    found = outside_day(actor, chosen, on=on, now=now) if wanted else []
    columns = [column for column in found if column.open] or found
    _log(actor, columns)
    free = any(column.free for column in found)
    first, last = hours_of(columns, on)
    asked = hold_id or _hold_asked(state)
    current = one_hold(actor, asked, now=now) if asked else None
    rows = shown_rows((c.offering.mask_id, *day_bounds(on, c.offering.zone)) for c in columns)
    context = {
        "state": state,
        "on": on,
        "live": _live_query(actor, state, rows, asked) if columns else "",
        "elsewhere": len({o.provider for o in offered} - {o.provider for o in of_service}),
        "zone": of_service[0].zone if of_service else "UTC",
        "services": [(str(c.key), c.name) for c in choices],
        "service": str(same.key) if same else "",
        "places": {str(o.location): f"{o.provider_name}, {o.location_name}" for o in of_service},
        "doctors": {str(o.practitioner): o.practitioner_name for o in of_service},
        "places_on": set(state.values.get("place") or [str(o.location) for o in of_service]),
        "doctors_on": set(state.values.get("doctor") or [str(o.practitioner) for o in of_service]),
        "wanted": wanted,
        "whys": why_questions(chosen, on) if wanted and not free else [],
        "columns": [drawn(c, on, first, last, current) for c in columns],
        "first": first,
        "count": last - first,
        "hours": range(first, last),
        "hold": current,
        "hold_gone": asked is not None and current is None,
        "hold_seconds": int((current.expires_at - now).total_seconds()) if current else 0,
        "hold_price": Money(current.price_amount, current.currency) if current else None,
        "terms": _terms(actor, current) if current else None,
        "languages": language_choices(),
        "choice": _choice(state),
        "nothing_open": not offered,
    }
    return render(request, f"partner/show_calendars/{template}", context, status=status)


def _log(actor: Actor, columns: list[OutsideColumn]) -> None:
    """The columns name the partner's own patients (P12)."""
    own = {o.public_id: o for column in columns for o in column.own}
    for access in accesses(actor, own.values(), "listed", "booking"):
        log_access(actor, access)


def _choices(actor: Actor, offered: list[OpenOffering], on: date) -> list[ServiceChoice]:
    """The same examination of several institutions is one line, as in the cockpit."""
    there = {o.service for o in offered}
    return [c for c in bookable_services(actor, on=on) if there & set(c.services)]


def _live_query(actor: Actor, state: FormState, rows: Rows, asked: UUID | None) -> str:
    """What the open page asks every two seconds: its choice, its rows, their version."""
    kept = [*_choice(state), *([("hold", str(asked))] if asked else [])]
    marks = [("live", watch(actor, rows)), ("version", version_of(actor, rows))]
    return urlencode([*kept, *marks])


def _offered(actor: Actor, typed: date | None, now: datetime) -> tuple[date, list[OpenOffering]]:
    """The day and what is open on it; without a day today, as the clinic's own clock says.

    East of Greenwich the day begins earlier: what was ticked «from today» there is open.
    """
    if typed is not None:
        return typed, open_offerings(actor, on=typed)
    on = now.date()
    offered = open_offerings(actor, on=on) or open_offerings(actor, on=on + timedelta(days=1))
    if offered and local_day(now, offered[0].zone) != on:
        on = local_day(now, offered[0].zone)
        offered = open_offerings(actor, on=on)
    return on, offered


def _terms(actor: Actor, current: Hold) -> object:
    return terms_for(
        actor,
        at=current.starts_at,
        internal_id=current.offering_id,
        channel=current.channel.public_id,
    )


def _hold_asked(state: FormState) -> UUID | None:
    try:
        return UUID(state.text("hold"))
    except ValueError:
        return None


def _narrowed(offered: list[OpenOffering], state: FormState) -> list[OpenOffering]:
    places, doctors = state.values.get("place") or [], state.values.get("doctor") or []
    return [
        o
        for o in offered
        if (not places or str(o.location) in places)
        and (not doctors or str(o.practitioner) in doctors)
    ]
