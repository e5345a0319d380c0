"""Moving a booking or giving it another length: by the dialog, or dragged and confirmed by a bar.

Both post the same form (SCREENS.md 4.6); the version guards what somebody else changed meanwhile.
"""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import NewPlace, move_booking
from samtime.bookings.commands.overbooking import Knowingly
from samtime.bookings.commands.resize import resize_booking
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import offerings_of, one_booking, patient_names
from samtime.bookings.queries.shown import Slot
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.bookings.rules import MOVABLE
from samtime.calendars.models import Offering
from samtime.foundation.errors import NotFound, Refusal, VersionConflict
from samtime.foundation.periods import local_day
from samtime.journal.commands import Access, log_access
from samtime.web.badges import badge_of
from samtime.web.dates import alternative_starts, day_in_words, day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.provider.booking_panel import booking_shown
from samtime.web.provider.calendar import calendar_page
from samtime.web.provider.calendar_choice import choice_back
from samtime.web.provider.event_forms import (
    minutes_typed,
    stand_at_the_time,
    start_of,
    version_typed,
)

SHOWN_FREE = 8


@page(Right.CHANGE_BOOKING)
@once_only
def booking_move(request: HttpRequest, actor: Actor, booking_id: UUID) -> HttpResponse:
    """The dialog; `?bar&date&time&calendar&minutes` answers the bar that confirms a drag."""
    found = one_booking(actor, booking_id)
    if found.provider_id != actor.organization_id:
        raise NotFound()
    if request.method != "POST":
        state = _state_of(found, FormState.posted(request.GET))
        if "bar" in request.GET:
            return _bar(request, actor, found, state)
        return _shown(request, actor, found, state)
    state = FormState.posted(request.POST)
    if state.text("act").startswith("at:"):
        _take_other(found, state)
        return _shown(request, actor, found, state)
    if state.text("act") == "find":
        return _shown(request, actor, found, state)
    return _save(request, actor, found, state)


def _save(request: HttpRequest, actor: Actor, found: Booking, state: FormState) -> HttpResponse:
    before = _state_of(found, FormState())
    try:
        said = _moved(actor, found, state)
    except NotFound:
        raise
    except VersionConflict as refusal:
        fresh = one_booking(actor, found.public_id)
        state.values["version"] = str(fresh.version)
        return _shown(request, actor, fresh, state, theirs=True, status=refusal.status)
    except Refusal as refusal:
        state.refuse(refusal)
        stand_at_the_time(state)
        state.values["alternatives"] = alternative_starts(refusal)
        return _shown(request, actor, found, state, status=refusal.status)
    if not state.ok:
        return _shown(request, actor, found, state, status=422)
    before.values |= {"tell": "1" if state.text("tell") else "", "undone": "1"}
    after = FormState() if state.text("undone") else FormState({"undo": before.values})
    return booking_shown(request, actor, found.public_id, said, state=after)


def _moved(actor: Actor, found: Booking, state: FormState) -> str:
    """Move, or change the length where the place stays; the sentence that says what was done."""
    offering = _offering(actor, found, state)
    zone = offering.calendar.location.time_zone if offering else found.location.time_zone
    start = start_of(state, zone)
    minutes = minutes_typed(state)
    if offering is None or start is None or not state.ok:
        return ""
    now, length = timezone.now(), _length(found)
    known = _known(actor, state, minutes if minutes != length else None)
    if start == found.starts_at and offering.id == found.offering_id:
        resize_booking(
            actor=actor,
            booking=found.public_id,
            minutes=minutes or length,
            version=version_typed(state),
            now=now,
            known=known,
        )
        return _("Length changed.")
    to = NewPlace(
        start=start,
        offering=offering.public_id,
        version=version_typed(state),
        known=known,
        tell=state.text("tell") != "",
    )
    moved = move_booking(actor=actor, booking=found.public_id, to=to, now=now)
    return _("Moved to %(time)s.") % {"time": f"{moved.starts_at.astimezone(ZoneInfo(zone)):%H:%M}"}


def _known(actor: Actor, state: FormState, minutes: int | None) -> Knowingly:
    may = actor.may(Right.OVERBOOK)
    return Knowingly(
        minutes=minutes,
        overbook=may and state.text("overbook") != "",
        outside=may and state.text("outside") != "",
        reason=state.text("why"),
    )


def _offering(actor: Actor, found: Booking, state: FormState) -> Offering | None:
    """The same service in the chosen calendar."""
    calendar = state.text("calendar")
    same = [o for o in offerings_of(actor) if o.service_id == found.service_id]
    chosen = next((o for o in same if str(o.calendar.public_id) == calendar), None)
    if chosen is None:
        names = ", ".join(sorted({str(o.calendar.role.practitioner) for o in same}))
        sentence = _("This practitioner does not give the service. These do: %(names)s.")
        state.wrong("calendar", sentence % {"names": names})
    return chosen


def _length(found: Booking) -> int:
    return int((found.ends_at - found.starts_at).total_seconds() // 60)


def _state_of(found: Booking, asked: FormState) -> FormState:
    local = found.starts_at.astimezone(ZoneInfo(found.location.time_zone))
    return FormState(
        {
            "date": asked.text("date") or f"{local:%Y-%m-%d}",
            "time": asked.text("time") or f"{local:%H:%M}",
            "calendar": asked.text("calendar") or str(found.calendar.public_id),
            "minutes": asked.text("minutes") or str(_length(found)),
            "version": asked.text("version") or str(found.version),
            "tell": "1",
        }
    )


def _take_other(found: Booking, state: FormState) -> None:
    """A free time of the list: fills date, time and practitioner."""
    start, _sep, calendar = state.text("act")[3:].partition("@")
    try:
        at = datetime.fromisoformat(start)
    except ValueError:
        return
    local = at.astimezone(ZoneInfo(found.location.time_zone))
    state.values |= {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    if calendar:
        state.values["calendar"] = calendar


def _bar(request: HttpRequest, actor: Actor, found: Booking, state: FormState) -> HttpResponse:
    """«Move Kari N. to 10:20? Tell the client and Ringepunkt.»"""
    name = _name(actor, found)
    same = state.text("time") == _clock(found) and state.text("minutes") != str(_length(found))
    context = {
        "booking": found,
        "name": name,
        "state": state,
        "resized": same and state.text("calendar") == str(found.calendar.public_id),
        "on": day_typed(state.text("date")),
        "slug": slug_of(request),
        "choice": choice_back(request, local_day(found.starts_at, found.location.time_zone)),
    }
    return render(request, "provider/bookings/_move_bar.html", context)


def _clock(found: Booking) -> str:
    return f"{found.starts_at.astimezone(ZoneInfo(found.location.time_zone)):%H:%M}"


def _name(actor: Actor, found: Booking, *, logs: bool = True) -> str:
    """`logs`: False where the whole page logs, in one row with the calendar's names."""
    if logs:
        log_access(actor, Access(actor.organization_id, (found.patient_id,), "opened", "booking"))
    return patient_names(actor, [found.patient_id]).get(found.patient_id, "–")


def _shown(
    request: HttpRequest,
    actor: Actor,
    found: Booking,
    state: FormState,
    *,
    theirs: bool = False,
    status: int = 200,
) -> HttpResponse:
    zone = found.location.time_zone
    choice = choice_back(request, local_day(found.starts_at, zone))
    same = [o for o in offerings_of(actor) if o.service_id == found.service_id]
    places = {
        str(o.calendar.public_id): f"{o.calendar.role.practitioner} · {o.calendar.location}"
        for o in same
    }
    panel: dict[str, Any] = {
        "template": "provider/bookings/_move.html",
        "booking": found,
        "name": _name(actor, found, logs=bool(request.headers.get("HX-Request"))),
        "state": state,
        "calendars": list(places.items()),
        "free": _free(actor, found, state, same),
        "theirs": theirs,
        "differs": _differing(found, state, places) if theirs else [],
        "zone": zone,
        "may_overbook": actor.may(Right.OVERBOOK),
        "knowing": any(state.text(n) for n in ("why", "overbook", "outside")),
    }
    return calendar_page(request, actor, choice, panel, status=status)


def _differing(
    found: Booking, state: FormState, places: dict[str, str]
) -> list[tuple[str, str, str]]:
    """What was typed and what stands now, where they differ, in words."""

    def words(state: FormState) -> dict[str, str]:
        return {
            _("Practitioner"): places.get(state.text("calendar"), state.text("calendar")),
            _("Date"): day_in_words(state.text("date")),
            _("Time"): state.text("time"),
            _("Minutes"): state.text("minutes"),
        }

    kept = words(_state_of(found, FormState()))
    state_now = str(badge_of("booking", found.state).word)
    ended = [] if found.state in MOVABLE else [(_("State"), "", state_now)]
    return ended + [(k, text, kept[k]) for k, text in words(state).items() if text != kept[k]]


def _free(
    actor: Actor, found: Booking, state: FormState, same: list[Offering]
) -> list[tuple[Slot, str]]:
    """Free times of the service from the typed day on, with the calendar they are in."""
    calendars = {o.id: str(o.calendar.public_id) for o in same}
    day = day_typed(state.text("date")) or local_day(found.starts_at, found.location.time_zone)
    now = timezone.now()
    day = max(day, local_day(now, found.location.time_zone))
    wish = SlotSearch(
        start=day, days=31, limit=SHOWN_FREE, service=found.service.public_id, apart=True
    )
    if not actor.may(Right.BOOK):
        return []
    slots = find_slots(actor, wish, now=now).items
    return [(s, calendars[s.offering_id]) for s in slots if s.offering_id in calendars]
