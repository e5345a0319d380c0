"""What an outsider may book, as a list: service by place, price now and next, from and until.

The same judgement as for one time (D8, D9), for a whole channel at once: nine queries, whatever its
size. The days are those of the appointment, in the location's zone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.models import Offering, OfferingPrice
from samtime.catalog.models import Service, ServicePrice
from samtime.channels.models import Channel, ChannelLocation, Listing, ListingPrice
from samtime.organizations.models import Location

NEW_FOR = timedelta(days=14)
_Pair = tuple[int, int]
_Dates = dict[Any, list[tuple[date, Any]]]


@dataclass(slots=True)
class CatalogueLine:
    """One service at one place on one channel. Money in minor units of `currency`, gross.

    `price` and `minutes` are (lowest, highest) over the practitioners. `opens_on` lies ahead when
    it cannot be booked for today; `ends_on` is the first day on which it is closed again.
    """

    channel: Channel
    location: Location
    service: Service
    practitioners: list[str] = field(default_factory=list)
    minutes: tuple[int, int] = (0, 0)
    price: tuple[int, int] = (0, 0)
    next_price: tuple[int, int] | None = None
    next_price_on: date | None = None
    opens_on: date | None = None
    since: date | None = None
    ends_on: date | None = None
    currency: str = ""

    def is_new(self, today: date) -> bool:
        """Opened not long ago, or about to open."""
        return bool(self.opens_on or (self.since and self.since > today - NEW_FOR))


@dataclass(slots=True)
class _Facts:
    """Every dated row of some channels, oldest first."""

    ticks: _Dates
    prices: _Dates
    offering_prices: _Dates
    service_prices: _Dates

    def is_open(self, channel: int, offering: Offering, on: date) -> bool:
        """Whether the cell is open on a day; no row is closed."""
        key = (channel, offering.calendar.location_id, offering.service_id)
        return bool(self._chosen(self.ticks, key, offering.id, on))

    def price(self, channel: int, offering: Offering, on: date) -> int | None:
        """The channel's price, else the offering's, else the service's."""
        key = (channel, offering.calendar.location_id, offering.service_id)
        found: int | None = self._chosen(self.prices, key, offering.id, on)
        if found is None:
            found = _latest(self.offering_prices.get(offering.id, []), on)[1]
        if found is None:
            found = _latest(self.service_prices.get(offering.service_id, []), on)[1]
        return found

    def days(self, channel: int, offerings: Iterable[Offering]) -> list[date]:
        """Every day on which something about these cells changes."""
        found: set[date] = set()
        for offering in offerings:
            key = (channel, offering.calendar.location_id, offering.service_id)
            for rows in (self.ticks, self.prices):
                for one in (offering.id, None):
                    found |= {day for day, _v in rows.get((*key, one), [])}
            found |= {day for day, _v in self.offering_prices.get(offering.id, [])}
            found |= {day for day, _v in self.service_prices.get(offering.service_id, [])}
        return sorted(found)

    @staticmethod
    def _chosen(rows: _Dates, key: tuple[int, int, int], offering: int, on: date) -> Any:
        known, value = _latest(rows.get((*key, offering), []), on)
        return value if known else _latest(rows.get((*key, None), []), on)[1]


def _latest(rows: list[tuple[date, Any]], on: date) -> tuple[bool, Any]:
    values = [value for day, value in rows if day <= on]
    return (True, values[-1]) if values else (False, None)


def catalogue(actor: Actor, *, today: date) -> list[CatalogueLine]:
    """Everything open now or later on the actor's open channels at others, by name.

    Refuses: RightMissing.
    """
    actor.require_any(Right.BOOK_AT_PARTNER, Right.SEE_PARTNERS)
    channels = list(
        Channel.objects.visible_to(actor)
        .filter(outsider_id=actor.organization_id, state="open")
        .select_related("provider")
    )
    groups, facts = _offered(channels), _facts(channels)
    lines = []
    for (channel, _place, _service), offerings in groups.items():
        if line := _line(channel, offerings, facts, today):
            lines.append(line)
    return sorted(
        lines,
        key=lambda x: (
            x.channel.provider.name.casefold(),
            x.location.name.casefold(),
            x.service.specialty.casefold(),
            x.service.name_in(actor.language).casefold(),
        ),
    )


def closed_cells(channel: Channel, *, today: date) -> list[tuple[Location, Service]]:
    """What the channel's places offer and this channel may not book, now or later."""
    facts, found = _facts([channel]), []
    for (_channel, _place, _service), offerings in _offered([channel]).items():
        if _line(channel, offerings, facts, today) is None:
            found.append((offerings[0].calendar.location, offerings[0].service))
    return sorted(found, key=lambda pair: (pair[0].name.casefold(), pair[1].name.casefold()))


def _offered(channels: list[Channel]) -> dict[tuple[Channel, int, int], list[Offering]]:
    agreed: dict[int, set[Channel]] = defaultdict(set)
    by_id = {channel.id: channel for channel in channels}
    for row in ChannelLocation.objects.filter(channel__in=channels):
        agreed[row.location_id].add(by_id[row.channel_id])
    rows = (
        Offering.objects.filter(
            calendar__location_id__in=list(agreed),
            ended_on=None,
            service__ended_on=None,
            calendar__ended_on=None,
            calendar__location__ended_on=None,
        )
        .select_related("service", "calendar__location", "calendar__role__practitioner")
        .order_by("calendar__role__practitioner__family_name", "id")
    )
    found: dict[tuple[Channel, int, int], list[Offering]] = defaultdict(list)
    for offering in rows:
        for channel in agreed[offering.calendar.location_id]:
            if channel.provider_id == offering.provider_id:
                key = (channel, offering.calendar.location_id, offering.service_id)
                found[key].append(offering)
    return found


def _facts(channels: list[Channel]) -> _Facts:
    ticks: _Dates = defaultdict(list)
    prices: _Dates = defaultdict(list)
    for model, name, into in ((Listing, "open", ticks), (ListingPrice, "amount", prices)):
        rows: Any = model.objects.filter(channel__in=channels).order_by("from_on")
        for row in rows:
            key = (row.channel_id, row.location_id, row.service_id, row.offering_id)
            into[key].append((row.from_on, getattr(row, name)))
    providers = {channel.provider_id for channel in channels}
    own: _Dates = defaultdict(list)
    for price in OfferingPrice.objects.filter(offering__provider_id__in=providers):
        own[price.offering_id].append((price.from_on, price.amount))
    base: _Dates = defaultdict(list)
    for given in ServicePrice.objects.filter(service__provider_id__in=providers):
        base[given.service_id].append((given.from_on, given.amount))
    for dated in (own, base):
        for rows in dated.values():
            rows.sort(key=lambda pair: pair[0])
    return _Facts(ticks, prices, own, base)


def _line(
    channel: Channel, offerings: list[Offering], facts: _Facts, today: date
) -> CatalogueLine | None:
    """None when it is open neither today nor later."""
    days = facts.days(channel.id, offerings)
    later = [day for day in days if day > today]
    first = next((d for d in (today, *later) if _open_on(channel, offerings, facts, d)), None)
    if first is None:
        return None
    bookable = _open_on(channel, offerings, facts, first)
    place, service = offerings[0].calendar.location, offerings[0].service
    line = CatalogueLine(channel, place, service, currency=channel.provider.currency)
    line.practitioners = [str(o.calendar.role.practitioner) for o in bookable]
    minutes = [o.duration_minutes or service.duration_minutes for o in bookable]
    line.minutes = (min(minutes), max(minutes))
    line.price = _prices(channel, bookable, facts, first)
    line.opens_on = first if first > today else None
    line.since = _since(channel, offerings, facts, [d for d in days if d <= today])
    for day in (d for d in later if d > first):
        still = _open_on(channel, offerings, facts, day)
        if not still:
            line.ends_on = day
            break
        if line.next_price is None and _prices(channel, still, facts, day) != line.price:
            line.next_price, line.next_price_on = _prices(channel, still, facts, day), day
    return line


def _open_on(
    channel: Channel, offerings: list[Offering], facts: _Facts, on: date
) -> list[Offering]:
    return [
        o
        for o in offerings
        if facts.is_open(channel.id, o, on) and facts.price(channel.id, o, on) is not None
    ]


def _prices(
    channel: Channel, offerings: list[Offering], facts: _Facts, on: date
) -> tuple[int, int]:
    found = [facts.price(channel.id, o, on) or 0 for o in offerings]
    return min(found), max(found)


def _since(
    channel: Channel, offerings: list[Offering], facts: _Facts, past: list[date]
) -> date | None:
    """The day from which it has been ticked without a break, whatever its price did."""
    since = None
    for day in reversed(past):
        if not any(facts.is_open(channel.id, offering, day) for offering in offerings):
            break
        since = day
    return since
