"""`make bench`: every figure beside the floor measured in the same run; exit 0 always.

Only ratios inside one run are stable. `make bench ONLY=W1,W5` (or `run.py --only W1,W5`; names of
figures or of files) narrows it; `BENCH_SCALE` (the share of the rows of W5 to W9, at most 1) and
`BENCH_SECONDS` widen it.
"""

import argparse
import dataclasses
import importlib
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# This checkout, in place of this folder, whose `calendar` would hide the library's.
ROOT = Path(__file__).resolve().parents[1]
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from benchmarks import ground, measuring  # noqa: E402
from benchmarks.measuring import Figure  # noqa: E402

PARTS = {
    "search": ("W1", "W2", "W3", "W4"),
    "booking": ("W5",),
    "calendar": ("W6", "P1"),
    "week": ("W6", "P1", "PAINT"),
    "pages": ("P1",),
    "booked": ("P1",),
    "cockpit": ("P1", "COCKPIT"),
    "matrix": ("MATRIX",),
    "statements": ("W7",),
    "patients": ("W9",),
}


def main() -> int:
    """Make the ground, measure the parts asked for, print one table."""
    began, only = time.monotonic(), _only()
    ground.prepare()
    try:
        _head()
        for part in _wanted(only):
            for line in _measured(part):
                if not only or part.upper() in only or _is_meant(line, only):
                    _print(line)
    finally:
        ground.end()
    print(f"load {os.getloadavg()[0]:.1f}, {time.monotonic() - began:.0f} s")
    return 0


def _only() -> list[str]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=os.environ.get("ONLY", ""))
    given: str = parser.parse_args().only
    return [name.strip().upper() for name in given.split(",") if name.strip()]


def _head() -> None:
    floors = measuring.floors_ms()
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {ground.PROVIDERS:,} institutions,"
        f" {ground.CALENDARS:,} calendars, {ground.DAYS} days, booking rows at scale {ground.SCALE}"
    )
    print(
        f"select 1: {floors['django']:.3f} ms through Django's cursor (the floor of the table),"
        f" {floors['prepared']:.3f} ms as the product's hot statements go,"
        f" {floors['driver']:.3f} ms through the bare driver"
    )
    print(
        f"a fixed piece of arithmetic took {measuring.slowdown():.1f} times as long as at its best"
        " in this run: about so much do other programs take"
    )
    print("each figure: the median of the best third of its runs")
    print(f"{'':84} {'figure':>10} {'floor':>8} {'ratio':>7}  target")


def _wanted(only: list[str]) -> list[str]:
    return [
        part
        for part, names in PARTS.items()
        if not only or part.upper() in only or any(one.startswith(names) for one in only)
    ]


def _is_meant(line: Figure, only: list[str]) -> bool:
    return any(str(line["name"]).upper().startswith(one) for one in only)


def _measured(name: str) -> Iterator[Figure]:
    """The part's lines as they come; a part that fails says so and the others go on."""
    try:
        module = importlib.import_module(f"benchmarks.{name}")
        for row in module.measure():
            yield _line(row, name)
    except Exception:
        traceback.print_exc()
        yield {"name": f"{name} could not be measured", "figure_ms": 0.0, "ok": False}


def _line(row: Any, part: str) -> Figure:
    """One shape for what the parts hand back: a table's line, or name, figure, floor, ratio."""
    if isinstance(row, dict):
        return row
    if dataclasses.is_dataclass(row):
        return _page_line(row)
    name, figure, limit, share = row
    title, _comma, unit = name.rpartition(", ")
    return {
        "name": f"{part}: {title}, {unit}",
        "figure_ms": figure,
        "unit": unit if len(unit) == 2 else "",
        "target": f"<= {limit:g} {unit}",
        "ok": share <= 1,
    }


def _page_line(row: Any) -> Figure:
    """Pages are judged by their processor time; the wall's time stands beside it."""
    limit = float("".join(c for c in row.target if c.isdigit() or c == ".") or "inf")
    figure = row.cpu_ms if "CPU" in row.target else row.wall_ms
    return {
        "name": f"P1  {row.name}: {row.wall_ms:.1f} ms wall, {row.cpu_ms:.1f} ms CPU",
        "figure_ms": figure,
        "floor_ms": row.floor_ms,
        "ratio": figure / row.floor_ms if row.floor_ms else 0.0,
        "target": row.target,
        "ok": figure <= limit,
    }


def _print(line: Figure) -> None:
    floor, ratio = line.get("floor_ms") or 0.0, line.get("ratio") or 0.0
    word = {True: "ok", False: "MISSED", None: ""}[line.get("ok")]
    print(
        f"{line['name']:<84} {line['figure_ms']:>7.2f} {line.get('unit', 'ms'):<2}"
        f" {f'{floor:.3f}' if floor else '':>8} {f'{ratio:.1f}' if ratio else '':>7}"
        f"  {line.get('target', '')} {word}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
