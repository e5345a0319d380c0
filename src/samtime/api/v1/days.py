"""One calendar's day: the own one in full, a partner's as free starts and taken runs (D27)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of
from samtime.api.v1.shapes import instant
from samtime.api.v1.times import judged_day
from samtime.bookings.queries.agenda import Column, day_columns
from samtime.bookings.queries.seen import accesses
from samtime.bookings.queries.showcase import (
    Asked,
    FreeStart,
    OutsideColumn,
    open_offerings,
    outside_day,
)
from samtime.calendars.rules import joined, subtract
from samtime.foundation.errors import NotFound, RightMissing
from samtime.journal.commands import Access, log_access

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)


@api.get("/calendars/{calendar_id}/day")
def calendar_day(request: HttpRequest, calendar_id: UUID, date: date) -> HttpResponse:
    """Own calendar: bookings in full, logged. Another's, with an open listing: free and taken."""
    actor = actor_of(request, "slots.read")
    day, now = judged_day(date, "date"), timezone.now()
    if any(actor.may(right) for right in SEES):
        columns = day_columns(actor, on=day, now=now, calendar=calendar_id)
        if columns:
            actor_of(request, "bookings.read")
            return answer(200, _own(actor, columns[0]))
    return answer(200, _outside(actor, calendar_id, day, now))


def _own(actor: Actor, column: Column) -> dict[str, Any]:
    seen = tuple(sorted({b.patient_id for b in column.blocks if b.patient_id}))
    log_access(actor, Access(actor.organization_id, seen, "listed", "api"))
    return {
        "time_zone": column.zone,
        "open": [_run(column.zone, low, high) for low, high in column.open],
        "blocks": [
            {
                "kind": block.kind,
                "id": str(block.public_id),
                **_run(column.zone, block.starts_at, block.ends_at),
                "patient": block.title,
                "service": block.service,
                "source": block.source,
                "source_name": block.source_name,
                "state": block.state,
                "payment_state": block.payment_state,
            }
            for block in column.blocks
        ],
    }


def _run(zone: str, low: datetime, high: datetime) -> dict[str, Any]:
    return {"start": instant(low, zone), "end": instant(high, zone)}


def _outside(actor: Actor, calendar_id: UUID, day: date, now: datetime) -> dict[str, Any]:
    """Refuses: RightMissing, NotFound (no open listing in this calendar on that day)."""
    if not actor.may(Right.BOOK_AT_PARTNER):
        raise RightMissing() if not any(actor.may(r) for r in SEES) else NotFound()
    offered = open_offerings(actor, Asked(calendar=calendar_id), on=day)
    if not offered:
        raise NotFound()
    columns = outside_day(actor, offered, on=day, now=now)
    zone = columns[0].offering.zone
    own = {b.public_id: b for column in columns for b in column.own}
    for access in accesses(actor, own.values(), "listed", "api"):
        log_access(actor, access)
    return {
        "time_zone": zone,
        "free": [_free(zone, s) for column in columns for s in column.free],
        "taken": [_run(zone, low, high) for low, high in _taken(columns)],
        "own": [
            {"id": str(b.public_id), **_run(zone, b.start, b.end), "patient": b.name}
            for b in own.values()
        ],
    }


def _free(zone: str, slot: FreeStart) -> dict[str, Any]:
    return {
        "offering": str(slot.offering),
        "service": str(slot.service),
        **_run(zone, slot.start, slot.end),
    }


def _taken(columns: list[OutsideColumn]) -> list[tuple[datetime, datetime]]:
    """Open time that no service of the calendar may begin in or cover, as merged runs."""
    free = joined((s.start, s.end) for column in columns for s in column.free)
    own = [(b.start, b.end) for column in columns for b in column.own]
    opened = joined(run for column in columns for run in column.open)
    return subtract(opened, [*free, *own])
