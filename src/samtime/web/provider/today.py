"""Today: what needs somebody, the day in numbers, what partners did since yesterday."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.agenda import patient_names
from samtime.calendars.models import Calendar
from samtime.calendars.queries import calendars, free_minutes
from samtime.foundation.periods import local_day
from samtime.inbox.queries import open_items, title_of
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone
from samtime.reports.queries import since_yesterday, sources_of_day, today_in_numbers
from samtime.web.door import page

MOST_ITEMS = 7


@page()
def today(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The landing page of a clinic; each block stands only for those who may see it."""
    now, zone = timezone.now(), home_zone(actor)
    on = local_day(now, zone)
    sees_all = actor.may(Right.SEE_CALENDAR)
    recent = list(since_yesterday(actor, now=now)) if sees_all else []
    names = patient_names(actor, [b.patient_id for b in recent])
    if recent:
        ids = tuple(sorted({b.patient_id for b in recent}))
        log_access(actor, Access(actor.organization_id, ids, "listed", "today"))
    items = list(open_items(actor)[: MOST_ITEMS + 1]) if actor.may(Right.SEE_INBOX) else []
    sees_own = sees_all or actor.may(Right.SEE_OWN_CALENDAR)
    context = {
        "on": on,
        "items": [(i, title_of(i)) for i in items[:MOST_ITEMS]],
        "more_items": len(items) > MOST_ITEMS,
        "days": _day_lines(actor, on, zone) if sees_own else [],
        "sources": sources_of_day(actor, on=on, zone=zone) if sees_all else [],
        "recent": [(b, names.get(b.patient_id, "–")) for b in recent],
        "zone": zone,
    }
    return render(request, "provider/today/today.html", context)


@dataclass(frozen=True, slots=True)
class DayLine:
    """A practitioner's day at one place: counts, and open time that nobody has taken."""

    practitioner: str
    location: str
    booked: int
    arrived: int
    free_minutes: int


def _day_lines(actor: Actor, on: date, zone: str) -> list[DayLine]:
    """Everybody who is booked or free today, by name."""
    sees_all = actor.may(Right.SEE_CALENDAR)
    mine = [
        c for c in calendars(actor) if sees_all or c.role.practitioner_id == actor.practitioner_id
    ]
    free = free_minutes(mine, on, 1)
    lines = {(_plain_name(c), c.location.name): free.get(c.id, 0) for c in mine}
    counts = {(d.practitioner, d.location): d for d in today_in_numbers(actor, on=on, zone=zone)}
    found = []
    for key in sorted({*lines, *counts}):
        day, minutes = counts.get(key), lines.get(key, 0)
        if day is None and not minutes:
            continue
        booked, arrived = (day.booked, day.arrived) if day else (0, 0)
        found.append(DayLine(*key, booked, arrived, minutes))
    return found


def _plain_name(found: Calendar) -> str:
    who = found.role.practitioner
    return f"{who.given_name} {who.family_name}"
