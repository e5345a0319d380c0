"""The table of ticks: services by channels at one location or at all, as it will be on a day.

A fixed number of queries, whatever its size. Practitioners are asked for when a service is opened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog.models import Service
from samtime.channels.models import Channel
from samtime.channels.queries import own_channels
from samtime.channels.queries.sheet import OUT, Cell, Sheet
from samtime.organizations.models import Location
from samtime.organizations.queries import locations

__all__ = ["Cell", "Column", "Group", "Matrix", "PractitionerRow", "ServiceRow", "matrix"]
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


@dataclass(slots=True)
class PractitionerRow:
    """One offering of the service above."""

    offering: UUID
    name: str
    cells: list[Cell]


@dataclass(slots=True)
class ServiceRow:
    """A service; `people` give it there, listed only when asked for."""

    service: UUID
    name: str
    minutes: int
    cells: list[Cell]
    people: int
    practitioners: list[PractitionerRow] = field(default_factory=list)
    internal_id: int = 0


@dataclass(slots=True)
class Group:
    """Services of one specialty, and what they have in common in each column."""

    name: str
    rows: list[ServiceRow]
    cells: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Matrix:
    """The table of one location (None: of all, where a dash says that they differ) on one day."""

    location: Location | None
    on: date
    columns: list[Column]
    groups: list[Group]
    places: dict[UUID, list[UUID]] = field(default_factory=dict)

    def agreed(self, channel: UUID) -> list[UUID]:
        """The locations of the table at which a channel may be opened."""
        return self.places.get(channel, [])

    @property
    def rows(self) -> list[ServiceRow]:
        """The services of all groups."""
        return [row for group in self.groups for row in group.rows]


def matrix(
    actor: Actor,
    *,
    location: Location | None,
    on: date,
    people: bool = True,
    service: UUID | None = None,
) -> Matrix:
    """All services and columns: own desk, then channels as they were accepted (T3).

    Channels that nobody accepted yet, or that are closed, have no column (T4). `people` adds the
    practitioners of every service, `service` asks for one row only.
    """
    actor.require(Right.SEE_CHANNELS)
    channels = [c for c in own_channels(actor) if c.state in ("open", "suspended")]
    places = [location] if location else list(locations(actor))
    sheet = Sheet(actor, channels, places, on)
    groups: dict[str, Group] = {}
    for one in sheet.services:
        if service is None or one.public_id == service:
            row = _row(sheet, one, location, people=people, language=actor.language)
            groups.setdefault(one.specialty, Group(one.specialty, [])).rows.append(row)
    ordered = sorted(groups.values(), key=lambda g: (not g.name, g.name.casefold()))
    for group in ordered:
        group.cells = [_common(cells) for cells in zip(*(r.cells for r in group.rows), strict=True)]
    agreed = {
        c.public_id: [p.public_id for p in places if (c.id, p.id) in sheet.agreed] for c in channels
    }
    table = Matrix(location, on, _columns(channels, places, sheet), ordered, agreed)
    for number, column in enumerate(table.columns):
        column.total = len(table.rows)
        column.ticked = sum(row.cells[number].state in ("all", "some") for row in table.rows)
    return table


def _row(
    sheet: Sheet, service: Service, location: Location | None, *, people: bool, language: str
) -> ServiceRow:
    if location is None:
        cells = [_of_all(sheet, channel, service) for channel in sheet.channels]
        count = sum(len(sheet.here(service, place)) for place in sheet.places)
        return _service_row(service, language, cells, count)
    cells = [sheet.service_cell(channel, service, location) for channel in sheet.channels]
    here = sheet.here(service, location)
    row = _service_row(service, language, cells, len(here))
    if people:
        row.practitioners = [
            PractitionerRow(
                offering.public_id,
                offering.practitioner,
                [sheet.offering_cell(c, service, location, offering) for c in sheet.channels],
            )
            for offering in here
        ]
    return row


def _service_row(service: Service, language: str, cells: list[Cell], people: int) -> ServiceRow:
    name, minutes = service.name_in(language), service.duration_minutes
    return ServiceRow(service.public_id, name, minutes, cells, people, internal_id=service.id)


def _of_all(sheet: Sheet, channel: Channel, service: Service) -> Cell:
    """What the locations have in common; what is planned or missing at one stands there."""
    cells = [sheet.service_cell(channel, service, place) for place in sheet.places]
    inside = [cell for cell in cells if cell.state != "out"]
    if not inside:
        return OUT
    states = {cell.state for cell in inside}
    faults = [cell.fault for cell in inside if cell.fault]
    state = states.pop() if len(states) == 1 else "some"
    return Cell(state, fault=faults[0] if len(faults) == len(inside) else "")


def _columns(channels: Sequence[Channel], places: Sequence[Location], sheet: Sheet) -> list[Column]:
    return [
        Column(
            channel.public_id,
            channel.id,
            channel.name,
            channel.kind,
            "paused" if channel.state == "open" and channel.paused_at else channel.state,
            any((channel.id, place.id) in sheet.agreed for place in places),
        )
        for channel in channels
    ]


def _common(cells: Iterable[Cell]) -> Cell:
    states = {cell.state for cell in cells}
    if states == {"out"}:
        return OUT
    return Cell(states.pop() if len(states) == 1 else "some")
