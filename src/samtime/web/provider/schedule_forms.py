"""Hours as people type them: a week of stretches, days that differ; and hours in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from samtime.calendars.commands.days import DaysGiven
from samtime.calendars.commands.week_words import SHORT
from samtime.calendars.commands.weeks import Stretch, WeekGiven
from samtime.calendars.models import AvailabilityException, AvailabilityRule
from samtime.web.dates import day_typed, time_typed
from samtime.web.form_state import FormState

LEAST_PAIRS, MOST_PAIRS = 2, 6
DAY = timedelta(days=1)
Range = tuple[time, time]


@dataclass(frozen=True, slots=True)
class DayRow:
    """One weekday of the form: its pairs of typed times, and what is wrong."""

    number: int
    word: str
    pairs: list[tuple[str, str]]
    error: str


@dataclass(frozen=True, slots=True)
class Away:
    """Days in a row that differ in the same way."""

    first: AvailabilityException
    last: AvailabilityException
    ids: list[str]


def weekdays() -> list[str]:
    """Monday to Sunday."""
    return [
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    ]


def week_of(rules: Iterable[AvailabilityRule], on: date) -> dict[int, list[Range]]:
    """Open stretches per weekday of the rules that hold on a day, breaks cut out."""
    found: dict[int, list[Range]] = {n: [] for n in range(1, 8)}
    held = [r for r in rules if r.valid_from <= on and (r.valid_to is None or on <= r.valid_to)]
    for number in found:
        own = [r for r in held if r.weekday == number]
        opened = sorted((r.start, r.end) for r in own if r.kind == "open")
        for start, end in [(r.start, r.end) for r in own if r.kind == "break"]:
            opened = [piece for stretch in opened for piece in _cut(stretch, start, end)]
        found[number] = opened
    return found


def _cut(stretch: Range, start: time, end: time) -> list[Range]:
    low, high = stretch
    if end <= low or high <= start:
        return [stretch]
    return [piece for piece in ((low, start), (end, high)) if piece[0] < piece[1]]


def in_words(week: dict[int, list[Range]]) -> list[str]:
    """«Mon–Thu 08:00–12:00, 12:30–16:00», equal days in a row together."""
    lines = []
    open_days = [(n, stretches) for n, stretches in sorted(week.items()) if stretches]
    for _key, group in groupby(
        enumerate(open_days), key=lambda pair: (pair[1][0] - pair[0], pair[1][1])
    ):
        days = [day for _n, day in group]
        first, last = days[0][0], days[-1][0]
        name = str(SHORT[first - 1])
        if last > first:
            name = f"{name}–{SHORT[last - 1]}"
        hours = ", ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in days[0][1])
        lines.append(f"{name} {hours}")
    return lines


def week_form(week: dict[int, list[Range]], from_on: date) -> FormState:
    """A week for editing."""
    values: dict[str, str] = {"from": from_on.isoformat()}
    for number, stretches in week.items():
        for n, (start, end) in enumerate(stretches):
            values[f"start.{number}.{n}"] = f"{start:%H:%M}"
            values[f"end.{number}.{n}"] = f"{end:%H:%M}"
    return FormState(values)


def day_rows(state: FormState) -> list[DayRow]:
    """The form's seven rows, with room for a second stretch."""
    return [
        DayRow(n, word, _pairs(state, n), state.errors.get(f"day.{n}", ""))
        for n, word in enumerate(weekdays(), start=1)
    ]


def _pairs(state: FormState, number: int) -> list[tuple[str, str]]:
    typed = [
        (state.text(f"start.{number}.{n}"), state.text(f"end.{number}.{n}"))
        for n in range(MOST_PAIRS)
    ]
    while len(typed) > LEAST_PAIRS and typed[-1] == ("", ""):
        typed.pop()
    return typed


def copy_monday(state: FormState) -> None:
    """Tuesday to Friday as Monday is typed."""
    for number in range(2, 6):
        for n in range(MOST_PAIRS):
            for side in ("start", "end"):
                state.values[f"{side}.{number}.{n}"] = state.text(f"{side}.1.{n}")
        state.errors.pop(f"day.{number}", None)


def week_given(state: FormState) -> WeekGiven | None:
    """The week as typed; None with the faults noted at their days."""
    stretches = [s for n in range(1, 8) for s in _stretches(state, n)]
    from_on, until = _day(state, "from"), None
    if state.text("until"):
        until = _day(state, "until")
    if not state.ok or from_on is None:
        return None
    return WeekGiven(tuple(stretches), from_on, until, state.text("version"))


def _stretches(state: FormState, number: int) -> list[Stretch]:
    found = []
    for start_text, end_text in _pairs(state, number):
        if not start_text and not end_text:
            continue
        start, end = time_typed(start_text), time_typed(end_text)
        if start is None or end is None:
            state.wrong(f"day.{number}", _("Write both times, for example 08:00 and 16:00."))
            continue
        found.append(Stretch(number, start, end))
    return found


def differing(state: FormState, now: dict[int, list[Range]]) -> list[tuple[str, str, str]]:
    """The typed hours and those that stand now, weekday by weekday, where they differ."""
    lines = []
    for day in day_rows(state):
        mine = ", ".join(f"{_clock(a)}–{_clock(b)}" for a, b in day.pairs if a or b)
        theirs = ", ".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in now[day.number])
        if mine != theirs:
            lines.append((day.word, mine, theirs))
    return lines


def _clock(text: str) -> str:
    """A typed time as it is shown; as it was typed where it is none."""
    found = time_typed(text)
    return f"{found:%H:%M}" if found else text


def days_given(state: FormState) -> DaysGiven | None:
    """Days that differ as typed; None with the faults noted."""
    first = _day(state, "first")
    last = _day(state, "last") if state.text("last") else first
    start = end = None
    closed = state.text("kind") != "open"
    if state.text("start") or state.text("end") or not closed:
        start, end = time_typed(state.text("start")), time_typed(state.text("end"))
        if start is None or end is None:
            state.wrong("start", _("Write both times, for example 08:00 and 16:00."))
    if not state.ok or first is None or last is None:
        return None
    return DaysGiven(first, last, closed, start, end, state.text("reason"))


def _day(state: FormState, name: str) -> date | None:
    found = day_typed(state.text(name))
    if found is None:
        state.wrong(name, _("Write the day, for example 24.11.2026."))
    return found


def aways(exceptions: Sequence[AvailabilityException]) -> list[Away]:
    """Days that differ in the same way, those in a row together."""
    found: list[Away] = []
    for one in exceptions:
        before = found[-1] if found else None
        if before and _follows(before.last, one):
            found[-1] = Away(before.first, one, [*before.ids, str(one.public_id)])
        else:
            found.append(Away(one, one, [str(one.public_id)]))
    return found


def _follows(a: AvailabilityException, b: AvailabilityException) -> bool:
    same = (a.closed, a.start, a.end, a.reason) == (b.closed, b.start, b.end, b.reason)
    return same and a.date + DAY == b.date
