"""The table of ticks: services by channels at one location, as it will be on a day.

Eight queries, whatever its size. What counts in a cell follows D8: the practitioner's own row, else
the service's, else closed (own desk: open).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.models import Offering
from samtime.catalog.models import Service
from samtime.channels.models import Channel, ChannelLocation, Listing, ListingPrice
from samtime.channels.queries import own_channels
from samtime.organizations.models import Location
from samtime.organizations.queries import organization_of

LEGAL_FORMS = (" AS", " ASA", " SRL", " SA", " Kft.", " Kft", " Zrt.", " Bt.", " AB", " ApS", " Oy")


@dataclass(slots=True)
class Column:
    """A channel. `ticked` of `total` services are open (all or some practitioners)."""

    channel: UUID
    internal_id: int
    name: str
    kind: str
    state: str
    in_agreement: bool
    ticked: int = 0
    total: int = 0

    @property
    def short_name(self) -> str:
        """Without the legal form, for the narrow head."""
        for form in LEGAL_FORMS:
            if self.name.endswith(form):
                return self.name.removesuffix(form)
        return self.name


@dataclass(frozen=True, slots=True)
class Cell:
    """`state`: all, some, none, or out (location not in the agreement).

    `price` is the channel's own in minor units; `next_on` the first planned change after the day.
    """

    state: str
    price: int | None = None
    next_on: date | None = None
    next_open: bool = False


@dataclass(slots=True)
class PractitionerRow:
    """One offering of the service above."""

    offering: UUID
    name: str
    cells: list[Cell]


@dataclass(slots=True)
class ServiceRow:
    """A service at the location; without practitioners nobody can be booked there yet."""

    service: UUID
    name: str
    minutes: int
    cells: list[Cell]
    practitioners: list[PractitionerRow]


@dataclass(slots=True)
class Group:
    """Services of one specialty, and what they have in common in each column."""

    name: str
    rows: list[ServiceRow]
    cells: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Matrix:
    """The table of one location on one day."""

    location: Location
    on: date
    columns: list[Column]
    groups: list[Group]


_Key = tuple[int, int, int | None]
_Dated = dict[_Key, list[tuple[date, Any]]]


def matrix(actor: Actor, *, location: Location, on: date) -> Matrix:
    """All services and columns of a location: own desk, then channels as they were accepted (T3).

    Channels that nobody accepted yet, or that are closed, have no column (T4).
    """
    actor.require(Right.SEE_CHANNELS)
    channels = [c for c in own_channels(actor) if c.state in ("open", "suspended")]
    agreed = _agreed(channels, location)
    ticks = _dated(Listing, "open", channels, location)
    prices = _dated(ListingPrice, "amount", channels, location)
    services, offerings = _services(actor), _offerings(actor, location)
    columns = [_column(c, agreed) for c in channels]
    groups: dict[str, Group] = {}
    for service in services:
        sight = _Sight(service, offerings[service.id], ticks, prices, on)
        row = sight.row(channels, agreed, actor.language)
        groups.setdefault(service.specialty, Group(service.specialty, [])).rows.append(row)
        for column, cell in zip(columns, row.cells, strict=True):
            column.total += 1
            column.ticked += cell.state in ("all", "some")
    for group in groups.values():
        group.cells = [_common(cells) for cells in zip(*(r.cells for r in group.rows), strict=True)]
    ordered = sorted(groups.values(), key=lambda g: (not g.name, g.name.casefold()))
    return Matrix(location, on, columns, ordered)


def _agreed(channels: list[Channel], location: Location) -> set[int]:
    rows = ChannelLocation.objects.filter(channel__in=channels, location=location)
    own = {c.id for c in channels if c.kind == "own_desk"}
    return own | set(rows.values_list("channel_id", flat=True))


def _dated(
    model: type[Listing] | type[ListingPrice],
    name: str,
    channels: list[Channel],
    location: Location,
) -> _Dated:
    found: _Dated = defaultdict(list)
    rows = model.objects.filter(channel__in=channels, location=location).order_by("from_on")
    for row in rows:
        key = (row.channel_id, row.service_id, row.offering_id)
        found[key].append((row.from_on, getattr(row, name)))
    return found


def _services(actor: Actor) -> list[Service]:
    rows = organization_of(actor).services.filter(ended_on=None)
    return list(rows.order_by("specialty", "position", "name", "id"))


def _offerings(actor: Actor, location: Location) -> dict[int, list[Offering]]:
    rows = (
        organization_of(actor)
        .offering_set.filter(calendar__location=location, ended_on=None, calendar__ended_on=None)
        .select_related("calendar__role__practitioner")
    )
    found: dict[int, list[Offering]] = defaultdict(list)
    for offering in rows.order_by("calendar__role__practitioner__family_name", "id"):
        found[offering.service_id].append(offering)
    return found


def _column(channel: Channel, agreed: set[int]) -> Column:
    return Column(
        channel.public_id,
        channel.id,
        channel.name,
        channel.kind,
        channel.state,
        channel.id in agreed,
    )


def _latest(rows: list[tuple[date, Any]], on: date) -> tuple[bool, Any]:
    values = [value for day, value in rows if day <= on]
    return (True, values[-1]) if values else (False, None)


@dataclass(slots=True)
class _Sight:
    """One service's dated rows, looked at on one day."""

    service: Service
    offerings: list[Offering]
    ticks: _Dated
    prices: _Dated
    on: date

    def row(self, channels: list[Channel], agreed: set[int], language: str) -> ServiceRow:
        """The service with its practitioners, a cell for every channel."""
        return ServiceRow(
            self.service.public_id,
            self.service.name_in(language),
            self.service.duration_minutes,
            [self._service_cell(c) if c.id in agreed else Cell("out") for c in channels],
            [
                PractitionerRow(
                    offering.public_id,
                    str(offering.calendar.role.practitioner),
                    [
                        self._cell(c, offering.id) if c.id in agreed else Cell("out")
                        for c in channels
                    ],
                )
                for offering in self.offerings
            ],
        )

    def _service_cell(self, channel: Channel) -> Cell:
        own = self._cell(channel, None)
        if not self.offerings:
            return own
        every = [self._cell(channel, offering.id) for offering in self.offerings]
        following = min((c for c in (own, *every) if c.next_on), key=_next_on, default=own)
        state = _common(every).state
        return Cell(state, own.price, following.next_on, following.next_open)

    def _cell(self, channel: Channel, offering_id: int | None) -> Cell:
        keys = [(channel.id, self.service.id, one) for one in dict.fromkeys((offering_id, None))]
        is_open = channel.kind == "own_desk"
        price: Any = None
        for key in reversed(keys):
            known, value = _latest(self.ticks.get(key, []), self.on)
            is_open = bool(value) if known else is_open
            known, value = _latest(self.prices.get(key, []), self.on)
            price = value if known else price
        planned = [pair for pair in self.ticks.get(keys[0], []) if pair[0] > self.on]
        following = planned[0] if planned else (None, False)
        return Cell("all" if is_open else "none", price, following[0], bool(following[1]))


def _next_on(cell: Cell) -> date:
    return cell.next_on or date.max


def _common(cells: Iterable[Cell]) -> Cell:
    states = {cell.state for cell in cells}
    if states == {"out"}:
        return Cell("out")
    return Cell(states.pop() if len(states) == 1 else "some")
