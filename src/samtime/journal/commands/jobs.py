"""Background work that failed for good: which there is, and trying it once more."""

import uuid
from dataclasses import dataclass

from samtime.foundation.prepared import fetch
from samtime.foundation.tenancy import Viewer

FAILED = """
SELECT id, (args->>'organization_id')::bigint FROM procrastinate_jobs
WHERE status = 'failed' AND args ? 'organization_id' ORDER BY id LIMIT 1000
"""
AGAIN = """
SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM procrastinate_jobs
WHERE id = %(job)s AND status = 'failed' AND (args->>'organization_id')::bigint = %(me)s
"""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job tried as often as it may, of one organization."""

    number: int
    organization_id: int

    @property
    def ident(self) -> uuid.UUID:
        """Under which it waits in an inbox."""
        return uuid.uuid5(uuid.NAMESPACE_OID, f"samtime job {self.number}")


def failed_jobs() -> list[FailedJob]:
    """Everything that failed for good and belongs to somebody. One statement."""
    return [FailedJob(number, organization) for number, organization in fetch(FAILED, {})]


def try_again(*, doer: Viewer, number: int) -> bool:
    """Put a failed job of the organization back to work; False where there is none.

    The door judged the right to the inbox.
    """
    return bool(fetch(AGAIN, {"job": number, "me": doer.organization_id}))
