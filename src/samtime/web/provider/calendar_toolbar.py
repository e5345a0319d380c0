"""What stands above the calendar's columns: earlier and later, views, places, people, keys."""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.grid_calendars import GridCalendar
from samtime.organizations.queries.arrival import place_names
from samtime.web.provider.calendar_choice import SOURCES, ZOOMS, Choice


def toolbar_context(
    actor: Actor, choice: Choice, today: date, calendars: Sequence[GridCalendar]
) -> dict[str, Any]:
    """Links of the toolbar and the filters. `calendars`: all that may be chosen from."""
    return {
        "before_href": choice.href(on=choice.before),
        "after_href": choice.href(on=choice.after),
        "today_href": choice.href(on=today),
        "last_day": choice.days[-1],
        "views": _views(actor, choice),
        "places": [(s, name, choice.href(location=s, who=())) for s, name in place_names(actor)],
        "all_places": choice.href(location=""),
        "all_sources": choice.href(source=""),
        "sources": [(s, choice.href(source=s)) for s in SOURCES],
        "zooms": ZOOMS,
        "people": _chips(calendars, choice) if len(calendars) > 1 else "",
        "everybody": choice.href(who=()),
        **_turns(calendars, choice),
        "may_book": actor.may(Right.BOOK),
        "sees_hours": actor.may(Right.SEE_CALENDAR) or actor.may(Right.EDIT_OWN_CALENDAR),
        "calendar_keys": _keys,
    }


def _views(actor: Actor, choice: Choice) -> list[tuple[str, str, str, str]]:
    found = [
        ("day", _("Day"), choice.href(view="day"), "1"),
        ("work-week", _("Work week"), choice.href(view="work-week"), "2"),
        ("week", pgettext("view", "Week"), choice.href(view="week"), "3"),
    ]
    if actor.may(Right.SEE_CALENDAR):
        found.append(("rooms", _("Rooms"), choice.href(view="rooms", who=()), "4"))
    return found


def _chips(calendars: Sequence[GridCalendar], choice: Choice) -> SafeString:
    """One chip for each calendar; a click adds it or takes it away. By hand: there may be many."""
    several = len({c.location for c in calendars}) > 1
    chosen, found = {str(w) for w in choice.who}, []
    for c in calendars:
        place = f" <small>{escape(c.place)}</small>" if several else ""
        here = ' aria-current="true"' if c.ident in chosen else ""
        href = escape(choice.with_or_without(UUID(c.ident)))
        found.append(f'<a class="st-chip" href="{href}"{here}>{escape(c.name)}{place}</a>')
    return mark_safe("".join(found))


def _turns(calendars: Sequence[GridCalendar], choice: Choice) -> dict[str, Any]:
    """On a telephone one practitioner is shown at a time: who comes before and after."""
    chosen = {str(w) for w in choice.who}
    shown = [n for n, one in enumerate(calendars) if one.ident in chosen]
    at = shown[0] if len(shown) == 1 else -1
    before = calendars[at - 1] if at > 0 else None
    after = calendars[at + 1] if at + 1 < len(calendars) else None
    return {"turn_before": _turn(before, choice), "turn_after": _turn(after, choice)}


def _turn(one: GridCalendar | None, choice: Choice) -> dict[str, str] | None:
    return {"name": one.name, "href": choice.href(who=(UUID(one.ident),))} if one else None


def _keys() -> list[tuple[str, str]]:
    return [
        ("N", _("new event")),
        ("T", pgettext("day", "Today")),
        ("O", _("go to date")),
        ("1 2 3", _("day, work week, week")),
        ("← ↑ → ↓", _("between blocks")),
        ("M", _("move")),
        ("A", _("arrived")),
        ("X", _("cancel")),
        ("P", _("print")),
    ]
