"""A call-back that is due and that nobody took stands in the organization's inbox."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.call_backs import DUE
from samtime.bookings.models import CallBack
from samtime.inbox.commands import assign_item, raise_item, take_item
from samtime.inbox.queries import last_items
from samtime.organizations.queries import member_to_write


@transaction.atomic
def note_due_call_backs(*, actor: Actor, now: datetime) -> int:
    """Put each into the inbox once for its due time, with its agent as owner; how many.

    One that is open at somebody's, or that was put in since it became due, is left alone.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    due = CallBack.objects.visible_to(actor).filter(state="open", due_at__lte=now)
    rows = list(due.exclude(opened_until__gt=now).defer("person"))
    known = last_items(actor, DUE, [row.public_id for row in rows]) if rows else {}
    fresh = [r for r in rows if r.public_id not in known or known[r.public_id] < r.due_at]
    for row in fresh:
        put_into_inbox(actor, row)
    return len(fresh)


def put_into_inbox(actor: Actor, row: CallBack) -> None:
    """A due call-back waits with its agent as owner; with nobody, where it has none."""
    item = raise_item(
        actor,
        kind=DUE,
        object_kind="call_back",
        object_id=row.public_id,
        facts={"service": row.wish.get("words", {}).get("service") or "–"},
        link=f"partner/callbacks/{row.public_id}/",
        due_at=row.due_at,
    )
    owner = member_to_write(row.organization_id, None if row.left_at else row.agent_id)
    if owner is not None:
        take_item(doer=replace(actor, user_id=owner.id), item=item.public_id)
    elif item.owner_id is not None:
        assign_item(doer=actor, item=item.public_id, owner_id=None)
