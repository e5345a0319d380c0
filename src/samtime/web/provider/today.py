"""Today: what needs somebody, the day in numbers, what partners did since yesterday."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.agenda import patient_names
from samtime.calendars.models import Calendar
from samtime.calendars.queries import calendars, free_minutes
from samtime.foundation.periods import local_day
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import open_items, title_of
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone
from samtime.reports.queries import (
    SourceShare,
    since_yesterday,
    sources_of_day,
    today_in_numbers,
)
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.provider.first_steps import first_steps
from samtime.web.provider.inbox_fix import may_fix
from samtime.web.provider.inbox_words import Sign, age_words, hours_since, sign_of

MOST_ITEMS, MOST_READ = 7, 100


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
    sees_own = sees_all or actor.may(Right.SEE_OWN_CALENDAR)
    sources = sources_of_day(actor, on=on, zone=zone) if sees_all else []
    context = {
        "on": on,
        "items": _waiting(actor, slug_of(request), now) if actor.may(Right.SEE_INBOX) else [],
        "days": _day_lines(actor, on, zone) if sees_own else [],
        "sources": sources,
        "bar": _bar(sources),
        "booked": sum(source.bookings for source in sources),
        "inbox_link": actor.may(Right.SEE_INBOX),
        "steps": first_steps(actor),
        "recent": [(b, names.get(b.patient_id, "–")) for b in recent],
        "zone": zone,
    }
    return render(request, "provider/today/today.html", context)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item of the inbox that this person can mend."""

    item: InboxItem
    sign: Sign
    title: str
    age: str
    is_late: bool


def _waiting(actor: Actor, slug: str, now: datetime) -> list[Waiting]:
    """The most urgent of what this person can mend; the rest waits for others in the inbox."""
    found = [i for i in open_items(actor, now=now)[:MOST_READ] if may_fix(actor, i, slug)]
    return [
        Waiting(
            item,
            sign_of(item.kind),
            title_of(item),
            age_words(hours_since(item.created_at, now)),
            item.due_at is not None and item.due_at <= now,
        )
        for item in found[:MOST_ITEMS]
    ]


@dataclass(frozen=True, slots=True)
class BarPart:
    """One source's part of the bar: where it begins and how long it is, in bookings."""

    source: str
    start: int
    length: int


def _bar(sources: list[SourceShare]) -> list[BarPart]:
    ends = list(accumulate(s.bookings for s in sources))
    return [
        BarPart(s.source, end - s.bookings, s.bookings)
        for s, end in zip(sources, ends, strict=True)
    ]


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
