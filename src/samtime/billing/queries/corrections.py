"""What sent statements owe: bookings worth something else by now than sent lines gave for them.

An outcome changed after sending, a price corrected, an accepted dispute, a visit moved into a sent
month: each becomes a line of money in the month after the last one sent, whether or not anybody
booked in it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.billing.models import SettlementStatement, StatementLine
from samtime.billing.rules import FROZEN, Visit, correction, next_month, outcome
from samtime.bookings.models import Booking
from samtime.channels.models import Channel
from samtime.foundation.periods import local_day
from samtime.foundation.prepared import fetch

# Bookings in sent months, and those that sent lines speak of, where worth and lines differ. A
# booking is a visit of one sent statement (line_settled_once), so only corrections are summed.
CHANGED = """
WITH sent AS (
  SELECT channel_id, currency, min(period) AS first, max(period) AS last
  FROM billing_settlementstatement
  WHERE id = ANY(%(statements)s)
  GROUP BY channel_id, currency
), visited AS (
  SELECT booking_id, commission_amount AS amount
  FROM billing_statementline
  WHERE statement_id = ANY(%(statements)s) AND kind = 'visit'{among}
), corrected AS (
  SELECT booking_id, sum(commission_amount)::bigint AS amount
  FROM billing_statementline
  WHERE statement_id = ANY(%(statements)s) AND kind = 'correction'{among}
  GROUP BY booking_id
), agreed AS (
  SELECT DISTINCT ON (booking_id) booking_id, agreed_amount AS amount
  FROM billing_linedispute
  WHERE statement_id = ANY(%(statements)s) AND state = 'accepted'{among}
  ORDER BY booking_id, answered_at DESC, id DESC
), valued AS (
  SELECT b.id, b.channel_id, b.currency, s.last,
    v.booking_id IS NOT NULL OR c.booking_id IS NOT NULL AS is_settled,
    coalesce(v.amount, 0) + coalesce(c.amount, 0) AS settled, a.amount AS agreed,
    CASE
      WHEN a.amount IS NOT NULL THEN a.amount
      WHEN b.state IN ('cancelled', 'noshow') OR b.starts_at > %(now)s THEN 0
      ELSE b.commission_amount
    END AS worth,
    date_trunc('month', b.starts_at AT TIME ZONE p.time_zone)::date
      BETWEEN s.first AND s.last AS is_in_sent_month
  FROM bookings_booking b
  JOIN sent s ON s.channel_id = b.channel_id AND s.currency = b.currency
  JOIN organizations_location p ON p.id = b.location_id
  LEFT JOIN visited v ON v.booking_id = b.id
  LEFT JOIN corrected c ON c.booking_id = b.id
  LEFT JOIN agreed a ON a.booking_id = b.id
  WHERE b.channel_id = ANY(%(channels)s){these}
)
SELECT id, channel_id, currency, last, is_settled, settled, agreed, worth
FROM valued WHERE worth <> settled AND (is_settled OR is_in_sent_month)
"""
ALL = CHANGED.format(among="", these="")
SOME = CHANGED.format(
    among=" AND booking_id = ANY(%(bookings)s)", these=" AND b.id = ANY(%(bookings)s)"
)


@dataclass(frozen=True, slots=True)
class Changed:
    """A booking whose worth now differs from what sent statements gave; minor units.

    `last`: the last month sent on its channel. `is_settled`: sent lines speak of it, else it came
    into a month afterwards. `agreed`: what both sides agreed on in the last accepted dispute.
    """

    booking_id: int
    channel_id: int
    currency: str
    last: date
    is_settled: bool
    settled: int
    agreed: int | None
    worth: int


def _changed(
    sent: "QuerySet[SettlementStatement]", now: datetime, bookings: list[int] | None = None
) -> list[Changed]:
    """What changed on channels since these statements were sent; of some bookings only. Two
    queries: one pass over what was settled, whatever the number of channels and months."""
    statements = list(sent.filter(state__in=FROZEN).values_list("id", "channel_id"))
    if not statements or bookings == []:
        return []
    values = {
        "statements": [ident for ident, _channel in statements],
        "channels": sorted({channel for _ident, channel in statements}),
        "now": now,
        "bookings": bookings,
    }
    sql = ALL if bookings is None else SOME
    return [Changed(*row) for row in fetch(sql, values, hashed=True)]


def _of(channel: Channel, currency: str) -> "QuerySet[SettlementStatement]":
    rows: QuerySet[SettlementStatement] = SettlementStatement.objects.filter(
        channel=channel, currency=currency
    )
    return rows


@dataclass(frozen=True, slots=True)
class Owed:
    """Corrections that wait on a channel: how many bookings, and the sum in minor units."""

    currency: str
    count: int
    amount: int


def owed_months(actor: Actor, now: datetime) -> dict[tuple[int, date], dict[str, Owed]]:
    """What is owed by channel and month, then by currency; also when the relationship ended
    meanwhile. Two queries."""
    org = actor.organization_id
    rows = SettlementStatement.objects.filter(Q(provider_id=org) | Q(partner_id=org))
    found: dict[tuple[int, date], dict[str, Owed]] = defaultdict(dict)
    for one in _changed(rows, now):
        months = found[one.channel_id, next_month(one.last)]
        before = months.get(one.currency, Owed(one.currency, 0, 0))
        change = one.worth - one.settled
        months[one.currency] = Owed(one.currency, before.count + 1, before.amount + change)
    return dict(found)


def owed_in(channel: Channel, period: date, currency: str, now: datetime) -> bool:
    """Whether the month is the one in which the channel's corrections are due, and some are."""
    is_next = correction_month(channel, currency) == period
    return is_next and bool(_changed(_of(channel, currency), now))


def correction_month(channel: Channel, currency: str) -> date | None:
    """The month that corrects what was sent: the one after the last sent; None before any was."""
    rows = SettlementStatement.objects.filter(
        channel=channel, currency=currency, state__in=FROZEN
    ).order_by("-period")
    last: date | None = rows.values_list("period", flat=True).first()
    return next_month(last) if last else None


def due_corrections(statement: SettlementStatement, now: datetime) -> list[StatementLine]:
    """What changed since earlier months were sent: one line per booking, money only; not stored."""
    rows = _changed(_of(statement.channel, statement.currency), now)
    changed = {one.booking_id: one for one in rows}
    bookings = Booking.objects.filter(pk__in=changed).select_related("service", "location")
    return [
        _correction(statement, booking, changed[booking.pk], now)
        for booking in bookings.order_by("starts_at", "id")
    ]


def changed_after_sending(statement: SettlementStatement, now: datetime) -> tuple[int, int]:
    """Of a sent statement's bookings: how many are worth something else by now, and the sum of the
    changes in minor units."""
    held = sorted(set(statement.lines.values_list("booking_id", flat=True)))
    rows = _changed(_of(statement.channel, statement.currency), now, held)
    return len(rows), sum(one.worth - one.settled for one in rows)


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


def _correction(
    statement: SettlementStatement, booking: Booking, changed: Changed, now: datetime
) -> StatementLine:
    visit = Visit(
        booking.starts_at,
        booking.state,
        booking.net_amount,
        booking.commission_amount,
        changed.agreed,
    )
    return line_of(
        statement,
        booking,
        now,
        kind="correction",
        reason=_reason(changed),
        base_amount=0,
        commission_amount=correction(visit, changed.settled, now),
    )


def _reason(changed: Changed) -> str:
    if changed.agreed is not None:
        return "dispute"
    return "outcome" if changed.is_settled else "late"
