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
from samtime.billing.queries.corrections import Owed, correction_month, owed_months
from samtime.billing.queries.figures import Figures, months_figures
from samtime.billing.queries.sources import counts_in, settled_channels
from samtime.billing.queries.standing import lines_as_they_stand
from samtime.billing.rules import EDITABLE, FROZEN, months_back
from samtime.channels.models import Channel
from samtime.foundation.errors import NotFound
from samtime.foundation.money import CURRENCIES
from samtime.organizations.models import Membership

SEARCHED_MONTHS = 36


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A line of the list: a month of a channel. Unsent months show their bookings as they stand,
    and `owed`: what they correct of months sent before."""

    statement: SettlementStatement
    disputes: int
    disputed_at: datetime | None
    owed: Owed | None = None


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
    """The last months, newest first: one row per channel, month and currency. Older months that
    owe a correction are among them.

    `side`: provider or partner. Queries: eight, and one for each month.
    """
    actor.require(Right.SEE_STATEMENTS)
    channels = {c.id: c for c in settled_channels(actor) if _side(c, actor.organization_id) == side}
    owed = {key: due for key, due in owed_months(actor, now).items() if key[0] in channels}
    periods = sorted({*months_back(today, months), *(p for _c, p in owed)}, reverse=True)
    stored = {
        (s.channel_id, s.period, s.currency): s
        for s in visible_statements(actor).filter(channel_id__in=list(channels), period__in=periods)
    }
    open_disputes = _open_disputes(actor)
    live_figures = months_figures(actor, periods, now=now)
    found: list[MonthRow] = []
    for period in periods:
        live = _by_channel(live_figures.get(period, []))
        for ident, channel in channels.items():
            figures, due = live.get(ident, {}), owed.get((ident, period), {})
            for currency in _currencies(channel, period, stored, {*figures, *due}, today):
                statement = stored.get((ident, period, currency)) or blank(
                    channel, period, currency, numbered=False
                )
                disputes, since = open_disputes.get(statement.pk or 0, (0, None))
                owes = _as_it_stands(statement, figures.get(currency), due.get(currency))
                found.append(MonthRow(statement, disputes, since, owes))
    return found


def _as_it_stands(
    statement: SettlementStatement, figures: Figures | None, owes: Owed | None
) -> Owed | None:
    """The head of an unsent month: its bookings and what it corrects, which is answered."""
    if statement.state not in EDITABLE:
        return None
    if figures or owes:
        fill_head(statement, figures)
        statement.commission_amount += owes.amount if owes else 0
    return owes


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


def fill_head(statement: SettlementStatement, figures: Figures | None) -> None:
    """Put live figures on an unsaved or unsent statement, for reading only; None: no bookings."""
    for name in ("bookings", "attended", "cancelled", "no_show"):
        setattr(statement, name, getattr(figures, name) if figures else 0)
    statement.base_amount = figures.base if figures else 0
    statement.commission_amount = figures.commission if figures else 0


def one_statement(actor: Actor, public_id: UUID, *, today: date) -> SettlementStatement:
    """A statement by its id, stored or still open. Refuses: NotFound."""
    found = visible_statements(actor).filter(public_id=public_id).first()
    if found is not None:
        return found
    for channel in settled_channels(actor):
        for period in months_back(today, SEARCHED_MONTHS):
            for currency in CURRENCIES:
                if statement_id(channel.public_id, f"{period:%Y-%m}", currency) == public_id:
                    return _open_or_none(channel, period, currency)
    raise NotFound()


def _open_or_none(channel: Channel, period: date, currency: str) -> SettlementStatement:
    if not counts_in(channel, period) and correction_month(channel, currency) != period:
        raise NotFound()
    return blank(channel, period, currency)


def statements_of_month(
    actor: Actor, *, channel: UUID | None, period: date | None, today: date, now: datetime
) -> list[SettlementStatement]:
    """For programs: the statements of a channel, of a month, or of both; open ones too.

    Without a month the stored ones, the current month, and months that owe a correction.
    """
    actor.require(Right.SEE_STATEMENTS)
    channels = [c for c in settled_channels(actor) if channel in (None, c.public_id)]
    if channel is not None and not channels:
        raise NotFound(field="channel")
    rows = visible_statements(actor).filter(channel_id__in=[c.id for c in channels])
    rows = rows.filter(period=period) if period else rows
    found = list(rows.order_by("-period", "channel__name", "currency"))
    wanted = period or today.replace(day=1)
    known = {(s.channel_id, s.period, s.currency) for s in found}
    by_id = {c.id: c for c in channels}
    due = {
        (ident, month, currency)
        for (ident, month), owes in owed_months(actor, now).items()
        for currency in owes
        if ident in by_id and period in (None, month)
    }
    begun = {(i, m) for i, m, _c in known}
    due |= {
        (c.id, wanted, c.provider.currency)
        for c in channels
        if (c.id, wanted) not in begun and counts_in(c, wanted)
    }
    found += [blank(by_id[ident], month, currency) for ident, month, currency in due - known]
    return sorted(found, key=lambda s: (-s.period.toordinal(), s.channel.name, s.currency))


def lines_of(actor: Actor, statement: SettlementStatement, *, now: datetime) -> list[SentLine]:
    """The lines in order of time, each with its dispute; a month still open shows its bookings, and
    the corrections due in it, as lines that are stored nowhere. Four queries at most."""
    if statement.pk is None or statement.state == "open":
        return [SentLine(row, None) for row in lines_as_they_stand(statement, now)]
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


def unsettled_statements(actor: Actor, channel: Channel) -> list[SettlementStatement]:
    """Sent statements of a channel that nobody closed yet, oldest first."""
    waiting = [state for state in FROZEN if state != "closed"]
    rows = visible_statements(actor).filter(channel=channel, state__in=waiting)
    return list(rows.order_by("period", "currency"))


def people_who(organization_id: int, right: Right) -> list[User]:
    """Members of an organization with a right, for letters to them. One query."""
    rows = Membership.objects.filter(organization_id=organization_id, ended_at=None)
    members = rows.filter(user__is_active=True).select_related("user").order_by("id")
    return [
        m.user
        for m in members
        if right in rights_of(m.roles, can_book_at_partner=m.can_book_at_partner)
    ]
