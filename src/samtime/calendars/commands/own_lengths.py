"""A practitioner's own duration of a service from a day on (D9); what is booked keeps its times."""

from datetime import date
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars import queries
from samtime.calendars.models import Offering, OfferingLength
from samtime.catalog.commands.lengths import LengthInThePast
from samtime.catalog.queries import length_on
from samtime.catalog.rules import BEGINNING
from samtime.foundation.errors import NotFound
from samtime.journal.commands import Happening, record


def date_length(
    actor: Actor, offering: Offering, wanted: int | None, *, from_on: date, today: date
) -> bool:
    """Date an own duration; False where it holds on that day anyway. The caller's command judged
    the right and the number. Refuses: LengthInThePast.
    """
    before = queries.own_length_on(offering, from_on)
    if wanted == before:
        return False
    if from_on < today:
        raise LengthInThePast()
    if not offering.lengths_dated:
        _keep(offering, BEGINNING, before)
        offering.lengths_dated = True
    _keep(offering, from_on, wanted)
    if from_on == today:
        offering.duration_minutes = wanted
    offering.save(update_fields=["lengths_dated", "duration_minutes"])
    _note(actor, offering, before, wanted, from_on)
    return True


@transaction.atomic
def drop_own_length(*, actor: Actor, offering_id: UUID, from_on: date, today: date) -> Offering:
    """An own duration to come does not come. Refuses: RightMissing, NotFound, LengthInThePast."""
    actor.require(Right.EDIT_CATALOG)
    offering = queries.offering(actor, offering_id)
    if from_on <= today:
        raise LengthInThePast()
    gone = offering.lengths.filter(from_on=from_on).first()
    if gone is None:
        raise NotFound(field="from")
    gone.delete()
    held = queries.own_length_on(offering, from_on)
    _note(actor, offering, gone.duration_minutes, held, from_on)
    return offering


@transaction.atomic
def follow_own_lengths(*, actor: Actor, today: date) -> int:
    """The offerings' own column says what holds today; answers how many changed. For the sweep.

    Searches and bookings read the dated rows and never wait for this. Refuses: RightMissing.
    """
    actor.require(Right.EDIT_CATALOG)
    changed = 0
    rows = Offering.objects.filter(provider_id=actor.organization_id, lengths_dated=True)
    for offering in rows.select_for_update():
        held = queries.own_length_on(offering, today)
        if held != offering.duration_minutes:
            offering.duration_minutes = held
            offering.save(update_fields=["duration_minutes"])
            changed += 1
    return changed


def forget_lengths(offering: Offering) -> None:
    """An offering that lives again begins without the dates of its former life."""
    offering.lengths.all().delete()
    offering.lengths_dated = False


def _keep(offering: Offering, from_on: date, minutes: int | None) -> None:
    OfferingLength.objects.update_or_create(
        offering=offering, from_on=from_on, defaults={"duration_minutes": minutes}
    )


def _note(
    actor: Actor, offering: Offering, before: int | None, after: int | None, from_on: date
) -> None:
    """Minutes as they are booked: of the service where the offering has none of its own."""
    usual = length_on(offering.service, from_on).duration
    data = {
        "before": before or usual,
        "after": after or usual,
        "from": from_on.isoformat(),
        "service": str(offering.service.public_id),
    }
    happening = Happening(
        kind="duration.changed",
        object_kind="offering",
        object_id=offering.public_id,
        organization_id=actor.organization_id,
        data=data,
    )
    record(actor, happening)
