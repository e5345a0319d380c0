"""Several processes on one embedded server: the last to leave stops it.

Each holds a shared lock on a file beside the data while it lives. A killed process loses its lock
by itself, so the server of a killed demo ends with whoever comes next.
"""

import fcntl
import os
from pathlib import Path

from samtime.foundation.postgres.launcher import Cluster, start, stop


class Visit:
    """One process's use of the server of a data folder; `leave` may be called twice."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data, self._lock = data, os.open(data / "postgres.users", os.O_RDWR | os.O_CREAT)
        # Waits while the last one before us is stopping the server.
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        self.cluster: Cluster = start(data)

    def leave(self) -> None:
        """Stop the server unless somebody else is on it."""
        if self._lock < 0:
            return
        lock, self._lock = self._lock, -1
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            stop(self.data)
        finally:
            os.close(lock)

    def hand_on(self) -> None:
        """The program that takes this process's place keeps the lock."""
        os.set_inheritable(self._lock, True)
