"""What happened to a thing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Count, Q

from samtime.foundation.tenancy import Viewer
from samtime.journal.models import AccessLogEntry, JournalEntry


class Person(Viewer, Protocol):
    """A viewer who is somebody."""

    @property
    def user_id(self) -> int | None: ...


def history_of(actor: Viewer, object_id: UUID, *, limit: int = 200) -> list[JournalEntry]:
    """The journal of one object as far as the actor's organization is a party, newest first."""
    rows = JournalEntry.objects.visible_to(actor).filter(object_id=object_id)
    return list(rows.order_by("-id")[:limit])


@dataclass(frozen=True, slots=True)
class JournalWish:
    """Which rows: `kind` also as its first word; `before` 0 begins at the newest row."""

    object_id: UUID | None = None
    kind: str = ""
    start: datetime | None = None
    end: datetime | None = None
    before: int = 0


def entries(actor: Viewer, wish: JournalWish, *, limit: int) -> list[JournalEntry]:
    """What happened to which the actor's organization is a party, newest first."""
    rows = JournalEntry.objects.visible_to(actor)
    if wish.object_id is not None:
        rows = rows.filter(object_id=wish.object_id)
    if wish.kind:
        rows = rows.filter(Q(kind=wish.kind) | Q(kind__startswith=f"{wish.kind}."))
    if wish.start is not None:
        rows = rows.filter(at__gte=wish.start)
    if wish.end is not None:
        rows = rows.filter(at__lte=wish.end)
    if wish.before:
        rows = rows.filter(id__lt=wish.before)
    return list(rows.order_by("-id")[:limit])


def searches_since(actor: Person, *, user_since: datetime, all_since: datetime) -> tuple[int, int]:
    """How often the actor's user, and his whole organization, searched patients since then."""
    rows = AccessLogEntry.objects.filter(
        organization_id=actor.organization_id, action="searched", at__gte=all_since
    )
    mine = Q(user_id=actor.user_id, at__gte=user_since)
    found = rows.aggregate(mine=Count("id", filter=mine), every=Count("id"))
    return found["mine"], found["every"]


def count_since(actor: Viewer, object_id: UUID, kind: str, since: datetime) -> int:
    """How often something happened to an object since then."""
    rows = JournalEntry.objects.visible_to(actor).filter(object_id=object_id, kind=kind)
    return rows.filter(at__gte=since).count()


def accesses_to(actor: Viewer, patient_id: int, *, limit: int = 200) -> list[AccessLogEntry]:
    """The readings of one patient of the actor's organization, newest first."""
    rows = AccessLogEntry.objects.filter(
        provider_id=actor.organization_id, patient_ids__contains=[patient_id]
    )
    return list(rows.order_by("-id")[:limit])


def latest_of(
    actor: Viewer, *, kinds: Collection[str], since: datetime, limit: int = 50
) -> list[JournalEntry]:
    """What the actor's organization wrote of these kinds since an instant, newest first."""
    rows = JournalEntry.objects.visible_to(actor).filter(
        organization_id=actor.organization_id, kind__in=kinds, at__gte=since
    )
    return list(rows.order_by("-id")[:limit])
