"""`make bench`: every figure beside the floor measured in the same run; exit 0 always.

Only ratios inside one run are stable. `BENCH_SCALE`, `BENCH_SECONDS` and `BENCH_ONLY` (names of
files, comma-separated) narrow or widen it.
"""

import importlib
import os
import sys
import time
import traceback
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks import ground  # noqa: E402
from benchmarks.measuring import Figure  # noqa: E402

PARTS = ("search", "booking", "pages", "calendar", "matrix", "cockpit", "statements", "patients")


def main() -> int:
    """Make the ground, measure every part there is, print one table."""
    began = time.monotonic()
    ground.prepare()
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {ground.PROVIDERS:,} institutions,"
        f" {ground.CALENDARS:,} calendars, {ground.DAYS} days, booking rows at scale {ground.SCALE}"
    )
    print(f"{'':84} {'figure':>10} {'floor':>8} {'ratio':>7}  target")
    try:
        for name in _wanted():
            for line in _measured(name):
                _print(line)
    finally:
        ground.end()
    print(f"load {os.getloadavg()[0]:.1f}, {time.monotonic() - began:.0f} s")
    return 0


def _wanted() -> list[str]:
    only = [n for n in os.environ.get("BENCH_ONLY", "").split(",") if n]
    there = [n for n in PARTS if (Path(__file__).parent / f"{n}.py").exists()]
    return [n for n in there if not only or n in only]


def _measured(name: str) -> list[Figure]:
    module = importlib.import_module(f"benchmarks.{name}")
    try:
        return list(module.measure())
    except Exception:
        traceback.print_exc()
        return [{"name": f"{name} could not be measured", "figure_ms": 0.0, "ok": False}]


def _print(line: Figure) -> None:
    floor, ratio = line.get("floor_ms") or 0.0, line.get("ratio") or 0.0
    word = {True: "ok", False: "MISSED", None: ""}[line.get("ok")]
    print(
        f"{line['name']:<84} {line['figure_ms']:>7.2f} ms"
        f" {f'{floor:.3f}' if floor else '':>8} {f'{ratio:.1f}' if ratio else '':>7}"
        f"  {line.get('target', '')} {word}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
