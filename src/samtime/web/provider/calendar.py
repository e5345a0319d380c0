"""Calendar: a local day in columns, and booking at the own desk in the panel on the right."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.queries.agenda import Block, Column, day_columns, offerings_of
from samtime.calendars.models import Offering
from samtime.foundation.errors import Refusal
from samtime.foundation.periods import local_day
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone, locations
from samtime.web.dates import alternative_starts, day_in_address, start_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.patient_form import language_choices, person_typed

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
ROLES = {"own_desk": "desk", "partner": "partner", "assistance": "assist", "insurer": "insurer"}
ICONS = {
    "own_desk": "device-desktop",
    "partner": "affiliate",
    "assistance": "headset",
    "insurer": "shield-half",
}
LETTERS = {"own_desk": "D", "partner": "P", "assistance": "A", "insurer": "I"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A block as drawn: minutes since the local midnight, and its look."""

    block: Block
    minute: int
    length: int
    clock: str
    role: str
    icon: str
    letter: str


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column as drawn."""

    column: Column
    blocks: list[Shown]
    closed: list[tuple[int, int]]
    free: list[tuple[int, str]]


@page(*SEES)
def calendar(request: HttpRequest, actor: Actor, day: str = "") -> HttpResponse:
    """The day view; today where the address names no day."""
    zone = home_zone(actor)
    on = day_in_address(day) if day else local_day(timezone.now(), zone)
    return _shown(request, actor, on, FormState.posted(request.GET))


@page(Right.BOOK)
def booking_new(request: HttpRequest, actor: Actor, day: str) -> HttpResponse:
    """Book at the own desk; refused, the same form comes back with everything typed."""
    on = day_in_address(day)
    if request.method != "POST":
        return redirect("provider:calendar_day", _slug(request), day)
    state = FormState.posted(request.POST)
    wish = _wish(actor, state)
    if not state.ok or wish is None:
        return _shown(request, actor, on, state, status=422)
    try:
        booking = book_slot(actor=actor, wish=wish, now=timezone.now())
    except Refusal as refusal:
        state.refuse(refusal)
        state.values["alternatives"] = alternative_starts(refusal)
        return _shown(request, actor, on, state, status=refusal.status)
    messages.success(request, _("Booked."))
    return redirect("provider:booking", _slug(request), booking.public_id)


def _slug(request: HttpRequest) -> str:
    return str(request.path.split("/")[2])


def _wish(actor: Actor, state: FormState) -> Wish | None:
    person = person_typed(state)
    offering = _offering(actor, state.text("offering"))
    if offering is None:
        state.wrong("offering", _("Choose a service."))
        return None
    zone = offering.calendar.location.time_zone
    start = start_typed(state.text("date"), state.text("time"), zone)
    if start is None:
        state.wrong("time", _("Write a time like 9:30."))
        return None
    return Wish(
        offering=offering.public_id,
        start=start,
        patient=person,
        note=state.text("note"),
        notify=state.text("notify") == "yes",
    )


def _offering(actor: Actor, ident: str) -> Offering | None:
    try:
        wanted = UUID(ident)
    except ValueError:
        return None
    return next((o for o in offerings_of(actor) if o.public_id == wanted), None)


def _shown(
    request: HttpRequest, actor: Actor, on: date, state: FormState, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    columns = day_columns(actor, on=on, location=state.text("location"), now=now)
    seen = {b.patient_id for c in columns for b in c.blocks if b.patient_id}
    if seen:
        log_access(actor, Access(actor.organization_id, tuple(sorted(seen)), "listed", "calendar"))
    first, last = _hours(columns, on)
    zone = home_zone(actor)
    context = {
        "on": on,
        "zone": zone,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "today": local_day(now, zone),
        "first": first,
        "hours": range(first, last),
        "count": last - first,
        "columns": [_column(c, on, first, last) for c in columns],
        "now_minute": _now_line(_minute(now, on, zone), first, last),
        "locations": locations(actor),
        "place": state.text("location"),
        "state": state,
        "new": _new(request, actor, state, on),
        "languages": language_choices(),
    }
    return render(request, "provider/calendar/calendar.html", context, status=status)


def _new(
    request: HttpRequest, actor: Actor, state: FormState, on: date
) -> list[tuple[str, str]] | None:
    """Choices of the panel for a new booking; None when it is closed."""
    asked = "new" in request.GET or request.method == "POST"
    if not asked or not actor.may(Right.BOOK):
        return None
    chosen = state.text("calendar")
    state.values.setdefault("date", on.isoformat())
    state.values.setdefault("notify", "yes")
    return [
        (str(o.public_id), f"{o.service.name} · {o.calendar.role.practitioner}")
        for o in offerings_of(actor)
        if not chosen or str(o.calendar.public_id) == chosen
    ]


def _hours(columns: list[Column], on: date) -> tuple[int, int]:
    """First and last hour to draw: what is open or booked, at least 8 to 16."""
    low, high = 8 * 60, 16 * 60
    for column in columns:
        spans = [*column.open, *((b.starts_at, b.ends_at) for b in column.blocks)]
        for start, end in spans:
            low = min(low, _minute(start, on, column.zone))
            high = max(high, _minute(end, on, column.zone))
    return max(0, low // 60), min(24, -(-high // 60))


def _minute(at: datetime, on: date, zone: str) -> int:
    local = at.astimezone(ZoneInfo(zone))
    return (local.date() - on).days * 1440 + local.hour * 60 + local.minute


def _now_line(minute: int, first: int, last: int) -> int:
    """Where the line of now stands; -1 where this hour is not drawn."""
    return minute if first * 60 <= minute < last * 60 else -1


def _column(column: Column, on: date, first: int, last: int) -> ShownColumn:
    zone = column.zone
    blocks = [_block(b, on, zone, first, last) for b in column.blocks]
    opened = [(_minute(s, on, zone), _minute(e, on, zone)) for s, e in column.open]
    closed, cursor = [], first * 60
    for start, end in [*opened, (last * 60, last * 60)]:
        if start > cursor:
            closed.append((cursor, start - cursor))
        cursor = max(cursor, end)
    return ShownColumn(column, blocks, closed, _free(opened, blocks))


def _free(opened: list[tuple[int, int]], blocks: list[Shown]) -> list[tuple[int, str]]:
    """Half hours on which somebody could click: open, and nothing stands there."""
    taken = [(b.minute, b.minute + b.length) for b in blocks if b.block.state != "noshow"]
    found = []
    for start, end in opened:
        for minute in range(-(-start // 30) * 30, end - 29, 30):
            if all(minute + 30 <= low or minute >= high for low, high in taken):
                found.append((minute, f"{minute // 60:02d}:{minute % 60:02d}"))
    return found


def _block(block: Block, on: date, zone: str, first: int, last: int) -> Shown:
    start = max(_minute(block.starts_at, on, zone), first * 60)
    end = min(_minute(block.ends_at, on, zone), last * 60)
    return Shown(
        block=block,
        minute=start,
        length=max(end - start, 5),
        clock=f"{block.starts_at.astimezone(ZoneInfo(zone)):%H:%M}",
        role=ROLES.get(block.source, "desk"),
        icon=ICONS.get(block.source, "device-desktop"),
        letter=LETTERS.get(block.source, "D"),
    )
