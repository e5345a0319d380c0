"""Whose call-backs are: nobody's when the agent may call no more, then a colleague's (B5, P25)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.call_backs import change, give_to, note_act, open_one
from samtime.bookings.commands.due_call_backs import put_into_inbox
from samtime.bookings.models import CallBack
from samtime.bookings.queries.call_backs import MAY, people_who_call
from samtime.foundation.errors import FieldError, Invalid
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.organizations.queries import organization_of

LEFT = "call_backs_left"


@transaction.atomic
def leave_call_backs(*, actor: Actor, now: datetime) -> int:
    """Call-backs of agents whose access or right to book is gone are nobody's, and the inbox says
    so; how many had to be left. May run at any time and twice."""
    actor.require(Right.BOOK_AT_PARTNER)
    calling = [user.pk for user in people_who_call(actor)]
    rows = list(_waiting(actor).filter(left_at=None).exclude(agent_id__in=calling))
    for row in rows:
        row.left_at = now
        change(row, opened_by_id=None, opened_until=None)
        if row.due_at <= now:
            put_into_inbox(actor, row)
        note_act(actor, row, "call_back.left")
    _say_what_is_left(actor, now)
    return len(rows)


@transaction.atomic
def hand_over_call_backs(*, actor: Actor, call_back: UUID | None, to: UUID, now: datetime) -> int:
    """Make a colleague the agent of one call-back, or of all that nobody has; how many.

    Refuses: RightMissing, Invalid (`agent`: nobody who may book), NotFound, OpenElsewhere,
    CallBackDone.
    """
    actor.require_any(*MAY)
    agent = next((user for user in people_who_call(actor) if user.public_id == to), None)
    if agent is None:
        raise Invalid(FieldError("agent", "agent", _("Choose a colleague who may book.")))
    if call_back is not None:
        rows = [open_one(actor, call_back, now)]
    else:
        rows = list(_waiting(actor).exclude(left_at=None))
    for row in rows:
        give_to(row, agent.pk)
        change(row)
        if row.due_at <= now:
            put_into_inbox(actor, row)
        note_act(actor, row, "call_back.handed_over", to=str(agent.public_id))
    _say_what_is_left(actor, now)
    return len(rows)


def _waiting(actor: Actor) -> "QuerySet[CallBack]":
    rows = CallBack.objects.visible_to(actor).filter(state="open")
    return rows.select_for_update().order_by("due_at", "id").defer("person")


def _say_what_is_left(actor: Actor, now: datetime) -> None:
    """One item for all that have no agent; it goes when the last of them has one."""
    left = list(_waiting(actor).exclude(left_at=None).values_list("due_at", flat=True))
    whose = organization_of(actor).public_id
    if not left:
        resolve_by_cause(organization_id=actor.organization_id, kind=LEFT, object_id=whose, now=now)
        return
    raise_item(
        actor,
        kind=LEFT,
        object_kind="organization",
        object_id=whose,
        facts={"count": len(left)},
        link="partner/callbacks/",
        due_at=left[0],
    )
