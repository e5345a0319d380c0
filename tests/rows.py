"""Plain rows for tests of the walls."""

import uuid

from samtime.inbox.models import InboxItem
from samtime.journal.models import JournalEntry


def inbox_item(**given):
    """An inbox item about nothing in particular."""
    return InboxItem.objects.create(
        kind="test", object_kind="test", object_id=uuid.uuid4(), **given
    )


def journal_entry(**given):
    """A journal row about nothing in particular."""
    return JournalEntry.objects.create(
        kind="test.happened",
        object_kind="test",
        object_id=uuid.uuid4(),
        actor_kind="system",
        **given,
    )
