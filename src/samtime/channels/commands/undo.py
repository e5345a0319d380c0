"""Undo of a save in the table of ticks: the state before it again, for ten minutes.

Every save leaves one journal row with the dated rows it replaced; that row is what an undo reads.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.commands.cells import Difference, Table
from samtime.channels.models import Channel, Listing, ListingPrice
from samtime.channels.queries.saved import SAVED, UNDO_FOR, UNDONE
from samtime.foundation.errors import NotFound, Refusal
from samtime.journal.commands import Happening, record
from samtime.journal.models import JournalEntry
from samtime.journal.queries import history_of


class TooLateToUndo(Refusal):
    """More than ten minutes ago, or undone already."""

    code = "too_late_to_undo"
    status = 409
    sentence = _("This can no longer be undone. Change the ticks instead.")


class ChangedSince(Refusal):
    """Somebody changed the same cells after the save."""

    code = "changed_since"
    status = 409
    sentence = _("The same ticks were changed again since. Nothing was undone.")


def remember(actor: Actor, ticks: Table, prices: Table) -> None:
    """Write down what a save replaced; part of `set_listings`."""
    data = {"ticks": ticks.difference(), "prices": prices.difference()}
    if data["ticks"] or data["prices"]:
        _note(actor, SAVED, uuid.uuid4(), data)


@transaction.atomic
def undo_listings(*, actor: Actor, batch: UUID, now: datetime) -> int:
    """Restore what this person's save replaced; how many cells.

    Refuses: RightMissing, NotFound (not this person's save), TooLateToUndo, ChangedSince.
    """
    actor.require_any(Right.EDIT_CHANNELS, Right.EDIT_PRICES)
    entry = _saved(actor, batch, now)
    lines: dict[str, list[Difference]] = entry.data
    if lines["ticks"]:
        actor.require(Right.EDIT_CHANNELS)
    if lines["prices"]:
        actor.require(Right.EDIT_PRICES)
    ids = {line[0][0] for name in ("ticks", "prices") for line in lines[name]}
    rows = Channel.objects.visible_to(actor).filter(id__in=ids, provider_id=actor.organization_id)
    locked = rows.select_for_update(of=("self",)).select_related("provider").order_by("id")
    channels = {channel.id: channel for channel in locked}
    if UNDONE in {e.kind for e in history_of(actor, batch)}:
        raise TooLateToUndo()
    for model, name, field in ((Listing, "ticks", "open"), (ListingPrice, "prices", "amount")):
        wanted = {(line[0][1], line[0][2]) for line in lines[name]}
        table = Table(model, field, channels, wanted)
        _put_back(table, lines[name])
        table.save()
    count = len(lines["ticks"]) + len(lines["prices"])
    _note(actor, UNDONE, batch, {"cells": count})
    return count


def _saved(actor: Actor, batch: UUID, now: datetime) -> JournalEntry:
    for entry in history_of(actor, batch):
        if entry.kind == SAVED and entry.user_id == actor.user_id:
            if now - entry.at > timedelta(seconds=UNDO_FOR):
                raise TooLateToUndo()
            return entry
    raise NotFound()


def _put_back(table: Table, lines: list[Difference]) -> None:
    for key, before, after in lines:
        channel, place, service, offering = key
        cell = (channel, place, service, offering)
        if table.before.get(cell, {}) != _dated(after):
            raise ChangedSince()
        table.now[cell] = _dated(before)


def _dated(rows: dict[str, Any]) -> dict[date, Any]:
    return {date.fromisoformat(day): value for day, value in rows.items()}


def _note(actor: Actor, kind: str, batch: UUID, data: dict[str, Any]) -> None:
    happening = Happening(
        kind=kind,
        object_kind="listings",
        object_id=batch,
        organization_id=actor.organization_id,
        data=data,
    )
    record(actor, happening)
