"""Bookings to come whose calendar is not open for the whole of the visit."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from samtime.accounts.actor import Actor
from samtime.bookings.models import Booking
from samtime.calendars.models import AvailabilityException, AvailabilityRule, Calendar
from samtime.calendars.rules import DayException, Interval, WeekRule, joined, open_intervals
from samtime.foundation.periods import local_day

DAY = timedelta(days=1)


def stranded(actor: Actor, calendars: Sequence[Calendar], now: datetime) -> list[Booking]:
    """Bookings to come, in order of time, that lie outside today's hours. Three queries.

    The door that shows names logs the reading.
    """
    ids = [c.id for c in calendars]
    rows: QuerySet[Booking] = Booking.objects.visible_to(actor).filter(
        provider_id=actor.organization_id,
        calendar_id__in=ids,
        starts_at__gt=now,
        state__in=["pending", "booked"],
    )
    found = list(rows.select_related("service", "location", "practitioner").order_by("starts_at"))
    if not found:
        return []
    hours = _Hours(calendars)
    return [b for b in found if not hours.hold(b)]


def outside_hours(calendars: Sequence[Calendar], rows: Sequence[Booking]) -> list[Booking]:
    """Of these bookings those whose calendar is not open for the whole visit. Two queries."""
    hours = _Hours(calendars)
    return [b for b in rows if not hours.hold(b)]


class _Hours:
    """Opening hours of some calendars, looked up by day."""

    def __init__(self, calendars: Sequence[Calendar]) -> None:
        self.calendars = {c.id: c for c in calendars}
        self.rules: dict[int, list[WeekRule]] = {}
        self.exceptions: dict[int, list[DayException]] = {}
        for r in AvailabilityRule.objects.filter(calendar__in=calendars):
            rule = WeekRule(r.kind, r.weekday, r.start, r.end, r.valid_from, r.valid_to)
            self.rules.setdefault(r.calendar_id, []).append(rule)
        for e in AvailabilityException.objects.filter(calendar__in=calendars):
            day = DayException(e.date, e.closed, e.start, e.end)
            self.exceptions.setdefault(e.calendar_id, []).append(day)
        self.known: dict[tuple[int, date], list[Interval]] = {}

    def hold(self, booking: Booking) -> bool:
        """Whether the calendar is open for the whole visit."""
        calendar = self.calendars[booking.calendar_id]
        if calendar.ended_on is not None:
            return False
        day = local_day(booking.starts_at, calendar.location.time_zone)
        near = [i for d in (day - DAY, day, day + DAY) for i in self._open(calendar, d)]
        return any(
            low <= booking.starts_at and booking.ends_at <= high for low, high in joined(near)
        )

    def _open(self, calendar: Calendar, day: date) -> list[Interval]:
        key = (calendar.id, day)
        if key not in self.known:
            self.known[key] = open_intervals(
                day,
                calendar.location.time_zone,
                self.rules.get(calendar.id, []),
                self.exceptions.get(calendar.id, []),
            )
        return self.known[key]
