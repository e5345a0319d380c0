"""What waits for somebody: put in by the app that knows, taken out when it is done.

Every act of a person leaves a note on the item, so that a colleague sees who does what, and why.
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.inbox.models import InboxItem, InboxNote
from samtime.inbox.queries import open_items
from samtime.journal.commands import Doer

LONGEST_SNOOZE = timedelta(days=14)


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


def _noted(
    doer: Doer, item: InboxItem, kind: str, *, text: str = "", other: int | None = None
) -> InboxItem:
    InboxNote.objects.create(
        item=item,
        organization_id=item.organization_id,
        at=timezone.now(),
        user_id=doer.user_id,
        kind=kind,
        text=text,
        other_user_id=other,
    )
    return item


@transaction.atomic
def take_item(*, doer: Doer, item: uuid.UUID) -> InboxItem:
    """Become its owner. The door judged the right to the inbox.

    Refuses: NotFound (foreign, or done already).
    """
    taken = _open(doer, item)
    taken.owner_id = doer.user_id
    taken.save(update_fields=["owner_id"])
    return _noted(doer, taken, "taken")


@transaction.atomic
def take_next_unowned(
    *, doer: Doer, now: datetime, among: Collection[int] | None = None
) -> InboxItem | None:
    """Become the owner of the most urgent item nobody has; None when there is none.

    `among`: ids of the items the person can mend; None is all. Two people at once get two
    different ones.
    """
    rows = open_items(doer, now=now).filter(owner_id=None)
    if among is not None:
        rows = rows.filter(id__in=among)
    found: InboxItem | None = rows.select_for_update(skip_locked=True).first()
    if found is None:
        return None
    return take_item(doer=doer, item=found.public_id)


@transaction.atomic
def assign_item(*, doer: Doer, item: uuid.UUID, owner_id: int | None) -> InboxItem:
    """Give it to a colleague, or to nobody. The door judged that he belongs to the organization.

    Refuses: NotFound.
    """
    given = _open(doer, item)
    given.owner_id = owner_id
    given.save(update_fields=["owner_id"])
    return _noted(doer, given, "given" if owner_id else "left", other=owner_id)


@transaction.atomic
def snooze_item(
    *, doer: Doer, item: uuid.UUID, until: datetime | None, reason: str, now: datetime
) -> InboxItem:
    """Out of the list until a day, with a reason; at most fourteen days.

    Refuses: NotFound, Invalid (reason, day).
    """
    later = _open(doer, item)
    faults = []
    if not 1 <= len(reason) <= 500:
        sentence = _("Write why it can wait, for the colleague who looks.")
        faults.append(FieldError("reason", "required", sentence))
    last = (now + LONGEST_SNOOZE).astimezone(until.tzinfo).date() if until else None
    if until is None or last is None or until <= now or until.date() > last:
        faults.append(FieldError("until", "date", _("Choose a day within the next 14 days.")))
    if faults:
        raise Invalid(*faults)
    later.snoozed_until = until
    later.save(update_fields=["snoozed_until"])
    return _noted(doer, later, "snoozed", text=reason)


@transaction.atomic
def wake_item(*, doer: Doer, item: uuid.UUID) -> InboxItem:
    """Back into the list before its day. Refuses: NotFound."""
    woken = _open(doer, item)
    woken.snoozed_until = None
    woken.save(update_fields=["snoozed_until"])
    return _noted(doer, woken, "woken")


@transaction.atomic
def comment_item(*, doer: Doer, item: uuid.UUID, text: str) -> InboxItem:
    """A word for whoever reads it next. Refuses: NotFound, Invalid."""
    found = _open(doer, item)
    if not 1 <= len(text) <= 500:
        sentence = _("Write something, at most 500 characters.")
        raise Invalid(FieldError("comment", "required", sentence))
    return _noted(doer, found, "comment", text=text)


@transaction.atomic
def resolve_item(*, doer: Doer, item: uuid.UUID, now: datetime) -> InboxItem:
    """Done by hand.

    Refuses: NotFound.
    """
    done = _open(doer, item)
    done.resolved_at, done.resolved_by_id = now, doer.user_id
    done.save(update_fields=["resolved_at", "resolved_by_id"])
    return _noted(doer, done, "done")
