"""The life of a booking after it was made: move, cancel, arrive, attend, no-show, pay."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.rights import Right
from samtime.bookings.commands.alternatives import with_alternatives
from samtime.bookings.commands.booking import agreed, note_booking
from samtime.bookings.commands.holds import live_hold
from samtime.bookings.commands.overbooking import PLAIN, Knowingly, judge_start, judged
from samtime.bookings.commands.taking import free_together, give_back, take
from samtime.bookings.models import Booking, Hold
from samtime.bookings.queries.agenda import BookingFilter, bookings
from samtime.bookings.queries.judging import span_of
from samtime.bookings.rules import MOVABLE, is_late, may_become
from samtime.channels.queries import BookingTerms, ChannelInactive, terms_for
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal, VersionConflict

METHODS = ("cash", "card", "transfer", "other")
BY = ("provider", "patient", "booker")


class NotPossible(Refusal):
    """The booking's state has no such step."""

    code = "state"
    status = 409
    sentence = _("This appointment can no longer be changed in this way.")


class PastLimit(Refusal):
    """A partner's cancellation or move after the agreed limit."""

    code = "too_late"
    status = 409
    sentence = _("The limit for changing this appointment has passed. Call the institution.")


class AtOwnDesk(Refusal):
    """A partner's change of a booking the institution's own desk has taken over."""

    code = "at_own_desk"
    status = 409
    sentence = _(
        "The institution's own desk looks after this appointment now. Call the institution."
    )


def judge_outsider(actor: Actor, booking: Booking) -> None:
    """After the end of the cooperation an outsider only reads, and so of what the own desk has
    taken over. Refuses: ChannelInactive, AtOwnDesk."""
    if booking.provider_id == actor.organization_id:
        return
    if booking.channel.state == "closed":
        raise ChannelInactive()
    if booking.desk_since is not None:
        raise AtOwnDesk()


class NotYet(Refusal):
    """Attendance before the visit's start."""

    code = "too_early"
    status = 409
    sentence = _("The visit has not begun yet.")


def lock_booking(actor: Actor, public_id: UUID, version: int | None = None) -> Booking:
    """The booking, locked, as this actor may see it. Refuses: NotFound, VersionConflict."""
    rows = bookings(actor, BookingFilter()).filter(public_id=public_id)
    booking: Booking | None = rows.select_for_update(of=("self",)).first()
    if booking is None:
        raise NotFound()
    if version is not None and booking.version != version:
        raise VersionConflict()
    return booking


def change_booking(booking: Booking, **values: object) -> Booking:
    """Write values to a locked booking and count its version."""
    for name, value in values.items():
        setattr(booking, name, value)
    booking.version += 1
    booking.save(update_fields=[*values, "version"])
    return booking


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Where a booking goes: a start, another offering, a hold; `version` guards it.

    `known`: what the own desk overrides. `tell`: whether the patient gets a letter.
    """

    start: datetime
    offering: UUID | None = None
    version: int | None = None
    hold: UUID | None = None
    known: Knowingly = PLAIN
    tell: bool = True


def move_booking(*, actor: Actor, booking: UUID, to: NewPlace, now: datetime) -> Booking:
    """Move to another time; identity and history stay. Another offering is priced anew (D10).

    Refuses: NotFound, VersionConflict, NotPossible, PastLimit, NotListed, OutsideHours, TooLate,
    SlotTaken with three alternatives.
    """
    actor.require(Right.CHANGE_BOOKING)
    known = bookings(actor, BookingFilter()).filter(public_id=booking).first()
    if known is None:
        raise NotFound()
    offering = to.offering or known.offering.public_id
    return with_alternatives(
        actor,
        offering,
        to.start,
        now,
        lambda: _move(actor=actor, booking=booking, to=to, offering=offering, now=now),
    )


@transaction.atomic
def _move(*, actor: Actor, booking: UUID, to: NewPlace, offering: UUID, now: datetime) -> Booking:
    moved = lock_booking(actor, booking, to.version)
    if moved.state not in MOVABLE:
        raise NotPossible()
    _judge_limit(actor, moved, now)
    terms = terms_for(
        actor,
        at=to.start,
        offering_id=offering,
        channel=moved.channel.public_id,
        moving=moved.provider_id == actor.organization_id,
    )
    terms = judged(actor, _kept_length(moved, terms), to.known)
    judge_start(terms, to.start, now, to.known)
    span = span_of(terms, to.start)
    held = _held_for_move(actor, to, now)
    sources = [moved.public_id, *([held.public_id] if held else [])]
    free_together(sources, terms, span.days)
    despite = to.known.despite
    take(terms, span, kind="booking", source_id=moved.public_id, now=now, despite=despite)
    before = moved.starts_at
    values: dict[str, object] = {
        "starts_at": span.start,
        "ends_at": span.end,
        "moved_at": now,
        "sequence": moved.sequence + 1,
        "client_confirmed_at": now if actor.kind == ActorKind.LINK else None,
    }
    if terms.offering_id != moved.offering_id:
        values |= {
            "offering_id": terms.offering_id,
            "calendar_id": terms.calendar_id,
            "service_id": terms.service_id,
            "location_id": terms.location_id,
            "practitioner_id": terms.practitioner_id,
            "billing_organization_id": terms.billing_organization_id,
            **agreed(terms, terms.price),
        }
    change_booking(moved, **values)
    if held is not None:
        held.expires_at = min(held.expires_at, now)
        held.save(update_fields=["expires_at"])
    told = {} if to.tell else {"tell": False}
    trace = to.known.trace()
    note_booking(actor, moved, "booking.moved", before=before.isoformat(), **told, **trace)
    return moved


def _kept_length(booking: Booking, terms: BookingTerms) -> BookingTerms:
    """The same service keeps the length this visit was given, whatever the service takes today."""
    if terms.offering_id != booking.offering_id:
        return terms
    minutes = int((booking.ends_at - booking.starts_at).total_seconds() // 60)
    return replace(terms, duration=minutes)


def _held_for_move(actor: Actor, to: NewPlace, now: datetime) -> Hold | None:
    """The hold that kept the new time while it was read out. Refuses: NotFound, HoldExpired."""
    if to.hold is None:
        return None
    hold = live_hold(actor, to.hold, now, lock=True)
    if hold.starts_at != to.start:
        raise NotFound(field="hold")
    return hold


def _judge_limit(actor: Actor, booking: Booking, now: datetime) -> None:
    """Outsiders keep to the limit; after the end of the cooperation they only read, and what the
    own desk took over is its own to change."""
    own = booking.provider_id == actor.organization_id
    judge_outsider(actor, booking)
    if not own and is_late(booking.starts_at, now, booking.service.cancel_limit_minutes):
        raise PastLimit()


@dataclass(frozen=True, slots=True)
class Said:
    """By whose wish the own desk cancels, and whether the patient gets a letter."""

    by: str = "provider"
    tell: bool = True


@transaction.atomic
def cancel_booking(
    *,
    actor: Actor,
    booking: UUID,
    reason: str,
    now: datetime,
    version: int | None = None,
    said: Said | None = None,
) -> Booking:
    """Cancel and free the time at once; the row stays with who, why and whether late.

    `said`: what only the own desk knows: who wished it, and whether the patient gets a letter.
    Refuses: NotFound, VersionConflict, NotPossible, PastLimit and ChannelInactive (partners),
    Invalid (reason).
    """
    actor.require(Right.CHANGE_BOOKING)
    if len(reason) > 500:
        raise Invalid(FieldError("reason", "too_long", str(_("At most 500 characters."))))
    cancelled = lock_booking(actor, booking, version)
    if not may_become(cancelled.state, "cancelled"):
        raise NotPossible()
    _judge_limit(actor, cancelled, now)
    give_back(cancelled.public_id)
    own = cancelled.provider_id == actor.organization_id
    by = _who(actor, cancelled)
    by = said.by if said and by == "provider" and said.by in BY else by
    change_booking(
        cancelled,
        state="cancelled",
        cancelled_at=now,
        cancelled_by=by,
        cancel_reason=reason,
        cancelled_late=is_late(cancelled.starts_at, now, cancelled.service.cancel_limit_minutes),
        payment_state="not_due",
        sequence=cancelled.sequence + 1,
    )
    told = {"tell": False} if own and said and not said.tell else {}
    note_booking(actor, cancelled, "booking.cancelled", by=by, **told)
    return cancelled


def _who(actor: Actor, booking: Booking) -> str:
    if actor.kind == ActorKind.LINK:
        return "patient"
    return "provider" if booking.provider_id == actor.organization_id else "booker"


def _mark(actor: Actor, public_id: UUID, state: str, now: datetime, reason: str) -> Booking:
    marked = lock_booking(actor, public_id)
    if marked.provider_id != actor.organization_id:
        raise NotFound()
    if not may_become(marked.state, state):
        raise NotPossible()
    if now < marked.starts_at and not (actor.may(Right.SEE_CALENDAR) and reason.strip()):
        raise NotYet()
    values: dict[str, object] = {"state": state}
    if state == "arrived":
        values["arrived_at"] = now
    else:
        values["closed_at"] = now
    return change_booking(marked, **values)


@transaction.atomic
def arrive(*, actor: Actor, booking: UUID, now: datetime, reason: str = "") -> Booking:
    """The patient is here. Before the start only with a reason.

    Refuses: NotFound, NotPossible, NotYet.
    """
    actor.require(Right.MARK_ATTENDANCE)
    marked = _mark(actor, booking, "arrived", now, reason)
    note_booking(actor, marked, "booking.arrived", reason=reason)
    return marked


@transaction.atomic
def fulfil(*, actor: Actor, booking: UUID, now: datetime, reason: str = "") -> Booking:
    """The visit took place.

    Refuses: NotFound, NotPossible, NotYet.
    """
    actor.require(Right.MARK_ATTENDANCE)
    marked = _mark(actor, booking, "fulfilled", now, reason)
    note_booking(actor, marked, "booking.fulfilled", reason=reason)
    return marked


@transaction.atomic
def mark_no_show(*, actor: Actor, booking: UUID, now: datetime, reason: str = "") -> Booking:
    """Nobody came.

    Refuses: NotFound, NotPossible, NotYet.
    """
    actor.require(Right.MARK_ATTENDANCE)
    marked = _mark(actor, booking, "noshow", now, reason)
    note_booking(actor, marked, "booking.no_show", reason=reason)
    return marked


@transaction.atomic
def record_payment(
    *, actor: Actor, booking: UUID, method: str, amount: int, now: datetime
) -> Booking:
    """The patient paid at the institution. Minor units of the booking's currency.

    Refuses: NotFound, NotPossible (paid at the partner, cancelled), Invalid.
    """
    actor.require(Right.TAKE_PAYMENT)
    paid = lock_booking(actor, booking)
    if paid.provider_id != actor.organization_id:
        raise NotFound()
    if method not in METHODS:
        raise Invalid(FieldError("method", "method", str(_("Choose how it was paid."))))
    if not 0 < amount <= paid.price_amount:
        raise Invalid(FieldError("amount", "amount", str(_("More than the price, or nothing."))))
    if paid.payment_state != "due_at_institution" or paid.state == "cancelled":
        raise NotPossible()
    full = amount == paid.price_amount
    change_booking(
        paid,
        paid_amount=amount,
        paid_method=method,
        payment_state="paid_at_institution" if full else "due_at_institution",
    )
    note_booking(actor, paid, "booking.paid", method=method)
    return paid
