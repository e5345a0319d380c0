"""Shapes every call shares: money, lists with cursors, instants."""

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ConfigDict, Field

from samtime.api.door import answer
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.money import Money, NotMoney

LARGEST_PAGE = 200


class Body(Schema):
    """What every request body is made of: a field nobody knows is named, not swallowed."""

    model_config = ConfigDict(extra="forbid")


class MoneyIn(Body):
    """An amount as text with at most two decimals, and its currency."""

    amount: str = Field(max_length=20, examples=["450.00"])
    currency: str = Field(min_length=3, max_length=3, examples=["RON"])

    def money(self, field: str = "amount") -> Money:
        """As Money; refuses what is no amount."""
        try:
            return Money.parse(self.amount, self.currency)
        except NotMoney:
            raise Invalid(
                FieldError(field, "amount", _("This is not an amount of money."))
            ) from None


class MoneyOut(Schema):
    """An amount as text with two decimals, and its currency."""

    amount: str
    currency: str


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]]


def money(minor: int | None, currency: str) -> dict[str, str] | None:
    """Minor units as the API shows them."""
    if minor is None:
        return None
    return {"amount": Money(minor, currency).amount, "currency": currency}


def instant(at: datetime | None, zone: str = "UTC") -> str | None:
    """RFC 3339 with the offset of the zone."""
    return at.astimezone(ZoneInfo(zone)).isoformat() if at else None


def listed(
    request: HttpRequest,
    rows: QuerySet[Any],
    shape: Callable[[Any], dict[str, Any]],
    *,
    limit: int,
    cursor: str,
) -> HttpResponse:
    """One page in order of id, with an opaque cursor and a Link header to the next."""
    count = max(1, min(limit, LARGEST_PAGE))
    after = decode_cursor(cursor)
    return _page(request, list(rows.filter(pk__gt=after).order_by("pk")[: count + 1]), shape, count)


def listed_rows(
    request: HttpRequest,
    rows: Iterable[Any],
    shape: Callable[[Any], dict[str, Any]],
    *,
    limit: int,
    cursor: str,
) -> HttpResponse:
    """The same for rows that were gathered from several questions."""
    count = max(1, min(limit, LARGEST_PAGE))
    after = decode_cursor(cursor)
    rest = sorted((row for row in rows if row.pk > after), key=lambda row: row.pk)
    return _page(request, rest[: count + 1], shape, count)


def _page(
    request: HttpRequest, found: list[Any], shape: Callable[[Any], dict[str, Any]], count: int
) -> HttpResponse:
    more = len(found) > count
    items = found[:count]
    following = encode_cursor(items[-1].pk) if more else None
    response = answer(200, {"items": [shape(row) for row in items], "next": following})
    if following:
        query = request.GET.copy()
        query["cursor"] = following
        response["Link"] = (
            f'<{request.build_absolute_uri(request.path)}?{query.urlencode()}>; rel="next"'
        )
    return response


def encode_cursor(last: int) -> str:
    """The place after a row, not to be read by anybody."""
    return base64.urlsafe_b64encode(f"after:{last}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """Back to the row; refuses anything we did not make."""
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        word, _sep, number = text.partition(":")
        if word == "after" and number.isdecimal() and len(number) < 19:
            return int(number)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise Invalid(FieldError("cursor", "cursor", _("This cursor is not one of ours.")))
