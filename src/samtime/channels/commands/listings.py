"""Ticks and prices of the matrix: who may book which examination where, from which day on.

D8: an offering's row wins over its service's row. A change of a service is a change for all its
practitioners, who may differ again by a later change of their own. D9: days are appointments'
days in the location's zone. All changes of one call count, or none.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.commands.cells import KEEP, Cell, Change, Resolver, Table
from samtime.channels.commands.meanwhile import check_seen
from samtime.channels.commands.undo import remember
from samtime.channels.models import Channel, Listing, ListingPrice
from samtime.journal.commands import Happening, record


@dataclass(frozen=True, slots=True)
class ChangeAnswer:
    """What one change does: tick and price of the cell before and after, from which day."""

    change: Change
    from_on: date
    open_before: bool
    open_after: bool
    price_before: int | None
    price_after: int | None

    @property
    def changed(self) -> bool:
        """Whether the cell itself differs."""
        return (self.open_before, self.price_before) != (self.open_after, self.price_after)


@transaction.atomic
def set_listings(
    *, actor: Actor, changes: Sequence[Change], dry_run: bool = False
) -> list[ChangeAnswer]:
    """Change ticks and prices, all or nothing; `dry_run` only says what would change.

    Refuses: RightMissing; Invalid with an error `changes.<n>` for every change that cannot be:
    not_found, not_in_agreement, channel_inactive, past_date, invalid; ChangedMeanwhile.
    """
    if any(change.open is not None for change in changes) or not changes:
        actor.require(Right.EDIT_CHANNELS)
    if any(change.price is not KEEP for change in changes):
        actor.require(Right.EDIT_PRICES)
    cells = Resolver(actor, changes).cells()
    channels = {cell.channel.id: cell.channel for cell in cells}
    wanted = {(cell.location.id, cell.service_id) for cell in cells}
    ticks = Table(Listing, "open", channels, wanted)
    prices = Table(ListingPrice, "amount", channels, wanted)
    check_seen(changes, cells, ticks)
    answers = [
        _apply(change, cell, ticks, prices) for change, cell in zip(changes, cells, strict=True)
    ]
    if not dry_run:
        ticks.save()
        prices.save()
        _write_down(actor, zip(answers, cells, strict=True))
        remember(actor, ticks, prices)
    return answers


def open_listing(*, actor: Actor, change: Change) -> ChangeAnswer:
    """Tick one cell. Refuses like `set_listings`."""
    return set_listings(actor=actor, changes=[replace(change, open=True)])[0]


def close_listing(*, actor: Actor, change: Change) -> ChangeAnswer:
    """Untick one cell: from that day on nobody books it there (T6). Bookings made stay (T14)."""
    return set_listings(actor=actor, changes=[replace(change, open=False)])[0]


def set_prices(*, actor: Actor, changes: Sequence[Change]) -> list[ChangeAnswer]:
    """Set the channel's own prices; ticks stay. Refuses like `set_listings`."""
    return set_listings(actor=actor, changes=[replace(c, open=None) for c in changes])


@transaction.atomic
def close_all_listings(*, actor: Actor, channel: Channel, from_on: date) -> int:
    """Untick everything of a channel from a day on; how many cells were open or would open."""
    actor.require_any(Right.EDIT_CHANNELS, Right.INVITE_PARTNER)
    rows = Listing.objects.filter(channel=channel)
    rows.filter(from_on__gt=from_on).delete()
    latest: dict[tuple[int, int, int | None], Listing] = {}
    for row in rows.select_related("location", "service", "offering").order_by("from_on"):
        latest[(row.location_id, row.service_id, row.offering_id)] = row
    still_open = [row for row in latest.values() if row.open]
    for row in still_open:
        Listing.objects.update_or_create(
            channel=channel,
            location=row.location,
            service=row.service,
            offering=row.offering,
            from_on=from_on,
            defaults={
                "open": False,
                "provider_id": channel.provider_id,
                "outsider_id": channel.outsider_id,
            },
        )
    return len(still_open)


def _apply(change: Change, cell: Cell, ticks: "Table", prices: "Table") -> ChangeAnswer:
    open_before, price_before = bool(ticks.value(cell)), prices.value(cell)
    if change.open is not None:
        ticks.put(cell, change.open)
    if change.price is not KEEP:
        prices.put(cell, change.price)
    return ChangeAnswer(
        change, cell.from_on, open_before, bool(ticks.value(cell)), price_before, prices.value(cell)
    )


def _write_down(actor: Actor, done: Iterable[tuple[ChangeAnswer, Cell]]) -> None:
    """One journal row per channel and kind, with its cells."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    channels: dict[int, Channel] = {}
    for answer, cell in done:
        channels[cell.channel.id] = cell.channel
        place = {
            "service": str(cell.service),
            "location": str(cell.location.public_id),
            "offering": str(cell.offering) if cell.offering else None,
            "from": cell.from_on.isoformat(),
        }
        if answer.change.open is not None:
            kind = "listing.opened" if answer.open_after else "listing.closed"
            found[(kind, cell.channel.id)].append(place)
        if answer.price_before != answer.price_after:
            priced = {**place, "before": answer.price_before, "after": answer.price_after}
            found[("price.changed", cell.channel.id)].append(priced)
    for (kind, channel_id), cells in found.items():
        channel = channels[channel_id]
        happening = Happening(
            kind=kind,
            object_kind="channel",
            object_id=channel.public_id,
            organization_id=channel.provider_id,
            other_id=channel.outsider_id,
            channel_id=channel.id,
            data={"cells": cells},
        )
        record(actor, happening)
