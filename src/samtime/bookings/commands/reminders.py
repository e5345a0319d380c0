"""Reminding patients of their visits: once for each start, in waking hours."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.booking import note_booking
from samtime.bookings.commands.letters import tell_patient
from samtime.bookings.models import Booking
from samtime.bookings.rules import MOVABLE, is_quiet, reminder_moment
from samtime.patients.models import PatientContact

MOST_HOURS = 168
# The quiet hours may bring a reminder this much forward.
NIGHT = timedelta(hours=12)
AT_ONCE = 500


def due_reminders(*, actor: Actor, now: datetime) -> list[UUID]:
    """Bookings of the actor's organization whose patients are to be reminded now. One query."""
    actor.require(Right.BOOK)
    rows = _unreminded(actor, now).order_by("starts_at")
    found = [b.public_id for b in rows.iterator(chunk_size=AT_ONCE) if _is_due(b, now)]
    return found[:AT_ONCE]


@transaction.atomic
def remind_patient(*, actor: Actor, booking: UUID, now: datetime) -> bool:
    """Write the reminder and note it in one transaction, so that it is written once.

    False when it is not due any more: moved, cancelled, or another worker was faster.
    """
    actor.require(Right.BOOK)
    rows = _unreminded(actor, now).filter(public_id=booking).select_for_update(of=("self",))
    found: Booking | None = rows.first()
    if found is None or not _is_due(found, now):
        return False
    found.reminded_for = found.starts_at
    found.save(update_fields=["reminded_for"])
    mail = tell_patient(actor=actor, booking_id=booking, template="booking_reminder")
    if mail is not None:
        note_booking(actor, found, "booking.reminded")
    return mail is not None


def hours_of(booking: Booking) -> int:
    """How long before the visit its patient is reminded; 0 = never."""
    own = booking.service.reminder_hours
    return min(booking.provider.reminder_hours if own is None else own, MOST_HOURS)


def _unreminded(actor: Actor, now: datetime) -> "QuerySet[Booking]":
    reach = now + timedelta(hours=MOST_HOURS) + NIGHT
    told = PatientContact.objects.filter(patient_id=OuterRef("patient_id"), is_told=True)
    told = told.exclude(email="")
    return (
        Booking.objects.filter(
            Q(reminded_for=None) | ~Q(reminded_for=F("starts_at")),
            provider_id=actor.organization_id,
            state__in=MOVABLE,
            notify=True,
            starts_at__gt=now,
            starts_at__lte=reach,
        )
        .exclude(~Exists(told), patient_as_given__email="", patient__email="")
        .select_related("service", "location", "provider")
    )


def _is_due(booking: Booking, now: datetime) -> bool:
    hours, zone = hours_of(booking), booking.location.time_zone
    if hours == 0 or is_quiet(now, zone):
        return False
    moment = reminder_moment(booking.starts_at, hours, zone)
    told = booking.moved_at or booking.created_at
    # Whoever was told of this time within those hours needs no second letter.
    return moment <= now and told < moment
