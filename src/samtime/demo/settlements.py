"""Last month settled between Aurora and Hello, one line disputed; Duna's month waits to be sent."""

from datetime import datetime, timedelta

from samtime.billing.commands import (
    compute_statement,
    dispute_line,
    note_due_statements,
    review_statement,
    send_statement,
)
from samtime.billing.commands.disputing import Claim
from samtime.billing.models import SettlementStatement
from samtime.billing.queries.statements import lines_of
from samtime.channels.models import Channel
from samtime.demo.partnerships import admin_of
from samtime.foundation.periods import local_day
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.models import Organization
from samtime.organizations.queries import home_zone

SAID = "Ne-a spus la telefon că a fost la clinică, cu întârziere. Test: clienta a fost văzută."


def make(made: dict[str, Organization], now: datetime) -> None:
    """Through the commands, as the people of the town would."""
    aurora, hello, duna = made["aurora"], made["hello"], made["duna"]
    with viewing_as(aurora.id):
        statement = _sent(aurora, hello, now)
    if statement is not None:
        with viewing_as(hello.id):
            _disputed(hello, statement, now)
    with viewing_as(duna.id):
        note_due_statements(actor=admin_of(duna), now=now)


def _sent(
    provider: Organization, partner: Organization, now: datetime
) -> SettlementStatement | None:
    actor = admin_of(provider)
    channel = Channel.objects.filter(provider=provider, outsider=partner).first()
    if channel is None:
        return None
    today = local_day(now, home_zone(actor))
    last_month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    found = compute_statement(actor=actor, channel=channel.public_id, period=last_month, now=now)
    review_statement(actor=actor, statement=found.public_id, now=now)
    return send_statement(actor=actor, statement=found.public_id, now=now)


def _disputed(partner: Organization, statement: SettlementStatement, now: datetime) -> None:
    actor = admin_of(partner)
    shown = lines_of(actor, statement, now=now)
    line = next((s.line for s in shown if s.line.outcome == "noshow"), None)
    if line is None:
        return
    dispute_line(
        actor=actor,
        statement=statement.public_id,
        line=line.public_id,
        claim=Claim("wrong_outcome", line.would_be, SAID),
        now=now,
    )
