"""Nothing silent: a month that is over and was not sent stands in the institution's inbox."""

from datetime import datetime, timedelta

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.billing.commands.telling import put_in_inbox
from samtime.billing.queries.sources import month_is_over
from samtime.billing.queries.statements import month_rows
from samtime.billing.rules import EDITABLE
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone


@transaction.atomic
def note_due_statements(*, actor: Actor, now: datetime) -> int:
    """Put every unsent month of the last half year that is over into the inbox; how many.

    Run by the daily sweep; twice changes nothing.
    """
    actor.require(Right.EDIT_STATEMENTS)
    today = local_day(now, home_zone(actor))
    rows = month_rows(actor, now=now, today=today, side="provider")
    due = [
        row.statement
        for row in rows
        if row.statement.state in EDITABLE
        and month_is_over(actor.organization_id, row.statement.period, now)
    ]
    for statement in due:
        statement.answer_by = statement.answer_by or today + timedelta(days=7)
        put_in_inbox(statement, "statement_due", actor.organization_id)
    return len(due)
