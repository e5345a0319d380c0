"""The median of the best third of many runs, and the floor beneath: one round trip.

Other programs on the machine only ever make a run slower, so the best third says what the product
costs and the rest says what else was going on.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Figure = dict[str, Any]


def best_third_ms(
    act: Callable[[], object],
    runs: int = 60,
    warm: int = 8,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Median of the best third of the runs, in milliseconds, after warming up."""
    for _n in range(warm):
        act()
    taken = []
    for _n in range(runs):
        began = clock()
        act()
        taken.append((clock() - began) * 1000)
    return best_third(taken)


def percentiles_ms(act: Callable[[], object], runs: int) -> tuple[float, float]:
    """Median and 95th percentile of many runs, in milliseconds."""
    taken = []
    for _n in range(runs):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return taken[runs // 2], taken[int(runs * 0.95)]


def best_third(taken: list[float]) -> float:
    """The median of the best third."""
    return statistics.median(sorted(taken)[: max(1, len(taken) // 3)])


def round_trip() -> None:
    """`select 1` through Django's own cursor: the floor of the table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def floors_ms() -> dict[str, float]:
    """`select 1` through Django's cursor, as hot statements go, and through the driver alone."""
    from django.db import connection

    from samtime.foundation.prepared import fetch

    connection.ensure_connection()
    bare: Any = connection.connection
    assert bare is not None
    return {
        "django": best_third_ms(round_trip, 600),
        "prepared": best_third_ms(lambda: fetch("SELECT 1", {}), 600),
        "driver": best_third_ms(lambda: bare.pgconn.exec_(b"SELECT 1"), 600),
    }


def processor_ms() -> float:
    """Processor time so far of this process and of the server's process behind its connection.

    Time of the clock says on a busy machine how long one waits for a processor, not what is done.
    """
    from django.db import connection

    connection.ensure_connection()
    held: Any = connection.connection
    place = Path(f"/proc/{held.info.backend_pid}/schedstat")
    there = int(place.read_text().split()[0]) / 1e6 if place.is_file() else 0.0
    return time.process_time() * 1000 + there


def slowdown() -> float:
    """How many times longer a fixed piece of arithmetic takes at the median than at its best."""
    taken = []
    for _n in range(200):
        began = time.perf_counter()
        sum(range(20_000))
        taken.append(time.perf_counter() - began)
    return statistics.mean(taken) / min(taken)


def figure(
    name: str,
    act: Callable[[], object],
    target: str,
    ok: Callable[[float, float], bool],
    runs: int = 60,
) -> Figure:
    """One line of the table; the floor is measured right before and after."""
    before = best_third_ms(round_trip, 200)
    measured = best_third_ms(act, runs)
    floor = min(before, best_third_ms(round_trip, 200))
    ratio = measured / floor
    return {
        "name": name,
        "figure_ms": measured,
        "floor_ms": floor,
        "ratio": ratio,
        "target": target,
        "ok": ok(measured, ratio),
    }
