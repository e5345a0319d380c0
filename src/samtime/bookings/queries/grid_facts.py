"""What stands in many columns and days, from one statement (W6).

The rows of seven kinds come as one list of plain tuples in binary form: twice as fast as JSON built
by the database, and ten times as fast as Django's objects. Patients' names are in it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from samtime.accounts.actor import Actor
from samtime.bookings.queries.grid_calendars import GridCalendar
from samtime.bookings.queries.live import bookings_span
from samtime.foundation.prepared import fetch

NOTHING = ("", "", "", "", "", "", 0, 0, 0)
Stretch = tuple[int, int]
Row = tuple[Any, ...]
BOOKING, ALLOCATION, HOLD, BLOCK, MASK, SERVICE, CHANNEL, VERSION = range(8)

# Minutes since 1970 instead of instants: no objects of dates. The first part names the types.
GRID = """
WITH shown AS MATERIALIZED (
  SELECT c.id, c.mask_id AS mask, c.practitioner_resource_id AS resource
  FROM calendars_calendar c WHERE c.id = ANY(%(calendars)s)),
masks AS MATERIALIZED (
  SELECT d.resource_id, d.day, d.open, d.ver
  FROM resource_day d JOIN shown ON shown.mask = d.resource_id
  WHERE d.day BETWEEN %(first)s AND %(last)s)
SELECT 0, b.calendar_id, b.public_id::text, (date_part('epoch', b.starts_at) / 60)::int,
  (date_part('epoch', b.ends_at) / 60)::int, p.given_name || ' ' || p.family_name, b.service_id,
  b.source::text, b.channel_id, b.state::text, b.payment_state::text, b.version, b.patient_id
FROM bookings_booking b JOIN patients_patient p ON p.id = b.patient_id
WHERE b.calendar_id = ANY(%(calendars)s) AND b.starts_at < %(high)s
  AND b.starts_at > %(low)s - interval '1 day' AND b.ends_at > %(low)s
  AND b.state <> 'cancelled' AND b.provider_id = %(me)s
UNION ALL
SELECT 1, a.resource_id, a.source_id::text, (date_part('epoch', lower(a.period)) / 60)::int,
  (date_part('epoch', upper(a.period)) / 60)::int, a.kind,
  coalesce(date_part('epoch', a.expires_at), 0)::int8, '', 0, '', '', 0, 0
FROM (SELECT DISTINCT resource FROM shown) r
  JOIN calendars_allocation a
    ON int8range(a.resource_id, a.resource_id, '[]') && int8range(r.resource, r.resource, '[]')
    AND a.period && tstzrange(%(low)s, %(high)s) AND a.live AND a.kind <> 'overbooked'
WHERE a.expires_at IS NULL OR a.expires_at > %(now)s
UNION ALL
SELECT 2, o.calendar_id, h.public_id::text, 0, 0, ch.kind, 0, ch.name, 0, '', '', 0, 0
FROM bookings_hold h JOIN calendars_offering o ON o.id = h.offering_id
  JOIN channels_channel ch ON ch.id = h.channel_id
WHERE h.provider_id = %(me)s AND h.expires_at > %(now)s
UNION ALL
SELECT 3, 0, t.public_id::text, (date_part('epoch', t.starts_at) / 60)::int,
  (date_part('epoch', t.ends_at) / 60)::int, t.kind, t.version, t.title, 0, '', '', 0, 0
FROM bookings_blockedtime t
WHERE t.provider_id = %(me)s AND t.starts_at < %(high)s AND t.ends_at > %(low)s
UNION ALL
SELECT 4, d.resource_id, d.open::text, d.day - DATE '1970-01-01', 0, '', d.ver, '', 0, '', '', 0, 0
FROM masks d
UNION ALL
SELECT 5, s.id, s.name, 0, 0, '', 0, '', 0, '', '', 0, 0
FROM catalog_service s WHERE s.provider_id = %(me)s
UNION ALL
SELECT 6, ch.id, ch.name, 0, 0, '', 0, '', 0, '', '', 0, 0
FROM channels_channel ch WHERE ch.provider_id = %(me)s
UNION ALL
SELECT 7, 0, count(*) || '.' || coalesce(sum(b.version), 0), 0, 0, '', 0, '', 0, '', '', 0, 0
FROM bookings_booking b
WHERE b.provider_id = %(me)s AND b.starts_at >= %(since)s AND b.starts_at < %(until)s
"""


def grid_rows(
    actor: Actor, calendar_ids: Sequence[int], low: datetime, high: datetime, now: datetime
) -> list[Row]:
    """Everything in these calendars between two instants, as the database tells it."""
    values = {
        "calendars": list(calendar_ids),
        "low": low,
        "high": high,
        "first": low.date(),
        "last": high.date(),
        **bookings_span(low.date(), high.date()),
        "now": now,
        "me": actor.organization_id,
    }
    return fetch(GRID, values)


class Facts:
    """The rows laid out by calendar, in minutes since 1970. `version`: as `live.grid_version`."""

    def __init__(self, rows: Sequence[Row], calendars: Sequence[GridCalendar]) -> None:
        parts: list[list[Row]] = [[] for _n in range(VERSION + 1)]
        for row in rows:
            parts[row[0]].append(row)
        self.by_calendar: dict[int, list[Row]] = {c.id: [] for c in calendars}
        self.opened: dict[int, list[Stretch]] = {}
        self.patients = frozenset(row[12] for row in parts[BOOKING])
        self._holds = {row[2]: row for row in parts[HOLD]}
        self._blocks = {row[2]: row for row in parts[BLOCK]}
        buffers = self._lay_allocations(parts[ALLOCATION], calendars)
        services = {row[1]: row[2] for row in parts[SERVICE]}
        channels = {row[1]: row[2] for row in parts[CHANNEL]}
        for (
            _part, calendar, ident, start, end, title, service, source, channel,
            state, payment, version, patient,
        ) in parts[BOOKING]:  # fmt: skip
            low, high = buffers.get(ident, (start, end))
            self.by_calendar[calendar].append((
                "booking", ident, start, end, low, high, title, services[service], source,
                channels[channel], state, payment, version, patient,
            ))  # fmt: skip
        by_mask = {c.mask: c.id for c in calendars}
        for _part, mask, bits, day, *_rest in sorted(parts[MASK], key=lambda row: (row[1], row[3])):
            _join_runs(self.opened.setdefault(by_mask[mask], []), day * 1440, bits)
        changes = sum(row[6] for row in parts[MASK])
        self.version = f"{changes}.{parts[VERSION][0][2]}"

    def _lay_allocations(
        self, allocations: list[Row], calendars: Sequence[GridCalendar]
    ) -> dict[str, Stretch]:
        """Everything but bookings at its calendars; of bookings their time with the buffers."""
        by_resource: dict[int, list[int]] = {}
        for c in calendars:
            by_resource.setdefault(c.resource, []).append(c.id)
        buffers: dict[str, Stretch] = {}
        met: set[tuple[int, str]] = set()
        for _part, resource, source, low, high, kind, expires, *_rest in allocations:
            if kind == "booking":
                buffers[source] = (low, high)
            elif (resource, source) not in met:
                met.add((resource, source))
                self._lay_other(by_resource[resource], kind, source, (low, high), expires)
        return buffers

    def _lay_other(
        self, calendars: list[int], kind: str, source: str, period: Stretch, expires: int
    ) -> None:
        row: Row = (kind, source, *period, *period, *NOTHING)
        if kind == "hold" and source in self._holds:
            _part, home, _ident, _low, _high, channel_kind, _n, name, *_rest = self._holds[source]
            calendars = [home] if home in self.by_calendar else calendars
            row = (
                kind,
                source,
                *period,
                *period,
                "",
                "",
                channel_kind,
                name,
                "",
                "",
                0,
                0,
                expires,
            )
        elif kind == "block" and source in self._blocks:
            _part, _at, _ident, start, end, kind, version, title, *_rest = self._blocks[source]
            row = (kind, source, start, end, start, end, title, "", "", "", "", "", version, 0, 0)
        for calendar in calendars:
            self.by_calendar[calendar].append(row)


def _join_runs(runs: list[Stretch], base: int, bits: str) -> None:
    start = bits.find("1")
    while start >= 0:
        stop = bits.find("0", start)
        stop = len(bits) if stop < 0 else stop
        low, high = base + 5 * start, base + 5 * stop
        if runs and runs[-1][1] == low:
            runs[-1] = (runs[-1][0], high)
        else:
            runs.append((low, high))
        start = bits.find("1", stop)
