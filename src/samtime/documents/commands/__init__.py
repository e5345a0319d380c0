"""Keeping files that were handed in for import, and what became of them.

What a kind of file means is not known here: the app that imports it plans and applies, this app
keeps the run. The caller has checked the right.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction

from samtime.documents.models import ImportRun
from samtime.documents.rules import AT_WORK, ImportPlan

KEPT = timedelta(days=1)


class Doer(Protocol):
    """Whoever hands it in, as plain ids."""

    @property
    def organization_id(self) -> int: ...
    @property
    def user_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as handed in: kind (services, practitioners, patients, calendar), name, bytes."""

    kind: str
    file_name: str
    content: bytes
    options: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def keep_run(*, actor: Doer, upload: Upload, plan: ImportPlan) -> ImportRun:
    """The run with what it would do: refused when something is wrong, else previewed."""
    return _keep(
        actor,
        upload,
        state="refused" if plan.faults else "previewed",
        rows=plan.rows,
        preview=plan.preview(),
        errors=plan.errors(),
    )


@transaction.atomic
def keep_waiting(*, doer: Doer, upload: Upload) -> ImportRun:
    """A run that the worker has yet to look at."""
    return _keep(doer, upload, state="waiting")


def _keep(doer: Doer, upload: Upload, **found: Any) -> ImportRun:
    return ImportRun.objects.create(
        organization_id=doer.organization_id,
        user_id=doer.user_id,
        kind=upload.kind,
        file_name=plain_name(upload.file_name),
        content=upload.content,
        options=upload.options,
        sha256=hashlib.sha256(upload.content).hexdigest(),
        **found,
    )


@transaction.atomic
def note_plan(*, run: ImportRun, plan: ImportPlan) -> ImportRun:
    """What the worker found: refused when something is wrong, else previewed."""
    run.state = "refused" if plan.faults else "previewed"
    run.rows, run.preview, run.errors = plan.rows, plan.preview(), plan.errors()
    run.save(update_fields=["state", "rows", "preview", "errors"])
    return run


@transaction.atomic
def note_state(*, run: ImportRun, state: str) -> ImportRun:
    """Another state; the file of a run that is over is let go."""
    run.state = state
    if state in ("stopped", "failed"):
        run.content = b""
    run.save(update_fields=["state", "content"])
    return run


@transaction.atomic
def lock_run(run: ImportRun) -> ImportRun:
    """The run, locked until the transaction ends: two clicks on Apply become one."""
    return ImportRun.objects.select_for_update().get(pk=run.pk)  # type: ignore[no-any-return]


@transaction.atomic
def mark_applied(*, run: ImportRun, now: datetime) -> ImportRun:
    """The run is done; the file itself is no longer needed and is let go."""
    run.state = "applied"
    run.applied_at = now
    run.content = b""
    run.save(update_fields=["state", "applied_at", "content"])
    return run


@transaction.atomic
def forget_people(*, run: ImportRun, keep_preview: bool = False) -> None:
    """Let go of what names people: the file, and the preview unless somebody still reads it."""
    run.content = b""
    if not keep_preview:
        run.preview = [{**row, "label": "", "changes": []} for row in run.preview]
    run.save(update_fields=["content", "preview"])


@transaction.atomic
def expire_lists_of_people(*, doer: Doer, now: datetime) -> int:
    """Files of clients that nobody applied within a day are let go; how many there were."""
    rows = ImportRun.objects.filter(
        organization_id=doer.organization_id,
        kind__in=("patients", "calendar"),
        state__in=("previewed", "refused", *AT_WORK),
        created_at__lt=now - KEPT,
    )
    expired = list(rows.select_for_update())
    for run in expired:
        run.state, run.content, run.preview, run.errors = "expired", b"", [], []
        run.save(update_fields=["state", "content", "preview", "errors"])
    return len(expired)


def plain_name(name: str) -> str:
    """The last part of a file name, without control signs, at most 200 letters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:200] or "file"
