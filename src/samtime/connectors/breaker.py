"""A place that fails again and again is left alone for a while (P33). Per process."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

FAILURES = 5
REST_SECONDS = 60.0


@dataclass(slots=True)
class _Line:
    failures: int = 0
    open_since: float | None = None
    trying: bool = False


class Breaker:
    """Closed, open after 5 failures in a row, half open after 60 s: then one call may try.

    `clock` gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()

    def may_call(self, place: str) -> bool:
        """Whether a call may go there now; a half-open line lets exactly one through."""
        with self._lock:
            line = self._lines.get(place)
            if line is None or line.open_since is None:
                return True
            if line.trying or self._clock() - line.open_since < REST_SECONDS:
                return False
            line.trying = True
            return True

    def note(self, place: str, *, worked: bool) -> None:
        """What came of a call."""
        with self._lock:
            if worked:
                self._lines.pop(place, None)
                return
            line = self._lines.setdefault(place, _Line())
            line.failures += 1
            line.trying = False
            if line.failures >= FAILURES:
                line.open_since = self._clock()

    def forget(self) -> None:
        """All lines are closed again."""
        with self._lock:
            self._lines.clear()
