"""Telling how far long work is, while it is in the middle of its own transaction."""

import time

from django.db import connection, transaction
from django.utils import timezone

from samtime.documents.models import ImportProgress, ImportRun
from samtime.documents.rules import Pace

TOLD_EVERY_SECONDS = 0.3
TELL = """
UPDATE documents_importprogress
SET step = %s, steps = %s, done = %s, total = %s, told_at = %s
WHERE run_id = %s RETURNING stop_asked
"""


class ImportStopped(Exception):
    """A person asked to stop; nothing of the work stays."""


@transaction.atomic
def watch(*, run: ImportRun) -> ImportProgress:
    """A new piece of work begins to be told about, from nothing."""
    begun = {
        "organization_id": run.organization_id,
        "step": 1,
        "steps": 1,
        "done": 0,
        "total": 0,
        "wanted_at": timezone.now(),
        "told_at": None,
        "stop_asked": False,
    }
    made, _new = ImportProgress.objects.update_or_create(run_id=run.pk, defaults=begun)
    watched: ImportProgress = made
    return watched


@transaction.atomic
def ask_to_stop(*, run: ImportRun) -> None:
    """The worker stops at the next row it tells about."""
    ImportProgress.objects.filter(run_id=run.pk).update(stop_asked=True)


class Teller:
    """Says how far a run is on a connection of its own: what is written there is seen at once,
    and stays when the work is taken back."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run
        self._aside = connection.copy()
        self._told = 0.0

    def __call__(self, pace: Pace) -> None:
        """Raises ImportStopped when somebody asked to stop."""
        now = time.monotonic()
        if self._told and now - self._told < TOLD_EVERY_SECONDS:
            return
        self._told = now
        if self._tell(pace):
            raise ImportStopped()

    def close(self) -> None:
        """Give the connection back."""
        self._aside.close()

    def _tell(self, pace: Pace) -> bool:
        place = (pace.step, pace.steps, pace.done, pace.total)
        self._aside.set_autocommit(False)
        try:
            with self._aside.cursor() as cursor:
                viewer = str(self._run.organization_id)
                cursor.execute("SELECT set_config('samtime.viewer', %s, true)", [viewer])
                cursor.execute(TELL, (*place, timezone.now(), self._run.pk))
                row = cursor.fetchone()
            self._aside.commit()
        finally:
            self._aside.set_autocommit(True)
        return bool(row and row[0])
