"""Show calendars: choose a service and institutions, take a free time, name the person, confirm.

Free times are green buttons, taken time red with its word, own bookings blue (B2 to B8).
"""

from datetime import datetime
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
from samtime.bookings.commands.holds import (
    HoldExpired,
    TooManyHolds,
    extend_hold,
    hold_slot,
    release_hold,
)
from samtime.bookings.models import Hold
from samtime.bookings.queries.held import mine_already, my_holds, one_hold
from samtime.bookings.queries.live import shown_rows, version_of, watch, watched
from samtime.bookings.queries.seen import accesses
from samtime.bookings.queries.showcase import OutsideColumn, outside_day
from samtime.channels.queries import paused_for
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import day_bounds, local_day
from samtime.journal.commands import log_access
from samtime.web.dates import instant_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.frame import address
from samtime.web.idents import ident_needed, ident_typed
from samtime.web.once import once_only
from samtime.web.partner.calendar_choice import LISTS, Choice, add_offered, choice_of
from samtime.web.partner.calendar_columns import drawn, hours_of
from samtime.web.partner.calendar_panel import booked_already, current_hold, panel_of
from samtime.web.partner.columns_paint import bodies, heads
from samtime.web.partner.why_questions import why_questions
from samtime.web.patient_form import FIELDS, person_typed, search_typed


@page(Right.BOOK_AT_PARTNER)
def show_calendars(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The selector and, once asked for, the columns."""
    state = FormState.posted(request.GET, lists=LISTS)
    return _shown(request, actor, state)


@page(Right.BOOK_AT_PARTNER)
def show_calendars_live(request: HttpRequest, actor: Actor) -> HttpResponse:
    """204 while nothing changed in the shown columns, else the columns anew."""
    state = FormState.posted(request.GET, lists=LISTS)
    if version_of(actor, watched(actor, state.text("live"))) == state.text("version"):
        return HttpResponse(status=204)
    return _shown(request, actor, state, template="_columns.html")


@page(Right.BOOK_AT_PARTNER)
@once_only
def hold(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST: hold a free time, then its panel opens beside the same columns."""
    if request.method != "POST":
        return redirect("partner:show_calendars", slug_of(request))
    state = FormState.posted(request.POST, lists=LISTS)
    slot = state.text("slot") or f"{state.text('offering')}@{state.text('start')}"
    given, _at, text = slot.partition("@")
    offering, start, now = ident_needed(given), instant_typed(text), timezone.now()
    if start is None:
        raise NotFound()
    former = ident_typed(state.text("hold"))
    try:
        held = hold_slot(
            actor=actor, offering=offering, start=start, now=now, instead_of=former
        ).public_id
    except Refusal as refusal:
        mine = mine_already(actor, offering, start, now=now)
        if mine is None:
            state.refuse(refusal)
            state.values["alternatives"] = _alternatives(refusal)
            if isinstance(refusal, TooManyHolds):
                state.values["mine"] = my_holds(actor, now=now)
            return _shown(request, actor, state, status=refusal.status)
        held = mine
    state.values["hold"] = str(held)
    if any(state.text(f"patient.{name}") for name in FIELDS) or state.text("note"):
        return _shown(request, actor, state)  # what is typed goes along
    return redirect(f"{_home(request)}?{urlencode([*_choice(state), ('hold', str(held))])}")


@page(Right.BOOK_AT_PARTNER)
@once_only
def held(request: HttpRequest, actor: Actor, hold_id: UUID) -> HttpResponse:
    """POST: confirm the booking, keep the time longer, or let it go."""
    if request.method != "POST":
        return redirect(f"{_home(request)}?show=1&hold={hold_id}")
    state = FormState.posted(request.POST, lists=LISTS)
    # The Enter key presses a form's first button: one of its own, before all the free times.
    act, now = state.text("act") or state.text("enter"), timezone.now()
    back = f"{_home(request)}?{urlencode(_choice(state))}"
    try:
        if act == "release":
            release_hold(actor=actor, hold=hold_id, now=now)
            return redirect(back)
        if act == "extend":
            extend_hold(actor=actor, hold=hold_id, now=now)
            return _shown(request, actor, state, hold_id=hold_id)
        if act == "search":
            state.values["hits"] = _hits(actor, hold_id, state, now)
            state.values["searched"] = "yes"
            return _shown(request, actor, state, hold_id=hold_id)
        return _confirm(request, actor, hold_id, state, now)
    except Refusal as refusal:
        made = booked_already(actor, hold_id) if act not in ("extend", "search") else None
        if made is not None:
            return redirect("partner:booking", slug_of(request), made.public_id)
        state.refuse(refusal)
        return _shown(request, actor, state, status=refusal.status, hold_id=hold_id)


def _confirm(
    request: HttpRequest, actor: Actor, hold_id: UUID, state: FormState, now: datetime
) -> HttpResponse:
    chosen = state.text("patient_id")
    common: dict[str, Any] = {"hold": hold_id, "note": state.text("note")}
    if chosen:
        phone, email = state.text("patient.phone"), state.text("patient.email")
        wish = Wish(patient_id=ident_needed(chosen), phone=phone, email=email, **common)
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
    return address("partner:show_calendars", slug_of(request))


def _choice(state: FormState) -> list[tuple[str, str]]:
    names = [(n, state.text(n)) for n in ("service", "day", "who", "of") if state.text(n)]
    several = [(n, v) for n in ("place", "doctor") for v in state.values.get(n) or []]
    return [*names, *several, ("show", "1")]


def _shown(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    status: int = 200,
    hold_id: UUID | None = None,
    template: str = "show_calendars.html",
) -> HttpResponse:
    now = timezone.now()
    choice = choice_of(actor, state, now)
    wanted = "show" in state.values or request.method == "POST"
    if wanted:
        add_offered(actor, choice)
    found = outside_day(actor, choice.offered, on=choice.on, now=now)
    columns = [column for column in found if column.open] or found
    _log(actor, columns)
    asked = hold_id or ident_typed(state.text("hold"))
    current, terms = current_hold(actor, state, asked, now)
    context = {
        "state": state,
        "choice": choice,
        "kept": _choice(state),
        "service": str(choice.service.key) if choice.service else "",
        "wanted": wanted,
        "paused": "" if choice.service else paused_for(actor),
        **_columns(request, choice, columns, current, "confirm" if asked else "take"),
        "live": _live_query(actor, state, choice, columns, asked) if columns else "",
        "zone": choice.offered[0].zone if choice.offered else "UTC",
        **panel_of(actor, current, now),
        "terms": terms,
        "hold_gone": asked is not None and current is None,
        "back": f"{_home(request)}?{urlencode(_choice(state))}",
    }
    return render(request, f"partner/show_calendars/{template}", context, status=status)


def _columns(
    request: HttpRequest,
    choice: Choice,
    columns: list[OutsideColumn],
    current: Hold | None,
    form: str,
) -> dict[str, Any]:
    """The calendars side by side, and why nothing is free where nothing is."""
    first, last = hours_of(columns, choice.on)
    shown = [drawn(column, choice.on, first, last, current) for column in columns]
    free = any(column.free for column in columns)
    return {
        "columns": shown,
        "heads": heads(shown),
        "bodies": bodies(shown, slug_of(request), form),
        "whys": [] if free else why_questions(choice.offered, choice.on),
        "first": first,
        "count": last - first,
        "hours": range(first, last),
    }


def _log(actor: Actor, columns: list[OutsideColumn]) -> None:
    """The columns name the partner's own patients (P12)."""
    own = {o.public_id: o for column in columns for o in column.own}
    for access in accesses(actor, own.values(), "listed", "booking"):
        log_access(actor, access)


def _live_query(
    actor: Actor,
    state: FormState,
    choice: Choice,
    columns: list[OutsideColumn],
    asked: UUID | None,
) -> str:
    """What the open page asks every two seconds: its choice, its rows, their version."""
    days = ((c.offering.mask_id, *day_bounds(choice.on, c.offering.zone)) for c in columns)
    rows = shown_rows(days)
    kept = [*_choice(state), *([("hold", str(asked))] if asked else [])]
    marks = [("live", watch(actor, rows)), ("version", version_of(actor, rows))]
    return urlencode([*kept, *marks])
