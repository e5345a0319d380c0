"""An agent promises to call somebody back: made, opened, tried again, closed, or booked (B5).

Only the outsider's own organization ever sees it; the journal names no person.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.holds import release_hold
from samtime.bookings.models import Booking, CallBack
from samtime.bookings.queries.call_backs import MAY, is_taken
from samtime.bookings.rules import Caller
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal
from samtime.foundation.secrets import encrypt
from samtime.inbox.commands import resolve_by_cause
from samtime.journal.commands import Happening, record

LOCK = 12
LOCKED = timedelta(minutes=10)
FARTHEST = timedelta(days=90)
MOST_OF_AGENT, MOST_OF_ALL = 100, 1000
MOST_WISH = 2000
MOST_PHONE, MOST_NOTE = 40, 2000
LENGTHS = {"given_name": 100, "family_name": 100, "birth_date": 20, "email": 254, "language": 5}
REASONS = ("no_answer", "no_wish", "elsewhere", "wrong_number", "other")
DUE = "call_back_due"


class TooManyCallBacks(Refusal):
    """A list nobody works off helps nobody."""

    code = "too_many_call_backs"
    status = 409
    sentence = _("Too many call-backs are open. Call or close some of them first.")


class OpenElsewhere(Refusal):
    """A colleague is calling this very person."""

    code = "open_elsewhere"
    status = 409
    sentence = _("%(name)s has this call-back open. It is free again in ten minutes at the latest.")


class CallBackDone(Refusal):
    """Booked or closed in the meantime."""

    code = "call_back_done"
    status = 409
    sentence = _("This call-back is done already.")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to call, when, about what; the time held until now, and the call-back it goes on."""

    caller: Caller
    due_at: datetime | None
    wish: dict[str, Any] = field(default_factory=dict)
    hold: UUID | None = None
    again: UUID | None = None


@transaction.atomic
def keep_call_back(*, actor: Actor, asked: Asked, now: datetime) -> CallBack:
    """Promise a call; the hold of this call is let go. `asked.again` goes on with an open one.

    Refuses: RightMissing, Invalid (at the field), NotFound (hold, call-back), OpenElsewhere,
    CallBackDone, TooManyCallBacks (100 an agent, 1000 an organization).
    """
    actor.require(Right.BOOK_AT_PARTNER)
    if actor.user_id is None:
        raise NotFound()
    _judge(asked, now)
    told: dict[str, Any] = {
        "person": encrypt(json.dumps(asdict(asked.caller))),
        "wish": asked.wish,
        "due_at": asked.due_at,
        "opened_by_id": None,
        "opened_until": None,
    }
    if asked.hold is not None:
        release_hold(actor=actor, hold=asked.hold, now=now)
    if asked.again is not None:
        kept = change(open_one(actor, asked.again, now), **told)
        _is_no_longer_due(kept, now)
    else:
        _judge_number(actor)
        kept = CallBack.objects.create(
            organization_id=actor.organization_id, agent_id=actor.user_id, **told
        )
    note_act(actor, kept, "call_back.kept")
    return kept


@transaction.atomic
def open_call_back(*, actor: Actor, call_back: UUID, now: datetime) -> CallBack:
    """Have it to oneself for ten minutes; opened again by the same person they begin anew.

    Refuses: RightMissing, NotFound, OpenElsewhere (names the colleague), CallBackDone.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    opened = open_one(actor, call_back, now)
    change(opened, opened_by_id=actor.user_id, opened_until=now + LOCKED)
    note_act(actor, opened, "call_back.opened")
    return opened


@transaction.atomic
def not_reached(
    *, actor: Actor, call_back: UUID, due_at: datetime | None, now: datetime
) -> CallBack:
    """Nobody answered: one try more, and a new time.

    Refuses: RightMissing, Invalid (`due_on`), NotFound, OpenElsewhere, CallBackDone.
    """
    actor.require_any(*MAY)
    faults = _faults_of_time(due_at, now)
    if faults:
        raise Invalid(*faults)
    tried = open_one(actor, call_back, now)
    change(tried, due_at=due_at, tries=tried.tries + 1, opened_by_id=None, opened_until=None)
    _is_no_longer_due(tried, now)
    note_act(actor, tried, "call_back.not_reached")
    return tried


@transaction.atomic
def close_call_back(
    *, actor: Actor, call_back: UUID, reason: str, note: str, now: datetime
) -> CallBack:
    """Nobody calls any more; `reason` one of REASONS, «other» says it in words.

    Refuses: RightMissing, Invalid (`reason`, `note`), NotFound, OpenElsewhere, CallBackDone.
    """
    actor.require_any(*MAY)
    if reason not in REASONS:
        raise Invalid(FieldError("reason", "reason", _("Choose why nobody needs to call.")))
    if len(note) > 500 or (reason == "other" and not note):
        sentence = _("Write the reason in a few words, at most 500 characters.")
        raise Invalid(FieldError("note", "note", sentence))
    closed = open_one(actor, call_back, now)
    _end(closed, "closed", now, close_reason=reason, close_note=note)
    note_act(actor, closed, "call_back.closed", reason=reason)
    return closed


@transaction.atomic
def close_by_booking(
    *, actor: Actor, call_back: UUID, booking: Booking, now: datetime
) -> CallBack | None:
    """The person has a time now; one that is done already, or opened by a colleague meanwhile,
    stops no booking: it is closed as far as it is open. None when it was done.

    Refuses: RightMissing, NotFound (not ours).
    """
    actor.require(Right.BOOK_AT_PARTNER)
    found = _locked(actor, call_back)
    if booking.booker_id != actor.organization_id:
        raise NotFound()
    if found.state != "open":
        return None
    _end(found, "booked", now, booking_id=booking.id)
    note_act(actor, found, "call_back.booked", booking=str(booking.public_id))
    return found


def _judge(asked: Asked, now: datetime) -> None:
    faults = _faults_of_time(asked.due_at, now)
    digits = sum(c.isdigit() for c in asked.caller.phone)
    if not 5 <= digits <= 20 or len(asked.caller.phone) > MOST_PHONE:
        sentence = _("Write the phone number to call.")
        faults.append(FieldError("patient.phone", "required", sentence))
    faults += faults_of_length(asked.caller, asked.wish)
    if faults:
        raise Invalid(*faults)


def faults_of_length(caller: Caller, wish: dict[str, Any]) -> list[FieldError]:
    """What of a call is longer than is kept, at its fields."""
    faults = [
        FieldError(f"patient.{name}", "too_long", _("This is too long."))
        for name, most in LENGTHS.items()
        if len(getattr(caller, name)) > most
    ]
    if len(caller.note) > MOST_NOTE:
        faults.append(FieldError("note", "too_long", _("At most 2,000 characters.")))
    if len(json.dumps(wish)) > MOST_WISH:
        faults.append(FieldError("q", "too_long", _("This is too long.")))
    return faults


def _faults_of_time(due_at: datetime | None, now: datetime) -> list[FieldError]:
    if due_at is None:
        return [FieldError("due_on", "required", _("Write the day and the time to call."))]
    if due_at <= now:
        return [FieldError("due_on", "past", _("This time has passed. Choose a later one."))]
    if due_at > now + FARTHEST:
        return [FieldError("due_on", "far", _("Choose a day within the next 90 days."))]
    return []


def _judge_number(actor: Actor) -> None:
    """Two at once count as two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, actor.organization_id % 2**31]
        )
    waiting = CallBack.objects.visible_to(actor).filter(state="open")
    mine = waiting.filter(agent_id=actor.user_id).count()
    if mine >= MOST_OF_AGENT or waiting.count() >= MOST_OF_ALL:
        raise TooManyCallBacks()


def _locked(actor: Actor, public_id: UUID) -> CallBack:
    rows = CallBack.objects.visible_to(actor).filter(public_id=public_id)
    found: CallBack | None = rows.select_for_update().first()
    if found is None:
        raise NotFound()
    return found


def open_one(actor: Actor, public_id: UUID, now: datetime) -> CallBack:
    """An open one that no colleague has open, locked for the rest of the transaction.

    Whoever works on one that nobody has any more is its agent from then on.
    """
    found = _locked(actor, public_id)
    if found.state != "open":
        raise CallBackDone()
    if is_taken(found, actor, now):
        raise OpenElsewhere(name=str(found.opened_by))
    if found.left_at is not None:
        give_to(found, actor.user_id)
    return found


def give_to(row: CallBack, user_id: int | None) -> None:
    """Whose it is from now on, for `change` to write; a program's key becomes nobody's agent."""
    if user_id is not None:
        row.agent_id, row.left_at = user_id, None


def change(row: CallBack, **values: Any) -> CallBack:
    """Write these values and whose it is; lists that stand open ask for `changes`."""
    values |= {"changes": row.changes + 1, "agent_id": row.agent_id, "left_at": row.left_at}
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[name.removesuffix("_id") for name in values])
    return row


def _end(row: CallBack, state: str, now: datetime, **values: Any) -> None:
    change(row, state=state, closed_at=now, opened_by_id=None, opened_until=None, **values)
    _is_no_longer_due(row, now)


def _is_no_longer_due(row: CallBack, now: datetime) -> None:
    resolve_by_cause(
        organization_id=row.organization_id, kind=DUE, object_id=row.public_id, now=now
    )


def note_act(actor: Actor, row: CallBack, kind: str, **data: str) -> None:
    """The journal's row: who, when it is due, what was done; never whom to call."""
    happening = Happening(
        kind=kind,
        object_kind="call_back",
        object_id=row.public_id,
        organization_id=actor.organization_id,
        data={"due": row.due_at.isoformat(), **data},
    )
    record(actor, happening)
