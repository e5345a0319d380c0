"""Settlement arithmetic and the life of a statement: values in, values out.

A booking earns its commission when it was not cancelled, not marked no-show, and its time is past
(DOMAIN.md section 0). What was settled stays; a later change is a correction in a later month.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from samtime.foundation.periods import instant

STATES = (
    "open",
    "computed",
    "reviewed",
    "sent",
    "accepted",
    "disputed",
    "corrected",
    "closed",
)
EDITABLE = ("open", "computed", "reviewed")
FROZEN = ("sent", "accepted", "disputed", "corrected", "closed")
DISPUTABLE = ("sent", "disputed", "corrected")
ACCEPTABLE = ("sent", "corrected")
OUTCOMES = ("attended", "cancelled", "noshow", "expected")
REASONS = ("wrong_outcome", "wrong_rate", "wrong_price", "not_ours", "missing")
ANSWER_DAYS, DISPUTE_DAYS = 14, 7


def month_of(day: date) -> date:
    """The period a day lies in, named by its first day."""
    return day.replace(day=1)


def next_month(period: date) -> date:
    """The period after."""
    return (period.replace(day=1) + timedelta(days=32)).replace(day=1)


def months_back(period: date, count: int) -> list[date]:
    """So many periods, newest first, ending with this one."""
    found = [period.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def month_bounds(period: date, zone: str) -> tuple[datetime, datetime]:
    """First instant of the month and of the next one in a zone, in UTC (D10)."""
    return instant(period, time(), zone), instant(next_month(period), time(), zone)


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking as a settlement sees it; money in minor units.

    `agreed`: what both sides agreed on in an accepted dispute; it is the last word.
    """

    starts_at: datetime
    state: str
    net: int
    commission: int
    agreed: int | None = None


def outcome(state: str, starts_at: datetime, now: datetime) -> str:
    """attended, cancelled, noshow or expected; a past visit nobody marked counts as attended."""
    if state in ("cancelled", "noshow"):
        return state
    return "attended" if starts_at <= now else "expected"


def earned(visit: Visit, now: datetime) -> int:
    """What the booking is worth to the partner as things stand now."""
    if visit.agreed is not None:
        return visit.agreed
    return visit.commission if outcome(visit.state, visit.starts_at, now) == "attended" else 0


def correction(visit: Visit, settled: int, now: datetime) -> int:
    """What a later statement adds or takes back: worth now, less what statements gave so far."""
    return earned(visit, now) - settled


def agreed_total(settled: int, line: int, wanted: int) -> int:
    """An accepted dispute sets the line to what was wanted; the booking's other lines stay."""
    return settled - line + wanted


@dataclass(frozen=True, slots=True)
class Totals:
    """The head of a statement: counts, and sums of its lines in minor units."""

    bookings: int = 0
    attended: int = 0
    cancelled: int = 0
    no_show: int = 0
    expected: int = 0
    base: int = 0
    commission: int = 0
    expected_commission: int = 0


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What a line gives to the totals."""

    kind: str
    outcome: str
    base: int
    commission: int
    would_be: int


def totals(lines: Iterable[LineFigures]) -> Totals:
    """Every sum is the sum of the lines; corrections add money and no booking."""
    rows = list(lines)
    visits = [x for x in rows if x.kind == "visit"]
    counted = {name: sum(x.outcome == name for x in visits) for name in OUTCOMES}
    return Totals(
        bookings=len(visits) - counted["expected"],
        attended=counted["attended"],
        cancelled=counted["cancelled"],
        no_show=counted["noshow"],
        expected=counted["expected"],
        base=sum(x.base for x in rows),
        commission=sum(x.commission for x in rows),
        expected_commission=sum(x.would_be for x in visits if x.outcome == "expected"),
    )


def answer_by(sent_on: date) -> date:
    """Until when the partner answers."""
    return sent_on + timedelta(days=ANSWER_DAYS)


def dispute_answer_by(raised_on: date) -> date:
    """Until when the institution answers a dispute."""
    return raised_on + timedelta(days=DISPUTE_DAYS)


def next_actor(state: str) -> str:
    """Who acts next: provider, partner or nobody."""
    if state in ("sent", "corrected"):
        return "partner"
    return "nobody" if state == "closed" else "provider"
