"""What an agent has begun and not finished: times he holds, and calls that were interrupted."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking, CallDraft
from samtime.bookings.queries.held import MINE, HeldTime, mine_values
from samtime.bookings.rules import DRAFT_WAITS, Caller
from samtime.foundation.prepared import fetch
from samtime.foundation.secrets import decrypt
from samtime.journal.commands import Access, log_access

PURPOSE = "call_draft"
MOST = 5
# A booking has its hold's id (D3): what was booked is not interrupted, whatever the page said last.
BEGUN = f"""
(SELECT held.*, NULL::bytea FROM ({MINE}) held)
UNION ALL
(SELECT d.call, d.saved_at, NULL, NULL, NULL, d.hold, d.typed FROM bookings_calldraft d
  WHERE d.organization_id = %(me)s AND d.agent_id = %(user)s AND d.saved_at > %(since)s
    AND NOT EXISTS (SELECT 1 FROM bookings_booking b WHERE b.public_id = d.hold)
  ORDER BY d.saved_at DESC LIMIT {MOST})
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A call as far as it was typed; `hold`: the time that was held then."""

    call: UUID
    saved_at: datetime
    hold: UUID | None
    caller: Caller
    wish: dict[str, Any]
    call_back: str = ""


def begun(actor: Actor, *, now: datetime) -> tuple[list[HeldTime], list[Draft]]:
    """Times this person holds, the oldest first, and his interrupted calls, the newest first.

    One query, and one for the log where calls were interrupted. Refuses: RightMissing.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    values = {**mine_values(actor, now), "since": now - DRAFT_WAITS}
    holds, drafts = [], []
    for *row, typed in fetch(BEGUN, values):
        if typed is None:
            holds.append(HeldTime(*row))
        else:
            drafts.append(_draft(row[0], row[1], row[5], typed))
    if drafts:
        log_access(actor, Access(actor.organization_id, (), "listed", PURPOSE, hits=len(drafts)))
    return holds, drafts


def one_draft(actor: Actor, call: UUID, *, now: datetime) -> Draft | None:
    """An interrupted call of this person; None when it was finished, or is forgotten.

    Refuses: RightMissing.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    rows = CallDraft.objects.visible_to(actor).filter(agent_id=actor.user_id, call=call)
    booked = Booking.objects.visible_to(actor).filter(public_id=OuterRef("hold"))
    row = rows.filter(~Exists(booked), saved_at__gt=now - DRAFT_WAITS).first()
    if row is None:
        return None
    log_access(actor, Access(actor.organization_id, (), "opened", PURPOSE))
    return _draft(row.call, row.saved_at, row.hold, row.typed)


def _draft(call: UUID, saved_at: datetime, hold: UUID | None, typed: Any) -> Draft:
    told = json.loads(decrypt(bytes(typed)))
    return Draft(call, saved_at, hold, Caller(**told["caller"]), told["wish"], told["call_back"])
