"""What happened to a thing."""

from uuid import UUID

from samtime.foundation.tenancy import Viewer
from samtime.journal.models import JournalEntry


def history_of(actor: Viewer, object_id: UUID, *, limit: int = 200) -> list[JournalEntry]:
    """The journal of one object as far as the actor's organization is a party, newest first."""
    rows = JournalEntry.objects.visible_to(actor).filter(object_id=object_id)
    return list(rows.order_by("-id")[:limit])
