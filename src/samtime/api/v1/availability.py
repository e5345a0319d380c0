"""Opening hours through the API: weekly rules, and days that differ."""

from datetime import date, time
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, needs, repeatable
from samtime.api.v1.shapes import Body
from samtime.bookings.commands.schedule import stranded_wait
from samtime.calendars import queries
from samtime.calendars.commands.hours import (
    ExceptionGiven,
    RuleGiven,
    add_exception,
    add_rule,
    change_rule,
    end_rule,
    remove_exception,
)
from samtime.calendars.models import AvailabilityException, AvailabilityRule
from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.foundation.periods import local_day

READ, WRITE = "catalog.read", "catalog.write"


class AvailabilityIn(Body):
    """`kind` rule: weekday 1 (Monday) to 7, start, end, validity; exception: date, closed or times.

    `is_break` makes a rule a break in what is open.
    """

    kind: Literal["rule", "exception"]
    calendar: UUID
    weekday: int | None = None
    start: time | None = None
    end: time | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    is_break: bool = False
    day: date | None = Field(None, alias="date")
    closed: bool = False
    reason: str = Field("", max_length=1000)


class RulePatch(Body):
    """Fields of a rule that change."""

    weekday: int | None = None
    start: time | None = None
    end: time | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@api.post("/availability", response={201: dict})
def availability_add(request: HttpRequest, body: AvailabilityIn) -> HttpResponse:
    """A weekly rule, or a day that differs."""
    actor = actor_of(request, WRITE)

    def run() -> tuple[int, Any]:
        if body.kind == "rule":
            return 201, _add_rule(actor, body)
        return 201, _add_exception(actor, body)

    return repeatable(request, actor, run)


def _add_rule(actor: Actor, body: AvailabilityIn) -> dict[str, Any]:
    if body.weekday is None or body.start is None or body.end is None:
        raise _missing(body, ("weekday", "start", "end"))
    needs(actor, Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    now, calendar = timezone.now(), queries.calendar_to_edit(actor, body.calendar)
    given = RuleGiven(
        weekday=body.weekday,
        start=body.start,
        end=body.end,
        valid_from=body.valid_from or local_day(now, calendar.location.time_zone),
        valid_to=body.valid_to,
        kind="break" if body.is_break else "open",
    )
    with stranded_wait(actor=actor, calendar_id=body.calendar, now=now):
        made = add_rule(actor=actor, calendar_id=body.calendar, given=given, now=now)
    return _rule(made)


def _add_exception(actor: Actor, body: AvailabilityIn) -> dict[str, Any]:
    if body.day is None:
        raise Invalid(FieldError("date", "missing", _("Give the date.")))
    given = ExceptionGiven(body.day, body.closed, body.start, body.end, body.reason)
    now = timezone.now()
    with stranded_wait(actor=actor, calendar_id=body.calendar, now=now):
        made = add_exception(actor=actor, calendar_id=body.calendar, given=given, now=now)
    return _exception(made)


def _missing(body: AvailabilityIn, names: tuple[str, ...]) -> Invalid:
    absent = [name for name in names if getattr(body, name) is None]
    return Invalid(
        *(FieldError(name, "missing", _("This is needed for a rule.")) for name in absent)
    )


class AvailabilityQuery(Schema):
    """Whose hours."""

    calendar: UUID


@api.get("/availability")
def availability_list(request: HttpRequest, q: Query[AvailabilityQuery]) -> HttpResponse:
    """Rules and exceptions of one own calendar."""
    actor = actor_of(request, READ)
    needs(actor, Right.SEE_CALENDAR, Right.EDIT_CALENDAR, Right.SEE_CATALOG)
    found = queries.calendar(actor, q.calendar)
    items = [_rule(r) for r in queries.rules(actor).filter(calendar=found)]
    items += [_exception(e) for e in queries.exceptions(actor).filter(calendar=found)]
    return answer(200, {"items": items, "next": None})


@api.patch("/availability/{ident}")
def availability_change(request: HttpRequest, ident: UUID, body: RulePatch) -> HttpResponse:
    """Another time or validity of a weekly rule."""
    actor = actor_of(request, WRITE)
    rule, said = queries.rule(actor, ident), body.dict(exclude_unset=True)
    needed = ("weekday", "start", "end", "valid_from")
    given = RuleGiven(
        kind=rule.kind,
        valid_to=said.get("valid_to", rule.valid_to),
        **{name: said.get(name) or getattr(rule, name) for name in needed},
    )
    now = timezone.now()
    with stranded_wait(actor=actor, calendar_id=rule.calendar.public_id, now=now):
        changed = change_rule(actor=actor, rule_id=ident, given=given, now=now)
    return answer(200, _rule(changed))


@api.delete("/availability/{ident}", response={204: None})
def availability_end(request: HttpRequest, ident: UUID) -> HttpResponse:
    """The rule ends today, the exception is taken back; bookings stay, and wait in the inbox."""
    actor, now = actor_of(request, WRITE), timezone.now()
    try:
        calendar = queries.rule(actor, ident).calendar
    except NotFound:
        calendar = queries.exception(actor, ident).calendar
        with stranded_wait(actor=actor, calendar_id=calendar.public_id, now=now):
            remove_exception(actor=actor, exception_id=ident, now=now)
        return answer(204, None)
    until = local_day(now, calendar.location.time_zone)
    with stranded_wait(actor=actor, calendar_id=calendar.public_id, now=now):
        end_rule(actor=actor, rule_id=ident, from_on=until, now=now)
    return answer(204, None)


def _rule(rule: AvailabilityRule) -> dict[str, Any]:
    return {
        "id": str(rule.public_id),
        "kind": "rule",
        "calendar": str(rule.calendar.public_id),
        "weekday": rule.weekday,
        "start": f"{rule.start:%H:%M}",
        "end": f"{rule.end:%H:%M}",
        "valid_from": rule.valid_from.isoformat(),
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
        "is_break": rule.kind == "break",
    }


def _exception(exception: AvailabilityException) -> dict[str, Any]:
    return {
        "id": str(exception.public_id),
        "kind": "exception",
        "calendar": str(exception.calendar.public_id),
        "date": exception.date.isoformat(),
        "closed": exception.closed,
        "start": f"{exception.start:%H:%M}" if exception.start else None,
        "end": f"{exception.end:%H:%M}" if exception.end else None,
        "reason": exception.reason,
    }
