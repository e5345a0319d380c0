"""What happened to a thing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Count, Q, QuerySet

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


@dataclass(frozen=True, slots=True)
class AccessWish:
    """Which readings of the organization's patients; empty parts do not narrow."""

    patient_ids: tuple[int, ...] = ()
    user_id: int | None = None
    organization_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None


def accesses(actor: Viewer, wish: AccessWish, *, limit: int = 200) -> list[AccessLogEntry]:
    """The readings of the actor's organization's patients, newest first."""
    return list(_accesses(actor, wish).order_by("-id")[:limit])


def accesses_to(actor: Viewer, patient_id: int, *, limit: int = 200) -> list[AccessLogEntry]:
    """The readings of one patient of the actor's organization, newest first."""
    return accesses(actor, AccessWish(patient_ids=(patient_id,)), limit=limit)


def _accesses(actor: Viewer, wish: AccessWish) -> "QuerySet[AccessLogEntry]":
    rows = AccessLogEntry.objects.filter(provider_id=actor.organization_id)
    if wish.patient_ids:
        rows = rows.filter(patient_ids__overlap=list(wish.patient_ids))
    if wish.user_id is not None:
        rows = rows.filter(user_id=wish.user_id)
    if wish.organization_id is not None:
        rows = rows.filter(organization_id=wish.organization_id)
    if wish.start is not None:
        rows = rows.filter(at__gte=wish.start)
    if wish.end is not None:
        rows = rows.filter(at__lt=wish.end)
    return rows


BOOKED = ("linked", "chosen")


def searching(actor: Viewer, wish: AccessWish) -> list[tuple[int, int | None, int, int]]:
    """Organization, user, searches and bookings of each who searched. One query."""
    rows = _accesses(actor, wish).values("organization_id", "user_id")
    counted = rows.annotate(
        searches=Count("id", filter=Q(action="searched")),
        booked=Count("id", filter=Q(action__in=BOOKED)),
    ).filter(searches__gt=0)
    return [
        (r["organization_id"], r["user_id"], r["searches"], r["booked"])
        for r in counted.order_by("-searches", "organization_id", "user_id")
    ]


def latest_of(
    actor: Viewer, *, kinds: Collection[str], since: datetime, limit: int = 50
) -> list[JournalEntry]:
    """What the actor's organization wrote of these kinds since an instant, newest first."""
    rows = JournalEntry.objects.visible_to(actor).filter(
        organization_id=actor.organization_id, kind__in=kinds, at__gte=since
    )
    return list(rows.order_by("-id")[:limit])


def opened_by(actor: Person, *, since: datetime, limit: int) -> list[int]:
    """Patients that the actor's user opened at his own organization since then, newest first."""
    rows = AccessLogEntry.objects.filter(
        provider_id=actor.organization_id,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        at__gte=since,
        action="opened",
    )
    found: dict[int, None] = {}
    for ids in rows.order_by("-id").values_list("patient_ids", flat=True)[: limit * 10]:
        found.update(dict.fromkeys(ids))
    return list(found)[:limit]
