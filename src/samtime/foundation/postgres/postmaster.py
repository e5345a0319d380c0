"""The server's process: who it is by its pid file, and ending it.

A pid file proves nothing: after a kill or a restart of the machine its number may be anybody's.
PostgreSQL itself takes over the file of a dead process, after a look whether a child of it still
holds the memory; so only a file that names a living stranger, or nobody, is removed here.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

END_SECONDS = 10


def pid_in_file(folder: Path) -> int | None:
    """The number in the cluster's pid file; None without a file or with another content."""
    try:
        return int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def is_running(folder: Path) -> bool:
    """Whether the pid file names a living server of this very folder."""
    pid = pid_in_file(folder)
    return pid is not None and _serves(pid, folder)


def clear_stale_pid(folder: Path) -> None:
    """Make way for a start: end a server of ours that answers nobody, drop a stranger's number."""
    pid = pid_in_file(folder)
    if pid is not None and not _lives(pid):
        return
    if pid is not None and _serves(pid, folder):
        _end(pid, folder, signal.SIGQUIT)
    else:
        (folder / "postmaster.pid").unlink(missing_ok=True)


def _end(pid: int, folder: Path, how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, how)
    until = time.monotonic() + END_SECONDS
    while _serves(pid, folder) and time.monotonic() < until:
        time.sleep(0.05)
    if _serves(pid, folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _serves(pid: int, folder: Path) -> bool:
    """Whether this process is a PostgreSQL whose command line names the folder."""
    words = _command_line(pid)
    return bool(words) and "postgres" in words[0] and str(folder) in words


def _command_line(pid: int) -> list[str]:
    if sys.platform.startswith("linux"):
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return []
        return [os.fsdecode(word) for word in raw.split(b"\0") if word]
    run = subprocess.run(
        ["ps", "-ww", "-o", "stat=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _space, line = run.stdout.strip().partition(" ")
    if not line or state.startswith("Z"):
        return []
    program, _flag, folder = line.strip().partition(" -D ")
    return [program, folder.split(" -p ")[0].strip()]
