"""New event: an appointment, blocked time, a meeting, an absence, in the panel of the calendar."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.blocks import Fate, add_block, propose_block
from samtime.bookings.commands.booking import book_slot
from samtime.bookings.queries.agenda import own_calendars
from samtime.bookings.queries.visits import last_visits
from samtime.calendars.models import Calendar, Offering
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.patients.models import Patient
from samtime.patients.queries import one_patient, search_patients
from samtime.web.dates import alternative_starts, day_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.once import once_only
from samtime.web.patient_form import language_choices
from samtime.web.provider.block_panel import back_to, stranded_context
from samtime.web.provider.booking_panel import booking_shown
from samtime.web.provider.calendar import calendar_page
from samtime.web.provider.calendar_choice import Choice, choice_back
from samtime.web.provider.event_forms import (
    TYPES,
    block_typed,
    offered_to,
    search_of,
    stand_at_the_time,
    usual_minutes,
    wish_typed,
)

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)


@dataclass(frozen=True, slots=True)
class Found:
    """A client as the search shows him."""

    patient: Patient
    last: datetime | None


@page(Right.BOOK)
@once_only
def event_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The panel; a POST saves, searches the client, or takes another time that is offered."""
    if request.method != "POST":
        state = FormState.posted(request.GET, lists=("who",))
        return _shown(request, actor, state)
    state = FormState.posted(request.POST, lists=("who",))
    act = state.text("act")
    if act in ("find", "look"):
        return _shown(request, actor, state)
    if act.startswith("at:"):
        _take_other(actor, state, act[3:])
        return _shown(request, actor, state)
    if state.text("type") in TYPES[1:]:
        return _save_block(request, actor, state)
    return _save_appointment(request, actor, state)


@page(Right.BOOK)
def event_clients(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The clients that fit what is being typed; the search is logged by the query."""
    state = FormState.posted(request.POST)
    context = {"state": state, **_clients(actor, state)}
    return render(request, "provider/event/_clients.html", context)


def _save_appointment(request: HttpRequest, actor: Actor, state: FormState) -> HttpResponse:
    offered = offered_to(actor)
    wish = wish_typed(actor, state, offered)
    if wish is None:
        return _shown(request, actor, state, offered=offered, status=422)
    try:
        booking = book_slot(actor=actor, wish=wish, now=timezone.now())
    except Refusal as refusal:
        state.refuse(refusal)
        stand_at_the_time(state)
        state.values["alternatives"] = alternative_starts(refusal)
        return _shown(request, actor, state, offered=offered, status=refusal.status)
    said = _("Booked, the client is invited.") if wish.notify else _("Booked.")
    return booking_shown(request, actor, booking.public_id, said)


def _save_block(request: HttpRequest, actor: Actor, state: FormState) -> HttpResponse:
    """A first POST shows what would be stranded; `fate` answers, then it is saved."""
    given = block_typed(state, list(own_calendars(actor)))
    if given is None:
        return _shown(request, actor, state, status=422)
    now = timezone.now()
    try:
        lost = propose_block(actor=actor, given=given, now=now)
        if lost and not state.text("fate"):
            stranded = stranded_context(actor, lost)
            return _shown(request, actor, state, stranded=stranded, status=409)
        fate = Fate(state.text("fate") or "keep", state.text("reason"))
        add_block(actor=actor, given=given, fate=fate, now=now)
    except Refusal as refusal:
        state.refuse(refusal)
        stand_at_the_time(state)
        return _shown(request, actor, state, status=refusal.status)
    choice = choice_back(request, local_day(given.start, home_zone(actor)))
    return back_to(request, choice.href())


def _take_other(actor: Actor, state: FormState, text: str) -> None:
    """Another start that the refusal offered: the form comes back with it filled in."""
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return
    rows = own_calendars(actor)
    chosen = next((c for c in rows if str(c.public_id) == state.text("calendar")), None)
    if chosen is None or start.tzinfo is None:
        return
    day = local_day(start, chosen.location.time_zone)
    state.values["date"] = day.isoformat()
    state.values["time"] = _clock(start, chosen.location.time_zone)


def _clock(start: datetime, zone: str) -> str:
    return f"{start.astimezone(ZoneInfo(zone)):%H:%M}"


def _clients(actor: Actor, state: FormState) -> dict[str, Any]:
    """Hits for what was typed: ten at most, with birth year and last visit."""
    text = state.text("q")
    if len(text) < 3 or not actor.may(Right.SEE_PATIENTS):
        return {"clients": [], "searched": False}
    try:
        found = search_patients(actor, search_of(text))
    except Refusal as refusal:
        return {"clients": [], "searched": True, "hint": refusal.detail}
    visits = last_visits(actor, [p.id for p in found], now=timezone.now())
    return {"clients": [Found(p, visits.get(p.id)) for p in found], "searched": True}


def _shown(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    *,
    offered: list[Offering] | None = None,
    stranded: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    zone = home_zone(actor)
    on = day_typed(state.text("date")) or local_day(timezone.now(), zone)
    choice = choice_back(request, on)
    panel = _panel(actor, state, choice, offered)
    return calendar_page(request, actor, choice, {**panel, **(stranded or {})}, status=status)


def _panel(
    actor: Actor, state: FormState, choice: Choice, offered: list[Offering] | None
) -> dict[str, Any]:
    calendars = list(own_calendars(actor))
    offers = offered_to(actor) if offered is None else offered
    _preset(state, choice, calendars, offers)
    chosen = [o for o in offers if str(o.calendar.public_id) == state.text("calendar")]
    current = next((o for o in chosen if str(o.service.public_id) == state.text("service")), None)
    searching = state.text("q") and not state.text("patient_id")
    return {
        "template": "provider/event/_new.html",
        "state": state,
        "types": _types(actor),
        "services": grouped(offers, {o.service_id for o in chosen}),
        "calendars": [
            (str(c.public_id), f"{c.role.practitioner} · {c.location}") for c in calendars
        ],
        "usual": usual_minutes(current, day_typed(state.text("date"))) if current else "",
        "languages": language_choices(),
        "zone": next((c.location.time_zone for c in calendars), "UTC"),
        "may_price": actor.may(Right.EDIT_PRICES),
        "may_overbook": actor.may(Right.OVERBOOK),
        "knowing": any(state.errors.get(n) for n in ("why", "price"))
        or any(state.text(n) for n in ("why", "price", "overbook", "outside")),
        "new_client": any(state.text(f"patient.{n}") for n in ("given_name", "family_name"))
        or any(name.startswith("patient.") for name in state.errors),
        **(_clients(actor, state) if searching else _chosen(actor, state)),
    }


def _chosen(actor: Actor, state: FormState) -> dict[str, Any]:
    """The client who was chosen stays chosen, with his name; the reading is logged."""
    ident = ident_typed(state.text("patient_id"))
    if ident is None or not actor.may(Right.SEE_PATIENTS):
        return {}
    try:
        return {"kept_client": str(one_patient(actor, ident, purpose="booking"))}
    except NotFound:
        state.values["patient_id"] = ""
        return {}


def _types(actor: Actor) -> list[tuple[str, str]]:
    found = [("appointment", _("Appointment"))]
    if actor.may(Right.EDIT_CALENDAR) or actor.may(Right.EDIT_OWN_CALENDAR):
        found += [
            ("block", _("Blocked time")),
            ("meeting", _("Meeting")),
            ("absence", _("Absence")),
        ]
    return found


def _preset(
    state: FormState, choice: Choice, calendars: list[Calendar], offers: list[Offering]
) -> None:
    """What a click on the calendar, or the view, already says."""
    state.values.setdefault("date", choice.on.isoformat())
    if not state.text("type"):
        state.values["type"] = "appointment"
    if not state.text("calendar") and calendars:
        wanted = [c for c in calendars if c.public_id in choice.who]
        wanted += [c for c in calendars if c.location.slug == choice.location]
        state.values["calendar"] = str((wanted or calendars)[0].public_id)
    if not state.values.get("who"):
        state.values["who"] = [state.text("calendar")]


def grouped(offers: list[Offering], given: set[int]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Services by specialty; those the chosen practitioner gives stand first in each group."""
    groups: dict[str, dict[str, tuple[bool, str]]] = {}
    for offer in offers:
        service = offer.service
        words = f"{service.name} · {service.duration_minutes} min"
        group = groups.setdefault(service.specialty or _("Other"), {})
        group[str(service.public_id)] = (service.id not in given, words)
    return [
        (
            name,
            [(ident, words) for ident, (_far, words) in sorted(rows.items(), key=lambda r: r[1])],
        )
        for name, rows in sorted(groups.items())
    ]
