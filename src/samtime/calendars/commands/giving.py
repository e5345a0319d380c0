"""Who gives a service: its calendars, with their own duration and price, saved as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars import queries
from samtime.calendars.commands.calendars import (
    add_offering,
    change_offering,
    end_offering,
    set_offering_price,
)
from samtime.calendars.models import Offering
from samtime.catalog.commands.lengths import LengthInThePast
from samtime.catalog.queries import service
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.money import Money


@dataclass(frozen=True, slots=True)
class Giver:
    """A calendar that gives the service; None follows the service's own duration or price."""

    calendar_id: UUID
    duration_minutes: int | None = None
    price: Money | None = None


@transaction.atomic
def set_givers(
    *, actor: Actor, service_id: UUID, givers: Sequence[Giver], from_on: date, today: date
) -> list[Offering]:
    """Exactly these of the calendars the actor may see give the service from now on.

    Own durations and prices change for appointments from `from_on` on (D9).
    Bookings already made stay.
    Refuses: RightMissing, NotFound, Invalid (at «givers.<calendar>.duration» or «.price»).
    """
    actor.require(Right.EDIT_CATALOG)
    what = service(actor, service_id)
    there = {o.calendar.public_id: o for o in queries.offerings(actor) if o.service_id == what.id}
    wanted = {giver.calendar_id: giver for giver in givers}
    for calendar_id, offering in there.items():
        if calendar_id not in wanted:
            end_offering(actor=actor, offering_id=offering.public_id, today=today)
    return [
        _give(actor, what.public_id, giver, there.get(giver.calendar_id), from_on, today)
        for giver in wanted.values()
    ]


def _give(
    actor: Actor,
    service_id: UUID,
    giver: Giver,
    known: Offering | None,
    from_on: date,
    today: date,
) -> Offering:
    place = f"givers.{giver.calendar_id}"
    try:
        if known is None:
            made = add_offering(
                actor=actor,
                calendar_id=giver.calendar_id,
                service_id=service_id,
                duration_minutes=giver.duration_minutes,
            )
        else:
            made = change_offering(
                actor=actor,
                offering_id=known.public_id,
                duration_minutes=giver.duration_minutes,
                from_on=from_on,
                today=today,
            )
    except (Invalid, LengthInThePast) as refusal:
        raise Invalid(FieldError(f"{place}.duration", "duration", refusal.detail)) from None
    current = queries.offering_price_on(made, from_on)
    before = current.amount if current else None
    after = giver.price.minor if giver.price else None
    if before == after:
        return made
    try:
        set_offering_price(
            actor=actor,
            offering_id=made.public_id,
            price=giver.price,
            from_on=from_on,
            today=today,
        )
    except Invalid as refusal:
        raise Invalid(FieldError(f"{place}.price", "price", refusal.detail)) from None
    return made
