"""The figures of months per channel and currency, straight from the bookings' rows (SPEED.md W7).

Nothing is kept between: what a month says is what its bookings are at this moment.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection

from samtime.accounts.actor import Actor
from samtime.billing.queries.sources import Zones, places_of, settled_keys
from samtime.billing.rules import month_bounds
from samtime.channels.models import Channel
from samtime.foundation.prepared import planned

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """A channel's month as its bookings stand now; money in minor units of `currency`."""

    channel_id: int
    currency: str
    bookings: int
    attended: int
    cancelled: int
    no_show: int
    expected: int
    base: int
    commission: int
    expected_commission: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, gone by or still to come, and whose bookings are summed in it.

    `places` empty: all of them. `currency`: in which they are supposed to be, «» when not known.
    """

    channels: list[int]
    low: datetime
    high: datetime
    places: list[int]
    currency: str
    is_coming: bool


# Of columns of the covering index only, in its order, few and short: nothing is sorted or hashed.
# By currency only where it must be, since nearly every channel has its provider's alone: rows of
# another are counted, and their channels asked again.
SUMS = """
SELECT channel_id, {currency}, %s::boolean, count(*),
  count(*) FILTER (WHERE state = 'cancelled'), count(*) FILTER (WHERE state = 'noshow'),
  coalesce(sum(net_amount) FILTER (WHERE {stands}), 0)::bigint,
  coalesce(sum(commission_amount) FILTER (WHERE {stands}), 0)::bigint,
  {others}
FROM bookings_booking
WHERE channel_id = ANY(%s) AND starts_at >= %s AND starts_at < %s{places}
GROUP BY channel_id{by_currency}
"""
STANDS = "state <> 'cancelled' AND state <> 'noshow'"
# The row policy tempts the planner into a bitmap of everything the viewer may see, and into handing
# rows one by one from process to process, since it cannot guess how many there are: the covering
# index and its order are right for any number. Processes that read the same pages hinder each
# other: on two processors three took half as long again as one for a million rows.
BY_THE_INDEX = {
    "enable_bitmapscan": "off",
    "enable_hashagg": "off",
    "enable_sort": "off",
    "enable_incremental_sort": "off",
    "max_parallel_workers_per_gather": "0",
}


def month_figures(
    actor: Actor, period: date, *, now: datetime, channel: Channel | None = None
) -> list[Figures]:
    """The figures of one month. Transactions only."""
    return months_figures(actor, [period], now=now, channel=channel).get(period, [])


def months_figures(
    actor: Actor, periods: list[date], *, now: datetime, channel: Channel | None = None
) -> dict[date, list[Figures]]:
    """Counts and sums of months per channel and currency, from rows.

    One aggregate a month over the covering index, whatever the number of channels, and four
    questions for all of them. Transactions only.
    """
    asked = [(channel.id, channel.provider_id, "")] if channel else settled_keys(actor)
    if not asked:
        return {}
    zones = places_of({owner for _ident, owner, _currency in asked})
    with planned(**BY_THE_INDEX):
        return {period: _month(_stretches(asked, zones, period, now)) for period in periods}


def _stretches(
    asked: list[tuple[int, int, str]], zones: Zones, period: date, now: datetime
) -> list[Stretch]:
    """Nearly always one for a month gone by: places share a zone, and channels a currency."""
    together: dict[tuple[datetime, datetime, tuple[int, ...], str], list[int]] = defaultdict(list)
    for ident, owner, currency in asked:
        own = zones.get(owner) or {"UTC": []}
        for zone, places in own.items():
            low, high = month_bounds(period, zone)
            together[low, high, tuple(places) if len(own) > 1 else (), currency].append(ident)
    found = []
    for (low, high, at, currency), ids in together.items():
        # What begins at this very moment has begun.
        middle = min(high, max(low, now + INSTANT))
        for start, end, is_coming in ((low, middle, False), (middle, high, True)):
            if start < end:
                found.append(Stretch(ids, start, end, list(at), currency, is_coming))
    return found


def _month(stretches: list[Stretch]) -> list[Figures]:
    rows = _sums(stretches)
    mixed = {row[0] for row in rows if row[-1]}
    if mixed:
        again = [
            replace(one, channels=[c for c in one.channels if c in mixed], currency="")
            for one in stretches
        ]
        rows = [row for row in rows if row[0] not in mixed]
        rows += _sums([one for one in again if one.channels])
    return [_folded(key, own) for key, own in groupby(sorted(rows), key=lambda row: row[:2])]


def _sums(stretches: list[Stretch]) -> list[tuple[Any, ...]]:
    parts, values = [], list[Any]()
    for one in stretches:
        known = [one.currency] if one.currency else []
        parts.append(
            SUMS.format(
                stands=STANDS,
                currency="%s" if known else "currency",
                others="count(*) FILTER (WHERE currency <> %s)" if known else "0",
                places=" AND location_id = ANY(%s)" if one.places else "",
                by_currency="" if known else ", currency",
            )
        )
        values += [*known, one.is_coming, *known, one.channels, one.low, one.high]
        values += [one.places] if one.places else []
    with connection.cursor() as cursor:
        # Not prepared: how many channels there are decides how they are looked up.
        cursor.execute(" UNION ALL ".join(parts), values)
        return list(cursor.fetchall())


def _folded(key: tuple[Any, ...], rows: Iterable[tuple[Any, ...]]) -> Figures:
    """A channel and currency: the sums of its stretches together, gone by and to come."""
    past, coming = [0] * 5, [0] * 5
    for _channel, _currency, is_coming, *sums, _others in rows:
        side = coming if is_coming else past
        side[:] = [a + b for a, b in zip(side, sums, strict=True)]
    cancelled, no_show = past[1] + coming[1], past[2] + coming[2]
    attended = past[0] - past[1] - past[2]
    return Figures(
        channel_id=key[0],
        currency=key[1],
        bookings=attended + cancelled + no_show,
        attended=attended,
        cancelled=cancelled,
        no_show=no_show,
        expected=coming[0] - coming[1] - coming[2],
        base=past[3],
        commission=past[4],
        expected_commission=coming[4],
    )
