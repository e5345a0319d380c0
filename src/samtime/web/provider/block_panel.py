"""Blocked time in the panel: shown, edited, moved, removed."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.blocks import Fate, change_block, propose_block, remove_block
from samtime.bookings.models import BlockedTime, Booking
from samtime.bookings.queries.agenda import own_calendars, patient_names
from samtime.bookings.queries.blocks import blocked_time, calendars_under, may_edit_block
from samtime.foundation.errors import NotFound, Refusal, VersionConflict
from samtime.foundation.periods import local_day
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone
from samtime.web.dates import day_in_words
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.provider.calendar import calendar_page
from samtime.web.provider.calendar_choice import choice_back
from samtime.web.provider.event_forms import block_typed, stand_at_the_time, version_typed

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)


def stranded_context(actor: Actor, lost: list[Booking]) -> dict[str, Any]:
    """Bookings in the way with their clients' names; the reading is logged (P12)."""
    names = patient_names(actor, [b.patient_id for b in lost])
    ids = tuple(sorted({b.patient_id for b in lost}))
    log_access(actor, Access(actor.organization_id, ids, "listed", "calendar"))
    return {"stranded": [(b, names.get(b.patient_id, "–")) for b in lost]}


@page(*SEES)
@once_only
def block(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """The panel of a block; `?date&time&until` proposes another place (dragged there)."""
    found = blocked_time(actor, ident)
    if request.method != "POST":
        return _shown(request, actor, found, _state_of(actor, found, FormState.posted(request.GET)))
    state = FormState.posted(request.POST, lists=("who",))
    try:
        if state.text("act") == "remove":
            remove_block(actor=actor, block=ident, version=version_typed(state) or 0)
            return _back(request, actor, found, _("Removed, the time is free again."))
        return _save(request, actor, found, state)
    except NotFound:
        raise
    except VersionConflict as refusal:
        fresh = blocked_time(actor, ident)
        state.values["version"] = str(fresh.version)
        return _shown(request, actor, fresh, state, theirs=True, status=refusal.status)
    except Refusal as refusal:
        state.refuse(refusal)
        stand_at_the_time(state)
        return _shown(request, actor, found, state, status=refusal.status)


def _save(request: HttpRequest, actor: Actor, found: BlockedTime, state: FormState) -> HttpResponse:
    given = block_typed(state, list(own_calendars(actor)))
    if given is None:
        return _shown(request, actor, found, state, status=422)
    now = timezone.now()
    lost = propose_block(actor=actor, given=given, now=now, block=found.public_id)
    if lost and not state.text("fate"):
        return _shown(request, actor, found, state, lost=lost, status=409)
    change_block(
        actor=actor,
        block=found.public_id,
        given=given,
        version=version_typed(state) or 0,
        fate=Fate(state.text("fate") or "keep", state.text("reason")),
        now=now,
    )
    return _back(request, actor, found, _("Saved."))


def _back(request: HttpRequest, actor: Actor, found: BlockedTime, said: str) -> HttpResponse:
    messages.success(request, said)
    return back_to(
        request, choice_back(request, local_day(found.starts_at, home_zone(actor))).href()
    )


def back_to(request: HttpRequest, href: str) -> HttpResponse:
    """To another page, also for a form that a script sent."""
    if not request.headers.get("HX-Request"):
        return redirect(href)
    response = HttpResponse(status=200)
    response["HX-Redirect"] = href
    return response


def _state_of(actor: Actor, found: BlockedTime, asked: FormState | None = None) -> FormState:
    """The block as it stands, or at the place that is asked for."""
    asked = asked or FormState()
    under = calendars_under(actor, found)
    zone = ZoneInfo(under[0].location.time_zone)
    start, end = found.starts_at.astimezone(zone), found.ends_at.astimezone(zone)
    return FormState(
        {
            "type": found.kind,
            "title": found.title,
            "date": asked.text("date") or f"{start:%Y-%m-%d}",
            "time": asked.text("time") or f"{start:%H:%M}",
            "to_date": asked.text("date") or f"{end:%Y-%m-%d}",
            "until": asked.text("until") or f"{end:%H:%M}",
            "who": [str(c.public_id) for c in under],
            "version": str(found.version),
        }
    )


def _differing(
    mine: FormState, theirs: FormState, types: dict[str, str], who: dict[str, str]
) -> list[tuple[str, str, str]]:
    """What was typed and what stands now, where they differ, in words. `who`: names of the
    practitioners, whose time it is at all their places."""

    def words(state: FormState) -> dict[str, str]:
        return {
            _("Type"): types.get(state.text("type"), ""),
            _("Title"): state.text("title"),
            _("For whom"): ", ".join(sorted({who.get(c, "") for c in state["who"] or []})),
            _("From"): f"{day_in_words(state.text('date'))} {state.text('time')}",
            _("To"): f"{day_in_words(state.text('to_date'))} {state.text('until')}",
        }

    kept = words(theirs)
    return [(k, text, kept[k]) for k, text in words(mine).items() if text != kept[k]]


def _shown(
    request: HttpRequest,
    actor: Actor,
    found: BlockedTime,
    state: FormState,
    *,
    lost: list[Booking] | None = None,
    theirs: bool = False,
    status: int = 200,
) -> HttpResponse:
    choice = choice_back(request, local_day(found.starts_at, home_zone(actor)))
    rows = list(own_calendars(actor))
    types = {"block": _("Blocked time"), "meeting": _("Meeting"), "absence": _("Absence")}
    who = {str(c.public_id): str(c.role.practitioner) for c in rows}
    panel = {
        "template": "provider/event/_block.html",
        "state": state,
        "blocked": found,
        "calendars": [(str(c.public_id), f"{c.role.practitioner} · {c.location}") for c in rows],
        "may_edit": may_edit_block(actor, found),
        "types": list(types.items()),
        "theirs": theirs,
        "differs": _differing(state, _state_of(actor, found), types, who) if theirs else [],
        "zone": rows[0].location.time_zone if rows else "UTC",
        **(stranded_context(actor, lost) if lost else {}),
    }
    return calendar_page(request, actor, choice, panel, status=status)
