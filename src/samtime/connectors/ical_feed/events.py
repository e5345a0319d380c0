"""iCalendar (RFC 5545) to plain times: repeated events, exceptions, zones, clock changes.

Written for calendars nobody checked: unreadable events are counted and left out, what repeats
without end is cut at the window, and the whole work has a limit. Times that do not exist begin
after the gap, times that exist twice are the first (foundation.periods).
"""

import re
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as wall_time
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr  # type: ignore[import-untyped]
from icalendar import Calendar

from samtime.foundation.periods import day_bounds, instant

MOST_EVENTS, MOST_TIMES, MOST_SECONDS = 10_000, 50_000, 20.0
EARLIEST_YEAR = 1970
DAY = timedelta(days=1)
BLOCK = re.compile(rb"BEGIN:VEVENT\r?\n.*?END:VEVENT\r?\n?", re.DOTALL)
ENDS = re.compile(rb"^DT(?:START|END)[^:\r\n]*:(\d{8})", re.MULTILINE)
REPEATS = re.compile(rb"^(?:RRULE|RDATE|DURATION)[;:]", re.MULTILINE)


class NotACalendar(ValueError):
    """What was read is no iCalendar text."""


class TooManyEvents(ValueError):
    """More events, or repetitions, than a practitioner has."""


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence, instants in UTC; `number` is the event's place in the file, from 1."""

    starts_at: datetime
    ends_at: datetime
    summary: str
    uid: str
    number: int
    all_day: bool = False


@dataclass(slots=True)
class BusyTimes:
    """What keeps somebody busy in the window, in order, and the numbers of unreadable events."""

    events: list[Event] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)


def busy_times(text: bytes, *, first: datetime, last: datetime, zone: str) -> BusyTimes:
    """The busy occurrences between two instants; `zone` is for times without one.

    Refuses: NotACalendar, TooManyEvents.
    """
    calendar = _parsed(_relevant(text, first))
    ends_at = time.monotonic() + MOST_SECONDS
    masters, changed = _sorted_out(calendar)
    window = _Window(first, last, zone)
    found = BusyTimes()
    for number, component in masters:
        if time.monotonic() > ends_at:
            raise TooManyEvents("it takes too long")
        try:
            _add(found, window, number, component, changed)
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
            found.unreadable.append(number)
        if len(found.events) > MOST_TIMES:
            raise TooManyEvents("more times than anybody has")
    found.events.sort(key=lambda e: (e.starts_at, e.ends_at))
    return found


def judge(text: bytes, *, first: datetime) -> int:
    """How many events are not long over, told at once. Refuses: NotACalendar, TooManyEvents."""
    return len(BLOCK.findall(_relevant(text, first)))


def _relevant(text: bytes, first: datetime) -> bytes:
    """The text without single events that are long over: most of an old calendar."""
    if b"BEGIN:VCALENDAR" not in text[:4096].upper():
        raise NotACalendar("no calendar")
    oldest = f"{first - 2 * DAY:%Y%m%d}".encode()
    kept = 0

    def judged(found: re.Match[bytes]) -> bytes:
        nonlocal kept
        block = found.group()
        days = ENDS.findall(block)
        if days and max(days) < oldest and not REPEATS.search(block):
            return b""
        kept += 1
        return block

    shorter = BLOCK.sub(judged, text)
    if kept > MOST_EVENTS:
        raise TooManyEvents("more events than anybody has")
    return shorter


def _parsed(text: bytes) -> Calendar:
    try:
        found = Calendar.from_ical(text.decode("utf-8-sig", "replace"))
    except (ValueError, IndexError, KeyError, TypeError, AttributeError):
        raise NotACalendar("unreadable") from None
    if not isinstance(found, Calendar):
        raise NotACalendar("several calendars")
    return found


Key = tuple[str, datetime | date]
Numbered = tuple[int, Any]


def _sorted_out(calendar: Calendar) -> tuple[list[Numbered], dict[Key, bool]]:
    """Events to tell, and which occurrences another event stands for (its UID and instant)."""
    told: list[Numbered] = []
    changed: dict[Key, bool] = {}
    for number, component in enumerate(calendar.walk("VEVENT"), start=1):
        given = component.get("recurrence-id")
        if given is not None and not isinstance(given, list):
            at = given.dt
            aware = isinstance(at, datetime) and at.tzinfo is not None
            changed[str(component.get("uid", "")), at.astimezone(UTC) if aware else at] = True
        told.append((number, component))
    return told, changed


@dataclass(frozen=True, slots=True)
class _Window:
    first: datetime
    last: datetime
    zone: str


def _is_free(component: Any) -> bool:
    """Cancelled, or marked as not keeping anybody busy."""
    said = {
        str(component.get(name, "")).upper()
        for name in ("status", "transp", "x-microsoft-cdo-busystatus")
    }
    return bool(said & {"CANCELLED", "TRANSPARENT", "FREE"})


def _add(
    found: BusyTimes, window: _Window, number: int, component: Any, changed: dict[Key, bool]
) -> None:
    if _is_free(component):
        return
    start = component["dtstart"].dt
    summary, uid = str(component.get("summary", "")), str(component.get("uid", ""))
    length = _Length(component, start, window.zone)
    is_change = component.get("recurrence-id") is not None
    for at in _starts(component, start, window):
        low = _utc(at, start, window.zone)
        if low >= window.last:
            break
        if not is_change and ((uid, low) in changed or (uid, at) in changed):
            continue
        high = length.after(at, low)
        if high > window.first and high > low:
            whole = not isinstance(start, datetime)
            found.events.append(Event(low, high, summary, uid, number, whole))
            if len(found.events) > MOST_TIMES:
                return


class _Length:
    """How long every occurrence lasts: whole local days, or elapsed time."""

    def __init__(self, component: Any, start: date | datetime, zone: str) -> None:
        self._zone = zone
        end = component.get("dtend")
        given = component.get("duration")
        if isinstance(start, datetime):
            elapsed = given.dt if given is not None else timedelta()
            if end is not None:
                elapsed = _utc(end.dt, end.dt, zone) - _utc(start, start, zone)
            if elapsed < timedelta():
                raise ValueError("it ends before it begins")
            self._days, self._elapsed = 0, elapsed
        else:
            days = given.dt.days if given is not None else 1
            if end is not None:
                last = end.dt.date() if isinstance(end.dt, datetime) else end.dt
                days = (last - start).days
            self._days, self._elapsed = max(1, days), timedelta()

    def after(self, at: date | datetime, low: datetime) -> datetime:
        """The end of the occurrence that begins then."""
        if self._days:
            return day_bounds(at + (self._days - 1) * DAY, self._zone)[1]
        return low + self._elapsed


def _utc(at: date | datetime, like: date | datetime, zone: str) -> datetime:
    """The instant of a wall time in the zone of the event (`like`), of a day, or of an instant."""
    if not isinstance(at, datetime):
        return day_bounds(at, zone)[0]
    own: tzinfo | None = at.tzinfo
    if own is None and isinstance(like, datetime):
        own = like.tzinfo
    if own is None:
        return instant(at.date(), at.time(), zone)
    if isinstance(own, ZoneInfo):
        return instant(at.date(), at.time().replace(tzinfo=None), own.key)
    return at.replace(tzinfo=own).astimezone(UTC)


def _starts(component: Any, start: date | datetime, window: _Window) -> Iterator[date | datetime]:
    """Wall times (or days) at which it begins, in order, until the window's end."""
    rules, dates = _listed(component, "rrule"), _listed(component, "rdate")
    if not rules and not dates:
        yield start
        return
    if start.year < EARLIEST_YEAR:
        raise ValueError("older than any practice")
    begin = _wall(start, start)
    whole = rruleset()
    whole.rdate(begin)
    limit = _wall(window.last, start, window.zone) + 2 * DAY
    for rule in rules:
        whole.rrule(_rule(rule, begin, limit, start, window.zone))
    for stamp in _stamps(dates):
        whole.rdate(_wall(stamp, start, window.zone))
    for stamp in _stamps(_listed(component, "exdate")):
        whole.exdate(_wall(stamp, start, window.zone))
    for at in whole:
        yield at if isinstance(start, datetime) else at.date()


def _listed(component: Any, name: str) -> list[Any]:
    given = component.get(name)
    return given if isinstance(given, list) else [] if given is None else [given]


def _stamps(lists: list[Any]) -> Iterator[date | datetime]:
    for given in lists:
        for stamp in given.dts:
            # A period (RDATE;VALUE=PERIOD) begins with its start.
            yield stamp.dt[0] if isinstance(stamp.dt, tuple) else stamp.dt


def _wall(at: date | datetime, like: date | datetime, zone: str = "") -> datetime:
    """The time on the wall of the event's zone, without its zone; a day is its midnight."""
    if not isinstance(at, datetime):
        return datetime.combine(at, wall_time())
    own = like.tzinfo if isinstance(like, datetime) else None
    if at.tzinfo is None:
        return at
    return at.astimezone(own or (ZoneInfo(zone) if zone else at.tzinfo)).replace(tzinfo=None)


def _rule(rule: Any, begin: datetime, limit: datetime, start: date | datetime, zone: str) -> Any:
    """The repetition, cut at the window's end whatever it says itself."""
    parts = {name.upper(): values for name, values in rule.items()}
    often = str((parts.get("FREQ") or [""])[0]).upper()
    if often not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise ValueError("it repeats more often than daily")
    until = limit
    for said in parts.pop("UNTIL", []):
        own = _wall(said, start, zone)
        if not isinstance(said, datetime):
            own += DAY - timedelta(seconds=1)
        until = min(until, own)
    text = ";".join(f"{name}={','.join(str(v) for v in values)}" for name, values in parts.items())
    if until < begin:
        return rruleset()
    with warnings.catch_warnings():
        # COUNT and UNTIL together: the count is theirs, the end is ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        return rrulestr(f"{text};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=begin)
