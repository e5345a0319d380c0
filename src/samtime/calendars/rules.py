"""Arithmetic of bookable time: weekly rules to day masks, masks to free starts. No database.

A day mask covers one UTC day in 288 cells of five minutes, cell 0 first. As an int its highest
bit is cell 0, so it reads like PostgreSQL's bit(288). Rules are evaluated in the location's zone;
both changes of clock follow SPEED.md 2.6.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from samtime.foundation.periods import day_bounds, instant

CELL = 5
CELLS = 288
FULL = (1 << CELLS) - 1
BLOCK = 512
Bytes = npt.NDArray[np.uint8]
Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class WeekRule:
    """Open, or a break in what is open, every such weekday (1 = Monday), local wall times."""

    kind: str
    weekday: int
    start: time
    end: time
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class DayException:
    """One local day: closed (whole without times), or open beyond the rules."""

    date: date
    closed: bool
    start: time | None = None
    end: time | None = None


def open_intervals(
    day: date, zone: str, rules: Iterable[WeekRule], exceptions: Iterable[DayException]
) -> list[Interval]:
    """Open stretches of one local day as instants, in order and joined."""
    special = [e for e in exceptions if e.date == day]
    if any(e.closed and e.start is None for e in special):
        return []
    today = [r for r in rules if _holds(r, day)]
    opened = [_interval(day, r.start, r.end, zone) for r in today if r.kind == "open"]
    breaks = [_interval(day, r.start, r.end, zone) for r in today if r.kind == "break"]
    extra = [_interval(day, e.start, e.end, zone) for e in special if not e.closed]
    shut = [_interval(day, e.start, e.end, zone) for e in special if e.closed]
    return subtract(joined([*subtract(joined(opened), breaks), *joined(extra)]), shut)


def _holds(rule: WeekRule, day: date) -> bool:
    in_time = rule.valid_from <= day and (rule.valid_to is None or day <= rule.valid_to)
    return in_time and rule.weekday == day.isoweekday()


def _interval(day: date, start: time | None, end: time | None, zone: str) -> Interval:
    first, last = day_bounds(day, zone)
    low = instant(day, start, zone) if start is not None else first
    high = instant(day, end, zone) if end is not None else last
    return low, high


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """In order, with touching and overlapping ones made one, and empty ones left out."""
    found: list[Interval] = []
    for low, high in sorted(i for i in intervals if i[0] < i[1]):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found


def subtract(intervals: Sequence[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What is left of ordered, joined intervals."""
    left: list[Interval] = list(intervals)
    for low, high in taken:
        if low >= high:
            continue
        cut: list[Interval] = []
        for start, end in left:
            if high <= start or low >= end:
                cut.append((start, end))
                continue
            cut += [piece for piece in ((start, low), (high, end)) if piece[0] < piece[1]]
        left = cut
    return left


def open_masks(
    days: Sequence[date], zone: str, rules: Sequence[WeekRule], exceptions: Sequence[DayException]
) -> dict[date, int]:
    """The open cells of UTC days; only cells that are open as a whole count.

    A local day reaches into the UTC days beside it, and is judged once for all of them.
    """
    near = {day: [day + timedelta(days=n) for n in (-1, 0, 1)] for day in days}
    opened = {
        local: open_intervals(local, zone, rules, exceptions)
        for local in {local for group in near.values() for local in group}
    }
    masks = dict.fromkeys(days, 0)
    for day, group in near.items():
        for low, high in (interval for local in group for interval in opened[local]):
            masks[day] |= cells_inside(day, low, high)
    return masks


def cells_inside(day: date, low: datetime, high: datetime) -> int:
    """Mask of the cells of a UTC day that lie wholly inside an interval."""
    return _mask(-(-_minute(day, low) // CELL), _minute(day, high) // CELL)


def cells_touched(day: date, low: datetime, high: datetime) -> int:
    """Mask of the cells of a UTC day that an interval touches."""
    return _mask(_minute(day, low) // CELL, -(-_minute(day, high) // CELL))


def _minute(day: date, at: datetime) -> float:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return (at - midnight).total_seconds() / 60


def _mask(first: float, after: float) -> int:
    low, high = max(int(first), 0), min(int(after), CELLS)
    return 0 if low >= high else ((1 << (high - low)) - 1) << (CELLS - high)


def days_touched(low: datetime, high: datetime) -> list[date]:
    """UTC days that [low, high) touches."""
    first, last = low.astimezone(UTC).date(), (high - timedelta(seconds=1)).astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def longest_run(mask: int) -> int:
    """Length in cells of the longest run of set bits."""
    count = 0
    while mask:
        mask &= mask << 1
        count += 1
    return count


def start_step(calendar_step: int, duration: int) -> int:
    """Minutes between starts on the clock: the calendar's step where the duration fits it, else
    the largest divisor of an hour that the duration is a multiple of."""
    if duration % calendar_step == 0:
        return calendar_step
    return next(step for step in (60, 30, 20, 15, 10, 5) if duration % step == 0)


def is_on_grid(at: datetime, zone: str, step: int) -> bool:
    """Whether a start lies on the local clock's grid."""
    local = at.astimezone(ZoneInfo(zone))
    return (local.minute % step, local.second, local.microsecond) == (0, 0, 0)


def runs(free: Bytes, cells: int) -> Bytes:
    """Cells at which a run of `cells` free cells begins; rows are independent, MSB first.

    Shift-doubling over 64-bit words: the cost grows with the logarithm of the run. Many rows are
    taken in blocks that stay in the processor's cache.
    """
    rows, width = free.shape
    if rows > BLOCK:
        blocks = [runs(free[n : n + BLOCK], cells) for n in range(0, rows, BLOCK)]
        return np.concatenate(blocks)
    padded = np.zeros((rows, width + (-width) % 8), np.uint8)
    padded[:, :width] = free
    words = padded.view(">u8").astype(np.uint64)
    have = 1
    while have < cells:
        step = min(have, cells - have)
        words = words & _earlier(words, step)
        have += step
    return words.astype(">u8").view(np.uint8)[:, :width]


def _earlier(words: npt.NDArray[np.uint64], cells: int) -> npt.NDArray[np.uint64]:
    """Every bit moved `cells` towards the front."""
    whole, part = divmod(cells, 64)
    if whole:
        moved = np.zeros_like(words)
        moved[:, :-whole] = words[:, whole:]
        words = moved
    if not part:
        return words
    out = words << np.uint64(part)
    out[:, :-1] |= words[:, 1:] >> np.uint64(64 - part)
    return out


def _later(packed: Bytes, cells: int) -> Bytes:
    """Every bit moved `cells` towards the end, per row."""
    if not cells:
        return packed
    whole, part = divmod(cells, 8)
    out = np.zeros_like(packed)
    if whole < packed.shape[1]:
        out[:, whole:] = packed[:, : packed.shape[1] - whole]
    if part:
        carry = np.zeros_like(out)
        carry[:, 1:] = out[:, :-1] << np.uint8(8 - part)
        out = (out >> np.uint8(part)) | carry
    return out


def free_starts(opened: Bytes, busy: Bytes, *, before: int, cells: int, after: int) -> Bytes:
    """Starts of a service: its cells open and not busy, its buffers not busy (all in cells)."""
    fits = runs(opened & ~busy, cells)
    if before or after:
        fits = fits & quiet_starts(busy, before=before, cells=cells, after=after)
    return fits


def free_starts_of_one(
    free: int, busy: int, *, width: int, before: int, cells: int, after: int
) -> int:
    """As `free_starts`, for one calendar: numbers of `width` bits, cell 0 highest."""
    full = (1 << width) - 1
    fits = _runs_of_one(free & ~busy, cells, full)
    if before or after:
        fits &= _runs_of_one(full & ~busy, before + cells + after, full) >> before
    return fits


def _runs_of_one(mask: int, cells: int, full: int) -> int:
    have = 1
    while have < cells:
        step = min(have, cells - have)
        mask &= (mask << step) & full
        have += step
    return mask


def quiet_starts(busy: Bytes, *, before: int, cells: int, after: int) -> Bytes:
    """Starts at which one resource is not busy for service and buffers as one run."""
    return _later(runs(~busy, before + cells + after), before)


def grid(days: Sequence[date], zone: str, step: int) -> Bytes:
    """Mask of the cells that are starts on the local clock, for consecutive UTC days."""
    rows = []
    for day in days:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC).astimezone(ZoneInfo(zone))
        offset = int((noon.utcoffset() or timedelta()).total_seconds() // 60)
        rows.append(_grid_day(offset % 60, step))
    return np.concatenate(rows)


def _grid_day(offset: int, step: int) -> Bytes:
    minutes = np.arange(CELLS) * CELL + offset
    return np.packbits((minutes % step == 0).astype(np.uint8))


def taken_runs(open_minutes: Sequence[Interval], free: Sequence[Interval]) -> list[Interval]:
    """What outsiders see as taken: open time that is not free, as merged runs (D27)."""
    return subtract(joined(open_minutes), free)


def rounded_out(low: datetime, high: datetime) -> Interval:
    """An imported time in whole cells, never shorter than it is (D25)."""
    return low - _over(low), high + (timedelta(minutes=CELL) - _over(high)) % timedelta(
        minutes=CELL
    )


def _over(at: datetime) -> timedelta:
    return timedelta(minutes=at.minute % CELL, seconds=at.second, microseconds=at.microsecond)


def merged(periods: Iterable[Interval]) -> list[Interval]:
    """The same time as runs in order, none touching another."""
    runs: list[Interval] = []
    for low, high in sorted(periods):
        if runs and low <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(runs[-1][1], high))
        elif low < high:
            runs.append((low, high))
    return runs


def clipped(periods: Iterable[Interval], first: datetime, last: datetime) -> list[Interval]:
    """The parts between two instants."""
    kept = ((max(low, first), min(high, last)) for low, high in periods)
    return [(low, high) for low, high in kept if low < high]


def without(runs: Sequence[Interval], taken: Iterable[Interval]) -> list[Interval]:
    """What of runs in order is left beside what is taken."""
    left: list[Interval] = []
    holes, place = merged(taken), 0
    for low, high in runs:
        while place < len(holes) and holes[place][1] <= low:
            place += 1
        at, here = low, place
        while here < len(holes) and holes[here][0] < high:
            if holes[here][0] > at:
                left.append((at, holes[here][0]))
            at = max(at, holes[here][1])
            here += 1
        if at < high:
            left.append((at, high))
    return left
