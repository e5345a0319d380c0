"""Has anything changed that an open page shows? One cheap question by the day masks' versions.

Every row of `resource_day` counts its changes in `ver`. The SUM over the shown rows changes with
any of them (a maximum would miss a row whose count is still below another's). The number of open
channels is part of the answer, so a withdrawn right is seen too.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core import signing

from samtime.accounts.actor import Actor
from samtime.calendars.rules import days_touched
from samtime.foundation.errors import NotFound
from samtime.foundation.prepared import fetch

SALT = "samtime.live"
MOST_ROWS = 400

Rows = list[tuple[int, date]]


def shown_rows(spans: Iterable[tuple[int, datetime, datetime]]) -> Rows:
    """The mask rows behind what is shown: (mask, first instant, last instant)."""
    found = {(mask, day) for mask, low, high in spans for day in days_touched(low, high)}
    return sorted(found)[:MOST_ROWS]


def watch(actor: Actor, rows: Rows) -> str:
    """What an open page hands back with every question: the rows it shows, sealed for this
    organization, so that nobody asks about calendars he was not shown."""
    kept = [[mask, day.isoformat()] for mask, day in rows]
    return signing.dumps([actor.organization_id, kept], salt=SALT, compress=True)


def watched(actor: Actor, token: str) -> Rows:
    """The rows of a token. Refuses: NotFound (another organization's, or none of ours)."""
    try:
        organization, kept = signing.loads(token[:20_000], salt=SALT)
    except signing.BadSignature:
        raise NotFound() from None
    if organization != actor.organization_id:
        raise NotFound()
    return [(mask, date.fromisoformat(day)) for mask, day in kept]


VERSION = """
SELECT coalesce((SELECT sum(d.ver) FROM resource_day d
    JOIN unnest(%(masks)s::bigint[], %(days)s::date[]) AS x(m, day)
      ON d.resource_id = x.m AND d.day = x.day), 0),
  (SELECT count(*) FROM channels_channel WHERE outsider_id = %(me)s AND state = 'open')
"""


def version_of(actor: Actor, rows: Rows) -> str:
    """The version of these rows for this actor; equal means nothing changed. One query."""
    values: dict[str, Any] = {
        "masks": [mask for mask, _day in rows],
        "days": [day for _mask, day in rows],
        "me": actor.organization_id,
    }
    changes, channels = fetch(VERSION, values)[0]
    return f"{changes}.{channels}"


CHANGES = """
SELECT coalesce((SELECT sum(d.ver) FROM resource_day d
    JOIN unnest(%(masks)s::bigint[], %(days)s::date[]) AS x(m, day)
      ON d.resource_id = x.m AND d.day = x.day), 0),
  (SELECT count(*) || '.' || coalesce(sum(b.version), 0) FROM bookings_booking b
    WHERE b.provider_id = %(me)s AND b.starts_at >= %(since)s AND b.starts_at < %(until)s
"""
# Of the shown calendars alone: a clinic of a hundred has a hundred times what one column shows.
GRID_VERSION = f"""{CHANGES} AND b.calendar_id = ANY(ARRAY(
      SELECT c.id FROM calendars_calendar c WHERE c.mask_id = ANY(%(masks)s::bigint[]))))"""
# A room's bookings lie in anybody's calendar.
ROOMS_VERSION = f"{CHANGES})"


def bookings_span(first: date, last: date) -> dict[str, datetime]:
    """The instants between which bookings begin that reach into these UTC days.

    Instants, not days: comparing an instant with a day is not leakproof, so under the row policies
    the server would read every booking the clinic ever had instead of the index.
    """
    midnight = datetime.combine(first, time(), UTC)
    days = (last - first).days + 1
    return {"since": midnight - timedelta(days=1), "until": midnight + timedelta(days=days)}


def grid_version(actor: Actor, rows: Rows) -> str:
    """The version of what calendars' columns show: the masks, and what happened to the bookings of
    these days without moving them (arrived, paid, a note). One query."""
    return _changes(GRID_VERSION, actor, rows)


def rooms_version(actor: Actor, rows: Rows) -> str:
    """The same of columns of rooms and devices."""
    return _changes(ROOMS_VERSION, actor, rows)


def _changes(sql: str, actor: Actor, rows: Rows) -> str:
    if not rows:
        return "0"
    days = [day for _mask, day in rows]
    values: dict[str, Any] = {
        "masks": [mask for mask, _day in rows],
        "days": days,
        **bookings_span(min(days), max(days)),
        "me": actor.organization_id,
    }
    changes, bookings = fetch(sql, values)[0]
    return f"{changes}.{bookings}"
