"""Two addresses for whoever keeps the service running, answered before sessions and sign-in.

`/health/live`: the process answers; no database is asked, so a database that is away never gets the
web process killed. `/health/ready`: this process may serve (role, row policies, migrations, clock).
The answer has one word per kind of fault; sentences with names of roles go to the log.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from samtime.foundation.readiness import Fault, faults

log = logging.getLogger("samtime.health")
LIVE, READY = "/health/live", "/health/ready"
# A judgement is good for this long: a flood of questions costs the database nothing.
FRESH_SECONDS = 2.0


class Judgement:
    """The last look at the database, shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock, self._at, self._kinds = threading.Lock(), 0.0, ["unknown"]

    def kinds(self) -> list[str]:
        """Words for what is wrong now, [] when all is well."""
        with self._lock:
            if time.monotonic() - self._at > FRESH_SECONDS or not self._at:
                self._kinds, self._at = _look(), time.monotonic()
            return self._kinds

    def forget(self) -> None:
        """Look anew at the next question."""
        self._at = 0.0


def _look() -> list[str]:
    try:
        found = faults()
    except Error as away:
        found = [Fault("database", f"The database is away: {type(away).__name__}")]
    finally:
        if not connection.in_atomic_block:
            connection.close()
    for fault in found:
        log.warning("not ready: %s", fault.sentence)
    return sorted({fault.kind for fault in found})


JUDGEMENT = Judgement()


class Health:
    """Middleware: the two addresses, whatever the host name (a balancer asks by number)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == LIVE:
            return JsonResponse({"live": True})
        if request.path == READY:
            kinds = JUDGEMENT.kinds()
            body = {"ready": not kinds, "faults": kinds}
            return JsonResponse(body, status=503 if kinds else 200)
        return self.get_response(request)
