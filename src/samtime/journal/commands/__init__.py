"""Writing down what happened. Called by commands inside their own transaction."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from psycopg.types.json import Jsonb

from samtime.foundation.prepared import fetch

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


RECORD = """
WITH j AS (
  INSERT INTO journal_journalentry (public_id, at, organization_id, other_id, kind, object_kind,
    object_id, actor_kind, actor_organization_id, user_id, key_id, channel_id, data, request_id)
  VALUES (%(public_id)s, %(at)s, %(organization_id)s, %(other_id)s, %(kind)s, %(object_kind)s,
    %(object_id)s, %(actor_kind)s, %(actor_organization_id)s, %(user_id)s, %(key_id)s,
    %(channel_id)s, %(data)s, %(request_id)s)
  RETURNING id){access}
SELECT {job} FROM j
"""
NO_JOB = "j.id"
JOB = """procrastinate_defer_jobs_v1(ARRAY[ROW('reactions',
    %(task)s, 0, NULL, NULL, jsonb_build_object('entry_id', j.id,
    'organization_id', %(organization_id)s::bigint), NULL)::procrastinate_job_to_defer_v1])"""
LOG = """
INSERT INTO journal_accesslogentry (at, provider_id, organization_id, actor_kind, user_id, key_id,
  channel_id, patient_ids, action, purpose, hits, request_id)
VALUES (%(at)s, %(read_provider)s, %(reader)s, %(actor_kind)s, %(user_id)s, %(key_id)s,
  %(read_channel)s, %(patient_ids)s::bigint[], %(action)s, %(purpose)s, %(hits)s, %(request_id)s)
"""
# Many at once, in their order; the same row and the same job for each.
RECORD_ALL = """
WITH j AS (
  INSERT INTO journal_journalentry (public_id, at, organization_id, other_id, kind, object_kind,
    object_id, actor_kind, actor_organization_id, user_id, key_id, channel_id, data, request_id)
  SELECT x.public_id, %(at)s, x.organization_id, x.other_id, x.kind, x.object_kind, x.object_id,
    %(actor_kind)s, %(actor_organization_id)s, %(user_id)s::bigint, %(key_id)s::bigint,
    x.channel_id, x.data, %(request_id)s
  FROM jsonb_to_recordset(%(rows)s) AS x(nr int, public_id uuid, organization_id bigint,
    other_id bigint, kind text, object_kind text, object_id uuid, channel_id bigint, data jsonb)
  ORDER BY x.nr
  RETURNING id, kind, organization_id)
SELECT procrastinate_defer_jobs_v1(array_agg(ROW('reactions', %(task)s, 0, NULL, NULL,
    jsonb_build_object('entry_id', j.id, 'organization_id', j.organization_id), NULL)
    ::procrastinate_job_to_defer_v1 ORDER BY j.id))
FROM j WHERE j.kind <> ALL(%(silent)s::text[]) HAVING count(*) > 0
"""
# By whether something reacts to it, and whether a reading is logged with it.
STATEMENTS = {
    (reacts, logs): RECORD.format(job=JOB if reacts else NO_JOB, access=f", a AS ({LOG})" * logs)
    for reacts in (False, True)
    for logs in (False, True)
}
# Kinds that happen many times a minute and that nothing reacts to; a test holds them apart.
SILENT = frozenset({"patient.added", "patient.linked", "booking.held", "booking.released"})


def record(actor: Doer, happening: Happening, *, access: "Access | None" = None) -> None:
    """Add the journal row and defer its reactions, in the caller's transaction. One statement.

    `access`: what was read for it, logged in the same statement.
    """
    values: dict[str, Any] = {
        "public_id": uuid.uuid4(),
        "kind": happening.kind,
        "object_kind": happening.object_kind,
        "object_id": happening.object_id,
        "organization_id": happening.organization_id,
        "other_id": happening.other_id,
        "channel_id": happening.channel_id,
        "data": Jsonb(happening.data, dumps=_dumps),
        "actor_organization_id": actor.organization_id or None,
        "task": REACT,
        **_done_by(actor),
    }
    if access is not None:
        values |= _read(actor, access)
    fetch(STATEMENTS[happening.kind not in SILENT, access is not None], values)


def record_all(actor: Doer, happenings: Sequence[Happening]) -> None:
    """Add many rows as `record` adds one, in the caller's transaction. One statement."""
    rows = [
        {"nr": nr, "public_id": uuid.uuid4(), **asdict(one)} for nr, one in enumerate(happenings)
    ]
    values = {
        "rows": Jsonb(rows, dumps=_dumps),
        "actor_organization_id": actor.organization_id or None,
        "task": REACT,
        "silent": sorted(SILENT),
        **_done_by(actor),
    }
    if rows:
        fetch(RECORD_ALL, values)


def _done_by(actor: Doer) -> dict[str, Any]:
    return {
        "at": timezone.now(),
        "actor_kind": str(actor.kind),
        "user_id": actor.user_id,
        "key_id": actor.key_id,
        "request_id": actor.request_id,
    }


def _dumps(data: Any) -> str:
    return json.dumps(data, cls=DjangoJSONEncoder)


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
    fetch(LOG, {**_done_by(actor), **_read(actor, access)})


def _read(actor: Doer, access: Access) -> dict[str, Any]:
    return {
        "read_provider": access.provider_id,
        "reader": actor.organization_id or access.provider_id,
        "read_channel": access.channel_id,
        "patient_ids": list(access.patient_ids),
        "action": access.action,
        "purpose": access.purpose,
        "hits": access.hits,
    }
