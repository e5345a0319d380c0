"""Day masks against a slow oracle that walks every five minutes of the clock (P22)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samtime.calendars.rules import (
    CELLS,
    DayException,
    WeekRule,
    cells_touched,
    free_starts,
    grid,
    is_on_grid,
    longest_run,
    open_masks,
    start_step,
    taken_runs,
)
from samtime.foundation.periods import instant

ZONES = ("Europe/Oslo", "Europe/Bucharest", "Europe/Budapest")
CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 10), date(2027, 3, 28))


def walls():
    return st.integers(0, 287).map(lambda n: time(n * 5 // 60, n * 5 % 60))


@st.composite
def spans(draw):
    low, high = sorted((draw(walls()), draw(walls())))
    return (low, high) if low < high else (time(9), time(12))


@st.composite
def week(draw):
    rules = []
    for weekday in range(1, 8):
        for _number in range(draw(st.integers(0, 2))):
            low, high = draw(spans())
            kind = draw(st.sampled_from(["open", "open", "break"]))
            rules.append(WeekRule(kind, weekday, low, high, date(2026, 1, 1)))
    return rules


def is_open(at: datetime, zone: str, rules, exceptions) -> bool:
    """The oracle: is this whole five-minute cell open, judged by comparing instants only."""
    for shift in (-1, 0, 1):
        day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=shift)
        special = [e for e in exceptions if e.date == day]
        if any(e.closed and e.start is None for e in special):
            continue
        inside = lambda s, e, d=day: (  # noqa: E731
            instant(d, s, zone) <= at and at + timedelta(minutes=5) <= instant(d, e, zone)
        )
        today = [r for r in rules if r.weekday == day.isoweekday()]
        opened = any(r.kind == "open" and inside(r.start, r.end) for r in today)
        paused = any(r.kind == "break" and inside(r.start, r.end) for r in today)
        extra = any(not e.closed and inside(e.start, e.end) for e in special)
        shut = any(e.closed and e.start and inside(e.start, e.end) for e in special)
        if ((opened and not paused) or extra) and not shut:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    change=st.sampled_from(CHANGES),
    near=st.integers(-1, 1),
    rules=week(),
    span=spans(),
    kind=st.sampled_from(["none", "closed", "shut", "extra"]),
)
def test_open_masks_equal_the_oracle(zone, change, near, rules, span, kind):
    """P22: rules, breaks and exceptions over both changes of clock, cell by cell."""
    day = change + timedelta(days=near)
    exceptions = {
        "none": [],
        "closed": [DayException(change, True)],
        "shut": [DayException(change, True, *span)],
        "extra": [DayException(change, False, *span)],
    }[kind]
    days = [day + timedelta(days=n) for n in (-1, 0, 1)]
    mask = format(open_masks(days, zone, rules, exceptions)[day], f"0{CELLS}b")
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    wanted = "".join(
        "1" if is_open(midnight + timedelta(minutes=5 * n), zone, rules, exceptions) else "0"
        for n in range(CELLS)
    )
    assert mask == wanted


def packed(bits: str):
    return np.packbits(np.frombuffer(bits.encode(), np.uint8) - 48)[None, :]


@settings(max_examples=120, deadline=None)
@given(
    opened=st.integers(0, (1 << 2 * CELLS) - 1),
    busy=st.integers(0, (1 << 2 * CELLS) - 1),
    quiet=st.integers(0, (1 << 2 * CELLS) - 1),
    cells=st.sampled_from([3, 4, 6, 9, 24]),
    before=st.integers(0, 9),
    after=st.integers(0, 9),
)
def test_free_starts_equal_the_oracle(opened, busy, quiet, cells, before, after):
    """SPEED 2.6: the service lies in open time; buffers may lie outside, never over busy cells."""
    busy &= quiet
    o, b = format(opened, f"0{2 * CELLS}b"), format(busy, f"0{2 * CELLS}b")
    found = np.unpackbits(
        free_starts(packed(o), packed(b), before=before, cells=cells, after=after)[0]
    )
    for start in range(before, 2 * CELLS - cells - after):
        service = o[start : start + cells] == "1" * cells
        whole = "1" not in b[start - before : start + cells + after]
        assert bool(found[start]) == (service and whole), start


def test_a_wall_time_that_does_not_exist_is_the_first_instant_after_it():
    """P22: 02:30 of the spring night means 03:00."""
    assert instant(date(2026, 3, 29), time(2, 30), "Europe/Oslo") == datetime(
        2026, 3, 29, 1, 0, tzinfo=UTC
    )


def test_a_wall_time_that_exists_twice_is_the_first():
    """P22: 02:30 of the autumn night is before the clock goes back."""
    assert instant(date(2026, 10, 25), time(2, 30), "Europe/Oslo") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("step", "duration", "wanted"),
    [
        (15, 15, 15),
        (15, 30, 15),
        (15, 45, 15),
        (15, 20, 20),
        (15, 40, 20),
        (15, 50, 10),
        (15, 25, 5),
    ],
)
def test_starts_follow_the_calendar_or_the_duration(step, duration, wanted):
    assert start_step(step, duration) == wanted


def test_the_grid_is_local_time():
    """Kathmandu is 5 h 45 min ahead: its full hours are a quarter past in UTC."""
    bits = np.unpackbits(grid([date(2026, 6, 1)], "Asia/Kathmandu", 60))
    assert np.flatnonzero(bits)[:2].tolist() == [3, 15]
    assert is_on_grid(datetime(2026, 6, 1, 0, 15, tzinfo=UTC), "Asia/Kathmandu", 60)


def test_cells_touched_rounds_outward():
    """D25: imported times are rounded outward to five minutes."""
    day = date(2026, 6, 1)
    low = datetime(2026, 6, 1, 0, 4, tzinfo=UTC)
    mask = cells_touched(day, low, low + timedelta(minutes=2))
    assert format(mask, f"0{CELLS}b").startswith("110")


def test_longest_run():
    assert longest_run(0b0111011) == 3


def test_taken_runs_are_open_time_that_is_not_free():
    """D27: reasons and owners do not show, only merged runs."""
    at = [datetime(2026, 6, 1, h, tzinfo=UTC) for h in range(8, 17)]
    found = taken_runs([(at[0], at[8])], [(at[1], at[2]), (at[5], at[6])])
    assert found == [(at[0], at[1]), (at[2], at[5]), (at[6], at[8])]
