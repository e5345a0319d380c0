"""The matrix over the API: what is open where, why a time is not bookable, ticks and prices."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of
from samtime.api.v1.shapes import Body, MoneyIn, money
from samtime.api.v1.times import judged_day
from samtime.bookings.queries.why import Question, why
from samtime.channels.commands import KEEP, Change, ChangeAnswer, set_listings
from samtime.channels.queries.matrix import Cell, Matrix, matrix
from samtime.foundation.errors import FieldError, Invalid, NotFound
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
    if on is not None:
        judged_day(on, "on")
    places = [p for p in locations(actor) if not location or location in (p.slug, str(p.public_id))]
    tables = [
        matrix(actor, location=place, on=on or local_day(timezone.now(), place.time_zone))
        for place in places
    ]
    if not tables or all(channel_id not in _columns(table) for table in tables):
        raise NotFound()
    items = [line for table in tables for line in _lines(table, channel_id, currency)]
    return answer(200, {"items": items, "next": None})


@api.get("/channels/{channel_id}/why")
def channel_why(
    request: HttpRequest, channel_id: UUID, offering: UUID, at: datetime
) -> HttpResponse:
    """Whether a booking at this instant would succeed, and every reason that stands in the way.

    The channel's provider reads everything, its outsider only its own half. `fix_url` is where the
    reader himself can change it, else null.
    """
    actor = actor_of(request, "channels.read")
    if at.tzinfo is None:
        raise Invalid(FieldError("at", "offset", _("Give the time with its offset from UTC.")))
    found = why(actor, Question(channel_id, offering=offering, at=at), now=timezone.now())
    base = f"/o/{organization_of(actor).slug}/"
    reasons = [
        {
            "code": reason.code,
            "detail": f"{reason.title}. {reason.detail}".strip(),
            "fix_url": _page(request, base + reason.fix) if reason.fix else None,
        }
        for reason in found.reasons
    ]
    return answer(200, {"bookable": found.bookable, "reasons": reasons})


def _page(request: HttpRequest, address: str) -> str | None:
    """The whole address of a page, where there is such a page."""
    try:
        resolve(address.partition("?")[0])
    except Resolver404:
        return None
    return request.build_absolute_uri(address)


def _columns(table: Matrix) -> list[UUID]:
    return [column.channel for column in table.columns]


def _lines(table: Matrix, channel_id: UUID, currency: str) -> list[dict[str, Any]]:
    place = _columns(table).index(channel_id)
    lines = []
    for row in (row for group in table.groups for row in group.rows):
        base = {
            "service": str(row.service),
            "name": row.name,
            "location": str(table.location.public_id) if table.location else None,
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


class ListingChangeIn(Body):
    """One cell: an offering, or a service at a location; `price` null = base price again."""

    channel: UUID
    service: UUID | None = None
    location: UUID | None = None
    offering: UUID | None = None
    open: bool | None = None
    price: MoneyIn | None = None
    from_: date | None = Field(None, alias="from")


class ListingsIn(Body):
    """All of them, or none."""

    changes: list[ListingChangeIn] = Field(max_length=5000)
    dry_run: bool = False


@api.put("/listings")
def listings(request: HttpRequest, body: ListingsIn) -> HttpResponse:
    """Tick, untick and price cells of the matrix: all of them or none, an answer for each.

    With `dry_run` nothing is saved and only the cells that would differ are answered; `index` is
    the change's place in what was sent.
    """
    actor = actor_of(request, "channels.write")
    currency = organization_of(actor).currency
    changes = [_change(c, n, currency) for n, c in enumerate(body.changes)]
    done = set_listings(actor=actor, changes=changes, dry_run=body.dry_run)
    shown = [
        {"index": n, **_changed(d, currency)}
        for n, d in enumerate(done)
        if d.changed or not body.dry_run
    ]
    return answer(200, {"changes": shown, "dry_run": body.dry_run})


def _change(given: ListingChangeIn, number: int, currency: str) -> Change:
    priced = "price" in given.model_fields_set
    if given.price and given.price.currency != currency:
        sentence = _("Prices of this institution are in %(currency)s.")
        detail = sentence % {"currency": currency}
        raise Invalid(FieldError(f"changes.{number}.price", "currency", detail))
    amount = given.price.money(f"changes.{number}.price").minor if given.price else None
    return Change(
        channel=given.channel,
        service=given.service,
        location=given.location,
        offering=given.offering,
        open=given.open,
        price=amount if priced else KEEP,
        from_on=given.from_,
    )


def _changed(done: ChangeAnswer, currency: str) -> dict[str, Any]:
    change = done.change
    return {
        "channel": str(change.channel),
        "offering": str(change.offering) if change.offering else None,
        "service": str(change.service) if change.service else None,
        "location": str(change.location) if change.location else None,
        "from": done.from_on.isoformat(),
        "open": {"before": done.open_before, "after": done.open_after},
        "price": {
            "before": money(done.price_before, currency),
            "after": money(done.price_after, currency),
        },
        "price_minor": {"before": done.price_before, "after": done.price_after},
        "changed": done.changed,
    }
