"""Questions about import runs."""

from uuid import UUID

from samtime.documents.models import ImportProgress, ImportRun
from samtime.foundation.errors import NotFound
from samtime.foundation.tenancy import Viewer


def import_run(actor: Viewer, public_id: UUID) -> ImportRun:
    """One of the organization's runs. Refuses: NotFound."""
    found = ImportRun.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def recent_runs(actor: Viewer, *, limit: int = 10) -> list[ImportRun]:
    """The organization's newest runs, without the files themselves."""
    rows = ImportRun.objects.visible_to(actor).select_related("user")
    return list(rows.defer("content", "preview", "errors").order_by("-created_at")[:limit])


def progress_of(run: ImportRun) -> ImportProgress | None:
    """How far the worker is; None for what was never long."""
    found: ImportProgress | None = ImportProgress.objects.filter(run_id=run.pk).first()
    return found
