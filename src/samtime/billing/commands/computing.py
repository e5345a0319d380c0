"""A month computed from its bookings, and reviewed; both as often as wanted until it is sent."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.billing.models import SettlementStatement, StatementLine
from samtime.billing.queries.corrections import due_corrections, owed_in
from samtime.billing.queries.sources import counts_in, settled_channels
from samtime.billing.queries.standing import visits
from samtime.billing.queries.statements import blank, one_statement
from samtime.billing.rules import EDITABLE, LineFigures, month_of, totals
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal
from samtime.foundation.periods import local_day
from samtime.journal.commands import Happening, record
from samtime.organizations.queries import home_zone


class StatementFrozen(Refusal):
    """It was sent: its lines stay what they are."""

    code = "statement_frozen"
    status = 409
    sentence = _("This statement was sent. What changes now is corrected in a later month.")


class NoStatement(Refusal):
    """Nothing is settled on this channel (D13)."""

    code = "no_statement"
    status = 409
    sentence = _("No statistics are agreed with this partner for that month: nothing to settle.")


@transaction.atomic
def compute_statement(
    *, actor: Actor, channel: UUID, period: date, now: datetime, currency: str = ""
) -> SettlementStatement:
    """Copy the month's bookings into lines and sum them; again and again until it is sent.

    Refuses: RightMissing, NotFound (foreign channel), NoStatement, Invalid (a month to come),
    StatementFrozen.
    """
    actor.require(Right.EDIT_STATEMENTS)
    found = (
        settled_channels(actor).filter(public_id=channel, provider_id=actor.organization_id).first()
    )
    if found is None:
        raise NotFound(field="channel")
    period = month_of(period)
    if period > month_of(local_day(now, home_zone(actor))):
        raise Invalid(FieldError("period", "period", _("This month has not begun yet.")))
    currency = currency or found.provider.currency
    if not counts_in(found, period) and not owed_in(found, period, currency, now):
        raise NoStatement()
    statement = locked(blank(found, period, currency))
    recompute(actor, statement, now)
    return statement


@transaction.atomic
def review_statement(*, actor: Actor, statement: UUID, now: datetime) -> SettlementStatement:
    """Somebody of the institution looked at it and found it right.

    Refuses: RightMissing, NotFound, StatementFrozen.
    """
    actor.require(Right.EDIT_STATEMENTS)
    found = statement_for_change(actor, statement, now)
    if found.state not in EDITABLE:
        raise StatementFrozen()
    if found.state == "open":
        recompute(actor, found, now)
    mark(found, "reviewed", reviewed_at=now, reviewed_by_id=actor.user_id)
    note(actor, found, "statement.reviewed")
    return found


def statement_for_change(actor: Actor, public_id: UUID, now: datetime) -> SettlementStatement:
    """The provider's statement, stored and locked until the transaction ends. Refuses: NotFound."""
    found = one_statement(actor, public_id, today=local_day(now, home_zone(actor)))
    if found.provider_id != actor.organization_id:
        raise NotFound()
    return locked(found)


def locked(wanted: SettlementStatement) -> SettlementStatement:
    """The month's one row, made when it is not there yet, locked; channel and sides loaded."""
    values: dict[str, Any] = {
        "public_id": wanted.public_id,
        "provider_id": wanted.provider_id,
        "partner_id": wanted.partner_id,
        "number": wanted.number,
    }
    if wanted.pk is None:
        SettlementStatement.objects.get_or_create(
            channel_id=wanted.channel_id,
            period=wanted.period,
            currency=wanted.currency,
            defaults=values,
        )
    rows = SettlementStatement.objects.filter(public_id=wanted.public_id)
    found: SettlementStatement = (
        rows.select_for_update(of=("self",))
        .select_related("channel__provider", "provider", "partner")
        .get()
    )
    return found


def recompute(actor: Actor, statement: SettlementStatement, now: datetime) -> None:
    """Replace the lines of a locked statement. Refuses: StatementFrozen."""
    if statement.state not in EDITABLE:
        raise StatementFrozen()
    statement.lines.all().delete()
    lines = [*visits(statement, now), *due_corrections(statement, now)]
    StatementLine.objects.bulk_create(lines, batch_size=1000)
    put_totals(statement, lines)
    mark(statement, "computed", computed_at=now, reviewed_at=None, reviewed_by_id=None)
    note(actor, statement, "statement.computed", lines=len(lines))


def put_totals(statement: SettlementStatement, lines: list[StatementLine]) -> None:
    """The head's sums, from its lines and nothing else (R8)."""
    found = totals(
        LineFigures(x.kind, x.outcome, x.base_amount, x.commission_amount, x.would_be)
        for x in lines
    )
    statement.bookings, statement.attended = found.bookings, found.attended
    statement.cancelled, statement.no_show = found.cancelled, found.no_show
    statement.base_amount, statement.commission_amount = found.base, found.commission


def mark(statement: SettlementStatement, state: str, **values: object) -> None:
    """The next state, with what goes with it."""
    for name, value in values.items():
        setattr(statement, name, value)
    statement.state, statement.version = state, statement.version + 1
    statement.save()


def note(actor: Actor, statement: SettlementStatement, kind: str, **data: object) -> None:
    """The journal row; both sides see it once the statement was sent."""
    internal = kind in ("statement.computed", "statement.reviewed")
    happening = Happening(
        kind=kind,
        object_kind="statement",
        object_id=statement.public_id,
        organization_id=statement.provider_id,
        other_id=None if internal else statement.partner_id,
        channel_id=statement.channel_id,
        data={"number": statement.number, "version": statement.version, **data},
    )
    record(actor, happening)
