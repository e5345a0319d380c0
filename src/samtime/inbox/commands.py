"""What waits for somebody: put in by the app that knows, taken out when it is done."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from samtime.foundation.errors import NotFound
from samtime.inbox.models import InboxItem
from samtime.journal.commands import Doer


@transaction.atomic
def raise_item(
    actor: Doer,
    *,
    kind: str,
    object_kind: str,
    object_id: uuid.UUID,
    facts: dict[str, Any],
    link: str = "",
    due_at: datetime | None = None,
) -> InboxItem:
    """Something waits for the actor's organization. One open item per kind and object.

    Called by commands that have checked their own right. `facts` fill the sentence on reading,
    `link` is the path below the organization.
    """
    made, _new = InboxItem.objects.update_or_create(
        organization_id=actor.organization_id,
        kind=kind,
        object_id=object_id,
        resolved_at=None,
        defaults={"object_kind": object_kind, "facts": facts, "link": link, "due_at": due_at},
    )
    item: InboxItem = made
    return item


@transaction.atomic
def resolve_by_cause(
    *, organization_id: int, kind: str, object_id: uuid.UUID, now: datetime
) -> int:
    """The cause is gone: close its item; answers how many there were."""
    rows = InboxItem.objects.filter(
        organization_id=organization_id, kind=kind, object_id=object_id, resolved_at=None
    )
    return int(rows.update(resolved_at=now))


def _open(doer: Doer, item: uuid.UUID) -> InboxItem:
    rows = InboxItem.objects.filter(
        organization_id=doer.organization_id, public_id=item, resolved_at=None
    )
    found: InboxItem | None = rows.select_for_update().first()
    if found is None:
        raise NotFound()
    return found


@transaction.atomic
def take_item(*, doer: Doer, item: uuid.UUID) -> InboxItem:
    """Become its owner. The door judged the right to the inbox.

    Refuses: NotFound (foreign, or done already).
    """
    taken = _open(doer, item)
    taken.owner_id = doer.user_id
    taken.save(update_fields=["owner_id"])
    return taken


@transaction.atomic
def assign_item(*, doer: Doer, item: uuid.UUID, owner_id: int) -> InboxItem:
    """Somebody else becomes its owner. The door judged both the right and the colleague.

    Refuses: NotFound (foreign, or done already).
    """
    given = _open(doer, item)
    given.owner_id = owner_id
    given.save(update_fields=["owner_id"])
    return given


@transaction.atomic
def resolve_item(*, doer: Doer, item: uuid.UUID, now: datetime) -> InboxItem:
    """Done by hand.

    Refuses: NotFound.
    """
    done = _open(doer, item)
    done.resolved_at, done.resolved_by_id = now, doer.user_id
    done.save(update_fields=["resolved_at", "resolved_by_id"])
    return done
