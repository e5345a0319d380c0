"""The life of a booking and what is allowed when: tables and arithmetic, no database."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOLD_MINUTES = 5
QUIET_FROM, QUIET_TO = time(21), time(8)
CALLS_FROM = time(9)
BEFORE_QUIET = timedelta(minutes=10)
LEAST_NOTICE = timedelta(hours=1)
MOST_HOLDS = 3
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SPOKEN = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
NEXT_STATES = {
    "pending": {"booked", "cancelled"},
    "booked": {"arrived", "fulfilled", "noshow", "cancelled"},
    "arrived": {"fulfilled", "noshow", "booked"},
    "fulfilled": {"arrived"},
    "noshow": {"booked", "arrived", "fulfilled"},
    "cancelled": set[str](),
}
MOVABLE = ("pending", "booked")


def may_become(state: str, wanted: str) -> bool:
    """Whether the life cycle has this step."""
    return wanted in NEXT_STATES[state]


def new_reference() -> str:
    """Eight random Crockford base-32 characters (D23)."""
    bits = secrets.randbits(40)
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(0, 40, 5))


def spoken_reference(text: str) -> str:
    """What somebody typed or said, in our form: «7k3m-9qxd», O for 0, I and L for 1."""
    kept = "".join(c for c in text.upper() if c.isalnum())
    return kept.translate(SPOKEN)


def shown_reference(reference: str) -> str:
    """«7K3M-9QXD»."""
    return f"{reference[:4]}-{reference[4:]}"


def is_late(starts_at: datetime, now: datetime, limit_minutes: int) -> bool:
    """Whether a cancellation comes after the service's limit."""
    return now > starts_at - timedelta(minutes=limit_minutes)


def last_bookable_day(today: date, horizon_days: int) -> date:
    """The last local day that may be booked today."""
    return today + timedelta(days=horizon_days)


def is_quiet(at: datetime, zone: str) -> bool:
    """Whether nobody is written to at this instant: 21 to 8 o'clock at the place."""
    local = at.astimezone(ZoneInfo(zone)).time()
    return local >= QUIET_FROM or local < QUIET_TO


def reminder_moment(starts_at: datetime, hours: int, zone: str) -> datetime:
    """When the reminder of a visit leaves: elapsed hours before it, never at night.

    What falls into the quiet hours leaves at their end, or, where the visit would then be nearer
    than an hour, just before they begin. Instants in UTC; the clock change shifts nothing, because
    the hours are elapsed ones and only the edges are local.
    """
    due = starts_at - timedelta(hours=hours)
    if not is_quiet(due, zone):
        return due
    local = due.astimezone(ZoneInfo(zone))
    morning = local.date() + timedelta(days=1 if local.time() >= QUIET_FROM else 0)
    at_end = datetime.combine(morning, QUIET_TO, ZoneInfo(zone)).astimezone(UTC)
    if at_end + LEAST_NOTICE <= starts_at:
        return at_end
    evening = datetime.combine(morning - timedelta(days=1), QUIET_FROM, ZoneInfo(zone))
    return evening.astimezone(UTC) - BEFORE_QUIET


@dataclass(frozen=True, slots=True)
class Named:
    """What the line of an old calendar names: a known service, and the client, if there is one."""

    service: str
    given_name: str
    family_name: str


def client_and_service(line: str, services: list[str]) -> Named | None:
    """«Physiotherapy: Ida Sol», «Ida Sol - physiotherapy»; the longest known name wins.

    None when no known service stands in the line as whole words.
    """
    for name in sorted(filter(None, services), key=lambda n: (-len(n), n)):
        found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line, re.IGNORECASE)
        if found is None:
            continue
        rest = f"{line[: found.start()]} {line[found.end() :]}"
        words = re.sub(r"[^\w'’.-]+|(?<!\w)[-.]+|[-.]+(?!\w)", " ", rest).split()
        if len(words) < 2:
            return Named(name, "", "")
        return Named(name, " ".join(words[:-1]), words[-1])
    return None


# So long the person of a call-back is known after it is done: a booking has a record of its own.
CALLED_KEPT = timedelta(days=30)
# So long what was typed of an interrupted call waits for the agent (SCREENS.md 6.1).
DRAFT_WAITS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom to call back, as an agent typed it: texts, empty where nothing was said."""

    phone: str
    given_name: str = ""
    family_name: str = ""
    birth_date: str = ""
    email: str = ""
    language: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """The whole name, or «»."""
        return f"{self.given_name} {self.family_name}".strip()


def proposed_call_back(now: datetime, zone: str) -> datetime:
    """An hour from now at a full quarter; in the evening and at night the next morning at nine."""
    local = (now + timedelta(hours=1)).astimezone(ZoneInfo(zone))
    quarter = local.replace(minute=0, second=0, microsecond=0)
    quarter += timedelta(minutes=-(-local.minute // 15) * 15)
    if CALLS_FROM <= quarter.time() < QUIET_FROM and quarter.date() == local.date():
        return quarter.astimezone(UTC)
    late = quarter.time() >= QUIET_FROM and quarter.date() == local.date()
    day = quarter.date() + timedelta(days=1 if late else 0)
    return datetime.combine(day, CALLS_FROM, ZoneInfo(zone)).astimezone(UTC)
