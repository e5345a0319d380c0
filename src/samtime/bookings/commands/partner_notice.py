"""The partner is told when the institution or the client changes what it booked (R7).

Twice over: an item in the partner's inbox, and a copy of the letter to the agent who booked. The
copy leaves from the partner's own box and names the booking by its reference, never the client.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.bookings.commands.letters import OFFERED
from samtime.bookings.models import Booking
from samtime.bookings.rules import shown_reference
from samtime.foundation.periods import zone_town
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item
from samtime.mailbox.commands import Writing, send_mail
from samtime.mailbox.models import OutgoingMail
from samtime.mailbox.queries import mails_about
from samtime.mailbox.rules import weekday_written
from samtime.organizations.queries import member_to_write

ABOUT = "partner_booking"


def tell_partner(*, actor: Actor, booking_id: UUID, kind: str) -> bool:
    """An item in the inbox of whoever booked; False when nobody outside did.

    The viewer must be the provider. Twice changes nothing: one open item per booking and kind.
    """
    actor.require(Right.BOOK)
    booking = _from_outside(booking_id)
    if booking is None:
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


@dataclass(frozen=True, slots=True)
class ToldAgent:
    """What happened: moved or cancelled, by institution or client, when, from which start.

    `client_told`: whether the client was to get a letter too.
    """

    act: str
    by: str
    at: datetime
    before: datetime | None = None
    client_told: bool = True


def write_to_agent(*, actor: Actor, booking_id: UUID, told: ToldAgent) -> OutgoingMail | None:
    """A copy for the agent who booked; None when he has left, or was written to already.

    The viewer must be the provider.
    """
    actor.require(Right.BOOK)
    booking = _from_outside(booking_id)
    if booking is None:
        return None
    reader = member_to_write(booking.booker_id, booking.booker_user_id)
    if reader is None:
        return None
    writing = _writing(booking, reader, told)
    partner = system_actor(booking.booker_id)
    with viewing_as(booking.booker_id):
        sent = mails_about(partner, booking_id).filter(template=writing.template)
        if sent.filter(created_at__gte=told.at).exists():
            return None
        return send_mail(actor=partner, writing=writing)


def _from_outside(booking_id: UUID) -> Booking | None:
    """None too for what the own desk took over: the partner is no longer asked about it."""
    rows = Booking.objects.filter(public_id=booking_id).select_related(
        "provider", "booker", "channel", "location", "practitioner", "service"
    )
    booking: Booking | None = rows.first()
    if booking is None or booking.booker_id == booking.provider_id or booking.desk_since:
        return None
    return booking


def _writing(booking: Booking, reader: User, told: ToldAgent) -> Writing:
    language = reader.language if reader.language in OFFERED else "en"
    zone = ZoneInfo(booking.location.time_zone)
    has_address = bool(booking.notify and booking.patient_as_given.get("email"))
    context: dict[str, Any] = {
        "name": reader.name or reader.email,
        "clinic": booking.provider.name,
        "reference": shown_reference(booking.reference),
        "by_client": told.by == "client",
        "place": f"{booking.provider.name}, {booking.location.name}",
        "practitioner": str(booking.practitioner),
        "zone": zone_town(booking.location.time_zone, language),
        "reason": booking.cancel_reason,
        "client_told": told.by == "client" or (told.client_told and has_address),
        "path": f"/o/{booking.booker.slug}/partner/bookings/{booking.public_id}/",
        **_when(booking.starts_at.astimezone(zone), language, ""),
        **(_when(told.before.astimezone(zone), language, "old_") if told.before else {}),
    }
    template = f"partner_booking_{told.act}"
    return Writing(template, reader.email, language, ABOUT, booking.public_id, context)


def _when(local: datetime, language: str, prefix: str) -> dict[str, str]:
    day = weekday_written(local.date(), language)
    return {f"{prefix}day": day, f"{prefix}time": f"{local:%H:%M}"}
