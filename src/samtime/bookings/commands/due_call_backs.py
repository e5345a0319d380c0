"""A call-back that is due and that nobody took stands in the organization's inbox."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.call_backs import DUE
from samtime.bookings.models import CallBack
from samtime.inbox.commands import raise_item, take_item
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
        _raise(actor, row)
    return len(fresh)


def _raise(actor: Actor, row: CallBack) -> None:
    item = raise_item(
        actor,
        kind=DUE,
        object_kind="call_back",
        object_id=row.public_id,
        facts={"service": row.wish.get("words", {}).get("service") or "–"},
        link=f"partner/callbacks/{row.public_id}/",
        due_at=row.due_at,
    )
    if member_to_write(row.organization_id, row.agent_id) is not None:
        take_item(doer=replace(actor, user_id=row.agent_id), item=item.public_id)
