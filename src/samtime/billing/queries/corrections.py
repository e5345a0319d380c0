"""What sent statements owe: bookings worth something else by now than sent lines gave for them.

An outcome changed after sending, a price corrected, an accepted dispute, a visit moved into a sent
month: each becomes a line of money in the month after the last one sent, whether or not anybody
booked in it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from samtime.accounts.actor import Actor
from samtime.billing.models import SettlementStatement, StatementLine
from samtime.billing.queries.sources import changed_since
from samtime.billing.rules import FROZEN, Visit, correction, next_month, outcome
from samtime.channels.models import Channel
from samtime.foundation.periods import local_day
from samtime.foundation.prepared import fetch

# The same worth as in `changed_since`, for every channel of an organization in one pass.
OWED = """
WITH sent AS (
  SELECT channel_id, currency, min(period) AS first, max(period) AS last
  FROM billing_settlementstatement
  WHERE state = ANY(%(frozen)s) AND (provider_id = %(org)s OR partner_id = %(org)s)
  GROUP BY channel_id, currency
), given AS (
  SELECT booking_id, sum(commission_amount)::bigint AS settled
  FROM billing_statementline
  WHERE frozen AND (provider_id = %(org)s OR partner_id = %(org)s)
  GROUP BY booking_id
), agreed AS (
  SELECT DISTINCT ON (booking_id) booking_id, agreed_amount
  FROM billing_linedispute
  WHERE state = 'accepted' AND (provider_id = %(org)s OR partner_id = %(org)s)
  ORDER BY booking_id, answered_at DESC, id DESC
), valued AS (
  SELECT b.channel_id, b.currency, s.last, coalesce(g.settled, 0) AS settled,
    CASE
      WHEN a.agreed_amount IS NOT NULL THEN a.agreed_amount
      WHEN b.state IN ('cancelled', 'noshow') OR b.starts_at > %(now)s THEN 0
      ELSE b.commission_amount
    END AS worth
  FROM bookings_booking b
  JOIN sent s ON s.channel_id = b.channel_id AND s.currency = b.currency
  JOIN organizations_location p ON p.id = b.location_id
  LEFT JOIN given g ON g.booking_id = b.id
  LEFT JOIN agreed a ON a.booking_id = b.id
  WHERE g.booking_id IS NOT NULL
    OR date_trunc('month', b.starts_at AT TIME ZONE p.time_zone)::date BETWEEN s.first AND s.last
)
SELECT channel_id, currency, last, count(*), sum(worth - settled)::bigint
FROM valued WHERE worth <> settled
GROUP BY channel_id, currency, last
"""


@dataclass(frozen=True, slots=True)
class Owed:
    """Corrections that wait on a channel: how many bookings, and the sum in minor units."""

    currency: str
    count: int
    amount: int


def owed_months(actor: Actor, now: datetime) -> dict[tuple[int, date], dict[str, Owed]]:
    """What is owed by channel and month, then by currency; also when the relationship ended
    meanwhile. One query over what was settled so far."""
    values = {"org": actor.organization_id, "frozen": list(FROZEN), "now": now}
    found: dict[tuple[int, date], dict[str, Owed]] = defaultdict(dict)
    for channel, currency, last, count, amount in fetch(OWED, values, hashed=True):
        found[channel, next_month(last)][currency] = Owed(currency, count, amount)
    return dict(found)


def owed_in(channel: Channel, period: date, currency: str, now: datetime) -> bool:
    """Whether the month is the one in which the channel's corrections are due, and some are."""
    is_next = correction_month(channel, currency) == period
    return is_next and changed_since(channel, currency, now).exists()


def correction_month(channel: Channel, currency: str) -> date | None:
    """The month that corrects what was sent: the one after the last sent; None before any was."""
    rows = SettlementStatement.objects.filter(
        channel=channel, currency=currency, state__in=FROZEN
    ).order_by("-period")
    last: date | None = rows.values_list("period", flat=True).first()
    return next_month(last) if last else None


def due_corrections(statement: SettlementStatement, now: datetime) -> list[StatementLine]:
    """What changed since earlier months were sent: one line per booking, money only; not stored."""
    rows: Any = changed_since(statement.channel, statement.currency, now)
    return [_correction(statement, booking, now) for booking in rows]


def changed_after_sending(statement: SettlementStatement, now: datetime) -> tuple[int, int]:
    """Of a sent statement's bookings: how many are worth something else by now, and the sum of the
    changes in minor units."""
    rows: Any = changed_since(statement.channel, statement.currency, now)
    held = StatementLine.objects.filter(statement=statement).values("booking")
    changes = [b.worth - b.settled for b in rows.filter(pk__in=held)]
    return len(changes), sum(changes)


def line_of(
    statement: SettlementStatement, booking: Any, now: datetime, **more: Any
) -> StatementLine:
    """A booking as a line, as it stands now, with its kind and amounts; not stored."""
    return StatementLine(
        statement=statement,
        provider_id=statement.provider_id,
        partner_id=statement.partner_id,
        booking=booking,
        outcome=outcome(booking.state, booking.starts_at, now),
        state=booking.state,
        starts_at=booking.starts_at,
        on=local_day(booking.starts_at, booking.location.time_zone),
        reference=booking.reference,
        service_name=booking.service.name,
        location=booking.location,
        payment_place=booking.payment_place,
        price_amount=booking.price_amount,
        commission_kind=booking.commission_kind,
        commission_rate=booking.commission_rate,
        would_be=booking.commission_amount,
        currency=booking.currency,
        **more,
    )


def _correction(statement: SettlementStatement, booking: Any, now: datetime) -> StatementLine:
    return line_of(
        statement,
        booking,
        now,
        kind="correction",
        reason=_reason(booking),
        base_amount=0,
        commission_amount=correction(_visit(booking), booking.settled, now),
    )


def _reason(booking: Any) -> str:
    if booking.agreed is not None:
        return "dispute"
    return "outcome" if booking.is_settled else "late"


def _visit(booking: Any) -> Visit:
    return Visit(
        booking.starts_at,
        booking.state,
        booking.net_amount,
        booking.commission_amount,
        booking.agreed,
    )
