"""The table of medical calendars: hours in words, what is free, the next day that differs."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from samtime.accounts.actor import Actor
from samtime.calendars import queries
from samtime.calendars.models import AvailabilityException, AvailabilityRule, Calendar
from samtime.web.provider.schedule_forms import Away, Range, aways, in_words, week_of

SOON_DAYS = 7


def rows(actor: Actor, every: Sequence[Calendar], today: date) -> list[dict[str, Any]]:
    """A row for each calendar. Three queries, however many."""
    weeks, away = _weeks(actor, today), _next_away(actor, today)
    free = queries.free_minutes(every, today, SOON_DAYS)
    return [
        {
            "calendar": c,
            "week": in_words(weeks.get(c.id, {})),
            "free": free.get(c.id, 0),
            "away": away.get(c.id),
        }
        for c in every
    ]


def _weeks(actor: Actor, today: date) -> dict[int, dict[int, list[Range]]]:
    by_calendar: dict[int, list[AvailabilityRule]] = {}
    for rule in queries.rules(actor, on=today):
        by_calendar.setdefault(rule.calendar_id, []).append(rule)
    return {ident: week_of(own, today) for ident, own in by_calendar.items()}


def _next_away(actor: Actor, today: date) -> dict[int, Away]:
    by_calendar: dict[int, list[AvailabilityException]] = {}
    for row in queries.exceptions(actor).filter(date__gte=today):
        by_calendar.setdefault(row.calendar_id, []).append(row)
    return {ident: aways(own)[0] for ident, own in by_calendar.items()}
