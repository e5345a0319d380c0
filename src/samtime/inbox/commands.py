"""Putting something into the inbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.inbox.models import InboxItem


@transaction.atomic
def raise_item(
    actor: Actor,
    *,
    kind: str,
    object_kind: str,
    object_id: UUID,
    facts: dict[str, Any],
    link: str = "",
    due_at: datetime | None = None,
) -> InboxItem:
    """Something waits for the actor's organization. One open item per kind and object.

    Called by commands that have checked their own right. `facts` fill the sentence on reading,
    `link` is the path below the organization.
    """
    item, _made = InboxItem.objects.update_or_create(
        organization_id=actor.organization_id,
        kind=kind,
        object_id=object_id,
        resolved_at=None,
        defaults={"object_kind": object_kind, "facts": facts, "link": link, "due_at": due_at},
    )
    return item
