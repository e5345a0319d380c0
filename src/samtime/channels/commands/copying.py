"""Ticks of one partner and location given to another: the same open, the same closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.commands.cells import KEEP, Change
from samtime.channels.commands.listings import ChangeAnswer, set_listings
from samtime.channels.queries.matrix import Cell, Matrix, matrix
from samtime.foundation.errors import NotFound
from samtime.organizations.models import Location
from samtime.organizations.queries import location


@dataclass(frozen=True, slots=True)
class Spot:
    """A column of the table at a location (outside ids)."""

    channel: UUID
    location: UUID


@transaction.atomic
def copy_listings(
    *,
    actor: Actor,
    source: Spot,
    target: Spot,
    prices: bool,
    from_on: date,
    dry_run: bool = False,
) -> list[ChangeAnswer]:
    """Make the target's ticks (and own prices) the source's from a day on; [] when they are.

    At the same location practitioner by practitioner; at another one service by service, and a
    service that only some practitioners give stays as it is there.
    Refuses: NotFound (column or location not there), and like `set_listings`.
    """
    actor.require(Right.EDIT_CHANNELS)
    here, there = location(actor, source.location), location(actor, target.location)
    origin = matrix(actor, location=here, on=from_on)
    goal = origin if here == there else matrix(actor, location=there, on=from_on)
    places = (_place(origin, source.channel), _place(goal, target.channel))
    changes = list(_changes((origin, goal), places, target, prices=prices, from_on=from_on))
    return set_listings(actor=actor, changes=changes, dry_run=dry_run) if changes else []


def _place(table: Matrix, channel: UUID) -> int:
    for number, column in enumerate(table.columns):
        if column.channel == channel and column.in_agreement:
            return number
    raise NotFound(field="channel")


def _changes(
    tables: tuple[Matrix, Matrix],
    places: tuple[int, int],
    target: Spot,
    *,
    prices: bool,
    from_on: date,
) -> Iterator[Change]:
    origin, goal = tables
    same = _same(origin.location, goal.location)
    rows = {row.service: row for row in origin.rows}
    for row in goal.rows:
        given, kept = rows[row.service].cells[places[0]], row.cells[places[1]]
        base = Change(
            target.channel, service=row.service, location=target.location, from_on=from_on
        )
        change = _change(base, given, kept, prices=prices)
        if change:
            yield change
        if same:
            people = {one.offering: one for one in rows[row.service].practitioners}
            for one in row.practitioners:
                pair = (people[one.offering].cells[places[0]], one.cells[places[1]])
                if found := _own(base, one.offering, given, pair, prices=prices):
                    yield found


def _own(
    base: Change, offering: UUID, given: Cell, pair: tuple[Cell, Cell], *, prices: bool
) -> Change | None:
    """A practitioner's own tick where only some give the service; his own price if he has one."""
    wanted, now = pair
    is_open = None
    if given.state == "some" and wanted.state != now.state:
        is_open = wanted.state == "all"
    own = prices and wanted.price not in (given.price, now.price)
    price = wanted.price if own else KEEP
    if is_open is None and price is KEEP:
        return None
    return Change(base.channel, offering=offering, open=is_open, price=price, from_on=base.from_on)


def _change(base: Change, given: Cell, kept: Cell, *, prices: bool) -> Change | None:
    is_open = None
    if given.state in ("all", "none") and given.state != kept.state:
        is_open = given.state == "all"
    price = given.price if prices and given.price != kept.price else KEEP
    if is_open is None and price is KEEP:
        return None
    return Change(
        base.channel,
        service=base.service,
        location=base.location,
        open=is_open,
        price=price,
        from_on=base.from_on,
    )


def _same(first: Location | None, second: Location | None) -> bool:
    return first is not None and second is not None and first.id == second.id
