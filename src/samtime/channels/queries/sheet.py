"""The dated rows behind the table of ticks, loaded for some locations in a fixed number of queries.

What counts in a cell follows D8: the practitioner's own row, else the service's, else closed (own
desk: open). `fault` names what keeps a ticked cell from being booked, as far as it can be told
without a time; the whole answer is «Why not bookable?».
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.models import Offering, OfferingPrice
from samtime.calendars.rules import CELL
from samtime.catalog.models import Service, ServicePrice
from samtime.channels.models import Channel, ChannelLocation, Listing, ListingPrice
from samtime.organizations.models import Location
from samtime.organizations.queries import counts_who_may, organization_of

LOOK_AHEAD = 60
Dated = list[tuple[date, Any]]


@dataclass(frozen=True, slots=True)
class Cell:
    """`state`: all, some, none, or out (location not in the agreement).

    `price` is the channel's own in minor units; `next_on` the first planned change after the day.
    """

    state: str
    price: int | None = None
    next_on: date | None = None
    next_open: bool = False
    fault: str = ""


OUT = Cell("out")


@dataclass(slots=True)
class _Line:
    """Dated rows of a service on a channel at a location: its own, and its practitioners'."""

    base: Dated = field(default_factory=list)
    own: dict[int, Dated] = field(default_factory=dict)


Lines = dict[tuple[int, int, int], _Line]


@dataclass(frozen=True, slots=True)
class Given:
    """A service as one practitioner gives it at a location."""

    id: int
    public_id: UUID
    mask_id: int
    duration: int | None
    practitioner: str


class Sheet:
    """Everything the table of some locations needs, as it will be on a day."""

    def __init__(
        self, actor: Actor, channels: Sequence[Channel], places: Sequence[Location], on: date
    ):
        self.on, self.channels, self.places = on, channels, places
        self.agreed = _agreed(channels, places)
        self.ticks = _lines(Listing, "open", channels, places)
        self.prices = _lines(ListingPrice, "amount", channels, places)
        self.services = _services(actor)
        self.offerings = _offerings(actor, places)
        self.priced = _priced(actor, on)
        self.runs = _runs(self.offerings.values(), on)
        outsiders = [c.outsider_id for c in channels if c.outsider_id]
        self.bookers = counts_who_may(outsiders, Right.BOOK_AT_PARTNER)

    def here(self, service: Service, place: Location) -> list[Given]:
        """Who gives the service at the location."""
        return self.offerings.get((place.id, service.id), [])

    def service_cell(self, channel: Channel, service: Service, place: Location) -> Cell:
        """All, some or none of the practitioners."""
        if (channel.id, place.id) not in self.agreed:
            return OUT
        key, offerings = (channel.id, place.id, service.id), self.here(service, place)
        line = self.ticks.get(key)
        price = _latest(self.prices[key].base, self.on) if key in self.prices else None
        if line is None:
            state, planned = "all" if channel.kind == "own_desk" else "none", None
        else:
            state, planned = self._state(channel, line, offerings), _planned(line, self.on)
        fault = self._fault(channel, service, offerings, price) if state != "none" else ""
        if planned:
            return Cell(state, price, planned[0], bool(planned[1]), fault)
        return Cell(state, price, fault=fault)

    def offering_cell(
        self, channel: Channel, service: Service, place: Location, offering: Given
    ) -> Cell:
        """One practitioner's."""
        if (channel.id, place.id) not in self.agreed:
            return OUT
        key = (channel.id, place.id, service.id)
        line, prices = self.ticks.get(key, _Line()), self.prices.get(key, _Line())
        is_open = self._value(channel, line, offering.id)
        own = prices.own.get(offering.id)
        price = _latest(own, self.on) if own else _latest(prices.base, self.on)
        planned = next((p for p in line.own.get(offering.id, []) if p[0] > self.on), None)
        fault = self._fault(channel, service, [offering], price) if is_open else ""
        state = "all" if is_open else "none"
        if planned:
            return Cell(state, price, planned[0], bool(planned[1]), fault)
        return Cell(state, price, fault=fault)

    def _state(self, channel: Channel, line: _Line, offerings: Sequence[Given]) -> str:
        if not line.own or not offerings:
            return "all" if self._value(channel, line, 0) else "none"
        found = {self._value(channel, line, offering.id) for offering in offerings}
        if len(found) > 1:
            return "some"
        return "all" if found.pop() else "none"

    def _value(self, channel: Channel, line: _Line, offering_id: int) -> bool:
        for rows in (line.own.get(offering_id, []), line.base):
            found = _latest(rows, self.on)
            if found is not None:
                return bool(found)
        return channel.kind == "own_desk"

    def _fault(
        self, channel: Channel, service: Service, offerings: Sequence[Given], price: int | None
    ) -> str:
        if channel.kind == "own_desk":
            return ""
        if channel.state == "suspended":
            return "channel_suspended"
        if not offerings:
            return "no_practitioner"
        if not self.bookers.get(channel.outsider_id or 0):
            return "no_booking_right"
        if price is None and not self._has_base(service, offerings):
            return "no_price"
        return "" if self._has_room(service, offerings) else "no_free_time"

    def _has_base(self, service: Service, offerings: Sequence[Given]) -> bool:
        if ("s", service.id) in self.priced:
            return True
        return any(("o", offering.id) in self.priced for offering in offerings)

    def _has_room(self, service: Service, offerings: Sequence[Given]) -> bool:
        return any(
            self.runs.get(o.mask_id, 0) * CELL >= (o.duration or service.duration_minutes)
            for o in offerings
        )


def _agreed(channels: Sequence[Channel], places: Sequence[Location]) -> set[tuple[int, int]]:
    rows = ChannelLocation.objects.filter(channel__in=channels, location__in=places)
    desks = {(c.id, p.id) for c in channels if c.kind == "own_desk" for p in places}
    return desks | set(rows.values_list("channel_id", "location_id"))


def _lines(
    model: type[Listing] | type[ListingPrice],
    name: str,
    channels: Sequence[Channel],
    places: Sequence[Location],
) -> Lines:
    found: Lines = defaultdict(_Line)
    rows: QuerySet[Any] = model.objects.filter(channel__in=channels, location__in=places)
    for channel, place, service, offering, on, value in rows.order_by("from_on").values_list(
        "channel_id", "location_id", "service_id", "offering_id", "from_on", name
    ):
        line = found[(channel, place, service)]
        if offering is None:
            line.base.append((on, value))
        else:
            line.own.setdefault(offering, []).append((on, value))
    return dict(found)


def _services(actor: Actor) -> list[Service]:
    rows = organization_of(actor).services.filter(ended_on=None)
    return list(rows.order_by("specialty", "position", "name", "id"))


def _offerings(actor: Actor, places: Sequence[Location]) -> dict[tuple[int, int], list[Given]]:
    rows = Offering.objects.filter(
        provider_id=actor.organization_id,
        calendar__location__in=places,
        ended_on=None,
        calendar__ended_on=None,
    ).order_by("calendar__role__practitioner__family_name", "id")
    who = "calendar__role__practitioner__"
    fields = ("id", "public_id", "calendar__mask_id", "duration_minutes")
    names = (f"{who}title", f"{who}given_name", f"{who}family_name")
    found: dict[tuple[int, int], list[Given]] = defaultdict(list)
    for place, service, ident, public, mask, duration, *name in rows.values_list(
        "calendar__location_id", "service_id", *fields, *names
    ):
        given = Given(ident, public, mask, duration, " ".join(filter(None, name)))
        found[(place, service)].append(given)
    return found


def _priced(actor: Actor, on: date) -> set[tuple[str, int]]:
    """Services and offerings with a base price on the day."""
    known: dict[tuple[str, int], int | None] = {}
    services = ServicePrice.objects.filter(
        service__provider_id=actor.organization_id, from_on__lte=on
    )
    for ident, amount in services.order_by("from_on").values_list("service_id", "amount"):
        known[("s", ident)] = amount
    offerings = OfferingPrice.objects.filter(
        offering__provider_id=actor.organization_id, from_on__lte=on
    )
    for ident, own in offerings.order_by("from_on").values_list("offering_id", "amount"):
        known[("o", ident)] = own
    return {key for key, amount in known.items() if amount is not None}


def _runs(offerings: Iterable[list[Given]], on: date) -> dict[int, int]:
    """The longest free run of each calendar in the next 60 days, in cells; never too short."""
    ids = {offering.mask_id for group in offerings for offering in group}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resource_id, max(maxrun) FROM resource_day"
            " WHERE resource_id = ANY(%s) AND day BETWEEN %s AND %s GROUP BY resource_id",
            [list(ids), on, on + timedelta(days=LOOK_AHEAD)],
        )
        return dict(cursor.fetchall())


def _latest(rows: Dated, on: date) -> Any:
    found = None
    for day, value in rows:
        if day <= on:
            found = value
    return found


def _planned(line: _Line, on: date) -> tuple[date, Any] | None:
    coming = [pair for rows in (line.base, *line.own.values()) for pair in rows if pair[0] > on]
    return min(coming, default=None, key=lambda pair: pair[0])
