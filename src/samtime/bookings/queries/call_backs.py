"""Call-backs of an outsider's organization, and whom to call. Every reading is logged (P12)."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.bookings.models import CallBack
from samtime.bookings.rules import Caller
from samtime.foundation.errors import NotFound
from samtime.foundation.prepared import fetch
from samtime.foundation.secrets import decrypt
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries.terms import people_who_may

MAY = (Right.BOOK_AT_PARTNER, Right.CHANGE_BOOKING)
PURPOSE = "call_back"
# Which stand open, every change of them, those that came due, those that somebody has open; and the
# words of the time, which a list may be five minutes behind.
VERSION = """
SELECT count(*), coalesce(sum(changes), 0), coalesce(max(id), 0),
  count(*) FILTER (WHERE due_at <= %(now)s), count(*) FILTER (WHERE opened_until > %(now)s),
  extract(epoch FROM %(now)s::timestamptz)::bigint / 300
FROM bookings_callback WHERE organization_id = %(me)s AND state = 'open'
"""


@dataclass(frozen=True, slots=True)
class Promise:
    """A call-back with its person in clear."""

    row: CallBack
    caller: Caller

    def is_locked_for(self, actor: Actor, now: datetime) -> bool:
        """Whether another agent has it open."""
        return is_taken(self.row, actor, now)


def is_taken(row: CallBack, actor: Actor, now: datetime) -> bool:
    """Whether somebody else than the actor has it open at this moment."""
    until = row.opened_until
    return until is not None and until > now and row.opened_by_id != actor.user_id


def open_call_backs(actor: Actor, *, most: int) -> list[Promise]:
    """What is still to be called, the first due first. Two queries: the rows, and the log.

    Refuses: RightMissing.
    """
    actor.require_any(*MAY)
    rows = _ours(actor).filter(state="open").order_by("due_at", "id")[:most]
    found = [Promise(row, _caller(row)) for row in rows]
    if found:
        log_access(actor, Access(actor.organization_id, (), "listed", PURPOSE, hits=len(found)))
    return found


def one_call_back(actor: Actor, public_id: UUID) -> Promise:
    """One of ours, also when it is done. Refuses: RightMissing, NotFound."""
    actor.require_any(*MAY)
    row: CallBack | None = _ours(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound()
    log_access(actor, Access(actor.organization_id, (), "opened", PURPOSE))
    return Promise(row, _caller(row))


def call_backs_version(actor: Actor, *, now: datetime) -> str:
    """Equal means that the list of what is to be called is the same. One query."""
    found = fetch(VERSION, {"me": actor.organization_id, "now": now})[0]
    return ".".join(map(str, found))


def people_who_call(actor: Actor) -> list[User]:
    """Everybody of the organization who may book for others, and so call back. One query."""
    return people_who_may(actor.organization_id, Right.BOOK_AT_PARTNER)


def _ours(actor: Actor) -> "QuerySet[CallBack]":
    rows = CallBack.objects.visible_to(actor)
    return rows.select_related("agent", "opened_by", "booking")


def _caller(row: CallBack) -> Caller:
    if not row.person:
        return Caller(phone="")  # forgotten
    return Caller(**json.loads(decrypt(bytes(row.person))))
