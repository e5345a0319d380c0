"""What a patient does by his link: say who he is, confirm, move, cancel, ask about his data.

The door has asked for the birth date before it calls any of the acts.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import system_actor
from samtime.accounts.rights import Right
from samtime.accounts.tokens import Tried, answer_question
from samtime.bookings.commands.booking import note_booking
from samtime.bookings.commands.changes import NewPlace, NotPossible, cancel_booking, move_booking
from samtime.bookings.commands.holds import HoldExpired, hold_slot
from samtime.bookings.models import Booking, Hold
from samtime.bookings.queries.patient_link import PatientLink, kept_time
from samtime.bookings.rules import shown_reference
from samtime.calendars.models import Offering
from samtime.foundation.errors import FieldError, Invalid, NotFound, RateLimited, Refusal
from samtime.inbox.commands import raise_item
from samtime.journal.commands import Access, Happening, log_access, record
from samtime.journal.queries import count_since

HOLDS_IN_TEN_MINUTES, LINKS_AN_HOUR = 20, 3
LINK_WANTED = "booking.link_wanted"
ABOUT_DATA = {"ask": "data_question", "object": "data_objection"}


class PastOwnLimit(Refusal):
    """The time in which the patient may change by himself is over."""

    code = "too_late"
    status = 409
    sentence = _("It is too late to change this here. Please call us.")


def identify(*, link: PatientLink, day: date | None, digits: str, now: datetime) -> Tried:
    """Whether the person behind the link knows the birth date; five tries, then a pause (P14)."""
    link.actor.require(Right.ACT_BY_LINK)
    right = link.is_answered_by(day, digits)
    return answer_question(token=link.token, right=right, now=now)


def note_own_reading(*, link: PatientLink) -> None:
    """The patient looks at his own booking: a reading like any other (P12)."""
    link.actor.require(Right.ACT_BY_LINK)
    booking = link.booking
    seen = Access(booking.provider_id, (booking.patient_id,), "opened", "own_link")
    log_access(link.actor, seen)


@transaction.atomic
def confirm_by_client(*, link: PatientLink, now: datetime) -> Booking:
    """«I will come.» Said twice it stays said once.

    Refuses: NotPossible (cancelled meanwhile, over).
    """
    link.actor.require(Right.ACT_BY_LINK)
    booking = Booking.objects.select_for_update().get(id=link.booking.id)
    if not (booking.state in ("pending", "booked") and now < booking.starts_at):
        raise NotPossible()
    if booking.client_confirmed_at is None:
        booking.client_confirmed_at = now
        booking.save(update_fields=["client_confirmed_at"])
        note_booking(link.actor, booking, "booking.confirmed_by_client")
    confirmed: Booking = booking
    return confirmed


@transaction.atomic
def cancel_by_client(*, link: PatientLink, reason: str, now: datetime) -> Booking:
    """Cancel within the limit; the time is free at once.

    Refuses: PastOwnLimit, NotPossible, Invalid (reason).
    """
    link.actor.require(Right.ACT_BY_LINK)
    _judge(link, now)
    return cancel_booking(
        actor=link.as_desk, booking=link.booking.public_id, reason=reason, now=now
    )


def keep_time(*, link: PatientLink, offering: UUID, start: datetime, now: datetime) -> Hold:
    """Keep another time five minutes while the patient reads; the one kept before goes.

    Refuses: PastOwnLimit, NotPossible, NotFound (another service or place), RateLimited, and as
    `hold_slot`: SlotTaken with three alternatives.
    """
    link.actor.require(Right.ACT_BY_LINK)
    _judge(link, now)
    booking = link.booking
    wanted = Offering.objects.filter(
        public_id=offering,
        service_id=booking.service_id,
        calendar__location_id=booking.location_id,
        provider_id=booking.provider_id,
    )
    if not wanted.exists():
        raise NotFound(field="offering")
    lately = Hold.objects.filter(
        moves=booking.public_id, created_at__gt=now - timedelta(minutes=10)
    )
    if lately.count() >= HOLDS_IN_TEN_MINUTES:
        raise RateLimited(retry_after=600)
    kept = kept_time(link, now)
    return hold_slot(
        actor=link.as_desk,
        offering=offering,
        start=start,
        now=now,
        instead_of=kept.public_id if kept else None,
        moves=booking.public_id,
    )


def move_by_client(*, link: PatientLink, now: datetime) -> Booking:
    """Move to the time that is kept. Identity and reference stay.

    Refuses: PastOwnLimit, NotPossible, HoldExpired, SlotTaken with three alternatives.
    """
    link.actor.require(Right.ACT_BY_LINK)
    _judge(link, now)
    kept = kept_time(link, now)
    if kept is None:
        raise HoldExpired()
    to = NewPlace(kept.starts_at, offering=kept.offering.public_id, hold=kept.public_id)
    return move_booking(actor=link.as_desk, booking=link.booking.public_id, to=to, now=now)


def _judge(link: PatientLink, now: datetime) -> None:
    if not link.is_open(now):
        raise NotPossible()
    if not link.may_change(now):
        raise PastOwnLimit()


@dataclass(frozen=True, slots=True)
class AboutData:
    """A question («ask») or an objection («object») to how somebody used one's data."""

    act: str
    text: str


@transaction.atomic
def write_about_data(*, link: PatientLink, about: AboutData, now: datetime) -> None:
    """Put the patient's words into the clinic's inbox; written again they replace the former.

    Refuses: Invalid (nothing written, too long).
    """
    link.actor.require(Right.ACT_BY_LINK)
    if about.act not in ABOUT_DATA or not about.text.strip():
        raise Invalid(FieldError("text", "missing", _("Write what you want to know or change.")))
    if len(about.text) > 1000:
        raise Invalid(FieldError("text", "too_long", _("At most 1,000 characters.")))
    booking = link.booking
    raise_item(
        system_actor(booking.provider_id),
        kind=ABOUT_DATA[about.act],
        object_kind="booking",
        object_id=booking.public_id,
        facts={"reference": shown_reference(booking.reference), "text": about.text.strip()},
        link=f"bookings/{booking.public_id}/",
        due_at=now + timedelta(days=30),
    )
    note_booking(link.actor, booking, "booking.data_asked", act=about.act)


@transaction.atomic
def ask_for_fresh_link(*, link: PatientLink, now: datetime) -> None:
    """A new link, mailed to the address the clinic knows and to no other.

    Refuses: RateLimited (three an hour).
    """
    link.actor.require(Right.ACT_BY_LINK)
    booking = link.booking
    since = now - timedelta(hours=1)
    if count_since(link.actor, booking.public_id, LINK_WANTED, since) >= LINKS_AN_HOUR:
        raise RateLimited(retry_after=3600)
    happening = Happening(
        kind=LINK_WANTED,
        object_kind="booking",
        object_id=booking.public_id,
        organization_id=booking.provider_id,
        channel_id=booking.channel_id,
    )
    record(link.actor, happening)
