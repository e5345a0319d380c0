"""Imported busy times: what an outside calendar takes of a practitioner, written and replaced.

Bookings and holds keep their place: what they occupy is left out of the busy times, and comes in at
the next reading when they are gone. Only days that differ are locked and rebuilt.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from samtime.calendars import masks
from samtime.calendars.models import Allocation
from samtime.calendars.rules import (
    Interval,
    clipped,
    days_touched,
    merged,
    rounded_out,
    without,
)

AT_ONCE = 1000


def busy_window(now: datetime) -> Interval:
    """From this UTC day to the masks' horizon: what is kept of an outside calendar."""
    first = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return first, first + timedelta(days=masks.HORIZON_DAYS)


@transaction.atomic
def replace_busy(
    *,
    resource_id: int,
    provider_id: int,
    source_id: uuid.UUID,
    wanted: Iterable[Interval],
    now: datetime,
) -> int:
    """Make one source's busy times these, rounded outward (D25); answers how many runs there are.

    Called by commands that judged their own right. The same times again lock and write nothing.
    """
    first, last = busy_window(now)
    rounded = (rounded_out(low, high) for low, high in wanted)
    runs = merged(clipped(rounded, first, last))
    known, others = _allocated(resource_id, source_id, first, last)
    if set(known) == set(without(runs, others)):
        return len(known)
    touched = sorted({day for low, high in [*known, *runs] for day in days_touched(low, high)})
    mask_ids = masks.mask_ids(resource_id)
    masks.lock_days(mask_ids, touched)
    known, others = _allocated(resource_id, source_id, first, last)
    target = without(runs, others)
    gone, new = set(known) - set(target), set(target) - set(known)
    Allocation.objects.filter(id__in=[known[period] for period in gone]).delete()
    _write(resource_id, provider_id, source_id, sorted(new))
    days = sorted({day for low, high in gone | new for day in days_touched(low, high)})
    if days:
        masks.rebuild(mask_ids, days)
    return len(target)


def _allocated(
    resource_id: int, source_id: uuid.UUID, first: datetime, last: datetime
) -> tuple[dict[Interval, int], list[Interval]]:
    """This source's periods with their ids, and what others occupy."""
    rows = Allocation.objects.filter(
        resource_id=resource_id, live=True, period__overlap=(first, last)
    ).exclude(kind="overbooked")
    own: dict[Interval, int] = {}
    others: list[Interval] = []
    for ident, source, period in rows.values_list("id", "source_id", "period"):
        if source == source_id:
            own[period.lower, period.upper] = ident
        else:
            others.append((period.lower, period.upper))
    return own, others


def _write(
    resource_id: int, provider_id: int, source_id: uuid.UUID, periods: Sequence[Interval]
) -> None:
    rows = [
        Allocation(
            resource_id=resource_id,
            provider_id=provider_id,
            period=TimestamptzRange(low, high),
            kind="busy",
            source_id=source_id,
        )
        for low, high in periods
    ]
    Allocation.objects.bulk_create(rows, batch_size=AT_ONCE)


@transaction.atomic
def drop_busy(*, resource_id: int, source_id: uuid.UUID) -> None:
    """Free all that one source takes, past and to come."""
    rows = Allocation.objects.filter(resource_id=resource_id, source_id=source_id, kind="busy")
    days = sorted(
        {
            day
            for p in rows.values_list("period", flat=True)
            for day in days_touched(p.lower, p.upper)
        }
    )
    if not days:
        return
    mask_ids = masks.mask_ids(resource_id)
    masks.lock_days(mask_ids, days)
    rows.delete()
    masks.rebuild(mask_ids, days)
