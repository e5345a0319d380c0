"""What an agent types of a call waits half an hour, should it be interrupted (SCREENS.md 6.1).

Written again and again while he types, so no journal row: it is nobody's record. Encrypted; he
alone gets it back.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.call_backs import MOST_PHONE, faults_of_length
from samtime.bookings.models import CallDraft
from samtime.bookings.rules import Caller
from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.foundation.secrets import encrypt

MOST_OF_AGENT = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """A call as far as it is typed: its number, the person, the wish, the time held now, and the
    call-back it goes on."""

    call: UUID
    caller: Caller
    wish: dict[str, Any] = field(default_factory=dict)
    hold: UUID | None = None
    call_back: UUID | None = None


@transaction.atomic
def keep_draft(*, actor: Actor, typed: Typed, now: datetime) -> None:
    """Keep it instead of what was kept of the same call; the oldest goes when there are too many.

    Refuses: RightMissing, Invalid (too long), NotFound (an actor who is no person).
    """
    actor.require(Right.BOOK_AT_PARTNER)
    if actor.user_id is None:
        raise NotFound()
    faults = faults_of_length(typed.caller, typed.wish)
    if len(typed.caller.phone) > MOST_PHONE:
        faults.append(FieldError("patient.phone", "too_long", _("This is too long.")))
    if faults:
        raise Invalid(*faults)
    told = {
        "caller": asdict(typed.caller),
        "wish": typed.wish,
        "call_back": str(typed.call_back or ""),
    }
    row = CallDraft(
        organization_id=actor.organization_id,
        agent_id=actor.user_id,
        call=typed.call,
        typed=encrypt(json.dumps(told)),
        hold=typed.hold,
        saved_at=now,
    )
    CallDraft.objects.bulk_create(
        [row],
        update_conflicts=True,
        update_fields=["typed", "hold", "saved_at"],
        unique_fields=["organization", "agent", "call"],
    )
    mine = _mine(actor).order_by("-saved_at", "-id")
    mine.filter(pk__in=list(mine.values_list("pk", flat=True)[MOST_OF_AGENT:])).delete()


@transaction.atomic
def drop_draft(*, actor: Actor, call: UUID) -> None:
    """The call was finished, or nobody wants to go on with it. Refuses: RightMissing."""
    actor.require(Right.BOOK_AT_PARTNER)
    _mine(actor).filter(call=call).delete()


def _mine(actor: Actor) -> "QuerySet[CallDraft]":
    return CallDraft.objects.visible_to(actor).filter(agent_id=actor.user_id)
