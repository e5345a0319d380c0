"""Who is told about a statement: letters to the partner's people, items in both inboxes."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.conf import settings

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.billing.models import SettlementStatement
from samtime.billing.queries.statements import people_who
from samtime.foundation.money import Money
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.mailbox.commands import Writing, send_mail
from samtime.mailbox.rules import day_written, money_written

OFFERED = ("en", "nb", "ro", "hu")


def mail_partner(actor: Actor, statement: SettlementStatement) -> None:
    """One letter to everybody at the partner who may answer, each in his language."""
    for person in people_who(statement.partner_id, Right.ANSWER_STATEMENTS):
        language = person.language if person.language in OFFERED else "en"
        writing = Writing(
            template="statement_sent",
            recipient=person.email,
            language=language,
            about_kind="statement",
            about_id=statement.public_id,
            context=_facts(statement, language, person.name),
        )
        send_mail(actor=actor, writing=writing)


def _facts(statement: SettlementStatement, language: str, name: str) -> dict[str, Any]:
    owed = Money(statement.commission_amount, statement.currency)
    path = f"/o/{statement.partner.slug}/partner/statements/{statement.public_id}/"
    due = statement.answer_by
    return {
        "name": name,
        "institution": statement.provider.name,
        "month": month_name(statement, language),
        "bookings": statement.bookings,
        "commission": money_written(owed, language),
        "day": day_written(due, language),
        "link": f"{settings.BASE_URL}{path}",
    }


def month_name(statement: SettlementStatement, language: str) -> str:
    """«October 2026» in a language."""
    return format_date(statement.period, "LLLL y", locale=language)


def put_in_inbox(statement: SettlementStatement, kind: str, organization_id: int) -> None:
    """An item for one of the two sides, with the way to the statement."""
    own = organization_id == statement.provider_id
    other = statement.partner if own else statement.provider
    path = "statements" if own else "partner/statements"
    due = statement.answer_by
    with viewing_as(organization_id):
        raise_item(
            system_actor(organization_id),
            kind=kind,
            object_kind="statement",
            object_id=statement.public_id,
            facts={"name": other.name, "month": f"{statement.period:%Y-%m}"},
            link=f"{path}/{statement.public_id}/",
            due_at=datetime.combine(due, time(12), ZoneInfo("UTC")) if due else None,
        )


def done(statement: SettlementStatement, kind: str, organization_id: int, now: datetime) -> None:
    """The cause is gone on that side."""
    with viewing_as(organization_id):
        resolve_by_cause(
            organization_id=organization_id,
            kind=kind,
            object_id=statement.public_id,
            now=now,
        )
