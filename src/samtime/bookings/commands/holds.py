"""Holding a time while the patient's details are typed in (D3)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.rights import Right
from samtime.bookings.commands.alternatives import with_alternatives
from samtime.bookings.commands.taking import free_together, give_back, judge_moment, take
from samtime.bookings.models import Hold
from samtime.bookings.queries.judging import Span, span_of
from samtime.bookings.rules import HOLD_MINUTES, MOST_HOLDS
from samtime.calendars.models import Allocation
from samtime.channels.queries import BookingTerms, terms_for
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.prepared import insert
from samtime.journal.commands import Happening, record


class TooManyHolds(Refusal):
    """Three at most per user; names the three."""

    code = "too_many_holds"
    status = 409
    sentence = _("You hold three times already. Let one go first.")


class HoldExpired(Refusal):
    """The hold ended, or was used."""

    code = "hold_expired"
    status = 409
    sentence = _("The time is no longer held. If it is still free, hold it again.")


class AlreadyExtended(Refusal):
    """A hold can be kept longer once."""

    code = "already_extended"
    status = 409
    sentence = _("A time can be kept five minutes longer only once.")


def hold_slot(
    *,
    actor: Actor,
    offering: UUID,
    start: datetime,
    now: datetime,
    channel: UUID | None = None,
    instead_of: UUID | None = None,
    moves: UUID | None = None,
) -> Hold:
    """Keep a free time for the actor's organization, five minutes.

    `instead_of`: a hold let go in the same step; when the new time is refused it stays.
    `moves`: the booking that a patient wants to move; his link keeps one time, not three.
    Refuses: NotFound, NotListed, ChannelInactive, ChannelAmbiguous, TooManyHolds, OutsideHours,
    TooLate, SlotTaken with three alternatives.
    """
    actor.require_any(Right.BOOK, Right.BOOK_AT_PARTNER)
    return with_alternatives(
        actor,
        offering,
        start,
        now,
        lambda: _hold(actor, Wanted(offering, start, channel, instead_of, moves), now),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to hold, and instead of which other hold."""

    offering: UUID
    start: datetime
    channel: UUID | None = None
    instead_of: UUID | None = None
    moves: UUID | None = None


@transaction.atomic
def _hold(actor: Actor, wanted: Wanted, now: datetime) -> Hold:
    start = wanted.start
    terms = terms_for(actor, at=start, offering_id=wanted.offering, channel=wanted.channel)
    judge_moment(terms, start, now)
    span = span_of(terms, start)
    _let_go_first(actor, wanted.instead_of, terms, span, now)
    if actor.kind != ActorKind.LINK:
        _judge_number(actor, now)
    hold = Hold(
        public_id=uuid.uuid4(),
        provider_id=terms.provider_id,
        holder_id=actor.organization_id,
        user_id=actor.user_id,
        channel_id=terms.channel_id,
        offering_id=terms.offering_id,
        starts_at=span.start,
        ends_at=span.end,
        price_amount=terms.price,
        currency=terms.currency,
        expires_at=now + timedelta(minutes=HOLD_MINUTES),
        moves=wanted.moves,
    )
    take(terms, span, kind="hold", source_id=hold.public_id, now=now, expires_at=hold.expires_at)
    insert(hold)
    _note(actor, hold, "booking.held")
    return hold


def _let_go_first(
    actor: Actor, instead_of: UUID | None, terms: BookingTerms, span: Span, now: datetime
) -> None:
    if instead_of is None:
        return
    rows = Hold.objects.filter(holder_id=actor.organization_id, public_id=instead_of)
    old: Hold | None = rows.select_for_update().first()
    if old is None or old.expires_at <= now:
        return
    free_together([old.public_id], terms, span.days)
    old.expires_at = now
    old.save(update_fields=["expires_at"])
    _note(actor, old, "booking.released")


def _judge_number(actor: Actor, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7, %s)", [(actor.user_id or 0) % 2**31])
    mine = Hold.objects.filter(user=actor.user_id, expires_at__gt=now)
    held = list(mine.order_by("expires_at").values_list("public_id", "starts_at")[:MOST_HOLDS])
    if len(held) >= MOST_HOLDS:
        raise TooManyHolds(holds=[{"id": str(i), "start": s.isoformat()} for i, s in held])


def live_hold(actor: Actor, public_id: UUID, now: datetime, *, lock: bool = False) -> Hold:
    """A hold of the actor's organization that still keeps its time.

    Refuses: NotFound (not ours), HoldExpired.
    """
    rows = Hold.objects.filter(holder_id=actor.organization_id, public_id=public_id)
    if lock:
        rows = rows.select_for_update()
    hold: Hold | None = rows.first()
    if hold is None:
        raise NotFound()
    if hold.expires_at <= now:
        raise HoldExpired()
    return hold


@transaction.atomic
def extend_hold(*, actor: Actor, hold: UUID, now: datetime) -> Hold:
    """Keep five more minutes, once.

    Refuses: NotFound, HoldExpired, AlreadyExtended.
    """
    actor.require_any(Right.BOOK, Right.BOOK_AT_PARTNER)
    kept = live_hold(actor, hold, now, lock=True)
    if kept.extended:
        raise AlreadyExtended()
    kept.extended = True
    kept.expires_at += timedelta(minutes=HOLD_MINUTES)
    kept.save(update_fields=["extended", "expires_at"])
    held = Allocation.objects.filter(source_id=kept.public_id, kind="hold")
    if not held.update(expires_at=kept.expires_at):
        raise HoldExpired()
    return kept


@transaction.atomic
def release_hold(*, actor: Actor, hold: UUID, now: datetime) -> None:
    """Let the time go. One that is gone already, or booked, stays what it is.

    Refuses: NotFound.
    """
    actor.require_any(Right.BOOK, Right.BOOK_AT_PARTNER)
    rows = Hold.objects.filter(holder_id=actor.organization_id, public_id=hold)
    kept = rows.select_for_update().first()
    if kept is None:
        raise NotFound()
    over = kept.expires_at <= now
    give_back(kept.public_id, kind="hold")
    if over:
        return
    kept.expires_at = now
    kept.save(update_fields=["expires_at"])
    _note(actor, kept, "booking.released")


def _note(actor: Actor, hold: Hold, kind: str) -> None:
    happening = Happening(
        kind=kind,
        object_kind="hold",
        object_id=hold.public_id,
        organization_id=hold.provider_id,
        other_id=hold.holder_id,
        channel_id=hold.channel_id,
    )
    record(actor, happening)
