"""Calendars and what is given in them: offerings with their own duration and price."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars import masks, queries
from samtime.calendars.commands.own_lengths import date_length, forget_lengths
from samtime.calendars.models import Calendar, Offering, OfferingPrice, Resource
from samtime.catalog.queries import service
from samtime.catalog.rules import LONGEST, SHORTEST, STEP
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.journal.commands import Happening, record
from samtime.organizations.queries import organization_of, practitioner_role

STEPS = (5, 10, 15, 20, 30, 60)


class CalendarExists(Refusal):
    """The practitioner has a calendar at this place already."""

    code = "calendar_exists"
    status = 409
    field = "practitioner_role"
    sentence = _("This practitioner has a calendar at this location already.")


class OfferedAlready(Refusal):
    """The calendar gives this service already."""

    code = "offered_already"
    status = 409
    field = "service"
    sentence = _("This service is given in this calendar already.")


@transaction.atomic
def add_calendar(*, actor: Actor, role_id: UUID, now: datetime, step_minutes: int = 15) -> Calendar:
    """A practitioner's bookable time at one location, closed until it has hours.

    Refuses: RightMissing, NotFound, Invalid, CalendarExists.
    """
    actor.require(Right.EDIT_CATALOG)
    if step_minutes not in STEPS:
        raise Invalid(FieldError("step_minutes", "invalid", _("Choose a step from the list.")))
    role = practitioner_role(actor, role_id)
    before = Calendar.objects.filter(role=role).first()
    if before is not None:
        return _opened_again(actor, before, step_minutes, now)
    person, place = role.practitioner, role.location
    resource, _made = Resource.objects.get_or_create(
        practitioner=person,
        defaults={
            "provider_id": actor.organization_id,
            "kind": "practitioner",
            "name": str(person),
        },
    )
    mask = Resource.objects.create(
        provider_id=actor.organization_id,
        kind="calendar",
        name=f"{person} · {place}"[:200],
        location=place,
    )
    calendar = Calendar.objects.create(
        provider_id=actor.organization_id,
        role=role,
        location=place,
        practitioner_resource=resource,
        mask=mask,
        step_minutes=step_minutes,
    )
    masks.rebuild_all(today=now.date(), resources=[mask.id])
    _journal(actor, "calendar.added", "calendar", calendar.public_id)
    return calendar


def _opened_again(actor: Actor, before: Calendar, step_minutes: int, now: datetime) -> Calendar:
    """Somebody who left comes back: his old calendar lives again, with its hours."""
    if before.ended_on is None:
        raise CalendarExists()
    before.ended_on, before.step_minutes = None, step_minutes
    before.save(update_fields=["ended_on", "step_minutes"])
    masks.rebuild_all(today=now.date(), resources=[before.mask_id])
    _journal(actor, "calendar.added", "calendar", before.public_id)
    return before


@transaction.atomic
def change_calendar(*, actor: Actor, calendar_id: UUID, step_minutes: int) -> Calendar:
    """The grid on which starts lie. Refuses: RightMissing, NotFound, Invalid."""
    actor.require(Right.EDIT_CATALOG)
    if step_minutes not in STEPS:
        raise Invalid(FieldError("step_minutes", "invalid", _("Choose a step from the list.")))
    found = queries.calendar(actor, calendar_id)
    if found.step_minutes != step_minutes:
        found.step_minutes = step_minutes
        found.save(update_fields=["step_minutes"])
        _journal(actor, "calendar.changed", "calendar", found.public_id)
    return found


@transaction.atomic
def add_offering(
    *, actor: Actor, calendar_id: UUID, service_id: UUID, duration_minutes: int | None = None
) -> Offering:
    """The service is given in this calendar; an ended offering lives again.

    Refuses: RightMissing, NotFound, Invalid, OfferedAlready.
    """
    actor.require(Right.EDIT_CATALOG)
    _check_duration(duration_minutes)
    calendar = queries.calendar(actor, calendar_id)
    what = service(actor, service_id)
    found = Offering.objects.filter(calendar=calendar, service=what).first()
    if found is not None and found.ended_on is None:
        raise OfferedAlready()
    if found is None:
        found = Offering(provider_id=actor.organization_id, calendar=calendar, service=what)
    if found.lengths_dated:
        forget_lengths(found)
    found.duration_minutes, found.ended_on = duration_minutes, None
    found.save()
    _journal(actor, "offering.added", "offering", found.public_id)
    return found


@transaction.atomic
def change_offering(
    *,
    actor: Actor,
    offering_id: UUID,
    duration_minutes: int | None,
    from_on: date | None = None,
    today: date | None = None,
) -> Offering:
    """Another duration in this calendar for appointments from a day on (today where none is said,
    D9); None follows the service. Bookings keep their times. `today`: else what the place says.

    Refuses: RightMissing, NotFound, Invalid, LengthInThePast.
    """
    actor.require(Right.EDIT_CATALOG)
    _check_duration(duration_minutes)
    found = queries.offering(actor, offering_id)
    today = today or local_day(timezone.now(), found.calendar.location.time_zone)
    date_length(actor, found, duration_minutes, from_on=from_on or today, today=today)
    return found


@transaction.atomic
def set_offering_price(
    *, actor: Actor, offering_id: UUID, price: Money | None, from_on: date, today: date
) -> OfferingPrice:
    """The offering's own gross price from a day on (D9); None follows the service again.

    Refuses: RightMissing, NotFound, Invalid (another currency, below zero, a day gone by).
    """
    actor.require(Right.EDIT_PRICES)
    found = queries.offering(actor, offering_id)
    currency = organization_of(actor).currency
    if price is not None and (price.currency != currency or price.minor < 0):
        sentence = _("Prices are in the currency of your organisation.")
        raise Invalid(FieldError("price", "currency", sentence))
    if from_on < today:
        sentence = _("A price can change from today on, not for days that have passed.")
        raise Invalid(FieldError("from", "price_in_the_past", sentence))
    made, _is_new = OfferingPrice.objects.update_or_create(
        offering=found,
        from_on=from_on,
        defaults={"amount": price.minor if price else None, "currency": currency},
    )
    _journal(actor, "price.changed", "offering", found.public_id)
    return made


@transaction.atomic
def end_offering(*, actor: Actor, offering_id: UUID, today: date) -> Offering:
    """Nobody can book it any more; bookings stay. Refuses: RightMissing, NotFound."""
    actor.require(Right.EDIT_CATALOG)
    found = queries.offering(actor, offering_id)
    if found.ended_on is None:
        found.ended_on = today
        found.save(update_fields=["ended_on"])
        _journal(actor, "offering.ended", "offering", found.public_id)
    return found


@transaction.atomic
def end_calendar(*, actor: Actor, calendar_id: UUID, now: datetime) -> Calendar:
    """Closed from tomorrow on; bookings stay. Refuses: RightMissing, NotFound."""
    actor.require(Right.EDIT_CATALOG)
    found = queries.calendar(actor, calendar_id)
    if found.ended_on is None:
        found.ended_on = local_day(now, found.location.time_zone)
        found.save(update_fields=["ended_on"])
        masks.rebuild_all(today=now.date(), resources=[found.mask_id])
        _journal(actor, "calendar.ended", "calendar", found.public_id)
    return found


def _check_duration(minutes: int | None) -> None:
    if minutes is not None and (not SHORTEST <= minutes <= LONGEST or minutes % STEP):
        sentence = _("A duration is 5 to 720 minutes, in steps of 5.")
        raise Invalid(FieldError("duration_minutes", "duration", sentence))


def _journal(actor: Actor, kind: str, object_kind: str, public_id: UUID) -> None:
    record(actor, Happening(kind, object_kind, public_id, actor.organization_id))
