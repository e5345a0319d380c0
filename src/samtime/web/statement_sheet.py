"""A statement as a page shows it, for both sides: head, figures, charts, lines, who acts next."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.billing.models import LineDispute, SettlementStatement, StatementLine
from samtime.billing.queries.statements import SentLine, lines_of, missing_claims
from samtime.billing.rules import dispute_answer_by, next_actor
from samtime.bookings.rules import shown_reference
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.web.statement_charts import charts_of, expected_word, key_figures
from samtime.web.statement_words import (
    changed_word,
    correction_word,
    month_word,
    paid_word,
    rate_word,
    reason_words,
)
from samtime.web.templatetags.formats import amount, day_short, money


@dataclass(frozen=True, slots=True)
class Row:
    """A line in words."""

    line: StatementLine
    dispute: LineDispute | None
    reference: str
    paid_at: str
    base: str
    rate: str
    commission: str
    wanted: str = ""
    difference: str = ""
    reason: str = ""


@dataclass(slots=True)
class Sheet:
    """Everything a statement's page needs; amounts are texts in the reader's language."""

    statement: SettlementStatement
    title: str
    month: str
    badge_word: str
    said: list[str]
    acts_next: str
    rows: list[Row]
    corrections: list[Row]
    claims: list[tuple[LineDispute, str, str]]
    figures: list[tuple[str, str, str, str]]
    charts: dict[str, Any]
    open_disputes: int
    shown: str = "all"
    expected: str = ""
    places: list[str] = field(default_factory=list)
    count: str = ""
    zone: str = "UTC"
    base_sum: str = ""
    commission_sum: str = ""
    first_open: str = ""
    changed: str = ""


def sheet_of(
    actor: Actor, statement: SettlementStatement, *, now: datetime, shown: str = ""
) -> Sheet:
    """Read a statement for a page. `shown`: all, disputed, or the name of a location."""
    own = statement.provider_id == actor.organization_id
    lines = lines_of(actor, statement, now=now)
    claims = missing_claims(actor, statement)
    disputes = [x.dispute for x in lines if x.dispute] + claims
    waiting = [d for d in disputes if d.state == "open"]
    places = sorted({str(x.line.location) for x in lines})
    wanted = shown if shown in ("disputed", *places) else ""
    rows = [_row(x) for x in lines if _chosen(x, wanted)]
    if statement.state == "open":
        _sum_open(statement, lines)
    other = statement.partner if own else statement.provider
    zone = lines[0].line.location.time_zone if lines else "UTC"
    return Sheet(
        statement=statement,
        title=f"{other.name}, {month_word(statement.period)}",
        month=month_word(statement.period),
        badge_word=badge_word(statement, len(waiting)),
        said=_said(statement, zone),
        acts_next=acts_next(
            statement, own=own, disputed_at=min((d.raised_at for d in waiting), default=None)
        ),
        rows=[r for r in rows if r.line.kind == "visit"],
        corrections=[r for r in rows if r.line.kind == "correction"],
        claims=[_claim(d) for d in claims],
        figures=key_figures(actor, statement, lines, waiting, now),
        charts=charts_of(lines),
        open_disputes=len(waiting),
        shown=wanted or "all",
        expected=expected_word(statement, lines),
        places=places,
        count=_count(statement, len(lines), zone),
        zone=zone,
        base_sum=amount(statement.base_amount, statement.currency),
        commission_sum=amount(statement.commission_amount, statement.currency),
        first_open=str(waiting[0].public_id) if waiting else "",
        changed=changed_word(statement, now),
    )


def _count(statement: SettlementStatement, count: int, zone: str) -> str:
    facts = {"count": count, "day": day_short(statement.sent_at or statement.computed_at, zone)}
    if statement.sent_at:
        return _("%(count)s, frozen on %(day)s") % facts
    if statement.computed_at:
        return _("%(count)s, computed on %(day)s") % facts
    return _("%(count)s, as they stand now") % facts


def _chosen(found: SentLine, wanted: str) -> bool:
    if wanted == "disputed":
        return found.dispute is not None
    return not wanted or str(found.line.location) == wanted


def _sum_open(statement: SettlementStatement, lines: Iterable[SentLine]) -> None:
    """An open month's head is the sum of the lines shown, and stored nowhere."""
    rows = [x.line for x in lines]
    statement.bookings = sum(x.outcome != "expected" for x in rows)
    statement.attended = sum(x.outcome == "attended" for x in rows)
    statement.cancelled = sum(x.outcome == "cancelled" for x in rows)
    statement.no_show = sum(x.outcome == "noshow" for x in rows)
    statement.base_amount = sum(x.base_amount for x in rows)
    statement.commission_amount = sum(x.commission_amount for x in rows)


def badge_word(statement: SettlementStatement, disputes: int) -> str:
    """«Disputed, 1 line»; «» where the table's word does."""
    if statement.state != "disputed":
        return ""
    word = ngettext("Disputed, %(count)s line", "Disputed, %(count)s lines", disputes)
    return word % {"count": disputes}


def _said(statement: SettlementStatement, zone: str) -> list[str]:
    found = [_("Statement %(number)s") % {"number": statement.number}]
    steps = (
        (statement.closed_at, _("closed on %(day)s")),
        (statement.accepted_at, _("accepted on %(day)s")),
        (statement.sent_at, _("sent to partner on %(day)s")),
        (statement.computed_at, _("computed on %(day)s")),
    )
    done = next(((at, word) for at, word in steps if at), None)
    if done is None:
        return [*found, _("not computed yet: bookings as they stand now")]
    return [*found, done[1] % {"day": day_short(done[0], zone)}]


def acts_next(statement: SettlementStatement, *, own: bool, disputed_at: datetime | None) -> str:
    """«You answer next, by 27 Nov»: who acts, and until when."""
    who = next_actor(statement.state)
    if who == "nobody":
        return _("Nobody: this month is settled")
    mine = (who == "provider") == own
    if statement.state in ("sent", "corrected"):
        facts = {
            "name": statement.partner.name,
            "day": day_short(statement.answer_by) if statement.answer_by else "–",
        }
        return (
            _("You answer next, by %(day)s") if mine else _("%(name)s answers by %(day)s")
        ) % facts
    if statement.state == "disputed":
        raised = disputed_at
        due = dispute_answer_by(local_day(raised, "UTC")) if raised else statement.answer_by
        facts = {"name": statement.provider.name, "day": day_short(due)}
        return (
            _("You answer next, by %(day)s") if mine else _("%(name)s answers by %(day)s")
        ) % facts
    words = {
        "open": (_("You compute it"), _("%(name)s has not sent it yet")),
        "computed": (_("You review and send it"), _("%(name)s has not sent it yet")),
        "reviewed": (_("You send it"), _("%(name)s has not sent it yet")),
        "accepted": (_("You close it"), _("%(name)s closes it")),
    }[statement.state]
    return words[0 if mine else 1] % {"name": statement.provider.name}


def _row(found: SentLine) -> Row:
    line, dispute = found.line, found.dispute
    currency = line.currency
    wanted = money(Money(dispute.wanted_amount, currency)) if dispute else ""
    change = dispute.wanted_amount - line.commission_amount if dispute else 0
    return Row(
        line=line,
        dispute=dispute,
        reference=shown_reference(line.reference),
        paid_at=paid_word(line),
        base=amount(line.base_amount, currency),
        rate=rate_word(line),
        commission=amount(line.commission_amount, currency),
        wanted=wanted,
        difference=("+" if change > 0 else "") + amount(change, currency) if dispute else "",
        reason=reason_words()[dispute.reason] if dispute else correction_word(line.reason),
    )


def _claim(dispute: LineDispute) -> tuple[LineDispute, str, str]:
    wanted = money(Money(dispute.wanted_amount, dispute.statement.currency))
    return dispute, shown_reference(dispute.booking.reference), wanted
