"""`samtime serve` and `samtime worker`."""

import contextlib
import os
import sys

from samtime.commandline.environment import data_folder, set_up, use_database

THREADS = "8"


def run(arguments: list[str]) -> int:
    """Gunicorn with threads; refuses to serve what `samtime check` refuses."""
    visit = use_database()
    os.environ.setdefault("SAMTIME_POOL_SIZE", THREADS)
    with contextlib.suppress(OSError):
        (data_folder() / "static").mkdir(parents=True, exist_ok=True)
    set_up()
    from samtime.commandline.check import found_faults

    faults = found_faults()
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return 1
    port = os.environ.get("PORT", "8000")
    command = [sys.executable, "-m", "gunicorn", "samtime.wsgi:application"]
    command += ["--bind", f"{os.environ.get('HOST', '127.0.0.1')}:{port}"]
    command += ["--worker-class", "gthread", "--threads", THREADS, "--log-level", "warning"]
    command += ["--workers", os.environ.get("WEB_WORKERS", "1"), "--limit-request-line", "8190"]
    if visit is not None:
        visit.hand_on()
    os.execv(sys.executable, command)  # noqa: S606
    return 0


def worker(arguments: list[str]) -> int:
    """Background work until told to stop."""
    use_database()
    os.environ.setdefault("SAMTIME_POOL_SIZE", "0")
    set_up()
    from samtime.jobs.worker import work

    work()
    return 0
