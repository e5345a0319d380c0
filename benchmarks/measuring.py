"""Medians, and the floor beneath them: what one round trip costs on the same connection."""

import statistics
import time
from collections.abc import Callable
from typing import Any

Figure = dict[str, Any]


def percentiles_ms(act: Callable[[], object], runs: int = 60, warm: int = 8) -> tuple[float, float]:
    """Tenth percentile and median of many runs, in milliseconds, after warming up."""
    for _n in range(warm):
        act()
    taken = []
    for _n in range(runs):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return taken[len(taken) // 10], statistics.median(taken)


def round_trip() -> None:
    """`select 1` as the product asks it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def figure(
    name: str,
    act: Callable[[], object],
    target: str,
    ok: Callable[[float, float], bool],
    runs: int = 60,
) -> Figure:
    """One line of the table; the floor is measured right before and after.

    Judged by the tenth percentile, which a busy machine disturbs least; the median stands beside.
    """
    before, _median = percentiles_ms(round_trip, 200)
    measured, median = percentiles_ms(act, runs)
    floor = min(before, percentiles_ms(round_trip, 200)[0])
    ratio = measured / floor
    return {
        "name": f"{name} (median {median:.2f})",
        "figure_ms": measured,
        "floor_ms": floor,
        "ratio": ratio,
        "target": target,
        "ok": ok(measured, ratio),
    }
