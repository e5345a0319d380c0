"""Every gate, two at a time, with the time each took; exit 1 when one fails."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
GATES = {
    "mypy": [BIN / "mypy"],
    "ruff": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "."],
    "floors": [BIN / "lint-imports", "--no-cache"],
    "house": [BIN / "python", "checks/house_rules.py"],
    "translations": [BIN / "python", "checks/translations.py", "missing"],
    "templates": [BIN / "djlint", "--lint", "--quiet", "src/samtime/web/templates"],
}


def run(name: str) -> tuple[str, float, str]:
    """One gate: its name, how long it took in seconds, and what it said if it failed."""
    began = time.monotonic()
    ran = subprocess.run(
        [str(c) for c in GATES[name]],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = (ran.stdout + ran.stderr)[-6000:] or f"exit {ran.returncode}"
    return name, time.monotonic() - began, said if ran.returncode else ""


def main() -> int:
    """Run all, two at a time; print what failed in full and what passed in one line."""
    failed = 0
    with ThreadPoolExecutor(2) as two:
        for name, seconds, fault in two.map(run, GATES):
            print(f"{'FAILED' if fault else 'ok    '} {name} {seconds:.1f} s")
            if fault:
                failed += 1
                print(fault)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
