"""Days that differ: absences over many days and calendars, and public holidays by country."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import holidays
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars import masks, queries
from samtime.calendars.commands.hours import ExceptionGiven, check_exception
from samtime.calendars.models import AvailabilityException, Calendar
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.periods import local_day
from samtime.journal.commands import Happening, record
from samtime.organizations.models import Location
from samtime.organizations.queries import location

DAY = timedelta(days=1)
LONGEST_DAYS = 400
HOLIDAY_LANGUAGE = {"NO": "no", "RO": "ro", "HU": "hu", "SE": "sv", "DK": "da", "FI": "fi"}


@dataclass(frozen=True, slots=True)
class DaysGiven:
    """Local days from first to last that differ: closed (whole, or from start to end), or open."""

    first: date
    last: date
    closed: bool = True
    start: time | None = None
    end: time | None = None
    reason: str = ""


@transaction.atomic
def set_days(
    *, actor: Actor, calendar_ids: Sequence[UUID], given: DaysGiven, now: datetime
) -> list[AvailabilityException]:
    """These days differ in these calendars; the same again changes nothing. Bookings stay.

    Refuses: RightMissing, NotFound, Invalid.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    days = _days(given)
    found = [queries.calendar_to_edit(actor, ident) for ident in dict.fromkeys(calendar_ids)]
    if not found:
        raise Invalid(FieldError("calendar", "empty", _("Choose at least one calendar.")))
    return _write(actor, found, [(day, given) for day in days], now)


@transaction.atomic
def close_on_holidays(
    *, actor: Actor, location_id: UUID, year: int, now: datetime
) -> list[AvailabilityException]:
    """Close every calendar of a location on its country's public holidays of a year.

    Days that have passed are left alone; the same again changes nothing.
    Refuses: RightMissing, NotFound, Invalid (a country or year without a list).
    """
    actor.require(Right.EDIT_CALENDAR)
    place = location(actor, location_id)
    given = [
        (day, DaysGiven(day, day, reason=name))
        for day, name in public_holidays(place, year)
        if day >= local_day(now, place.time_zone)
    ]
    if not given:
        sentence = _("There are no public holidays to come in that year for this country.")
        raise Invalid(FieldError("year", "empty", sentence))
    found = [c for c in queries.calendars(actor) if c.location_id == place.id]
    return _write(actor, found, given, now)


def public_holidays(place: Location, year: int) -> list[tuple[date, str]]:
    """Day and name of the public holidays of the location's country, in its own language."""
    country = place.country or place.organization.country
    if not 2000 <= year <= 2100:
        return []
    try:
        found = holidays.country_holidays(
            country, years=year, language=HOLIDAY_LANGUAGE.get(country)
        )
    except NotImplementedError:
        return []
    return sorted((day, str(name)[:200]) for day, name in found.items())


def _days(given: DaysGiven) -> list[date]:
    count = (given.last - given.first).days + 1
    if count < 1:
        raise Invalid(FieldError("last", "ends_before_start", _("This ends before it begins.")))
    if count > LONGEST_DAYS:
        raise Invalid(FieldError("last", "too_long", _("At most 400 days at once.")))
    check_exception(ExceptionGiven(given.first, given.closed, given.start, given.end, given.reason))
    return [given.first + timedelta(days=n) for n in range(count)]


def _write(
    actor: Actor,
    found: Sequence[Calendar],
    given: Sequence[tuple[date, DaysGiven]],
    now: datetime,
) -> list[AvailabilityException]:
    there = {
        (e.calendar_id, e.date, e.closed, e.start, e.end)
        for e in AvailabilityException.objects.filter(
            calendar__in=found, date__in=[day for day, _given in given]
        )
    }
    rows = [
        AvailabilityException(
            calendar=calendar,
            date=day,
            closed=one.closed,
            start=one.start,
            end=one.end,
            reason=one.reason,
        )
        for calendar in found
        for day, one in given
        if (calendar.id, day, one.closed, one.start, one.end) not in there
    ]
    made = AvailabilityException.objects.bulk_create(rows)
    _rebuild({row.calendar for row in made}, {row.date for row in made}, now)
    for calendar in {row.calendar for row in made}:
        happening = Happening(
            "calendar.changed", "calendar", calendar.public_id, actor.organization_id
        )
        record(actor, happening)
    return made


def _rebuild(found: Iterable[Calendar], days: Iterable[date], now: datetime) -> None:
    horizon = masks.horizon(now.date())
    wanted = {near for day in days for near in (day - DAY, day, day + DAY)}
    near = sorted(day for day in wanted if horizon[0] <= day <= horizon[-1])
    ids = sorted(calendar.mask_id for calendar in found)
    if ids and near:
        masks.lock_days(ids, near)
        masks.rebuild(ids, near)
