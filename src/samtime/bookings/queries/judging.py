"""Whether a service fits at a start: one judge for the booking and for «why not?».

The booking asks with locked rows, the explanation with rows as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samtime.bookings.rules import last_bookable_day
from samtime.calendars.masks import MaskRow
from samtime.calendars.rules import cells_inside, cells_touched, days_touched
from samtime.channels.queries import BookingTerms
from samtime.foundation.periods import local_day
from samtime.foundation.prepared import fetch

Rows = Mapping[tuple[int, date], MaskRow]


@dataclass(frozen=True, slots=True)
class Span:
    """A service's time and the time it keeps others away (buffers), instants in UTC."""

    start: datetime
    end: datetime
    low: datetime
    high: datetime

    @property
    def days(self) -> list[date]:
        """UTC days touched, buffers included."""
        return days_touched(self.low, self.high)


def span_of(terms: BookingTerms, start: datetime) -> Span:
    """The span of one service at a start."""
    end = start + timedelta(minutes=terms.duration)
    return Span(
        start,
        end,
        start - timedelta(minutes=terms.before),
        end + timedelta(minutes=terms.after),
    )


def moment_fault(terms: BookingTerms, start: datetime, now: datetime) -> str:
    """«off_grid», «too_late» (past, or under the lead time), «too_far» (horizon), or «»."""
    if start.second or start.microsecond or start.minute % 5:
        return "off_grid"
    if start < now + timedelta(minutes=terms.lead_minutes) or start < now:
        return "too_late"
    reach = last_bookable_day(local_day(now, terms.zone), terms.horizon_days)
    return "too_far" if local_day(start, terms.zone) > reach else ""


def is_open(mask: int, span: Span, rows: Rows) -> bool:
    """Whether the calendar is open for the whole of the service."""
    for day in days_touched(span.start, span.end):
        row = rows.get((mask, day))
        wanted = cells_inside(day, span.start, span.end)
        if row is None or row.open & wanted != wanted:
            return False
    return True


def is_busy(resource: int, span: Span, rows: Rows) -> bool:
    """Whether something lies in the span, buffers included."""
    for day in span.days:
        row = rows.get((resource, day))
        if row is not None and row.busy & cells_touched(day, span.low, span.high):
            return True
    return False


def free_room(group: Sequence[int], span: Span, rows: Rows) -> int | None:
    """The first room or device of a group that is free, or None."""
    for room in group:
        known = all((room, day) in rows for day in span.days)
        if known and not is_busy(room, span, rows):
            return room
    return None


ROOM_GROUPS = """
SELECT array_agg(m.resource_id ORDER BY m.resource_id)
FROM calendars_resourceneed n
  JOIN calendars_resourcegroup_members m ON m.resourcegroup_id = n.group_id
  JOIN calendars_resource r ON r.id = m.resource_id AND r.ended_on IS NULL
WHERE n.service_id = %(service)s AND n.location_id = %(location)s GROUP BY n.group_id
"""


def room_groups(service_id: int, location_id: int) -> list[list[int]]:
    """The groups of which the service needs one each at the location (D20). One query."""
    rows = fetch(ROOM_GROUPS, {"service": service_id, "location": location_id})
    return [list(row[0]) for row in rows]
