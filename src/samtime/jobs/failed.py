"""Work that failed for good stands in its organization's inbox until it is tried again."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from samtime.accounts.actor import system_actor
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.inbox.queries import open_items
from samtime.journal.commands.jobs import FailedJob, failed_jobs
from samtime.organizations.queries import organization_ids

KIND = "job_failed"
TIME_TO_MEND = timedelta(days=1)


@app.periodic(cron="*/5 * * * *")
@app.task(name="samtime.note_failed_jobs", queue="sweeps", pass_context=False)
def note_failed_jobs(timestamp: int) -> None:
    """Every five minutes; one transaction for each organization."""
    with transaction.atomic():
        failed = failed_jobs()
    for organization_id in organization_ids():
        with transaction.atomic():
            set_viewer(organization_id)
            _note(organization_id, [j for j in failed if j.organization_id == organization_id])


def _note(organization_id: int, failed: list[FailedJob]) -> None:
    actor = system_actor(organization_id)
    known = set(open_items(actor).filter(kind=KIND).values_list("object_id", flat=True))
    for job in failed:
        if job.ident not in known:
            facts = {"reference": str(job.number), "job": job.number}
            raise_item(
                actor,
                kind=KIND,
                object_kind="job",
                object_id=job.ident,
                facts=facts,
                due_at=timezone.now() + TIME_TO_MEND,
            )
    for gone in known - {job.ident for job in failed}:
        resolve_by_cause(
            organization_id=organization_id, kind=KIND, object_id=gone, now=timezone.now()
        )
