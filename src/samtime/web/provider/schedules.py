"""Medical calendars: who works when and where; every change shows first whom it strands."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.schedule import ScheduleChange, commit_schedule, propose_schedule
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import patient_names
from samtime.calendars import queries
from samtime.calendars.commands.days import public_holidays
from samtime.calendars.models import AvailabilityRule, Calendar
from samtime.foundation.errors import NotFound, Refusal, VersionConflict
from samtime.foundation.periods import local_day
from samtime.journal.commands import Access, log_access
from samtime.organizations.models import Location
from samtime.organizations.queries import home_zone, locations
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.places import chosen_location
from samtime.web.provider import schedule_forms as forms
from samtime.web.provider import schedule_rows

TEMPLATE = "provider/schedules/schedules.html"
SEES = (Right.SEE_CALENDAR, Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
OWN = (
    "csrfmiddlewaretoken",
    "once",
    "fate",
    "cancel_reason",
    "theirs",
)  # what the review asks itself


@page(*SEES)
def schedules(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table of calendars."""
    return _list(request, actor, {})


@page(*SEES)
@once_only
def schedule(request: HttpRequest, actor: Actor, ident: UUID, tab: str) -> HttpResponse:
    """A calendar's week, or its days that differ; a POST proposes and then saves."""
    if tab not in ("week", "days"):
        raise NotFound()
    found = next((c for c in _shown(actor, ended=True) if c.public_id == ident), None)
    if found is None:
        raise NotFound()
    if request.method != "POST":
        return _sheet(request, actor, found, tab)
    state = FormState.posted(request.POST, lists=["reopened"])
    if state.text("act") == "copy":
        forms.copy_monday(state)
        return _sheet(request, actor, found, tab, state=state)
    change = _change(actor, found, tab, state)
    panel = {"found": found, "tab": tab, "panel": "sheet"}
    return _propose_or_save(
        request,
        actor,
        state,
        change,
        panel,
        again=lambda status: _sheet(request, actor, found, tab, state=state, status=status),
    )


@page(Right.EDIT_CALENDAR)
@once_only
def schedule_holidays(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Close a location on its country's public holidays of a year."""
    state = FormState.posted(request.POST if request.method == "POST" else request.GET)
    today = _today(actor)
    state.values.setdefault("year", str(today.year))
    places = list(locations(actor))
    place = next((p for p in places if str(p.public_id) == state.text("location")), None)
    year = int(state.text("year")) if state.text("year").isdecimal() else 0
    chosen = place or (places[0] if places else None)
    panel = _holiday_facts(places, chosen, year, state)
    if request.method != "POST" or chosen is None:
        return _list(request, actor, panel)
    change = ScheduleChange(holidays=(chosen.public_id, year))
    return _propose_or_save(
        request,
        actor,
        state,
        change,
        panel,
        again=lambda status: _list(request, actor, {**panel, "state": state}, status=status),
    )


def _propose_or_save(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    change: ScheduleChange | None,
    panel: dict[str, Any],
    *,
    again: Callable[[int], HttpResponse],
) -> HttpResponse:
    """Nobody stranded, or the person has chosen: save. Else show who would lose his place."""
    if change is None or not state.ok:
        return again(422)
    now, fate = timezone.now(), state.text("fate")
    try:
        lost = [] if fate else propose_schedule(actor=actor, change=change, now=now)
        if lost:
            return _review(request, actor, lost, {**panel, "state": state})
        reason = state.text("cancel_reason") or _("The institution is closed at this time.")
        kept = commit_schedule(
            actor=actor, change=change, fate=fate or "keep", reason=reason, now=now
        )
    except NotFound:
        raise
    except VersionConflict as refusal:
        state.values["theirs"] = "1"
        return again(refusal.status)
    except Refusal as refusal:
        state.refuse(refusal)
        return again(422)
    messages.success(request, _told(kept, fate))
    return redirect(request.path)


def _told(lost: list[Booking], fate: str) -> str:
    if not lost:
        return _("Saved.")
    if fate == "cancel":
        text = ngettext(
            "Saved. %(count)s booking was cancelled and the client is told.",
            "Saved. %(count)s bookings were cancelled and the clients are told.",
            len(lost),
        )
    else:
        text = ngettext(
            "Saved. %(count)s booking waits in the inbox for a new time.",
            "Saved. %(count)s bookings wait in the inbox for new times.",
            len(lost),
        )
    return text % {"count": len(lost)}


def _change(actor: Actor, found: Calendar, tab: str, state: FormState) -> ScheduleChange | None:
    if tab == "week":
        week = forms.week_given(state)
        return ScheduleChange((found.public_id,), week=week) if week else None
    if state.text("act") == "reopen":
        try:
            days = tuple(UUID(ident) for ident in state["reopened"] or [])
            return ScheduleChange((found.public_id,), reopened=days)
        except ValueError:
            raise NotFound() from None
    given = forms.days_given(state)
    if given is None:
        return None
    wanted = [found.public_id]
    if state.text("everywhere"):
        wanted = [
            c.public_id
            for c in _shown(actor)
            if c.practitioner_resource_id == found.practitioner_resource_id
        ]
    return ScheduleChange(tuple(wanted), days=given)


def _shown(actor: Actor, *, ended: bool = False) -> list[Calendar]:
    """All calendars at his places for whoever sees them, a practitioner's own for himself."""
    sees_all = actor.may(Right.SEE_CALENDAR) or actor.may(Right.EDIT_CALENDAR)
    return [
        c
        for c in queries.calendars(actor, ended=ended)
        if sees_all or queries.may_edit_calendar(actor, c)
    ]


def _review(
    request: HttpRequest, actor: Actor, lost: list[Booking], panel: dict[str, Any]
) -> HttpResponse:
    names = patient_names(actor, [b.patient_id for b in lost])
    ids = tuple(sorted({b.patient_id for b in lost}))
    log_access(actor, Access(actor.organization_id, ids, "listed", "schedule"))
    state: FormState = panel["state"]
    hidden = [(k, v) for k, v in state.values.items() if isinstance(v, str) and k not in OWN]
    hidden += [("reopened", ident) for ident in state["reopened"] or []]
    context = {
        **panel,
        "panel": "review",
        "lost": [(b, names.get(b.patient_id, "–")) for b in lost],
        "hidden": hidden,
        "fates": [
            ("keep", _("Keep them: each waits in the inbox until it has a new time")),
            ("cancel", _("Cancel them and tell the clients")),
        ],
    }
    context["state"] = FormState({**state.values, "fate": "keep"})
    return _list(request, actor, context)


def _list(
    request: HttpRequest, actor: Actor, panel: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    today, place = _today(actor), chosen_location(request, actor)
    every = [c for c in _shown(actor) if place is None or c.location_id == place.id]
    context = {
        "slug": slug_of(request),
        "rows": schedule_rows.rows(actor, every, today),
        "may_edit": any(queries.may_edit_calendar(actor, c) for c in every),
        "may_edit_all": actor.may(Right.EDIT_CALENDAR),
        "may_import": actor.may(Right.EDIT_CATALOG),
        **panel,
    }
    return render(request, TEMPLATE, context, status=status)


def _sheet(
    request: HttpRequest,
    actor: Actor,
    found: Calendar,
    tab: str,
    *,
    state: FormState | None = None,
    status: int = 200,
) -> HttpResponse:
    today = local_day(timezone.now(), found.location.time_zone)
    rules = [r for r in queries.rules(actor) if r.calendar_id == found.id]
    panel: dict[str, Any] = {
        "panel": "sheet",
        "found": found,
        "tab": tab,
        "tabs": [("week", _("Week")), ("days", _("Days that differ"))],
    }
    if tab == "week":
        form = state or forms.week_form(forms.week_of(rules, today), today)
        panel |= {"state": form, "days": forms.day_rows(form), "later": _later(rules, today)}
        if form.text("theirs"):
            on = day_typed(form.text("from")) or today
            panel["differs"] = forms.differing(form, forms.week_of(rules, on))
        if state is None or form.text("theirs"):
            form.values["version"] = queries.hours_mark(found)
    else:
        coming = [
            e for e in queries.exceptions(actor) if e.calendar_id == found.id and e.date >= today
        ]
        start = {"kind": "closed", "first": today.isoformat(), "everywhere": "1"}
        panel |= {"state": state or FormState(start), "aways": forms.aways(coming)}
        panel["kinds"] = [("closed", _("Closed: absence, course, holiday")), ("open", _("Open"))]
    return _list(request, actor, panel, status=status)


def _later(rules: list[AvailabilityRule], today: date) -> list[tuple[date, list[str]]]:
    """Weeks to come: from which day, and their hours in words."""
    days = sorted({r.valid_from for r in rules if r.valid_from > today})
    return [(day, forms.in_words(forms.week_of(rules, day))) for day in days]


def _holiday_facts(
    places: list[Location], chosen: Location | None, year: int, state: FormState
) -> dict[str, Any]:
    return {
        "panel": "holidays",
        "state": state,
        "places": [(str(p.public_id), p.name) for p in places],
        "holidays": [
            (day, name)
            for day, name in (public_holidays(chosen, year) if chosen else [])
            if chosen and day >= local_day(timezone.now(), chosen.time_zone)
        ],
    }


def _today(actor: Actor) -> date:
    return local_day(timezone.now(), home_zone(actor))
