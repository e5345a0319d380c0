"""Opening hours: weekly rules with breaks and validity, and days that differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars import masks, queries
from samtime.calendars.models import AvailabilityException, AvailabilityRule, Calendar
from samtime.calendars.rules import CELL
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.foundation.periods import local_day
from samtime.journal.commands import Happening, record

DAY = timedelta(days=1)


class RuleOverlap(Refusal):
    """Two weekly rules of one kind say something about the same time."""

    code = "rule_overlap"
    status = 409
    field = "start"
    sentence = _("On this weekday the calendar has %(start)s–%(end)s already. Change that instead.")


@dataclass(frozen=True, slots=True)
class RuleGiven:
    """Every such weekday (1 = Monday) from start to end, local time: «open» or «break»."""

    weekday: int
    start: time
    end: time
    valid_from: date
    valid_to: date | None = None
    kind: str = "open"


@dataclass(frozen=True, slots=True)
class ExceptionGiven:
    """One local day: closed (the whole day without times), or extra open time."""

    day: date
    closed: bool
    start: time | None = None
    end: time | None = None
    reason: str = ""


@transaction.atomic
def add_rule(
    *, actor: Actor, calendar_id: UUID, given: RuleGiven, now: datetime
) -> AvailabilityRule:
    """A weekly rule. Refuses: RightMissing, NotFound, Invalid, RuleOverlap."""
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    check_rule(given)
    calendar = queries.calendar_to_edit(actor, calendar_id)
    _refuse_overlap(calendar, given, but=None)
    made = AvailabilityRule.objects.create(calendar=calendar, **_fields(given))
    _changed(actor, calendar, now)
    return made


@transaction.atomic
def change_rule(
    *, actor: Actor, rule_id: UUID, given: RuleGiven, now: datetime
) -> AvailabilityRule:
    """Another time or validity. Bookings stay. Refuses: as add_rule."""
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    check_rule(given)
    found = queries.rule_to_edit(actor, rule_id)
    _refuse_overlap(found.calendar, given, but=found.pk)
    for name, value in _fields(given).items():
        setattr(found, name, value)
    found.save()
    _changed(actor, found.calendar, now)
    return found


@transaction.atomic
def end_rule(*, actor: Actor, rule_id: UUID, from_on: date, now: datetime) -> None:
    """The rule holds up to the day before; one that never held is removed.

    Refuses: RightMissing, NotFound.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    found = queries.rule_to_edit(actor, rule_id)
    _end(found, from_on)
    _changed(actor, found.calendar, now)


@transaction.atomic
def replace_week(
    *, actor: Actor, calendar_id: UUID, week: Sequence[RuleGiven], now: datetime
) -> Calendar:
    """From the first `valid_from` on the calendar has exactly these hours (an empty week: none).

    Refuses: RightMissing, NotFound, Invalid, RuleOverlap.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    calendar = queries.calendar_to_edit(actor, calendar_id)
    today = local_day(now, calendar.location.time_zone)
    from_on = min((given.valid_from for given in week), default=today)
    for given in week:
        check_rule(given)
    for old in calendar.rules.filter(Q(valid_to=None) | Q(valid_to__gte=from_on)):
        _end(old, from_on)
    for given in week:
        _refuse_overlap(calendar, given, but=None)
        AvailabilityRule.objects.create(calendar=calendar, **_fields(given))
    _changed(actor, calendar, now)
    return calendar


@transaction.atomic
def add_exception(
    *, actor: Actor, calendar_id: UUID, given: ExceptionGiven, now: datetime
) -> AvailabilityException:
    """A day that differs. Bookings on it stay. Refuses: RightMissing, NotFound, Invalid."""
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    check_exception(given)
    calendar = queries.calendar_to_edit(actor, calendar_id)
    made = AvailabilityException.objects.create(
        calendar=calendar,
        date=given.day,
        closed=given.closed,
        start=given.start,
        end=given.end,
        reason=given.reason,
    )
    _changed(actor, calendar, now, day=given.day)
    return made


@transaction.atomic
def remove_exception(*, actor: Actor, exception_id: UUID, now: datetime) -> None:
    """The day is as the weekly rules say again. Refuses: RightMissing, NotFound."""
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    found = queries.exception_to_edit(actor, exception_id)
    found.delete()
    _changed(actor, found.calendar, now, day=found.date)


def check_rule(given: RuleGiven) -> None:
    """Refuses: Invalid, with every fault at its field."""
    faults = _time_faults(given.start, given.end)
    if not 1 <= given.weekday <= 7:
        faults.append(FieldError("weekday", "invalid", _("A weekday is 1 (Monday) to 7.")))
    if given.kind not in ("open", "break"):
        faults.append(FieldError("kind", "invalid", _("A rule is open or a break.")))
    if given.valid_to is not None and given.valid_to < given.valid_from:
        faults.append(FieldError("valid_to", "invalid", _("This ends before it begins.")))
    if faults:
        raise Invalid(*faults)


def _time_faults(start: time, end: time) -> list[FieldError]:
    faults = []
    for name, wall in (("start", start), ("end", end)):
        if wall.minute % CELL or wall.second or wall.microsecond:
            sentence = _("Times go in steps of 5 minutes.")
            faults.append(FieldError(name, "step", sentence))
        if wall.tzinfo is not None:
            sentence = _("Give the time without a zone: it is the location's own.")
            faults.append(FieldError(name, "zone", sentence))
    if not faults and start >= end:
        faults.append(FieldError("end", "ends_before_start", _("This ends before it begins.")))
    return faults


def check_exception(given: ExceptionGiven) -> None:
    """Refuses: Invalid, with every fault at its field."""
    if given.start is not None and given.end is not None:
        faults = _time_faults(given.start, given.end)
    elif given.closed and given.start is None and given.end is None:
        faults = []
    else:
        faults = [FieldError("start", "missing", _("Give both the start and the end."))]
    if len(given.reason) > 200:
        faults.append(FieldError("reason", "too_long", _("This text is too long.")))
    if faults:
        raise Invalid(*faults)


def _refuse_overlap(calendar: Calendar, given: RuleGiven, *, but: int | None) -> None:
    rows = calendar.rules.filter(
        Q(valid_to=None) | Q(valid_to__gte=given.valid_from),
        weekday=given.weekday,
        kind=given.kind,
        start__lt=given.end,
        end__gt=given.start,
    )
    if but is not None:
        rows = rows.exclude(pk=but)
    if given.valid_to is not None:
        rows = rows.filter(valid_from__lte=given.valid_to)
    other = rows.order_by("start").first()
    if other is not None:
        raise RuleOverlap(start=f"{other.start:%H:%M}", end=f"{other.end:%H:%M}")


def _fields(given: RuleGiven) -> dict[str, int | str | time | date | None]:
    return {
        "kind": given.kind,
        "weekday": given.weekday,
        "start": given.start,
        "end": given.end,
        "valid_from": given.valid_from,
        "valid_to": given.valid_to,
    }


def _end(rule: AvailabilityRule, from_on: date) -> None:
    if rule.valid_from >= from_on:
        rule.delete()
    elif rule.valid_to is None or rule.valid_to >= from_on:
        rule.valid_to = from_on - DAY
        rule.save(update_fields=["valid_to"])


def _changed(actor: Actor, calendar: Calendar, now: datetime, *, day: date | None = None) -> None:
    """Masks from truth, then the journal: the whole horizon, or the days around one."""
    if day is None:
        masks.rebuild_all(today=now.date(), resources=[calendar.mask_id])
    else:
        horizon = masks.horizon(now.date())
        near = [d for d in (day - DAY, day, day + DAY) if horizon[0] <= d <= horizon[-1]]
        masks.lock_days([calendar.mask_id], near)
        if near:
            masks.rebuild([calendar.mask_id], near)
    happening = Happening("calendar.changed", "calendar", calendar.public_id, actor.organization_id)
    record(actor, happening)
