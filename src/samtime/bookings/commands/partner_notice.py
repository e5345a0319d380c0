"""The partner is told when the institution cancels or moves what it booked (R7)."""

from uuid import UUID

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.bookings.rules import shown_reference
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item


def tell_partner(*, actor: Actor, booking_id: UUID, kind: str) -> bool:
    """An item in the inbox of whoever booked; False when nobody outside did.

    The viewer must be the provider. Twice changes nothing: one open item per booking and kind.
    """
    actor.require(Right.BOOK)
    rows = Booking.objects.filter(public_id=booking_id).select_related("provider", "channel")
    booking = rows.first()
    if booking is None or booking.booker_id == booking.provider_id:
        return False
    with viewing_as(booking.booker_id):
        raise_item(
            system_actor(booking.booker_id),
            kind=kind,
            object_kind="booking",
            object_id=booking.public_id,
            facts={
                "name": booking.provider.name,
                "reference": shown_reference(booking.reference),
            },
            link=f"partner/bookings/{booking.public_id}/",
        )
    return True
