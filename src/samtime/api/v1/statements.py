"""Calls about settlement statements: both sides read one shape; each side has its own steps."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.api.v1.shapes import Body, MoneyIn, instant, money
from samtime.billing import commands
from samtime.billing.commands.disputing import Claim
from samtime.billing.models import LineDispute, SettlementStatement
from samtime.billing.queries.statements import (
    SentLine,
    lines_of,
    missing_claims,
    one_dispute,
    one_statement,
    statements_of_month,
)
from samtime.billing.rules import REASONS, LineFigures, next_actor, totals
from samtime.bookings.rules import shown_reference
from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone

MOST = 50


class StatementQuery(Schema):
    """Filters of GET /statements: a channel's id, a month as «2026-11»."""

    channel: UUID | None = None
    period: str = Field("", max_length=10)


def _period(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        found = date.min
    if not 2000 <= found.year <= 2200:
        sentence = _("Write the month as year-month, for example 2026-11.")
        raise Invalid(FieldError("period", "period", sentence))
    return found


def _today(actor: Actor) -> date:
    return local_day(timezone.now(), home_zone(actor))


@api.get("/statements")
def statement_list(request: HttpRequest, q: Query[StatementQuery]) -> HttpResponse:
    """Statements newest first; a month nobody computed yet is there too, open."""
    actor = actor_of(request, "statements.read")
    found = statements_of_month(
        actor,
        channel=q.channel,
        period=_period(q.period),
        today=_today(actor),
        now=timezone.now(),
    )
    items = [_statement(actor, s) for s in found[:MOST]]
    return answer(200, {"items": items, "next": None})


@api.get("/statements/{statement_id}")
def statement_detail(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """One statement with its lines."""
    actor = actor_of(request, "statements.read")
    return answer(200, _one(actor, statement_id))


def _one(actor: Actor, public_id: UUID) -> dict[str, Any]:
    return _statement(actor, one_statement(actor, public_id, today=_today(actor)))


def _step(request: HttpRequest, public_id: UUID, run: Callable[[Actor], Any]) -> HttpResponse:
    """Run a command once and answer with the statement as it is then."""
    actor = actor_of(request, "statements.write")

    def done() -> tuple[int, Any]:
        run(actor)
        return 200, _one(actor, public_id)

    return repeatable(request, actor, done)


@api.post("/statements/{statement_id}/compute")
def statement_compute(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """Copy the month's bookings into lines; again and again until it is sent."""

    def run(actor: Actor) -> None:
        found = one_statement(actor, statement_id, today=_today(actor))
        commands.compute_statement(
            actor=actor,
            channel=found.channel.public_id,
            period=found.period,
            currency=found.currency,
            now=timezone.now(),
        )

    return _step(request, statement_id, run)


@api.post("/statements/{statement_id}/review")
def statement_review(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """The institution looked at it."""

    def run(actor: Actor) -> None:
        commands.review_statement(actor=actor, statement=statement_id, now=timezone.now())

    return _step(request, statement_id, run)


@api.post("/statements/{statement_id}/send")
def statement_send(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """Freeze the lines and tell the partner; an open month is computed first."""

    def run(actor: Actor) -> None:
        commands.send_statement(actor=actor, statement=statement_id, now=timezone.now())

    return _step(request, statement_id, run)


@api.post("/statements/{statement_id}/accept")
def statement_accept(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """The partner agrees with every line."""

    def run(actor: Actor) -> None:
        commands.accept_statement(actor=actor, statement=statement_id, now=timezone.now())

    return _step(request, statement_id, run)


@api.post("/statements/{statement_id}/close")
def statement_close(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """The month is settled for good."""

    def run(actor: Actor) -> None:
        commands.close_statement(actor=actor, statement=statement_id, now=timezone.now())

    return _step(request, statement_id, run)


class DisputeIn(Body):
    """What is wrong. `reason` is one of the known words, or a sentence by itself; without `wanted`
    a line at zero is meant to have its booking's commission, any other line none."""

    reason: str = Field(max_length=1000, examples=["wrong_outcome"])
    wanted: MoneyIn | None = None
    text: str = Field("", max_length=1000)

    def claim(self, usual: int, currency: str) -> Claim:
        """As the command takes it."""
        known = self.reason in REASONS
        wanted = self.wanted.money("wanted") if self.wanted else None
        if wanted is not None and wanted.currency != currency:
            sentence = _("The statement is in %(currency)s.") % {"currency": currency}
            raise Invalid(FieldError("wanted", "currency", sentence))
        return Claim(
            reason=self.reason if known else "wrong_outcome",
            wanted=wanted.minor if wanted else usual,
            text=self.text or self.reason,
        )


@api.post("/statements/{statement_id}/lines/{line_id}/dispute")
def line_dispute(
    request: HttpRequest, statement_id: UUID, line_id: UUID, body: DisputeIn
) -> HttpResponse:
    """The partner says that a line is wrong."""

    def run(actor: Actor) -> None:
        found = one_statement(actor, statement_id, today=_today(actor))
        lines = {x.line.public_id: x.line for x in lines_of(actor, found, now=timezone.now())}
        line = lines.get(line_id)
        if line is None or found.pk is None:
            raise NotFound(field="line")
        usual = 0 if line.commission_amount else line.would_be
        commands.dispute_line(
            actor=actor,
            statement=statement_id,
            line=line_id,
            claim=body.claim(usual, found.currency),
            now=timezone.now(),
        )

    return _step(request, statement_id, run)


class MissingIn(Body):
    """A booking that is not on the statement."""

    reference: str = Field(max_length=20)
    wanted: MoneyIn
    text: str = Field(max_length=1000)


@api.post("/statements/{statement_id}/missing")
def booking_missing(request: HttpRequest, statement_id: UUID, body: MissingIn) -> HttpResponse:
    """The partner misses a booking."""

    def run(actor: Actor) -> None:
        commands.claim_missing_booking(
            actor=actor,
            statement=statement_id,
            reference=body.reference,
            claim=Claim("missing", body.wanted.money("wanted").minor, body.text),
            now=timezone.now(),
        )

    return _step(request, statement_id, run)


class AnswerIn(Body):
    """Why."""

    reason: str = Field("", max_length=1000)


@api.post("/statements/disputes/{dispute_id}/{verdict}")
def dispute_answer(
    request: HttpRequest, dispute_id: UUID, verdict: str, body: AnswerIn | None = None
) -> HttpResponse:
    """accept (the next statement corrects it) or decline with a reason."""
    if verdict not in ("accept", "decline"):
        raise NotFound()
    found = one_dispute(actor_of(request, "statements.write"), dispute_id)

    def run(actor: Actor) -> None:
        commands.answer_dispute(
            actor=actor,
            dispute=dispute_id,
            accept=verdict == "accept",
            reason=body.reason if body else "",
            now=timezone.now(),
        )

    return _step(request, found.statement.public_id, run)


def _statement(actor: Actor, found: SettlementStatement) -> dict[str, Any]:
    lines = lines_of(actor, found, now=timezone.now())
    sums = totals(
        LineFigures(
            x.line.kind,
            x.line.outcome,
            x.line.base_amount,
            x.line.commission_amount,
            x.line.would_be,
        )
        for x in lines
    )
    claims = [x.dispute for x in lines if x.dispute] + missing_claims(actor, found)
    return {
        "id": str(found.public_id),
        "number": found.number,
        "channel": str(found.channel.public_id),
        "provider": {"id": str(found.provider.public_id), "name": found.provider.name},
        "partner": {"id": str(found.partner.public_id), "name": found.partner.name},
        "period": f"{found.period:%Y-%m}",
        "state": found.state,
        "next": next_actor(found.state),
        "answer_by": found.answer_by.isoformat() if found.answer_by else None,
        "computed_at": instant(found.computed_at),
        "sent_at": instant(found.sent_at),
        "accepted_at": instant(found.accepted_at),
        "closed_at": instant(found.closed_at),
        "lines": [_line(x, stored=found.pk is not None) for x in lines],
        "disputes": [_dispute(d, found.currency) for d in claims],
        "total": money(sums.commission, found.currency),
        "statistics": {
            "bookings": sums.bookings,
            "attended": sums.attended,
            "cancelled": sums.cancelled,
            "no_show": sums.no_show,
            "expected": sums.expected,
            "base": money(sums.base, found.currency),
            "expected_commission": money(sums.expected_commission, found.currency),
        },
    }


def _line(found: SentLine, *, stored: bool) -> dict[str, Any]:
    line = found.line
    return {
        "id": str(line.public_id) if stored and line.pk else None,
        "kind": line.kind,
        "booking": str(line.booking.public_id),
        "reference": shown_reference(line.reference),
        "start": instant(line.starts_at, line.location.time_zone),
        "service": line.service_name,
        "location": {"id": str(line.location.public_id), "name": line.location.name},
        "state": line.state,
        "outcome": line.outcome,
        "payment_place": line.payment_place,
        "price": money(line.price_amount, line.currency),
        "base": money(line.base_amount, line.currency),
        "rate": f"{line.commission_rate // 100}.{line.commission_rate % 100:02d}",
        "commission_kind": line.commission_kind,
        "commission": money(line.commission_amount, line.currency),
        "disputed": found.dispute is not None and found.dispute.state == "open",
        "dispute": str(found.dispute.public_id) if found.dispute else None,
        "correction_of": line.reason or None,
    }


def _dispute(found: LineDispute, currency: str) -> dict[str, Any]:
    return {
        "id": str(found.public_id),
        "line": str(found.line.public_id) if found.line else None,
        "reason": found.reason,
        "wanted": money(found.wanted_amount, currency),
        "text": found.text,
        "state": found.state,
        "answer": found.answer,
        "raised_at": instant(found.raised_at),
    }
