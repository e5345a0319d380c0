"""A subscribed iCalendar address: asked with its ETag, judged, and told as busy times.

`webcal` is https. An answer has at most 5 MB (a practice's calendar of some years), else as every
call outward. What the calendar says is text of a stranger: nothing of it is shown or stored but
its times.
"""

from dataclasses import dataclass
from datetime import datetime

from samtime.connectors.ical_feed.events import BusyTimes, busy_times
from samtime.connectors.outward import SECONDS, Question, call
from samtime.connectors.places import OutwardFault

LARGEST = 5 * 1024 * 1024
FAULTS = (
    *("forbidden", "unresolved", "connect", "tls", "slow", "too_large", "protocol", "redirect"),
    *("resting", "refused", "gone", "no_calendar", "too_many"),
)


@dataclass(frozen=True, slots=True)
class Window:
    """What is wanted of a calendar: from, to (instants), and the zone of times without one."""

    first: datetime
    last: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of asking. `times` None: the calendar is as it was when `etag` was given."""

    etag: str
    times: BusyTimes | None


def address_of(typed: str) -> str:
    """The address as it is called: webcal is another word for https."""
    text = typed.strip()
    for word in ("webcal://", "webcals://"):
        if text.lower().startswith(word):
            return f"https://{text[len(word) :]}"
    return text


def read(url: str, *, etag: str, window: Window, seconds: float = SECONDS) -> Reading:
    """Ask for the calendar. Refuses: OutwardFault, also `refused` (401, 403), `gone` (404, 410),
    `protocol` (any other status); NotACalendar, TooManyEvents."""
    headers = {"accept": "text/calendar, text/plain;q=0.5"}
    if etag:
        headers["if-none-match"] = etag
    answer = call(Question(url, headers=headers, seconds=seconds, largest=LARGEST))
    if answer.status == 304 and etag:
        return Reading(etag, None)
    if answer.status in (401, 403, 404, 410):
        raise OutwardFault("refused" if answer.status in (401, 403) else "gone")
    if answer.status != 200:
        raise OutwardFault("protocol", f"status {answer.status}")
    times = busy_times(answer.body, first=window.first, last=window.last, zone=window.zone)
    return Reading(answer.headers.get("etag", "")[:200], times)
