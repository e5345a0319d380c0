"""A subscribed iCalendar address: asked with its ETag, judged, and told as busy times.

`webcal` is https. An answer has at most 5 MB (a practice's calendar of some years), else as every
call outward. What the calendar says is text of a stranger: nothing of it is shown or stored but
its times.
"""

from dataclasses import dataclass
from datetime import datetime

from samtime.connectors.ical_feed.events import BusyTimes, busy_times, judge
from samtime.connectors.outward import SECONDS, Answer, Question, call
from samtime.connectors.places import OutwardFault

LARGEST = 5 * 1024 * 1024
# What is read while somebody waits; more takes longer than a page may.
QUICKLY_READ = 1000
ACCEPT = {"accept": "text/calendar, text/plain;q=0.5"}
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


@dataclass(frozen=True, slots=True)
class Look:
    """A first look: how many events there are; `times` None where counting alone is quick."""

    events: int
    times: BusyTimes | None


def look(url: str, *, window: Window, seconds: float = SECONDS) -> Look:
    """What a calendar would bring, before it is subscribed. Refuses: as `read`."""
    text = _asked(Question(url, headers=ACCEPT, seconds=seconds, largest=LARGEST)).body
    events = judge(text, first=window.first)
    if events > QUICKLY_READ:
        return Look(events, None)
    return Look(events, busy_times(text, first=window.first, last=window.last, zone=window.zone))


def read(url: str, *, etag: str, window: Window, seconds: float = SECONDS) -> Reading:
    """Ask for the calendar. Refuses: OutwardFault, also `refused` (401, 403), `gone` (404, 410),
    `protocol` (any other status); NotACalendar, TooManyEvents."""
    headers = {**ACCEPT, "if-none-match": etag} if etag else ACCEPT
    answer = _asked(Question(url, headers=headers, seconds=seconds, largest=LARGEST))
    if answer.status == 304:
        return Reading(etag, None)
    times = busy_times(answer.body, first=window.first, last=window.last, zone=window.zone)
    return Reading(answer.headers.get("etag", "")[:200], times)


def _asked(question: Question) -> Answer:
    """An answer with a calendar, or «as it was» to whoever asked so."""
    answer = call(question)
    if answer.status in (401, 403, 404, 410):
        raise OutwardFault("refused" if answer.status in (401, 403) else "gone")
    unchanged = answer.status == 304 and "if-none-match" in question.headers
    if answer.status != 200 and not unchanged:
        raise OutwardFault("protocol", f"status {answer.status}")
    return answer
