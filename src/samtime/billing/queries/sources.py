"""The bookings a month's settlement is made from, and its figures straight from their rows.

A month is judged in the zone of each booking's location (D10). Where all places of a provider
share one zone, as they nearly always do, a month is one range of the covering index.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from samtime.accounts.actor import Actor
from samtime.billing.models import LineDispute, SettlementStatement, StatementLine
from samtime.billing.rules import FROZEN, month_bounds, next_month
from samtime.bookings.models import Booking
from samtime.channels.models import Channel, ChannelTerms
from samtime.foundation.prepared import planned
from samtime.organizations.models import Location

GONE = ("cancelled", "noshow")


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


Zones = dict[int, dict[str, list[int]]]


def places_of(provider_ids: Iterable[int]) -> Zones:
    """Location ids by provider and time zone; closed places too, their past is settled."""
    found: Zones = {}
    rows = Location.objects.filter(organization_id__in=list(provider_ids))
    for owner, ident, zone in rows.values_list("organization_id", "id", "time_zone"):
        found.setdefault(owner, {}).setdefault(zone, []).append(ident)
    return found


def places_by_zone(provider_id: int) -> dict[str, list[int]]:
    """The same for one provider."""
    return places_of([provider_id]).get(provider_id, {})


def in_months(zones: dict[str, list[int]], first: date, last: date) -> Q:
    """Bookings whose local month lies between two periods, both included."""
    ranges = [
        (ids, month_bounds(first, zone)[0], month_bounds(last, zone)[1])
        for zone, ids in (zones or {"UTC": []}).items()
    ]
    if len(ranges) == 1:
        return Q(starts_at__gte=ranges[0][1], starts_at__lt=ranges[0][2])
    return reduce(
        or_,
        [Q(location_id__in=i, starts_at__gte=low, starts_at__lt=high) for i, low, high in ranges],
    )


def month_is_over(provider_id: int, period: date, now: datetime) -> bool:
    """Whether the month has ended at every place of the provider."""
    zones = places_by_zone(provider_id) or {"UTC": []}
    return all(now >= month_bounds(period, zone)[1] for zone in zones)


def month_end(provider_id: int, period: date) -> datetime:
    """The instant from which the month is over everywhere."""
    zones = places_by_zone(provider_id) or {"UTC": []}
    return max(month_bounds(period, zone)[1] for zone in zones)


def settled_channels(actor: Actor) -> "QuerySet[Channel]":
    """Channels of which the actor's organization is a side and that settle: not the own desk, and
    with statistics agreed at some time (D13). Ordered by the name of the other side."""
    agreed = ChannelTerms.objects.filter(channel=OuterRef("pk"), statistics=True)
    rows: QuerySet[Channel] = Channel.objects.visible_to(actor)
    return (
        rows.filter(Exists(agreed), outsider__isnull=False)
        .exclude(Q(kind="own_desk") | Q(state="preparing"))
        .select_related("provider", "outsider")
        .order_by("name", "id")
    )


def counts_in(channel: Channel, period: date) -> bool:
    """Whether statistics were agreed on any day of the month (D13)."""
    rows = ChannelTerms.objects.filter(channel=channel, from_on__lt=next_month(period))
    for from_on, statistics in rows.order_by("-from_on").values_list("from_on", "statistics"):
        if statistics:
            return True
        if from_on <= period:
            return False
    return False


def month_figures(
    actor: Actor, period: date, *, now: datetime, channel: Channel | None = None
) -> list[Figures]:
    """The figures of one month. Transactions only."""
    return months_figures(actor, [period], now=now, channel=channel).get(period, [])


def months_figures(
    actor: Actor, periods: list[date], *, now: datetime, channel: Channel | None = None
) -> dict[date, list[Figures]]:
    """Counts and sums of months per channel and currency, from rows (SPEED.md W7).

    One aggregate a month over the covering index, whatever the number of channels, and four
    questions for all of them. Transactions only.
    """
    channels = [(channel.id, channel.provider_id)] if channel else _pairs(actor)
    if not channels:
        return {}
    zones, found = places_of({owner for _ident, owner in channels}), {}
    with planned(**BY_THE_INDEX), connection.cursor() as cursor:
        for period in periods:
            # Not prepared: the number of channels decides whether several processes are worth it.
            cursor.execute(*_sums(channels, zones, period, now))
            rows = sorted(cursor.fetchall())
            found[period] = [_folded(rows) for _key, rows in groupby(rows, key=lambda r: r[:2])]
    return found


# Of columns of the covering index only. A channel and currency is one group, so that several
# processes can sum their shares; what is left when the gone and the coming are taken away took
# place.
SUMS = """
SELECT channel_id, currency, count(*), sum(net_amount)::bigint, sum(commission_amount)::bigint,
  {gone}
FROM bookings_booking
WHERE channel_id = ANY(%s) AND starts_at >= %s AND starts_at < %s{places}
GROUP BY channel_id, currency
"""
GONE_SUMS = ", ".join(
    f"count(*) FILTER (WHERE {which}), sum(net_amount) FILTER (WHERE {which})::bigint,"
    f" sum(commission_amount) FILTER (WHERE {which})::bigint"
    for which in (
        "state = 'cancelled'",
        "state = 'noshow'",
        "starts_at > %s AND state NOT IN ('cancelled', 'noshow')",
    )
)
# The row policy tempts the planner into a bitmap of everything the viewer may see, and it cannot
# guess how many rows that is: the covering index is right for any number.
BY_THE_INDEX = {
    "enable_bitmapscan": "off",
    "enable_sort": "off",
    "enable_incremental_sort": "off",
    "min_parallel_index_scan_size": "0",
}


def _pairs(actor: Actor) -> list[tuple[int, int]]:
    return list(settled_channels(actor).order_by().values_list("id", "provider_id"))


def _sums(
    channels: list[tuple[int, int]], zones: Zones, period: date, now: datetime
) -> tuple[str, list[Any]]:
    """One aggregate for each range of time: nearly always one, since places share a zone."""
    by_provider: dict[int, list[int]] = defaultdict(list)
    for ident, owner in channels:
        by_provider[owner].append(ident)
    ranges: dict[tuple[datetime, datetime, tuple[int, ...]], list[int]] = defaultdict(list)
    for owner, ids in by_provider.items():
        own = zones.get(owner) or {"UTC": []}
        for zone, places in own.items():
            low, high = month_bounds(period, zone)
            ranges[(low, high, tuple(places) if len(own) > 1 else ())].extend(ids)
    parts, values = [], list[Any]()
    for (low, high, at), ids in ranges.items():
        parts.append(SUMS.format(gone=GONE_SUMS, places=" AND location_id = ANY(%s)" if at else ""))
        values += [now, now, now, ids, low, high, *([list(at)] if at else [])]
    return " UNION ALL ".join(parts), values


def _folded(rows: Iterable[tuple[Any, ...]]) -> Figures:
    """Of one channel and currency: the sums of its ranges together."""
    parts = list(rows)
    count, net, commission = (
        [sum(row[n] or 0 for row in parts) for n in range(2 + what, 14, 3)] for what in range(3)
    )
    return Figures(
        channel_id=parts[0][0],
        currency=parts[0][1],
        bookings=count[0] - count[3],
        attended=count[0] - sum(count[1:]),
        cancelled=count[1],
        no_show=count[2],
        expected=count[3],
        base=net[0] - sum(net[1:]),
        commission=commission[0] - sum(commission[1:]),
        expected_commission=commission[3],
    )


def month_bookings(channel: Channel, period: date, currency: str) -> "QuerySet[Booking]":
    """The bookings of a channel's month that no sent statement holds, in order of time."""
    held = StatementLine.objects.filter(booking=OuterRef("pk"), kind="visit", frozen=True)
    rows: QuerySet[Booking] = Booking.objects.filter(
        in_months(places_by_zone(channel.provider_id), period, period),
        ~Exists(held),
        channel=channel,
        currency=currency,
    )
    return rows.select_related("service", "location").order_by("starts_at", "id")


def changed_since(channel: Channel, currency: str, now: datetime) -> "QuerySet[Booking]":
    """Bookings whose worth now differs from what sent statements gave: annotated with `settled`,
    `agreed` and `worth`; bookings that came into a month after it was sent are among them."""
    lines = StatementLine.objects.filter(booking=OuterRef("pk"), frozen=True)
    sums = lines.values("booking").annotate(s=Sum("commission_amount")).values("s")
    accepted = LineDispute.objects.filter(booking=OuterRef("pk"), state="accepted")
    last = accepted.order_by("-answered_at", "-id").values("agreed_amount")[:1]
    took_place = ~Q(state__in=GONE) & Q(starts_at__lte=now)
    rows: QuerySet[Booking] = Booking.objects.filter(channel=channel, currency=currency)
    return (
        rows.annotate(
            settled=Coalesce(Subquery(sums), 0, output_field=BigIntegerField()),
            is_settled=Exists(lines),
            agreed=Subquery(last),
            worth=Case(
                When(agreed__isnull=False, then=F("agreed")),
                When(took_place, then=F("commission_amount")),
                default=Value(0),
                output_field=BigIntegerField(),
            ),
        )
        .filter(Q(is_settled=True) | _late(channel, currency))
        .exclude(worth=F("settled"))
        .select_related("service", "location")
        .order_by("starts_at", "id")
    )


def _late(channel: Channel, currency: str) -> Q:
    """In a month that was sent already."""
    sent = SettlementStatement.objects.filter(
        channel=channel, currency=currency, state__in=FROZEN
    ).order_by("period")
    first, last = sent.first(), sent.last()
    if first is None or last is None:
        return Q(pk__isnull=True)
    return in_months(places_by_zone(channel.provider_id), first.period, last.period)


def has_unsent_before(channel: Channel, period: date, currency: str) -> bool:
    """Whether an earlier month has bookings that no sent statement holds."""
    sent = SettlementStatement.objects.filter(
        channel=channel, currency=currency, state__in=FROZEN, period__lt=period
    ).values_list("period", flat=True)
    zones = places_by_zone(channel.provider_id)
    rows = Booking.objects.filter(channel=channel, currency=currency)
    rows = rows.filter(starts_at__lt=min(month_bounds(period, z)[0] for z in zones or {"UTC": []}))
    latest = max(sent, default=None)
    if latest is not None:
        rows = rows.exclude(in_months(zones, date(2000, 1, 1), latest))
    return rows.exists()
