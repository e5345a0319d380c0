"""Show calendars: choose a service and institutions, take a free time, name the person, confirm.

Free times are green buttons, taken time red with its word, own bookings blue (B2 to B8).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.holds import extend_hold, hold_slot, release_hold
from samtime.bookings.models import Hold
from samtime.bookings.queries.showcase import (
    OpenOffering,
    OutsideColumn,
    one_hold,
    open_offerings,
    outside_day,
)
from samtime.channels.queries import terms_for
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.web.dates import alternative_starts, day_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.patient_form import language_choices, person_typed


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as drawn: minutes since the place's midnight."""

    kind: str
    minute: int
    length: int
    clock: str
    text: str = ""
    start: str = ""
    ident: str = ""


@dataclass(slots=True)
class Drawn:
    """A column as drawn."""

    offering: OpenOffering
    price: Money
    pieces: list[Piece] = field(default_factory=list)


@page(Right.BOOK_AT_PARTNER)
def show_calendars(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The selector and, once asked for, the columns."""
    state = FormState.posted(request.GET, lists=("place", "doctor"))
    return _shown(request, actor, state)


@page(Right.BOOK_AT_PARTNER)
def hold(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST: hold a free time, then its panel opens beside the same columns."""
    if request.method != "POST":
        return redirect("partner:show_calendars", _slug(request))
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
        state.values["alternatives"] = alternative_starts(refusal)
        return _shown(request, actor, state, status=refusal.status)
    query = urlencode([*_choice(state), ("hold", str(held.public_id))])
    return redirect(f"{_home(request)}?{query}")


@page(Right.BOOK_AT_PARTNER)
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
        return _confirm(request, actor, hold_id, state, now)
    except Refusal as refusal:
        state.refuse(refusal)
        return _shown(request, actor, state, status=refusal.status, hold_id=hold_id)


def _confirm(
    request: HttpRequest, actor: Actor, hold_id: UUID, state: FormState, now: datetime
) -> HttpResponse:
    person = person_typed(state)
    if not state.ok:
        return _shown(request, actor, state, status=422, hold_id=hold_id)
    wish = Wish(hold=hold_id, patient=person, note=state.text("note"))
    booking = book_slot(actor=actor, wish=wish, now=now)
    messages.success(request, _("Booked. The clinic sees it now."))
    return redirect("partner:booking", _slug(request), booking.public_id)


def _slug(request: HttpRequest) -> str:
    return str(request.path.split("/")[2])


def _home(request: HttpRequest) -> str:
    return f"/o/{_slug(request)}/partner/book/calendars/"


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
) -> HttpResponse:
    now = timezone.now()
    on, offered = _offered(actor, day_typed(state.text("day")), now)
    services = {str(o.service): o.service_name for o in offered}
    service = state.text("service") or next(iter(services), "")
    of_service = [o for o in offered if str(o.service) == service]
    chosen = _narrowed(of_service, state)
    wanted = "show" in state.values or request.method == "POST"
    columns = outside_day(actor, chosen, on=on, now=now) if wanted else []
    first, last = _hours(columns, on)
    asked = hold_id or _hold_asked(state)
    current = one_hold(actor, asked, now=now) if asked else None
    context = {
        "state": state,
        "on": on,
        "zone": of_service[0].zone if of_service else "UTC",
        "services": list(services.items()),
        "service": service,
        "places": {str(o.location): f"{o.provider_name}, {o.location_name}" for o in of_service},
        "doctors": {str(o.practitioner): o.practitioner_name for o in of_service},
        "places_on": set(state.values.get("place") or [str(o.location) for o in of_service]),
        "doctors_on": set(state.values.get("doctor") or [str(o.practitioner) for o in of_service]),
        "wanted": wanted,
        "columns": [_drawn(c, on, first, last, current) for c in columns],
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
    return render(request, "partner/show_calendars/show_calendars.html", context, status=status)


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


def _hours(columns: list[OutsideColumn], on: date) -> tuple[int, int]:
    low, high = 8 * 60, 16 * 60
    for column in columns:
        for start, end in column.open:
            low = min(low, _minute(start, on, column.offering.zone))
            high = max(high, _minute(end, on, column.offering.zone))
    return low // 60, min(24, -(-high // 60))


def _minute(at: datetime, on: date, zone: str) -> int:
    local = at.astimezone(ZoneInfo(zone))
    return (local.date() - on).days * 1440 + local.hour * 60 + local.minute


def _drawn(column: OutsideColumn, on: date, first: int, last: int, current: Hold | None) -> Drawn:
    offering = column.offering
    drawn = Drawn(offering, Money(offering.price, offering.currency))

    def piece(kind: str, start: datetime, end: datetime, text: str = "", ident: str = "") -> None:
        minute = _minute(start, on, offering.zone)
        length = int((end - start) / timedelta(minutes=1))
        clock = f"{start.astimezone(ZoneInfo(offering.zone)):%H:%M}"
        drawn.pieces.append(Piece(kind, minute, length, clock, text, start.isoformat(), ident))

    cursor: datetime | None = None
    for slot in column.free:
        if cursor is None or slot.start >= cursor:
            piece("free", slot.start, slot.end)
            cursor = slot.end
    mine = current is not None and current.offering.calendar_id == offering.calendar_id
    for start, end in column.taken:
        if mine and current is not None and start <= current.starts_at < end:
            piece("taken", start, current.starts_at) if start < current.starts_at else None
            piece("held", current.starts_at, current.ends_at)
            piece("taken", current.ends_at, end) if current.ends_at < end else None
        else:
            piece("taken", start, end)
    for own in column.own:
        piece("own", own.start, own.end, own.name, str(own.public_id))
    _add_closed(drawn, column, on, first, last)
    return drawn


def _add_closed(drawn: Drawn, column: OutsideColumn, on: date, first: int, last: int) -> None:
    zone, cursor = column.offering.zone, first * 60
    opened = [(_minute(s, on, zone), _minute(e, on, zone)) for s, e in column.open]
    for start, end in [*sorted(opened), (last * 60, last * 60)]:
        if start > cursor:
            clock = f"{cursor // 60:02d}:{cursor % 60:02d}"
            drawn.pieces.append(Piece("closed", cursor, start - cursor, clock))
        cursor = max(cursor, end)
