"""Days and times in addresses and forms."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import instant
from samtime.web.templatetags.formats import day_in_list

EARLIEST, LATEST = date(2000, 1, 1), date(2200, 1, 1)


def day_in_address(text: str) -> date:
    """A day in an address; anything else is an address that does not exist."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotFound() from None
    if not EARLIEST <= day <= LATEST:
        raise NotFound()
    return day


def day_typed(text: str) -> date | None:
    """A day as people type it: 2026-11-24, 24.11.2026, 24/11/2026, 2026. 11. 24."""
    numbers = [int(n) for n in re.findall(r"\d{1,4}", text)]
    if len(numbers) != 3:
        return None
    year, month, day = numbers if numbers[0] > 31 else reversed(numbers)
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if date(1850, 1, 1) <= found <= LATEST else None


def instant_typed(text: str) -> datetime | None:
    """An instant with its offset, as a button of ours carries it; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def day_in_words(text: str) -> str:
    """A typed day as a list says it; as it was typed where it is none."""
    found = day_typed(text)
    return day_in_list(found) if found else text


def day_as_typed(day: date | None) -> str:
    """A day as a field shows it again, 24.11.1980; «» for none. `day_typed` reads it back."""
    return f"{day:%d.%m.%Y}" if day else ""


def time_typed(text: str) -> time | None:
    """A time as people type it: 9:30, 09.30, 930, 9."""
    digits = re.sub(r"\D", "", text)
    if not 1 <= len(digits) <= 4:
        return None
    hour, minute = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    if int(hour) > 23 or int(minute) > 59:
        return None
    return time(int(hour), int(minute))


def start_typed(day: str, clock: str, zone: str) -> datetime | None:
    """The instant of a typed day and time in a zone."""
    on, at = day_typed(day), time_typed(clock)
    return instant(on, at, zone) if on and at else None


def is_left_out(start: datetime, clock: str, zone: str) -> bool:
    """Whether the typed time is one that the change of clocks leaves out on its day."""
    local = start.astimezone(ZoneInfo(zone))
    return time_typed(clock) != local.time()


def alternative_starts(refusal: Refusal) -> list[datetime]:
    """The free starts that a lost race offers, for showing."""
    return [datetime.fromisoformat(a["start"]) for a in refusal.facts.get("alternatives", [])]
