"""The channels that settle, and the bookings a month's settlement is made from.

A month is judged in the zone of each booking's location (D10). Where all places of a provider
share one zone, as they nearly always do, a month is one range of the covering index.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import reduce
from operator import or_

from django.db.models import (
    Exists,
    OuterRef,
    Q,
    QuerySet,
)

from samtime.accounts.actor import Actor
from samtime.billing.models import SettlementStatement, StatementLine
from samtime.billing.rules import FROZEN, month_bounds, next_month
from samtime.bookings.models import Booking
from samtime.channels.models import Channel, ChannelTerms
from samtime.foundation.prepared import fetch

GONE = ("cancelled", "noshow")
Zones = dict[int, dict[str, list[int]]]


PLACES = """
SELECT organization_id, id, time_zone FROM organizations_location
WHERE organization_id = ANY(%(providers)s)
"""


def places_of(provider_ids: Iterable[int]) -> Zones:
    """Location ids by provider and time zone; closed places too, their past is settled."""
    found: Zones = {}
    for owner, ident, zone in fetch(PLACES, {"providers": list(provider_ids)}):
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


# The same channels without objects, for sums.
SETTLED = """
SELECT c.id, c.provider_id, o.currency
FROM channels_channel c JOIN organizations_organization o ON o.id = c.provider_id
WHERE (c.provider_id = %(viewer)s OR c.outsider_id = %(viewer)s) AND c.outsider_id IS NOT NULL
  AND c.kind <> 'own_desk' AND c.state <> 'preparing'
  AND EXISTS (SELECT FROM channels_channelterms t WHERE t.channel_id = c.id AND t.statistics)
"""


def settled_keys(actor: Actor) -> list[tuple[int, int, str]]:
    """Of the settled channels, in no order: their ids, their providers' ids and currencies."""
    rows = fetch(SETTLED, {"viewer": actor.organization_id})
    return [(ident, owner, currency) for ident, owner, currency in rows]


def counts_in(channel: Channel, period: date) -> bool:
    """Whether statistics were agreed on any day of the month (D13)."""
    rows = ChannelTerms.objects.filter(channel=channel, from_on__lt=next_month(period))
    for from_on, statistics in rows.order_by("-from_on").values_list("from_on", "statistics"):
        if statistics:
            return True
        if from_on <= period:
            return False
    return False


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
