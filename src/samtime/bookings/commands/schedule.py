"""Changes of hours with the bookings they strand: propose first, then commit.

The proposal runs the very change inside a savepoint and rolls it back, so that what is shown is
what will happen.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.models import Booking
from samtime.bookings.queries.stranded import stranded
from samtime.bookings.rules import shown_reference
from samtime.calendars import queries
from samtime.calendars.commands.days import DaysGiven, close_on_holidays, set_days
from samtime.calendars.commands.hours import remove_exception
from samtime.calendars.commands.weeks import WeekGiven, set_week
from samtime.calendars.models import Calendar
from samtime.foundation.errors import FieldError, Invalid
from samtime.inbox.commands import raise_item, resolve_by_cause

FATES = ("keep", "cancel")
STRANDED = "booking_stranded"


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """One change of hours: exactly one of week, days, holidays or reopened is set.

    `holidays` is (location, year); `reopened` are ids of days that no longer differ.
    """

    calendar_ids: tuple[UUID, ...] = ()
    week: WeekGiven | None = None
    days: DaysGiven | None = None
    holidays: tuple[UUID, int] | None = None
    reopened: tuple[UUID, ...] = ()


@transaction.atomic
def propose_schedule(*, actor: Actor, change: ScheduleChange, now: datetime) -> list[Booking]:
    """The bookings that would lose their place; nothing is changed.

    Refuses: RightMissing, NotFound, Invalid, as the change itself.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    savepoint = transaction.savepoint()
    try:
        return _applied(actor, change, now)
    finally:
        transaction.savepoint_rollback(savepoint)


@transaction.atomic
def commit_schedule(
    *, actor: Actor, change: ScheduleChange, fate: str, reason: str, now: datetime
) -> list[Booking]:
    """Change the hours; stranded bookings are kept (each waits in the inbox) or cancelled with
    notices. Answers the stranded ones, also those booked since the proposal.

    Refuses: RightMissing, NotFound, Invalid.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    if fate not in FATES:
        raise Invalid(FieldError("fate", "fate", _("Choose what happens to the bookings.")))
    lost = _applied(actor, change, now)
    for booking in lost:
        if fate == "cancel":
            cancel_booking(actor=actor, booking=booking.public_id, reason=reason, now=now)
        else:
            wait_in_inbox(actor, booking)
    return lost


def _applied(actor: Actor, change: ScheduleChange, now: datetime) -> list[Booking]:
    calendars = _touched(actor, change)
    before = stranded(actor, calendars, now)
    _act(actor, change, now)()
    fresh = _touched(actor, change)
    return _settled(actor, before, stranded(actor, fresh, now), now)


def _settled(
    actor: Actor, before: Sequence[Booking], after: Sequence[Booking], now: datetime
) -> list[Booking]:
    """Who has a place again waits no longer; answers those that have lost it just now."""
    old, new = {b.id for b in before}, {b.id for b in after}
    for booking in before:
        if booking.id not in new:
            resolve_by_cause(
                organization_id=booking.provider_id,
                kind=STRANDED,
                object_id=booking.public_id,
                now=now,
            )
    return [booking for booking in after if booking.id not in old]


def _touched(actor: Actor, change: ScheduleChange) -> Sequence[Calendar]:
    if change.holidays is not None:
        actor.require(Right.EDIT_CALENDAR)
        place = change.holidays[0]
        return [c for c in queries.calendars(actor) if c.location.public_id == place]
    return [queries.calendar_to_edit(actor, ident) for ident in change.calendar_ids]


def _act(actor: Actor, change: ScheduleChange, now: datetime) -> Callable[[], object]:
    if change.week is not None:
        given, calendar = change.week, change.calendar_ids[0]
        return lambda: set_week(actor=actor, calendar_id=calendar, given=given, now=now)
    if change.days is not None:
        days = change.days
        return lambda: set_days(actor=actor, calendar_ids=change.calendar_ids, given=days, now=now)
    if change.holidays is not None:
        place, year = change.holidays
        return lambda: close_on_holidays(actor=actor, location_id=place, year=year, now=now)
    if change.reopened:
        return lambda: _reopen(actor, change.reopened, now)
    raise ValueError("a schedule change says what changes")


def _reopen(actor: Actor, days: Sequence[UUID], now: datetime) -> None:
    for day in days:
        remove_exception(actor=actor, exception_id=day, now=now)


@contextmanager
def stranded_wait(*, actor: Actor, calendar_id: UUID, now: datetime) -> Iterator[None]:
    """Around one change of a calendar's hours: bookings that lose their place by it wait in the
    inbox. For callers that cannot ask what shall become of them.

    Refuses: RightMissing, NotFound.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    calendars = [queries.calendar_to_edit(actor, calendar_id)]
    before = stranded(actor, calendars, now)
    yield
    for booking in _settled(actor, before, stranded(actor, calendars, now), now):
        wait_in_inbox(actor, booking)


def wait_in_inbox(actor: Actor, booking: Booking) -> None:
    """A booking that lost its place waits until somebody moves or cancels it."""
    raise_item(
        actor,
        kind=STRANDED,
        object_kind="booking",
        object_id=booking.public_id,
        facts={
            "name": str(booking.practitioner),
            "reference": shown_reference(booking.reference),
        },
        link=f"bookings/{booking.public_id}/",
        due_at=booking.starts_at,
    )
