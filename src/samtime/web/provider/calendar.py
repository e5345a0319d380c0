"""Calendar: a day or a week in columns, with the panel on the right beside it.

The same page stands behind a booking's and a new event's own address: `calendar_page`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.grid import Grid, GridColumn, days_grid
from samtime.bookings.queries.grid_calendars import GridCalendar
from samtime.bookings.queries.grid_rooms import rooms_grid
from samtime.bookings.queries.live import grid_version, rooms_version, watch, watched
from samtime.foundation.periods import local_day
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.provider.calendar_choice import ZOOM_COOKIE, Choice, choice_of
from samtime.web.provider.calendar_paint import (
    Framed,
    Look,
    clock_of,
    framed,
    hours_of,
    painted,
)
from samtime.web.provider.calendar_signs import shapes, sign_rules
from samtime.web.provider.calendar_toolbar import toolbar_context
from samtime.web.templatetags.formats import day_in_head, day_in_list, hours_and_minutes

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
YEAR = 365 * 24 * 3600
NARROW_FROM = 8


@page(*SEES)
def calendar(request: HttpRequest, actor: Actor, day: str = "", view: str = "day") -> HttpResponse:
    """The columns; today where the address names no day. `?go` jumps to a typed date."""
    choice = choice_of(request, day, view, local_day(timezone.now(), home_zone(actor)))
    if "go" in request.GET:
        return redirect(choice.href(on=day_typed(request.GET["go"]) or choice.on))
    response = calendar_page(request, actor, choice)
    if request.GET.get("zoom", "").isdecimal():
        response.set_cookie(
            ZOOM_COOKIE, str(choice.zoom), max_age=YEAR, samesite="Lax", httponly=True
        )
    return response


@page(*SEES)
def calendar_live(request: HttpRequest, actor: Actor, day: str, view: str) -> HttpResponse:
    """204 while nothing changed in what is shown, else the columns anew."""
    choice = choice_of(request, day, view, local_day(timezone.now(), home_zone(actor)))
    rows = watched(actor, request.GET.get("token", ""))
    version = rooms_version if choice.view == "rooms" else grid_version
    if version(actor, rows) == request.GET.get("version", ""):
        return HttpResponse(status=204)
    return render(request, "provider/calendar/_grid.html", columns_context(request, actor, choice))


def calendar_page(
    request: HttpRequest,
    actor: Actor,
    choice: Choice,
    panel: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page; `panel` is the context of what stands on the right, with its `template`.

    A script that asks for the panel alone (htmx) gets it alone.
    """
    if panel is not None and request.headers.get("HX-Request"):
        return render(request, panel["template"], {**panel, "choice": choice}, status=status)
    opened = panel["booking"].patient_id if panel and "booking" in panel else None
    context = columns_context(request, actor, choice, opened=opened)
    calendars: Sequence[GridCalendar] = context.pop("calendars")
    today = local_day(timezone.now(), home_zone(actor))
    context |= {
        "panel": panel,
        "shapes": shapes(),
        "sign_rules": sign_rules(),
        **toolbar_context(actor, choice, today, calendars),
        **(panel or {}),
    }
    return render(request, "provider/calendar/calendar.html", context, status=status)


def columns_context(
    request: HttpRequest, actor: Actor, choice: Choice, *, opened: int | None = None
) -> dict[str, Any]:
    """What the columns need; one row in the log for all whose names the answer shows (P12).

    `opened`: the patient of a panel that stands beside the columns.
    """
    now = timezone.now()
    grid = _grid(actor, choice, now)
    seen = tuple(sorted({*grid.patients, *((opened,) if opened else ())}))
    if seen:
        action = "opened" if opened else "listed"
        log_access(actor, Access(actor.organization_id, seen, action, "calendar"))
    first, last = hours_of(grid.columns)
    many = len(grid.columns) >= NARROW_FROM and len(choice.days) > 1
    look = Look(
        home=f"/o/{choice.slug}/",
        first=first,
        last=last,
        zoom=choice.zoom,
        piece=0 if many else (30 if choice.zoom >= 15 else choice.zoom),
        may_book=actor.may(Right.BOOK),
        may_move=actor.may(Right.CHANGE_BOOKING),
        source=choice.source,
        narrow=many,
    )
    heads, columns = framed(_shown_columns(grid, choice, look, now))
    return {
        "choice": choice,
        "first": first,
        "last": last,
        "count": last - first,
        "hours": range(first, last),
        "many": many,
        "heads": heads,
        "columns": columns,
        "token": watch(actor, grid.rows),
        "version": grid.version,
        "calendars": grid.calendars,
        "clock": _clock_in(grid, look, now),
        "nobody": choice.view == "day" and all(map(_rests, grid.columns)),
    }


def _grid(actor: Actor, choice: Choice, now: datetime) -> Grid:
    if choice.view == "rooms":
        return rooms_grid(actor, on=choice.on, location=choice.location, now=now)
    grid = days_grid(actor, days=choice.days, location=choice.location, only=choice.who, now=now)
    if choice.view == "day":
        # Who works comes first, all else in its order: a telephone opens with the first column.
        grid.columns.sort(key=_rests)
    return grid


def _rests(column: GridColumn) -> bool:
    return not (column.open or column.blocks)


def _shown_columns(grid: Grid, choice: Choice, look: Look, now: datetime) -> list[Framed]:
    several_days = len(choice.days) > 1
    several_people = len({c.ident for c in grid.columns}) > 1
    found, before = [], None
    minutes: dict[tuple[date, str], int] = {}
    for column in grid.columns:
        stretches = column.free()
        free = _free_words(column, sum(high - low for low, high in stretches))
        if several_days:
            head = day_in_head(column.on) if look.narrow else day_in_list(column.on)
            sub = column.name if several_people else free
        else:
            head, sub = column.name, "\n".join(filter(None, (column.place, free)))
        here = (column.on, column.zone)
        if here not in minutes:
            minutes[here] = _now_minute(now, *here, look)
        html = painted(column, stretches, look, minutes[here])
        found.append(Framed(column, html, head, sub, column.on != before))
        before = column.on
    return found


def _free_words(column: GridColumn, minutes: int) -> str:
    """A room is not offered by itself: nothing is said of it."""
    if not column.bookable:
        return ""
    if _rests(column):
        return _("closed")
    if not minutes:
        return _("nothing free")
    return _("%(time)s free") % {"time": hours_and_minutes(minutes)}


def _clock_in(grid: Grid, look: Look, now: datetime) -> tuple[int, str] | None:
    """The minute and the time beside the line of now, by the latest clock among them."""
    days = dict.fromkeys((column.on, column.zone) for column in grid.columns)
    minute = max((_now_minute(now, *here, look) for here in days), default=-1)
    return (minute, clock_of(minute)) if minute >= 0 else None


def _now_minute(now: datetime, on: date, zone: str, look: Look) -> int:
    """Where the line of now stands; -1 on other days and in hours that are not drawn."""
    local = now.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    here = local.date() == on and look.first * 60 <= minute < look.last * 60
    return minute if here else -1
