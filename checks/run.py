"""Every gate, one after the other, with the time each took; exit 1 when one fails."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
GATES = {
    "ruff": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "."],
    "mypy": [BIN / "mypy"],
    "floors": [BIN / "lint-imports", "--no-cache"],
    "house": [BIN / "python", "checks/house_rules.py"],
    "translations": [BIN / "python", "checks/translations.py", "missing"],
    "templates": [BIN / "djlint", "--lint", "--quiet", "src/samtime/web/templates"],
}


def main() -> int:
    """Run all; print what failed in full and what passed in one line."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    failed = []
    for name, command in GATES.items():
        began = time.monotonic()
        run = subprocess.run(
            [str(c) for c in command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        passed = run.returncode == 0
        print(f"{'ok    ' if passed else 'FAILED'} {name} {time.monotonic() - began:.1f} s")
        if not passed:
            failed.append(name)
            print((run.stdout + run.stderr)[-6000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
