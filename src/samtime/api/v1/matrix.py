"""The matrix of one channel: what is open where, at which own price."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of
from samtime.api.v1.shapes import money
from samtime.channels.queries.matrix import Cell, Matrix, matrix
from samtime.foundation.errors import NotFound
from samtime.foundation.periods import local_day
from samtime.organizations.queries import locations, organization_of


@api.get("/channels/{channel_id}/listings")
def channel_listings(
    request: HttpRequest, channel_id: UUID, location: str = "", on: date | None = None
) -> HttpResponse:
    """Every service at a location (its id or slug; else at all), and its practitioners.

    `state`: all, some, none, or out (location not in the agreement); `on` is a day, else today.
    """
    actor = actor_of(request, "channels.read")
    currency = organization_of(actor).currency
    places = [p for p in locations(actor) if not location or location in (p.slug, str(p.public_id))]
    tables = [
        matrix(actor, location=place, on=on or local_day(timezone.now(), place.time_zone))
        for place in places
    ]
    if not tables or all(channel_id not in _columns(table) for table in tables):
        raise NotFound()
    items = [line for table in tables for line in _lines(table, channel_id, currency)]
    return answer(200, {"items": items, "next": None})


def _columns(table: Matrix) -> list[UUID]:
    return [column.channel for column in table.columns]


def _lines(table: Matrix, channel_id: UUID, currency: str) -> list[dict[str, Any]]:
    place = _columns(table).index(channel_id)
    lines = []
    for row in (row for group in table.groups for row in group.rows):
        base = {
            "service": str(row.service),
            "name": row.name,
            "location": str(table.location.public_id),
        }
        lines.append({**base, "offering": None, **_cell(row.cells[place], currency)})
        lines += [
            {
                **base,
                "offering": str(one.offering),
                "practitioner": one.name,
                **_cell(one.cells[place], currency),
            }
            for one in row.practitioners
        ]
    return lines


def _cell(cell: Cell, currency: str) -> dict[str, Any]:
    return {
        "open": cell.state == "all",
        "state": cell.state,
        "price": money(cell.price, currency),
        "changes_on": cell.next_on.isoformat() if cell.next_on else None,
    }
