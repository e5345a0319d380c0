"""Files that take longer than a page may: handed in, worked on by the worker, told about meanwhile.

The work is one transaction: a worker that is killed leaves the run waiting as it was, and the next
one begins anew. What a person is told meanwhile is written beside it.
"""

import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.calendar_import import KIND, import_calendar, plan_calendar
from samtime.bookings.commands.imports import (
    KINDS,
    Kind,
    journal_import,
    judge_previewed,
    upload_of,
)
from samtime.documents import commands as documents
from samtime.documents.commands import Upload
from samtime.documents.commands.progress import ImportStopped, ask_to_stop, watch
from samtime.documents.models import ImportRun
from samtime.documents.queries import import_run
from samtime.documents.rules import AT_WORK, ImportPlan, Progress, RowFault
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.foundation.transient import is_away, is_retried
from samtime.inbox.commands import raise_item, resolve_by_cause, take_item

log = logging.getLogger("samtime.imports")
ALL: dict[str, Kind] = {
    **KINDS,
    KIND: Kind(plan_calendar, import_calendar, Right.EDIT_CALENDAR, names_people=True),
}
HANDS_IN = (Right.EDIT_CATALOG, Right.EDIT_CALENDAR)
# What is smaller takes less than a second to look at, and to apply: a row of a price list changes
# one service after the other, a row of a staff list makes a calendar with all its days, an event
# a booking (the look at it too, which is taken back).
LOOKED_AT = {"services": 60_000, "patients": 60_000, "practitioners": 20_000, KIND: 3_000}
APPLIED = {"services": 800, "patients": 60_000, "practitioners": 300, KIND: 3_000}


class _Faulty(Exception):
    """Something stands against it by now: what was written is taken back."""

    def __init__(self, plan: ImportPlan) -> None:
        super().__init__()
        self.plan = plan


def is_long(upload: Upload) -> bool:
    """Whether looking at a file is for the worker."""
    return len(upload.content) > LOOKED_AT.get(upload.kind, 0)


def is_long_to_apply(run: ImportRun) -> bool:
    """Whether applying it is."""
    return len(run.content) > APPLIED.get(run.kind, 0)


@transaction.atomic
def hand_in(*, actor: Actor, upload: Upload) -> ImportRun:
    """Keep a file; the worker looks at it at once. Refuses: RightMissing, Invalid (kind)."""
    actor.require_any(*HANDS_IN)
    if upload.kind not in ALL:
        raise Invalid(FieldError("kind", "invalid", _("Choose what the file holds.")))
    _require(actor, upload.kind)
    run = documents.keep_waiting(doer=actor, upload=upload)
    watch(run=run)
    journal_import(actor, "import.handed_in", run)
    return run


@transaction.atomic
def want_applied(*, actor: Actor, run_id: UUID) -> ImportRun:
    """The worker shall apply it; asked twice it is done once.

    Refuses: RightMissing, NotFound, and as `judge_previewed`.
    """
    actor.require_any(*HANDS_IN)
    run = documents.lock_run(import_run(actor, run_id))
    _require(actor, run.kind)
    if run.state in ("applied", "applying"):
        return run
    judge_previewed(run)
    documents.note_state(run=run, state="applying")
    watch(run=run)
    journal_import(actor, "import.apply_wanted", run)
    return run


@transaction.atomic
def stop_import(*, actor: Actor, run_id: UUID) -> ImportRun:
    """Ask the worker to stop; what it did is taken back. One that is over stays as it is.

    Refuses: RightMissing, NotFound.
    """
    actor.require_any(*HANDS_IN)
    run = import_run(actor, run_id)
    _require(actor, run.kind)
    if run.state in AT_WORK:
        ask_to_stop(run=run)
        journal_import(actor, "import.stop_asked", run)
    return run


def _require(actor: Actor, kind: str) -> None:
    if kind != KIND:
        actor.require(Right.EDIT_CATALOG)
    actor.require(ALL[kind].right)


@transaction.atomic
def work_on(
    *, actor: Actor, doer: Actor, run_id: UUID, progress: Progress, now: datetime
) -> ImportRun:
    """What a run waits for: looked at, or applied, with the rights `doer` has now. For the worker.

    A file that cannot be taken is refused with its reason, a fault of ours is logged and the run
    says so; one that is over stays as it is. Refuses: RightMissing, NotFound.
    """
    actor.require(Right.EDIT_CATALOG)
    run = documents.lock_run(import_run(actor, run_id))
    if run.state not in AT_WORK:
        return run
    looking = run.state == "waiting"
    try:
        with transaction.atomic():
            act = _look if looking else _apply
            act(doer, run, progress, now)
    except ImportStopped:
        documents.note_state(run=run, state="stopped" if looking else "previewed")
    except Exception as fault:
        if is_away(fault) or is_retried(fault):
            raise
        log.exception("Import %s could not be worked on", run.public_id)
        documents.note_state(run=run, state="failed")
    _tell(doer, run, now)
    return run


def _look(actor: Actor, run: ImportRun, progress: Progress, now: datetime) -> None:
    documents.note_plan(run=run, plan=_planned(actor, run, progress, now))
    if ALL[run.kind].names_people and run.state == "refused":
        documents.forget_people(run=run, keep_preview=True)
    journal_import(actor, "import.previewed", run)


def _planned(actor: Actor, run: ImportRun, progress: Progress, now: datetime) -> ImportPlan:
    try:
        with transaction.atomic():
            _require(actor, run.kind)
            return ALL[run.kind].plan(actor, upload_of(run), now, progress)
    except Refusal as refusal:
        return ImportPlan(0, faults=_said(refusal))


def _said(refusal: Refusal) -> tuple[RowFault, ...]:
    if isinstance(refusal, Invalid):
        return tuple(RowFault(0, "", str(fault.detail)) for fault in refusal.errors)
    return (RowFault(0, "", str(refusal.detail)),)


def _apply(actor: Actor, run: ImportRun, progress: Progress, now: datetime) -> None:
    """Judged anew; what stands against it by now refuses the whole."""
    try:
        with transaction.atomic():
            _require(actor, run.kind)
            plan = ALL[run.kind].apply(actor, upload_of(run), now, progress)
            if plan.faults:
                raise _Faulty(plan)
    except _Faulty as faulty:
        documents.note_plan(run=run, plan=faulty.plan)
    except Refusal as refusal:
        documents.note_plan(run=run, plan=ImportPlan(run.rows, faults=_said(refusal)))
    if run.state == "refused":
        return
    documents.mark_applied(run=run, now=now)
    if ALL[run.kind].names_people:
        documents.forget_people(run=run)
    journal_import(actor, "import.applied", run)


def _tell(actor: Actor, run: ImportRun, now: datetime) -> None:
    """Whoever went on to other work finds what came of it in his inbox."""
    for kind in ("import_ready", "import_failed"):
        resolve_by_cause(
            organization_id=run.organization_id, kind=kind, object_id=run.public_id, now=now
        )
    kinds = {"previewed": "import_ready", "refused": "import_failed", "failed": "import_failed"}
    if run.state in kinds:
        item = raise_item(
            actor,
            kind=kinds[run.state],
            object_kind="import",
            object_id=run.public_id,
            facts={"name": run.file_name},
            link=f"imports/{run.public_id}/",
        )
        if actor.user_id is not None:
            take_item(doer=actor, item=item.public_id)
