"""The weekly pattern as people write it: a whole week from a day on, perhaps until another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars import masks, queries
from samtime.calendars.commands.hours import RuleGiven, check_rule
from samtime.calendars.models import AvailabilityRule, Calendar
from samtime.foundation.errors import FieldError, Invalid, VersionConflict
from samtime.journal.commands import Happening, record

DAY = timedelta(days=1)
MOST_STRETCHES = 6


@dataclass(frozen=True, slots=True)
class Stretch:
    """Open on a weekday (1 = Monday) from start to end, local time; between two lies a break."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WeekGiven:
    """A week that holds from a day on; with `until_on` the earlier hours come back after it.

    `seen`: the mark of the hours it was made from (`queries.hours_mark`), where a person made it.
    """

    stretches: tuple[Stretch, ...]
    from_on: date
    until_on: date | None = None
    seen: str = ""


@transaction.atomic
def set_week(*, actor: Actor, calendar_id: UUID, given: WeekGiven, now: datetime) -> Calendar:
    """From the first day to the last the calendar is open exactly then; no stretch means closed.

    Hours before and after stay as they were. Bookings stay; who would lose his place is asked
    with `bookings.commands.schedule`. Refuses: RightMissing, NotFound, Invalid, VersionConflict
    (another changed the hours meanwhile).
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    rules = _checked(given)
    calendar = queries.calendar_to_edit(actor, calendar_id)
    _hold(calendar, given.seen)
    _make_room(calendar, given.from_on, given.until_on)
    AvailabilityRule.objects.bulk_create(
        AvailabilityRule(
            calendar=calendar,
            kind="open",
            weekday=rule.weekday,
            start=rule.start,
            end=rule.end,
            valid_from=rule.valid_from,
            valid_to=rule.valid_to,
        )
        for rule in rules
    )
    rebuild_from(calendar, given.from_on, given.until_on, now)
    record(
        actor,
        Happening(
            "calendar.changed",
            "calendar",
            calendar.public_id,
            actor.organization_id,
            data={"week_from": given.from_on.isoformat()},
        ),
    )
    return calendar


def _hold(calendar: Calendar, seen: str) -> None:
    """One change of a calendar's hours at a time. Refuses: VersionConflict."""
    Calendar.objects.select_for_update(no_key=True).get(id=calendar.id)
    if seen and seen != queries.hours_mark(calendar):
        raise VersionConflict()


def _checked(given: WeekGiven) -> list[RuleGiven]:
    if given.until_on is not None and given.until_on < given.from_on:
        raise Invalid(FieldError("until", "ends_before_start", _("This ends before it begins.")))
    rules, faults = [], []
    for stretch in given.stretches:
        rule = RuleGiven(stretch.weekday, stretch.start, stretch.end, given.from_on, given.until_on)
        try:
            check_rule(rule)
        except Invalid as refusal:
            place = f"day.{stretch.weekday}"
            faults += [FieldError(place, e.code, e.detail) for e in refusal.errors]
        rules.append(rule)
    faults += _overlaps(given.stretches)
    if faults:
        raise Invalid(*faults)
    return rules


def _overlaps(stretches: Sequence[Stretch]) -> list[FieldError]:
    faults = []
    for weekday in range(1, 8):
        own = sorted((s.start, s.end) for s in stretches if s.weekday == weekday)
        if any(a[1] > b[0] for a, b in pairwise(own)):
            sentence = _("Two stretches of this day overlap.")
            faults.append(FieldError(f"day.{weekday}", "overlap", sentence))
        if len(own) > MOST_STRETCHES:
            sentence = _("At most six stretches a day.")
            faults.append(FieldError(f"day.{weekday}", "too_many", sentence))
    return faults


def _make_room(calendar: Calendar, first: date, last: date | None) -> None:
    """Cut the old rules: what lies before stays, what lies after comes back."""
    old = calendar.rules.filter(Q(valid_to=None) | Q(valid_to__gte=first))
    if last is not None:
        old = old.filter(valid_from__lte=last)
    for rule in old.select_for_update():
        after = _remainder(rule, last)
        if rule.valid_from >= first:
            rule.delete()
        else:
            rule.valid_to = first - DAY
            rule.save(update_fields=["valid_to"])
        if after is not None:
            after.save(force_insert=True)


def _remainder(rule: AvailabilityRule, last: date | None) -> AvailabilityRule | None:
    if last is None or (rule.valid_to is not None and rule.valid_to <= last):
        return None
    return AvailabilityRule(
        calendar_id=rule.calendar_id,
        kind=rule.kind,
        weekday=rule.weekday,
        start=rule.start,
        end=rule.end,
        valid_from=last + DAY,
        valid_to=rule.valid_to,
    )


def rebuild_from(calendar: Calendar, first: date, last: date | None, now: datetime) -> None:
    """Masks of the days that the local days from first to last can touch, in the lock order."""
    days = masks.horizon(now.date())
    end = last + DAY if last is not None else days[-1]
    near = [day for day in days if first - DAY <= day <= end]
    if near:
        masks.lock_days([calendar.mask_id], near)
        masks.rebuild([calendar.mask_id], near)
