"""Statements as both sides read them: lists of months, one statement, its lines and disputes.

Until a statement is sent the provider alone sees it as computed; the partner reads that month as
open, with its own bookings as they stand (D16).
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right, rights_of
from samtime.billing.models import (
    LineDispute,
    SettlementStatement,
    StatementLine,
    statement_id,
)
from samtime.billing.queries.owed import owed_months
from samtime.billing.queries.sources import (
    Figures,
    counts_in,
    month_bookings,
    month_figures,
    settled_channels,
)
from samtime.billing.rules import EDITABLE, FROZEN, months_back, outcome
from samtime.bookings.models import Booking
from samtime.channels.models import Channel
from samtime.foundation.errors import NotFound
from samtime.foundation.periods import local_day
from samtime.organizations.models import Membership

SEARCHED_MONTHS = 36


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A line of the list: a month of a channel. Unsent months show their bookings as they stand."""

    statement: SettlementStatement
    disputes: int
    disputed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SentLine:
    """A line with what was said about it; `dispute` None when nothing was."""

    line: StatementLine
    dispute: LineDispute | None


def visible_statements(actor: Actor) -> "QuerySet[SettlementStatement]":
    """Stored statements that the actor may read: his own side's, the partner's once sent."""
    actor.require(Right.SEE_STATEMENTS)
    rows: QuerySet[SettlementStatement] = SettlementStatement.objects.visible_to(actor)
    return rows.filter(Q(provider_id=actor.organization_id) | Q(state__in=FROZEN)).select_related(
        "channel", "provider", "partner", "reviewed_by", "accepted_by"
    )


def month_rows(
    actor: Actor, *, now: datetime, today: date, side: str, months: int = 6
) -> list[MonthRow]:
    """The last months, newest first: one row per channel, month and currency.

    `side`: provider or partner. Queries: four, and one for each month.
    """
    actor.require(Right.SEE_STATEMENTS)
    channels = {c.id: c for c in settled_channels(actor) if _side(c, actor.organization_id) == side}
    periods = months_back(today, months)
    stored = {
        (s.channel_id, s.period, s.currency): s
        for s in visible_statements(actor).filter(
            channel_id__in=list(channels), period__gte=periods[-1]
        )
    }
    open_disputes = _open_disputes(actor)
    owed = owed_months(actor)
    found: list[MonthRow] = []
    for period in periods:
        live = _by_channel(month_figures(actor, period, now=now))
        for ident, channel in channels.items():
            known = set(live.get(ident, {})) | owed.get((ident, period), set())
            for currency in _currencies(channel, period, stored, known, today):
                statement = stored.get((ident, period, currency)) or blank(
                    channel, period, currency, numbered=False
                )
                if statement.state in EDITABLE and (figures := live.get(ident, {}).get(currency)):
                    fill_head(statement, figures)
                found.append(MonthRow(statement, *open_disputes.get(statement.pk or 0, (0, None))))
    return found


def _side(channel: Channel, organization_id: int) -> str:
    return "provider" if channel.provider_id == organization_id else "partner"


def _by_channel(figures: list[Figures]) -> dict[int, dict[str, Figures]]:
    found: dict[int, dict[str, Figures]] = {}
    for one in figures:
        found.setdefault(one.channel_id, {})[one.currency] = one
    return found


def _currencies(
    channel: Channel,
    period: date,
    stored: dict[tuple[int, date, str], SettlementStatement],
    wanted: set[str],
    today: date,
) -> list[str]:
    known = {c for i, p, c in stored if (i, p) == (channel.id, period)} | wanted
    is_current = period == today.replace(day=1) and channel.state == "open"
    if not known and is_current:
        known = {channel.provider.currency}
    return sorted(known)


def _open_disputes(actor: Actor) -> dict[int, tuple[int, datetime]]:
    """How many are open in a statement, and since when."""
    rows = LineDispute.objects.visible_to(actor).filter(state="open")
    found = rows.values_list("statement_id").annotate(Count("id"), Min("raised_at"))
    return {ident: (count, first) for ident, count, first in found}


def blank(
    channel: Channel, period: date, currency: str, *, numbered: bool = True
) -> SettlementStatement:
    """The month's statement before anybody computed it: open, nothing in it."""
    return SettlementStatement(
        public_id=statement_id(channel.public_id, f"{period:%Y-%m}", currency),
        provider=channel.provider,
        partner=channel.outsider,
        channel=channel,
        period=period,
        currency=currency,
        number=f"{period:%Y-%m}-{_rank(channel):02d}" if numbered else "",
    )


def _rank(channel: Channel) -> int:
    """The channel's place among the provider's outside channels: the last part of a number."""
    rows = Channel.objects.filter(provider_id=channel.provider_id, id__lte=channel.id)
    return rows.exclude(kind="own_desk").count()


def fill_head(statement: SettlementStatement, figures: Figures) -> None:
    """Put live figures on an unsaved or unsent statement, for reading only."""
    statement.bookings, statement.attended = figures.bookings, figures.attended
    statement.cancelled, statement.no_show = figures.cancelled, figures.no_show
    statement.base_amount = figures.base
    statement.commission_amount = figures.commission


def one_statement(actor: Actor, public_id: UUID, *, today: date) -> SettlementStatement:
    """A statement by its id, stored or still open. Refuses: NotFound."""
    found = visible_statements(actor).filter(public_id=public_id).first()
    if found is not None:
        return found
    for channel in settled_channels(actor):
        for period in months_back(today, SEARCHED_MONTHS):
            currency = channel.provider.currency
            if statement_id(channel.public_id, f"{period:%Y-%m}", currency) == public_id:
                return _open_or_none(channel, period, currency)
    raise NotFound()


def _open_or_none(channel: Channel, period: date, currency: str) -> SettlementStatement:
    if not counts_in(channel, period):
        raise NotFound()
    return blank(channel, period, currency)


def statements_of_month(
    actor: Actor, *, channel: UUID | None, period: date | None, today: date
) -> list[SettlementStatement]:
    """For programs: the statements of a channel, of a month, or of both; open ones too.

    Without a month the stored ones and the current month.
    """
    actor.require(Right.SEE_STATEMENTS)
    channels = [c for c in settled_channels(actor) if channel in (None, c.public_id)]
    if channel is not None and not channels:
        raise NotFound(field="channel")
    rows = visible_statements(actor).filter(channel_id__in=[c.id for c in channels])
    rows = rows.filter(period=period) if period else rows
    found = list(rows.order_by("-period", "channel__name", "currency"))
    wanted = period or today.replace(day=1)
    known = {(s.channel_id, s.period) for s in found}
    for one in channels:
        if (one.id, wanted) not in known and counts_in(one, wanted):
            found.append(blank(one, wanted, one.provider.currency))
    return sorted(found, key=lambda s: (-s.period.toordinal(), s.channel.name, s.currency))


def lines_of(actor: Actor, statement: SettlementStatement, *, now: datetime) -> list[SentLine]:
    """The lines in order of time, each with its dispute; a month still open shows its bookings as
    lines that are stored nowhere. Three queries at most."""
    if statement.pk is None or statement.state == "open":
        rows = [line_from(statement, b, now) for b in _live(statement)]
        return [SentLine(row, None) for row in rows]
    disputes = {
        d.line_id: d
        for d in LineDispute.objects.visible_to(actor)
        .filter(statement=statement)
        .select_related("raised_by", "answered_by", "line")
    }
    stored = StatementLine.objects.visible_to(actor).filter(statement=statement)
    ordered = stored.select_related("location", "booking").order_by("kind", "starts_at", "id")
    lines = sorted(ordered, key=lambda x: x.kind != "visit")
    return [SentLine(line, disputes.get(line.id)) for line in lines]


def _live(statement: SettlementStatement) -> "QuerySet[Booking]":
    return month_bookings(statement.channel, statement.period, statement.currency)


def line_from(statement: SettlementStatement, booking: Booking, now: datetime) -> StatementLine:
    """A booking as a line, as it stands now; not stored."""
    what = outcome(booking.state, booking.starts_at, now)
    counts = what == "attended"
    return StatementLine(
        statement=statement,
        provider_id=statement.provider_id,
        partner_id=statement.partner_id,
        booking=booking,
        kind="visit",
        outcome=what,
        state=booking.state,
        starts_at=booking.starts_at,
        on=local_day(booking.starts_at, booking.location.time_zone),
        reference=booking.reference,
        service_name=booking.service.name,
        location=booking.location,
        payment_place=booking.payment_place,
        price_amount=booking.price_amount,
        base_amount=booking.net_amount if counts else 0,
        commission_kind=booking.commission_kind,
        commission_rate=booking.commission_rate,
        would_be=booking.commission_amount,
        commission_amount=booking.commission_amount if counts else 0,
        currency=booking.currency,
    )


def missing_claims(actor: Actor, statement: SettlementStatement) -> list[LineDispute]:
    """Bookings that the partner misses in the statement, newest last."""
    if statement.pk is None:
        return []
    rows = LineDispute.objects.visible_to(actor).filter(statement=statement, line=None)
    found = rows.select_related("booking__service", "booking__location", "raised_by", "answered_by")
    return list(found.order_by("id"))


def one_dispute(actor: Actor, public_id: UUID) -> LineDispute:
    """A dispute that the actor's organization is a side of. Refuses: NotFound."""
    rows = LineDispute.objects.visible_to(actor).select_related("statement")
    found: LineDispute | None = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def people_who(organization_id: int, right: Right) -> list[User]:
    """Members of an organization with a right, for letters to them. One query."""
    rows = Membership.objects.filter(organization_id=organization_id, ended_at=None)
    members = rows.filter(user__is_active=True).select_related("user").order_by("id")
    return [
        m.user
        for m in members
        if right in rights_of(m.roles, can_book_at_partner=m.can_book_at_partner)
    ]
