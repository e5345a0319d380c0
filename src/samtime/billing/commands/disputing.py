"""The partner disputes a line or misses a booking; the institution answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.billing.commands.computing import mark, note, statement_for_change
from samtime.billing.commands.sending import NotSent, partner_statement_for_change
from samtime.billing.commands.telling import done, put_in_inbox
from samtime.billing.models import LineDispute, SettlementStatement, StatementLine
from samtime.billing.queries.sources import in_months, places_by_zone
from samtime.billing.queries.statements import one_dispute
from samtime.billing.rules import DISPUTABLE, REASONS, agreed_total
from samtime.bookings.models import Booking
from samtime.bookings.rules import spoken_reference
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal

LONGEST = 1000


class AlreadyDisputed(Refusal):
    """Once per booking and statement."""

    code = "already_disputed"
    status = 409
    sentence = _("This booking was disputed in this statement already.")


class DisputeClosed(Refusal):
    """It has its answer."""

    code = "dispute_answered"
    status = 409
    sentence = _("This dispute has been answered already.")


@dataclass(frozen=True, slots=True)
class Claim:
    """What is wrong, the commission it should be (minor units), and why."""

    reason: str
    wanted: int | None
    text: str


@transaction.atomic
def dispute_line(
    *, actor: Actor, statement: UUID, line: UUID, claim: Claim, now: datetime
) -> LineDispute:
    """Say that a line is wrong.

    Refuses: RightMissing, NotFound, NotSent, AlreadyDisputed, Invalid (reason, value, text).
    """
    actor.require(Right.ANSWER_STATEMENTS)
    found = partner_statement_for_change(actor, statement)
    rows = StatementLine.objects.visible_to(actor).filter(statement=found, public_id=line)
    disputed: StatementLine | None = rows.select_related("booking").first()
    if disputed is None:
        raise NotFound(field="line")
    _judge(claim, allowed=REASONS[:-1], price=disputed.price_amount)
    return _raise(actor, found, disputed.booking, claim, now, line=disputed)


@transaction.atomic
def claim_missing_booking(
    *, actor: Actor, statement: UUID, reference: str, claim: Claim, now: datetime
) -> LineDispute:
    """Say that a booking of the month, or of an earlier one, is missing.

    Refuses: RightMissing, NotFound, NotSent, AlreadyDisputed, Invalid (reference unknown, of a
    later month, or settled already; value; text).
    """
    actor.require(Right.ANSWER_STATEMENTS)
    found = partner_statement_for_change(actor, statement)
    rows = Booking.objects.visible_to(actor).filter(
        reference=spoken_reference(reference), channel=found.channel, currency=found.currency
    )
    booking: Booking | None = rows.first()
    if booking is None:
        sentence = _("No booking of yours at this institution has this number.")
        raise Invalid(FieldError("reference", "unknown", sentence))
    _judge_missing(found, booking)
    _judge(claim, allowed=("missing",), price=booking.price_amount)
    return _raise(actor, found, booking, claim, now)


def _judge_missing(found: SettlementStatement, booking: Booking) -> None:
    zones = places_by_zone(found.provider_id)
    lines = StatementLine.objects.filter(booking=booking, frozen=True)
    held = lines.select_related("statement").first()
    if held is not None:
        month = f"{held.statement.period:%Y-%m}"
        sentence = str(_("This booking is on the statement of %(month)s.")) % {"month": month}
        raise Invalid(FieldError("reference", "settled", sentence))
    earliest = found.period.replace(year=found.period.year - 5)
    until = in_months(zones, earliest, found.period)
    if not Booking.objects.filter(until, pk=booking.pk).exists():
        sentence = str(_("This booking is of a later month and will be on that statement."))
        raise Invalid(FieldError("reference", "later", sentence))


def _judge(claim: Claim, *, allowed: tuple[str, ...], price: int) -> None:
    faults = []
    if claim.reason not in allowed:
        faults.append(FieldError("reason", "reason", _("Choose what is wrong.")))
    if claim.wanted is None or claim.wanted < 0:
        sentence = _("Write the commission this line should have, for example 45.00.")
        faults.append(FieldError("wanted", "amount", sentence))
    elif claim.wanted > price:
        sentence = _("A commission cannot be more than the price of the visit.")
        faults.append(FieldError("wanted", "amount", sentence))
    if not claim.text.strip():
        faults.append(FieldError("text", "missing", _("Say in a sentence what happened.")))
    elif len(claim.text) > LONGEST:
        faults.append(FieldError("text", "too_long", _("At most 1,000 characters.")))
    if faults:
        raise Invalid(*faults)


def _raise(
    actor: Actor,
    found: SettlementStatement,
    booking: Booking,
    claim: Claim,
    now: datetime,
    line: StatementLine | None = None,
) -> LineDispute:
    if found.state not in DISPUTABLE:
        raise NotSent()
    if LineDispute.objects.filter(statement=found, booking=booking).exists():
        raise AlreadyDisputed()
    made = LineDispute.objects.create(
        statement=found,
        provider_id=found.provider_id,
        partner_id=found.partner_id,
        line=line,
        booking=booking,
        reason=claim.reason,
        wanted_amount=claim.wanted or 0,
        text=claim.text.strip(),
        raised_at=now,
        raised_by_id=actor.user_id,
    )
    mark(found, "disputed")
    done(found, "statement_waiting", found.partner_id, now)
    put_in_inbox(found, "statement_disputed", found.provider_id)
    note(actor, found, "statement.disputed", dispute=str(made.public_id), reason=claim.reason)
    dispute: LineDispute = made
    return dispute


@transaction.atomic
def answer_dispute(
    *, actor: Actor, dispute: UUID, accept: bool, reason: str, now: datetime
) -> LineDispute:
    """Accept it, so that a later month corrects the line, or decline it with a reason.

    Refuses: RightMissing, NotFound, DisputeClosed, Invalid (a refusal without reason).
    """
    actor.require(Right.EDIT_STATEMENTS)
    known = one_dispute(actor, dispute)
    statement = statement_for_change(actor, known.statement.public_id, now)
    answered = LineDispute.objects.select_related("line").get(pk=known.pk)
    if answered.state != "open":
        raise DisputeClosed()
    if len(reason) > LONGEST:
        raise Invalid(FieldError("answer", "too_long", _("At most 1,000 characters.")))
    if not accept and not reason.strip():
        raise Invalid(FieldError("answer", "missing", _("Say why the line stays as it is.")))
    answered.state = "accepted" if accept else "declined"
    answered.answer, answered.answered_at = reason.strip(), now
    answered.answered_by_id = actor.user_id
    if accept:
        answered.agreed_amount = _agreed(answered)
    answered.save()
    if not statement.disputes.filter(state="open").exists():
        mark(statement, "corrected")
        done(statement, "statement_disputed", statement.provider_id, now)
        put_in_inbox(statement, "dispute_answered", statement.partner_id)
    note(actor, statement, "statement.dispute_answered", accepted=accept)
    found: LineDispute = answered
    return found


def _agreed(dispute: LineDispute) -> int:
    """What the booking is worth in all once its line has the wanted value."""
    lines = StatementLine.objects.filter(booking_id=dispute.booking_id, frozen=True)
    settled = lines.aggregate(total=Sum("commission_amount"))["total"] or 0
    line = dispute.line.commission_amount if dispute.line else 0
    return agreed_total(settled, line, dispute.wanted_amount)
