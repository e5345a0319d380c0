"""The panel of a held time beside the calendars, and what became of one that is held no longer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from samtime.accounts.actor import Actor
from samtime.bookings.models import Booking, Hold
from samtime.bookings.queries.agenda import one_booking
from samtime.bookings.queries.held import one_hold
from samtime.channels.queries import BookingTerms, terms_for
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.money import Money
from samtime.web.form_state import FormState
from samtime.web.patient_form import language_choices


def booked_already(actor: Actor, hold_id: UUID) -> Booking | None:
    """The booking that was made of a hold, which has its id (D3): a second press leads to it."""
    try:
        made = one_booking(actor, hold_id)
    except NotFound:
        return None
    return made if made.booker_id == actor.organization_id else None


def current_hold(
    actor: Actor, state: FormState, asked: UUID | None, now: datetime
) -> tuple[Hold | None, BookingTerms | None]:
    """The held time and its terms; where it may no longer be booked the reason, and neither."""
    current = one_hold(actor, asked, now=now) if asked else None
    if current is None:
        return None, None
    channel = current.channel.public_id
    try:
        return current, terms_for(
            actor, at=current.starts_at, internal_id=current.offering_id, channel=channel
        )
    except Refusal as withdrawn:
        if withdrawn.detail not in state.general:
            state.refuse(withdrawn)
        return None, None


def panel_of(actor: Actor, current: Hold | None, now: datetime) -> dict[str, Any]:
    """The held time beside the columns."""
    if current is None:
        return {"hold": None, "languages": language_choices()}
    return {
        "hold": current,
        "hold_seconds": int((current.expires_at - now).total_seconds()),
        "hold_price": Money(current.price_amount, current.currency),
        "hold_service": current.offering.service.name_in(actor.language),
        "languages": language_choices(),
    }
