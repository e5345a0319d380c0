"""Writing down what happened. Called by commands inside their own transaction."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

from procrastinate.contrib.django import app as queue

from samtime.journal.models import AccessLogEntry, JournalEntry

REACT = "samtime.react"


class Doer(Protocol):
    """Whoever did it, as plain ids; accounts.Actor is one."""

    @property
    def kind(self) -> str: ...
    @property
    def organization_id(self) -> int: ...
    @property
    def user_id(self) -> int | None: ...
    @property
    def key_id(self) -> int | None: ...
    @property
    def request_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to which object; `other_id` is the second party, if there is one."""

    kind: str
    object_kind: str
    object_id: uuid.UUID
    organization_id: int
    other_id: int | None = None
    channel_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def record(actor: Doer, happening: Happening) -> JournalEntry:
    """Add the journal row and defer its reactions, in the caller's transaction."""
    entry = JournalEntry.objects.create(
        kind=happening.kind,
        object_kind=happening.object_kind,
        object_id=happening.object_id,
        organization_id=happening.organization_id,
        other_id=happening.other_id,
        channel_id=happening.channel_id,
        data=happening.data,
        actor_kind=actor.kind,
        actor_organization_id=actor.organization_id or None,
        user_id=actor.user_id,
        key_id=actor.key_id,
        request_id=actor.request_id,
    )
    queue.configure_task(REACT, allow_unknown=True, queue="reactions").defer(
        entry_id=entry.id, organization_id=happening.organization_id
    )
    return entry


@dataclass(frozen=True, slots=True)
class Access:
    """A reading of patients' data: which patients of which provider, what was done, why."""

    provider_id: int
    patient_ids: tuple[int, ...]
    action: str
    purpose: str = ""
    channel_id: int | None = None
    hits: int | None = None


def log_access(actor: Doer, access: Access) -> None:
    """Add the access log row in the reader's transaction: no log, no data (P12)."""
    AccessLogEntry.objects.create(
        provider_id=access.provider_id,
        organization_id=actor.organization_id or access.provider_id,
        actor_kind=actor.kind,
        user_id=actor.user_id,
        key_id=actor.key_id,
        channel_id=access.channel_id,
        patient_ids=list(access.patient_ids),
        action=access.action,
        purpose=access.purpose,
        hits=access.hits,
        request_id=actor.request_id,
    )
