"""A statement sent to the partner, accepted by it, and closed by the institution."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.billing.commands.computing import (
    StatementFrozen,
    mark,
    note,
    recompute,
    statement_for_change,
)
from samtime.billing.commands.telling import done, mail_partner, put_in_inbox
from samtime.billing.models import SettlementStatement, StatementLine
from samtime.billing.queries.sources import has_unsent_before, month_end
from samtime.billing.queries.standing import is_outdated
from samtime.billing.rules import ACCEPTABLE, FROZEN, answer_by
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone


class MonthNotOver(Refusal):
    """Visits are still to come."""

    code = "month_not_over"
    status = 409
    sentence = _("The month is not over yet. Send the statement when its last day has passed.")


class EarlierOpen(Refusal):
    """Months are sent in order, so that corrections find their place."""

    code = "earlier_open"
    status = 409
    sentence = _("An earlier month of this partner has not been sent. Send that one first.")


class StatementOutdated(Refusal):
    """A booking changed, a correction became due or the month ended after it was computed."""

    code = "statement_outdated"
    status = 409
    sentence = _("Something changed since this was computed. Recompute it and look again.")


class DisputesOpen(Refusal):
    """A dispute waits for an answer."""

    code = "disputes_open"
    status = 409
    sentence = _("A dispute is open. It needs an answer first.")


class NotAnswered(Refusal):
    """The partner has not answered, and still has time to."""

    code = "not_answered"
    status = 409
    sentence = _("The partner has not answered yet and still has time to do so.")


class NotSent(Refusal):
    """The state has no such step."""

    code = "state"
    status = 409
    sentence = _("This statement is not in a state for this step.")


@transaction.atomic
def send_statement(*, actor: Actor, statement: UUID, now: datetime) -> SettlementStatement:
    """Freeze the lines and give them to the partner: mail to its managers, item in its inbox.

    An open month is computed first; whoever sends has reviewed it.
    Refuses: RightMissing, NotFound, StatementFrozen (sent already), MonthNotOver, EarlierOpen,
    StatementOutdated.
    """
    actor.require(Right.EDIT_STATEMENTS)
    found = statement_for_change(actor, statement, now)
    if found.state in FROZEN:
        raise StatementFrozen()
    if now < month_end(found.provider_id, found.period):
        raise MonthNotOver()
    if has_unsent_before(found.channel, found.period, found.currency):
        raise EarlierOpen()
    if found.state == "open":
        recompute(actor, found, now)
    else:
        _judge_fresh(found, now)
    StatementLine.objects.filter(statement=found).update(frozen=True)
    if found.reviewed_at is None:
        found.reviewed_at, found.reviewed_by_id = now, actor.user_id
    due = answer_by(local_day(now, home_zone(actor)))
    mark(found, "sent", sent_at=now, answer_by=due)
    mail_partner(actor, found)
    put_in_inbox(found, "statement_waiting", found.partner_id)
    done(found, "statement_due", found.provider_id, now)
    note(actor, found, "statement.sent", commission=found.commission_amount)
    return found


def _judge_fresh(found: SettlementStatement, now: datetime) -> None:
    computed = found.computed_at
    if computed is None or computed < month_end(found.provider_id, found.period):
        raise StatementOutdated()
    if is_outdated(found, now):
        raise StatementOutdated()


@transaction.atomic
def accept_statement(*, actor: Actor, statement: UUID, now: datetime) -> SettlementStatement:
    """The partner agrees with every line.

    Refuses: RightMissing, NotFound (not the partner), DisputesOpen, NotSent.
    """
    actor.require(Right.ANSWER_STATEMENTS)
    found = partner_statement_for_change(actor, statement)
    judge_no_dispute(found)
    if found.state not in ACCEPTABLE:
        raise NotSent()
    mark(found, "accepted", accepted_at=now, accepted_by_id=actor.user_id)
    done(found, "statement_waiting", found.partner_id, now)
    put_in_inbox(found, "statement_accepted", found.provider_id)
    note(actor, found, "statement.accepted")
    return found


@transaction.atomic
def close_statement(*, actor: Actor, statement: UUID, now: datetime) -> SettlementStatement:
    """The month is settled for good; what comes later is corrected in a later month.

    Refuses: RightMissing, NotFound, DisputesOpen, NotAnswered (its time has not passed), NotSent.
    """
    actor.require(Right.EDIT_STATEMENTS)
    found = statement_for_change(actor, statement, now)
    judge_no_dispute(found)
    if found.state not in ("sent", "accepted", "corrected"):
        raise NotSent()
    today = local_day(now, home_zone(actor))
    if found.state == "sent" and found.answer_by and today <= found.answer_by:
        raise NotAnswered()
    mark(found, "closed", closed_at=now)
    for kind, side in CLOSED_WITH.items():
        done(found, kind, found.partner_id if side == "partner" else found.provider_id, now)
    note(actor, found, "statement.closed")
    return found


CLOSED_WITH = {
    "statement_waiting": "partner",
    "dispute_answered": "partner",
    "statement_accepted": "provider",
}


def judge_no_dispute(found: SettlementStatement) -> None:
    """Refuses: DisputesOpen."""
    if found.disputes.filter(state="open").exists():
        raise DisputesOpen()


def partner_statement_for_change(actor: Actor, public_id: UUID) -> SettlementStatement:
    """The partner's side of a sent statement, locked. Refuses: NotFound."""
    rows = SettlementStatement.objects.visible_to(actor).filter(
        public_id=public_id, partner_id=actor.organization_id, state__in=FROZEN
    )
    found: SettlementStatement | None = (
        rows.select_for_update(of=("self",))
        .select_related("channel__provider", "provider", "partner")
        .first()
    )
    if found is None:
        raise NotFound()
    return found
