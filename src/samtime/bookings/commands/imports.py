"""The kinds of files that can be imported, and the two acts: look at it, apply it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.commands.staff import import_practitioners, plan_practitioners
from samtime.catalog.commands.importing import import_services, plan_services
from samtime.documents import commands as documents
from samtime.documents.commands import Upload
from samtime.documents.models import ImportRun
from samtime.documents.queries import import_run
from samtime.documents.rules import AT_WORK, ImportPlan, Progress, unwatched
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.journal.commands import Happening, record
from samtime.organizations.queries import home_day
from samtime.patients.commands.importing import import_patients, plan_patients

Act = Callable[[Actor, Upload, datetime, Progress], ImportPlan]


class ImportHasErrors(Refusal):
    """The file has errors; nothing of it can be applied."""

    code = "import_has_errors"
    status = 409
    sentence = _("This file has errors, so nothing was imported. Correct it and upload it again.")


class ImportExpired(Refusal):
    """A list of clients is kept for a day."""

    code = "import_expired"
    status = 409
    sentence = _("A list of clients is kept for one day only. Upload it again.")


class ImportAtWork(Refusal):
    """The worker has not done with the file."""

    code = "import_at_work"
    status = 409
    sentence = _("This file is still being worked on. Wait until it is done.")


class ImportOver(Refusal):
    """Stopped by a person, or by a fault of ours."""

    code = "import_over"
    status = 409
    sentence = _("This import has ended without a result. Upload the file again.")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of file is looked at and applied."""

    plan: Act
    apply: Act
    right: Right = Right.EDIT_CATALOG
    names_people: bool = False


KINDS: dict[str, Kind] = {
    "services": Kind(
        plan=lambda a, u, now, told: plan_services(
            actor=a, content=u.content, today=home_day(a, now), progress=told
        ),
        apply=lambda a, u, now, told: import_services(
            actor=a, content=u.content, today=home_day(a, now), progress=told
        ),
    ),
    "patients": Kind(
        plan=lambda a, u, now, told: plan_patients(
            actor=a, content=u.content, today=home_day(a, now), progress=told
        ),
        apply=lambda a, u, now, told: import_patients(
            actor=a, content=u.content, today=home_day(a, now), progress=told
        ),
        right=Right.EDIT_PATIENTS,
        names_people=True,
    ),
    "practitioners": Kind(
        plan=lambda a, u, now, told: plan_practitioners(
            actor=a, content=u.content, today=home_day(a, now), progress=told
        ),
        apply=lambda a, u, now, told: import_practitioners(
            actor=a, content=u.content, now=now, progress=told
        ),
    ),
}


@transaction.atomic
def start_import(*, actor: Actor, upload: Upload, now: datetime) -> ImportRun:
    """Look at a file: a run in state «previewed», or «refused» with its errors. Changes nothing.

    Refuses: RightMissing, Invalid (kind), SheetTooLarge, SheetTooLong, SheetUnreadable,
    HeadingMissing, HeadingTwice.
    """
    actor.require(Right.EDIT_CATALOG)
    kind = _kind(upload.kind)
    actor.require(kind.right)
    plan = kind.plan(actor, upload, now, unwatched)
    run = documents.keep_run(actor=actor, upload=upload, plan=plan)
    if kind.names_people and plan.faults:
        documents.forget_people(run=run, keep_preview=True)
    journal_import(actor, "import.previewed", run)
    return run


@transaction.atomic
def apply_import(*, actor: Actor, run_id: UUID, now: datetime) -> ImportRun:
    """Do what was previewed, judged anew now; an applied run stays applied.

    Refuses: RightMissing, NotFound, and as `judge_previewed`.
    """
    actor.require(Right.EDIT_CATALOG)
    run = documents.lock_run(import_run(actor, run_id))
    if run.state == "applied":
        return run
    kind = _kind(run.kind)
    actor.require(kind.right)
    judge_previewed(run)
    plan = kind.apply(actor, upload_of(run), now, unwatched)
    if plan.faults:
        raise ImportHasErrors()
    documents.mark_applied(run=run, now=now)
    if kind.names_people:
        documents.forget_people(run=run)
    journal_import(actor, "import.applied", run)
    return run


def judge_previewed(run: ImportRun) -> None:
    """Refuses: ImportHasErrors, ImportExpired, ImportAtWork, ImportOver."""
    if run.state == "refused":
        raise ImportHasErrors()
    if run.state == "expired":
        raise ImportExpired()
    if run.state in AT_WORK:
        raise ImportAtWork()
    if run.state in ("stopped", "failed"):
        raise ImportOver()


def upload_of(run: ImportRun) -> Upload:
    """The file as it was handed in."""
    return Upload(run.kind, run.file_name, bytes(run.content), dict(run.options))


def _kind(name: str) -> Kind:
    if name not in KINDS:
        sentence = _("Choose what the file holds: services, practitioners or patients.")
        raise Invalid(FieldError("kind", "invalid", sentence))
    return KINDS[name]


def journal_import(actor: Actor, kind: str, run: ImportRun) -> None:
    """What happened to a run."""
    happening = Happening(
        kind=kind,
        object_kind="import",
        object_id=run.public_id,
        organization_id=actor.organization_id,
        data={"kind": run.kind, "file": run.file_name, "rows": run.rows},
    )
    record(actor, happening)
