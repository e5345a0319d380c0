"""What was saved in the table of ticks lately, and by whom."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max

from samtime.accounts.actor import Actor
from samtime.channels.models import Channel
from samtime.journal.models import JournalEntry
from samtime.journal.queries import history_of, latest_of
from samtime.organizations.queries import member_names

SAVED, UNDONE, GONE = "listings.saved", "listings.undone", "listings.bookings_cancelled"
UNDO_FOR = 600


@dataclass(frozen=True, slots=True)
class Saved:
    """A save that its person may still undo; `gone` bookings were cancelled with it."""

    batch: UUID
    at: datetime
    cells: int
    gone: int = 0


def last_saved(actor: Actor, *, now: datetime) -> Saved | None:
    """The person's newest save of the last ten minutes that is not undone. One query."""
    since = now - timedelta(seconds=UNDO_FOR)
    rows = latest_of(actor, kinds=(SAVED, UNDONE, GONE), since=since)
    undone = {entry.object_id for entry in rows if entry.kind == UNDONE}
    gone = {entry.object_id: entry.data["count"] for entry in rows if entry.kind == GONE}
    for entry in rows:
        if entry.kind == SAVED and entry.user_id == actor.user_id:
            if entry.object_id in undone:
                return None
            count = len(entry.data["ticks"]) + len(entry.data["prices"])
            return Saved(entry.object_id, entry.at, count, gone.get(entry.object_id, 0))
    return None


@dataclass(frozen=True, slots=True)
class Gone:
    """Bookings that were cancelled with a save: how many, and the days they lay on."""

    count: int
    first: date
    last: date


def gone_with(actor: Actor, batch: UUID) -> Gone | None:
    """What was cancelled together with a save; an undo does not bring it back. One query."""
    for entry in history_of(actor, batch):
        if entry.kind == GONE:
            first, last = (date.fromisoformat(entry.data[n]) for n in ("first", "last"))
            return Gone(entry.data["count"], first, last)
    return None


def ticks_mark(actor: Actor) -> int:
    """Changes whenever something was saved on any of the organization's channels. Two queries."""
    own = Channel.objects.filter(provider_id=actor.organization_id)
    rows = JournalEntry.objects.visible_to(actor).filter(
        object_id__in=list(own.values_list("public_id", flat=True))
    )
    return int(rows.aggregate(last=Max("id"))["last"] or 0)


def who_changed(actor: Actor, channel: UUID, ident: UUID) -> tuple[str, datetime] | None:
    """Who of the organization last changed a service's or practitioner's cell, and when."""
    for entry in history_of(actor, channel, limit=50):
        if entry.kind in ("listing.opened", "listing.closed") and _names(entry, str(ident)):
            names = member_names(actor, [entry.user_id] if entry.user_id else [])
            return names.get(entry.user_id or 0, ""), entry.at
    return None


def _names(entry: JournalEntry, ident: str) -> bool:
    cells: list[dict[str, Any]] = entry.data.get("cells", [])
    return any(ident in (cell.get("service"), cell.get("offering")) for cell in cells)
