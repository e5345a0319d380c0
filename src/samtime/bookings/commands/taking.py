"""The judge of every taken time: lock the days in order, clear expired holds, test, occupy.

Mask first, constraint second (SPEED.md 2.2). Everything here runs inside the caller's transaction.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import errors

from samtime.bookings.models import Hold
from samtime.bookings.queries.judging import (
    Rows,
    Span,
    free_room,
    is_busy,
    is_open,
    moment_fault,
)
from samtime.calendars import masks
from samtime.calendars.models import Allocation
from samtime.calendars.rules import days_touched
from samtime.channels.queries import BookingTerms
from samtime.foundation.errors import Refusal
from samtime.foundation.prepared import fetch


class SlotTaken(Refusal):
    """Somebody has this time; carries the next three free starts."""

    code = "slot_taken"
    status = 409
    field = "start"
    sentence = _("This time was just taken. Choose another one.")


class OutsideHours(Refusal):
    """The calendar is not open for the whole of the service."""

    code = "outside_hours"
    status = 409
    field = "start"
    sentence = _("The calendar is not open at this time.")


class TooLate(Refusal):
    """The time is past, too near, or too far ahead."""

    code = "too_late"
    status = 409
    field = "start"
    sentence = _("This time can no longer be booked.")


class TooFar(Refusal):
    """Beyond the days that may be booked ahead."""

    code = "outside_hours"
    status = 409
    field = "start"
    sentence = _("This day is further ahead than may be booked.")


def judge_moment(terms: BookingTerms, start: datetime, now: datetime) -> None:
    """Refuse what lies in the past, under the lead time, beyond the horizon, off the grid."""
    fault = moment_fault(terms, start, now)
    if fault == "off_grid":
        raise OutsideHours(_("A time begins on a multiple of five minutes."))
    if fault:
        raise TooLate() if fault == "too_late" else TooFar()


def take(
    terms: BookingTerms,
    span: Span,
    *,
    kind: str,
    source_id: uuid.UUID,
    now: datetime,
    expires_at: datetime | None = None,
    despite: Sequence[str] = (),
) -> None:
    """Occupy the practitioner and the rooms needed, or refuse.

    `despite`: what the own desk knowingly overrides: «hours» (not open), «busy» (overbooked: the
    allocation stands outside the constraint, the masks stay dark, so it is offered to nobody).
    Refuses: SlotTaken, OutsideHours.
    """
    groups, calendars = terms.room_groups, terms.calendars
    rooms = sorted({room for group in groups for room in group})
    rows = masks.lock_days([*calendars, *rooms], span.days)
    if "hours" not in despite and not is_open(terms.mask_id, span, rows):
        raise OutsideHours()
    chosen = _chosen(terms, groups, span, rows)
    if chosen is None and clear_expired([terms.practitioner_resource_id, *rooms], span, now):
        masks.rebuild([*calendars, *rooms], span.days)
        rows = masks.read_days([*calendars, *rooms], span.days)
        chosen = _chosen(terms, groups, span, rows)
    if chosen is None:
        if "busy" not in despite:
            raise SlotTaken()
        kind, chosen = "overbooked", [room for room in map(_first, groups) if room is not None]
    taking = masks.Taking(
        provider_id=terms.provider_id,
        occupied=[terms.practitioner_resource_id, *chosen],
        masks=[*calendars, *chosen],
        low=span.low,
        high=span.high,
        kind=kind,
        source_id=source_id,
        expires_at=expires_at,
    )
    try:
        # The refusal leaves the command, whose own atomic block gives everything back.
        masks.occupy(taking)
    except IntegrityError as fault:
        if isinstance(fault.__cause__, errors.ExclusionViolation):
            raise SlotTaken() from None
        raise


def _chosen(
    terms: BookingTerms, groups: Sequence[Sequence[int]], span: Span, rows: Rows
) -> list[int] | None:
    """A free room of each group, or None when one is missing or the calendar is busy."""
    if is_busy(terms.mask_id, span, rows):
        return None
    found = [free_room(group, span, rows) for group in groups]
    rooms = [room for room in found if room is not None]
    return rooms if len(rooms) == len(groups) else None


def _first(group: Sequence[int]) -> int | None:
    return group[0] if group else None


CLEAR_EXPIRED = """
DELETE FROM calendars_allocation
WHERE resource_id = ANY(%(resources)s) AND kind = 'hold' AND expires_at <= %(now)s
  AND period && tstzrange(%(low)s, %(high)s) AND period <@ tstzrange(%(first)s, %(last)s)
RETURNING id
"""


def clear_expired(resources: Sequence[int], span: Span, now: datetime) -> int:
    """Delete expired holds' allocations in the span; its days must be locked (D4).

    What reaches into another day is left to the sweep, which locks that day too.
    """
    values = {
        "resources": list(resources),
        "now": now,
        "low": span.low,
        "high": span.high,
        "first": datetime.combine(span.days[0], time(), UTC),
        "last": datetime.combine(span.days[-1] + timedelta(days=1), time(), UTC),
    }
    return len(fetch(CLEAR_EXPIRED, values))


def give_back(source_id: uuid.UUID, **only: Any) -> None:
    """Free what a hold or booking occupied: lock its days, delete, rebuild from truth.

    `only` narrows what is deleted, judged after the lock: a hold may have become a booking.
    """
    rows = list(Allocation.objects.filter(source_id=source_id).values_list("resource_id", "period"))
    if not rows:
        return
    calendars = [mask for resource, _p in rows for mask in masks.mask_ids(resource)]
    days = sorted({day for _r, p in rows for day in days_touched(p.lower, p.upper)})
    masks.lock_days(calendars, days)
    if Allocation.objects.filter(source_id=source_id, **only).delete()[0]:
        masks.rebuild(sorted(set(calendars)), days)


def free_together(sources: Sequence[uuid.UUID], terms: BookingTerms, days: Sequence[date]) -> None:
    """Lock ALL old and new day rows in one order, then free the old and rebuild (SPEED 2.3).

    The new ones are the practitioner's calendars and every room that `take` may choose.
    """
    rows = list(
        Allocation.objects.filter(source_id__in=sources).values_list("resource_id", "period")
    )
    old = sorted({d for _r, p in rows for d in days_touched(p.lower, p.upper)})
    calendars = {m for resource, _p in rows for m in masks.mask_ids(resource)}
    rooms = [room for group in terms.room_groups for room in group]
    coming = [*terms.calendars, *rooms]
    masks.lock_days([*calendars, *coming], sorted({*old, *days}))
    Allocation.objects.filter(source_id__in=sources).delete()
    masks.rebuild(sorted(calendars), old)


def sweep_expired_holds(*, now: datetime, most: int = 200) -> int:
    """Free what expired holds still occupy; run every 15 seconds, by the system (D4)."""
    sources = list(
        Allocation.objects.filter(kind="hold", expires_at__lte=now)
        .order_by("expires_at")
        .values_list("source_id", flat=True)
        .distinct()[:most]
    )
    for source in sources:
        with transaction.atomic():
            give_back(source, kind="hold", expires_at__lte=now)
    return len(sources)


def hold_is_over(hold: Hold, now: datetime) -> bool:
    """Whether a hold no longer keeps anything."""
    return hold.expires_at <= now
