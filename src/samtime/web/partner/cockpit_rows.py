"""Rows of the cockpit's list: free times, and the one that is held, as the list shows them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from samtime.accounts.actor import Actor
from samtime.bookings.models import Hold
from samtime.bookings.queries.shown import Slot
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day, zone_town

ROWS = 9


@dataclass(slots=True)
class Row:
    """A free time as the list shows it; `number` is its key."""

    number: int
    slot: Slot
    price: Money
    service: str
    today: bool
    town: str = ""
    held: bool = False

    @property
    def key(self) -> str:
        """The same time in every answer: offering and instant."""
        return key_of(self.slot)


def key_of(slot: Slot) -> str:
    """The same time in every answer: offering and instant."""
    return f"{slot.offering}@{slot.start.isoformat()}"


def rows_of(slots: Iterable[Slot], actor: Actor, now: datetime, held: Hold | None) -> list[Row]:
    """Nine rows in order of time; the time that is held stays where it was."""
    shown = list(slots)
    if held is not None:
        shown = sorted([*shown, slot_of(held)], key=lambda s: s.start)[:ROWS]
        if all(s.start != held.starts_at for s in shown):
            shown[-1] = slot_of(held)
    several = len({slot.zone for slot in shown}) > 1
    return [
        Row(
            number=n,
            slot=slot,
            price=Money(slot.price, slot.currency),
            service=slot.service_in(actor.language),
            today=local_day(slot.start, slot.zone) == local_day(now, slot.zone),
            town=zone_town(slot.zone, actor.language.split("-")[0]) if several else "",
            held=held is not None
            and (slot.offering_id, slot.start) == (held.offering_id, held.starts_at),
        )
        for n, slot in enumerate(shown, start=1)
    ]


def fits(held: Hold, services: tuple[UUID, ...]) -> bool:
    """Whether a hold belongs among the times of these services; none are all."""
    return not services or held.offering.service.public_id in services


def slot_of(held: Hold) -> Slot:
    """A hold as the row it was."""
    offering = held.offering
    calendar, service = offering.calendar, offering.service
    return Slot(
        offering=offering.public_id,
        offering_id=offering.id,
        provider=held.provider.public_id,
        provider_name=held.provider.name,
        location=calendar.location.public_id,
        location_name=calendar.location.name,
        zone=calendar.location.time_zone,
        practitioner=calendar.role.practitioner.public_id,
        practitioner_name=str(calendar.role.practitioner),
        service=service.public_id,
        service_name=service.name,
        start=held.starts_at,
        end=held.ends_at,
        price=held.price_amount,
        currency=held.currency,
        payment_place="",
        mask_id=calendar.mask_id,
        service_names=service.names,
    )
