"""Cells of the matrix: what a change names, its dated rows in memory, and how they are saved."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor, ActorKind
from samtime.calendars.models import Offering
from samtime.catalog.models import Service
from samtime.channels.models import Channel, ChannelLocation, Listing, ListingPrice
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.periods import local_day
from samtime.organizations.models import Location
from samtime.organizations.queries import locations, organization_of

MOST_CHANGES = 5000
HIGHEST_PRICE = 10**12


class Keep(Enum):
    """The price stays as it is."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
NO_ROW: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Change:
    """One cell: an offering, or a service at a location, on a channel (outside ids).

    `open` None leaves the tick. `price` in minor units of the provider's currency; None = the
    base price again. `from_on` None = today in the location's zone. `seen` is what the person saw
    in the cell (all, some, none): another state by now refuses; «» asks for nothing.
    """

    channel: UUID
    service: UUID | None = None
    location: UUID | None = None
    offering: UUID | None = None
    open: bool | None = None
    price: int | Keep | None = KEEP
    from_on: date | None = None
    seen: str = ""


Key = tuple[int, int, int, int | None]
Rows = dict[Key, dict[date, Any]]
Difference = list[Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A change resolved to rows: which cell of which channel, from which day on."""

    channel: Channel
    location: Location
    service_id: int
    offering_id: int | None
    service: UUID
    offering: UUID | None
    from_on: date

    def key(self, offering_id: int | None) -> Key:
        """Where its dated rows lie: its own, or the service's with None."""
        return (self.channel.id, self.location.id, self.service_id, offering_id)


def _latest(rows: dict[date, Any], on: date) -> Any:
    """The value that counts on a day, or NO_ROW."""
    days = [day for day in rows if day <= on]
    return rows[max(days)] if days else NO_ROW


def changed_rows(rows: dict[date, Any], on: date, value: Any, unset: Any) -> dict[date, Any]:
    """The dated rows once `value` counts from `on` until the next dated change, kept tidy.

    `unset` is what counts without any row: a row that says nothing new is left out.
    """
    after = {day: kept for day, kept in rows.items() if day != on}
    before = _latest({d: v for d, v in after.items() if d < on}, on)
    if (unset if before is NO_ROW else before) != value:
        after[on] = value
    later = [day for day in after if day > on]
    if later and after[min(later)] == value:
        del after[min(later)]
    return after


def _plain(rows: dict[date, Any]) -> dict[str, Any]:
    return {day.isoformat(): value for day, value in rows.items()}


class Table:
    """The dated rows of some cells of one model, changed in memory and saved at the end."""

    def __init__(
        self,
        model: type[Listing] | type[ListingPrice],
        name: str,
        channels: dict[int, Channel],
        wanted: Iterable[tuple[int, int]],
    ):
        """`wanted` are the (location, service) of which rows are loaded; channels are locked."""
        self.model, self.name, self.channels = model, name, channels
        self.before: Rows = defaultdict(dict)
        self.now: Rows = defaultdict(dict)
        pairs = list(wanted)
        rows = model.objects.filter(
            channel_id__in=self.channels,
            location_id__in={pair[0] for pair in pairs},
            service_id__in={pair[1] for pair in pairs},
        )
        for row in rows:
            key = (row.channel_id, row.location_id, row.service_id, row.offering_id)
            self.before[key][row.from_on] = getattr(row, name)
            self.now[key][row.from_on] = getattr(row, name)

    def unset(self, channel_id: int) -> Any:
        """What counts without a row: own desk open, others closed; base price."""
        return self.channels[channel_id].kind == "own_desk" if self.name == "open" else None

    def value(self, cell: Cell) -> Any:
        """What counts in the cell on its day: its own row, else the service's."""
        return self.value_of(cell, cell.offering_id)

    def value_of(self, cell: Cell, offering_id: int | None) -> Any:
        """What counts for one practitioner of the cell's service (None: for the service)."""
        for one in (offering_id, None):
            found = _latest(self.now[cell.key(one)], cell.from_on)
            if found is not NO_ROW:
                return found
        return self.unset(cell.channel.id)

    def put(self, cell: Cell, value: Any) -> None:
        """The value counts in the cell from its day on."""
        on, key = cell.from_on, cell.key(cell.offering_id)
        if cell.offering_id is None:
            self.now[key] = changed_rows(self.now[key], on, value, self.unset(cell.channel.id))
            self._practitioners_follow(cell, value)
            return
        inherited = _latest(self.now[cell.key(None)], on)
        unset = self.unset(cell.channel.id) if inherited is NO_ROW else inherited
        self.now[key] = changed_rows(self.now[key], on, value, unset)

    def _practitioners_follow(self, cell: Cell, value: Any) -> None:
        for key, rows in list(self.now.items()):
            if key[:3] == cell.key(None)[:3] and key[3] is not None:
                earlier = {day for day in rows if day < cell.from_on}
                kept = {day: v for day, v in rows.items() if day != cell.from_on}
                if earlier and rows[max(earlier)] != value:
                    kept[cell.from_on] = value
                self.now[key] = kept

    def difference(self) -> list[Difference]:
        """Cells whose dated rows differ: key, rows before, rows after, as plain values."""
        return [
            [list(key), _plain(self.before.get(key, {})), _plain(rows)]
            for key, rows in self.now.items()
            if rows != self.before.get(key, {})
        ]

    def save(self) -> None:
        """Write only what differs."""
        for key, rows in self.now.items():
            was = self.before.get(key, {})
            channel, location, service, offering = key
            mine = self.model.objects.filter(
                channel_id=channel, location_id=location, service_id=service, offering_id=offering
            )
            gone = [day for day in was if day not in rows]
            if gone:
                mine.filter(from_on__in=gone).delete()
            for day in (d for d in rows if d in was and was[d] != rows[d]):
                mine.filter(from_on=day).update(**{self.name: rows[day]})
        self.model.objects.bulk_create(self._new_rows())

    def _new_rows(self) -> list[Any]:
        return [
            self.model(
                channel=self.channels[key[0]],
                location_id=key[1],
                service_id=key[2],
                offering_id=key[3],
                from_on=day,
                provider_id=self.channels[key[0]].provider_id,
                outsider_id=self.channels[key[0]].outsider_id,
                **{self.name: value},
                **self._currency(key[0]),
            )
            for key, rows in self.now.items()
            for day, value in rows.items()
            if day not in self.before.get(key, {})
        ]

    def _currency(self, channel_id: int) -> dict[str, str]:
        if self.model is Listing:
            return {}
        return {"currency": self.channels[channel_id].provider.currency}


@dataclass
class Resolver:
    """Outside ids of many changes to rows, with five queries; collects every fault."""

    actor: Actor
    changes: Sequence[Change]
    faults: list[FieldError] = field(default_factory=list)

    def cells(self) -> list[Cell]:
        """One cell per change, or Invalid."""
        if not self.changes or len(self.changes) > MOST_CHANGES:
            raise Invalid(FieldError("changes", "invalid", _("Send between 1 and 5,000 changes.")))
        self._load()
        found = [self._cell(number, change) for number, change in enumerate(self.changes)]
        if self.faults:
            raise Invalid(*self.faults)
        return [cell for cell in found if cell]

    def _load(self) -> None:
        own, changes = organization_of(self.actor), self.changes
        rows = Channel.objects.visible_to(self.actor).filter(
            provider_id=own.id, public_id__in={c.channel for c in changes}
        )
        locked = rows.select_for_update(of=("self",)).select_related("provider").order_by("id")
        self.channels: dict[UUID, Channel] = {c.public_id: c for c in locked}
        self.locations: dict[int, Location] = {p.id: p for p in locations(self.actor)}
        self.services: dict[UUID, Service] = {
            s.public_id: s
            for s in own.services.filter(public_id__in={c.service for c in changes if c.service})
        }
        offerings = own.offering_set.select_related("calendar", "service").filter(
            public_id__in={c.offering for c in changes if c.offering}
        )
        self.offerings: dict[UUID, Offering] = {o.public_id: o for o in offerings}
        ids = [c.id for c in self.channels.values()]
        agreed = ChannelLocation.objects.filter(channel_id__in=ids)
        self.agreed = set(agreed.values_list("channel_id", "location_id"))

    def _cell(self, number: int, change: Change) -> Cell | None:
        channel, place = self.channels.get(change.channel), self._place(change)
        if channel is None or place is None:
            return self._refuse(number, "not_found", _("There is no such cell in your table."))
        location, service, offering = place
        today = local_day(timezone.now(), location.time_zone)
        on = change.from_on or today
        if channel.state not in ("open", "suspended"):
            sentence = _("%(name)s has not accepted yet, or the cooperation has ended.")
            return self._refuse(number, "channel_inactive", sentence % {"name": channel.name})
        outside = channel.kind != "own_desk" and (channel.id, location.id) not in self.agreed
        if outside and change.open is not False:
            sentence = _("%(location)s is not in the agreement with %(name)s.")
            facts = {"location": location.name, "name": channel.name}
            return self._refuse(number, "not_in_agreement", sentence % facts)
        if on < today and self.actor.kind != ActorKind.SYSTEM:
            return self._refuse(number, "past_date", _("Choose today or a later day."))
        if isinstance(change.price, int) and not 0 <= change.price <= HIGHEST_PRICE:
            return self._refuse(number, "invalid", _("A price is zero or more."))
        own = offering.public_id if offering else None
        return Cell(
            channel,
            location,
            service.id,
            offering.id if offering else None,
            service.public_id,
            own,
            on,
        )

    def _place(self, change: Change) -> tuple[Location, Service, Offering | None] | None:
        if change.offering:
            offering = self.offerings.get(change.offering)
            location = self.locations.get(offering.calendar.location_id) if offering else None
            return (location, offering.service, offering) if offering and location else None
        service = self.services.get(change.service) if change.service else None
        wanted = [p for p in self.locations.values() if p.public_id == change.location]
        return (wanted[0], service, None) if service and wanted else None

    def _refuse(self, number: int, code: str, sentence: Any) -> Cell | None:
        self.faults.append(FieldError(f"changes.{number}", code, sentence))
        return None
