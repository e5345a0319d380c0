"""What stands above the calendar's columns: earlier and later, views, places, people, keys."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.agenda import own_calendars
from samtime.organizations.queries import locations
from samtime.web.provider.calendar_choice import SOURCES, ZOOMS, Choice


def toolbar_context(actor: Actor, choice: Choice, today: date) -> dict[str, Any]:
    """Links of the toolbar and the filters."""
    people = _people(actor, choice)
    places = list(locations(actor))
    return {
        "before_href": choice.href(on=choice.before),
        "after_href": choice.href(on=choice.after),
        "today_href": choice.href(on=today),
        "last_day": choice.days[-1],
        "views": _views(actor, choice),
        "locations": places,
        "places": [(p, choice.href(location=p.slug, who=())) for p in places],
        "all_places": choice.href(location=""),
        "all_sources": choice.href(source=""),
        "sources": [(s, choice.href(source=s)) for s in SOURCES],
        "zooms": ZOOMS,
        "people": people,
        "everybody": choice.href(who=()),
        **_turns(people),
        "may_book": actor.may(Right.BOOK),
        "keys": _keys(),
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


def _people(actor: Actor, choice: Choice) -> list[dict[str, Any]]:
    """The chips: one for each calendar; a click adds it or takes it away."""
    if choice.view == "rooms":
        return []
    rows = list(own_calendars(actor, location=choice.location))
    several = len({c.location_id for c in rows}) > 1
    return [
        {
            "name": str(c.role.practitioner),
            "place": c.location.name if several else "",
            "on": c.public_id in choice.who,
            "href": choice.with_or_without(c.public_id),
            "alone": choice.href(who=(c.public_id,)),
        }
        for c in rows
    ]


def _turns(people: list[dict[str, Any]]) -> dict[str, Any]:
    """On a telephone one practitioner is shown at a time: who comes before and after."""
    shown = [n for n, one in enumerate(people) if one["on"]]
    at = shown[0] if len(shown) == 1 else -1
    return {
        "turn_before": people[at - 1] if at > 0 else None,
        "turn_after": people[at + 1] if people and at + 1 < len(people) else None,
    }


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
