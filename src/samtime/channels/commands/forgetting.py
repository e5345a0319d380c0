"""The record of whose offerings changed is needed for a day only."""

from datetime import datetime, timedelta

from samtime.foundation.prepared import fetch

NEEDED = timedelta(days=1)
FORGET = """
WITH gone AS (DELETE FROM opening_change WHERE noted_at < %(before)s RETURNING 1)
SELECT count(*) FROM gone
"""


def forget_opening_changes(*, now: datetime) -> int:
    """Delete what every process has long taken note of; how many rows. Nightly."""
    return int(fetch(FORGET, {"before": now - NEEDED})[0][0])
