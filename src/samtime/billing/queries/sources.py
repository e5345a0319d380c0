"""The bookings a month's settlement is made from, and its figures straight from their rows.

A month is judged in the zone of each booking's location (D10). Where all places of a provider
share one zone, as they nearly always do, a month is one range of the covering index.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
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


def places_of(provider_ids: Iterable[int]) -> dict[int, dict[str, list[int]]]:
    """Location ids by provider and time zone; closed places too, their past is settled."""
    found: dict[int, dict[str, list[int]]] = {}
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
    """Counts and sums of a month per channel and currency, from rows (SPEED.md W7).

    One aggregate over the covering index, whatever the number of channels.
    """
    channels = [channel] if channel else list(settled_channels(actor))
    if not channels:
        return []
    by_provider: dict[int, list[int]] = defaultdict(list)
    for one in channels:
        by_provider[one.provider_id].append(one.id)
    zones = places_of(by_provider)
    wanted = reduce(
        or_,
        [
            Q(channel_id__in=ids) & in_months(zones.get(owner, {}), period, period)
            for owner, ids in by_provider.items()
        ],
    )
    return list(_figures(wanted, now))


def _figures(wanted: Q, now: datetime) -> Iterator[Figures]:
    """Summed by state in the database, folded here: three sums a row instead of eight."""
    rows = (
        Booking.objects.filter(wanted)
        .annotate(is_past=ExpressionWrapper(Q(starts_at__lte=now), output_field=BooleanField()))
        .values("channel_id", "currency", "state", "is_past")
        .annotate(count=Count("*"), base=Sum("net_amount"), commission=Sum("commission_amount"))
        .order_by()
    )
    found: dict[tuple[int, str], dict[str, int]] = {}
    for row in rows:
        one = found.setdefault((row["channel_id"], row["currency"]), dict.fromkeys(COUNTED, 0))
        _fold(one, row)
    for (channel_id, currency), sums in sorted(found.items()):
        yield Figures(channel_id=channel_id, currency=currency, **sums)


COUNTED = (
    "bookings",
    "attended",
    "cancelled",
    "no_show",
    "expected",
    "base",
    "commission",
    "expected_commission",
)


def _fold(one: dict[str, int], row: dict[str, Any]) -> None:
    kind = {"cancelled": "cancelled", "noshow": "no_show"}.get(row["state"])
    kind = kind or ("attended" if row["is_past"] else "expected")
    one[kind] += row["count"]
    if kind == "expected":
        one["expected_commission"] += row["commission"]
        return
    one["bookings"] += row["count"]
    if kind == "attended":
        one["base"] += row["base"]
        one["commission"] += row["commission"]


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
