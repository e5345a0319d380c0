"""Days and instants: a day belongs to a zone, an instant is UTC.

Two wall times are special (SPEED.md 2.6): one that does not exist means the first instant
after the gap; one that exists twice means the first.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location

ZONES = frozenset(available_timezones())

CAPITALS = {
    "NO": "Europe/Oslo",
    "RO": "Europe/Bucharest",
    "HU": "Europe/Budapest",
    "SE": "Europe/Stockholm",
    "DK": "Europe/Copenhagen",
    "FI": "Europe/Helsinki",
    "IS": "Atlantic/Reykjavik",
}
ELSEWHERE = "Europe/Oslo"


def instant(day: date, wall: time, zone: str) -> datetime:
    """The UTC instant of a wall time in a zone."""
    tz = ZoneInfo(zone)
    local = datetime.combine(day, wall.replace(fold=0), tzinfo=tz)
    found = local.astimezone(UTC)
    if found.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    return _end_of_gap(found, tz)


def _end_of_gap(inside: datetime, tz: ZoneInfo) -> datetime:
    """The change of clock nearest to a wall time that does not exist, to the minute."""
    low, high = inside - timedelta(hours=3), inside + timedelta(hours=3)
    before = low.astimezone(tz).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        if middle.astimezone(tz).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(second=0, microsecond=0)


@lru_cache(maxsize=8192)
def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """First instant of a local day and of the next one, in UTC."""
    return instant(day, time(), zone), instant(day + timedelta(days=1), time(), zone)


def local_day(at: datetime, zone: str) -> date:
    """The calendar day of an instant in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def zone_of_country(country: str) -> str:
    """The time zone of a country's capital, for whoever has no place of his own; else Oslo's."""
    return CAPITALS.get(country, ELSEWHERE)


@lru_cache(maxsize=512)
def zone_town(zone: str, language: str) -> str:
    """What a reader calls the town that names a time zone: «București» for Europe/Bucharest."""
    locale = "en_GB" if language == "en" else language
    return str(get_timezone_location(zone, locale=locale, return_city=True))
