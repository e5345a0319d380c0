"""Months that must be settled although nobody booked in them: a correction is owed."""

from datetime import date

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from samtime.accounts.actor import Actor
from samtime.billing.models import LineDispute, SettlementStatement, StatementLine
from samtime.billing.rules import FROZEN, next_month


def owed_months(actor: Actor) -> dict[tuple[int, date], set[str]]:
    """Currencies by channel and month: the month after the last one sent, where an accepted dispute
    waits for its correction; also when the relationship ended meanwhile. One query."""
    lines = StatementLine.objects.filter(booking=OuterRef("booking"), frozen=True)
    given = lines.values("booking").annotate(s=Sum("commission_amount")).values("s")
    sent = SettlementStatement.objects.filter(
        channel=OuterRef("statement__channel_id"),
        currency=OuterRef("statement__currency"),
        state__in=FROZEN,
    )
    waiting = (
        LineDispute.objects.visible_to(actor)
        .filter(state="accepted")
        .annotate(
            given=Coalesce(Subquery(given), 0),
            last=Subquery(sent.order_by("-period").values("period")[:1]),
        )
        .exclude(agreed_amount=F("given"))
    )
    found: dict[tuple[int, date], set[str]] = {}
    for channel, currency, last in waiting.values_list(
        "statement__channel_id", "statement__currency", "last"
    ):
        found.setdefault((channel, next_month(last)), set()).add(currency)
    return found
