"""P1: server time of the agent's search page, its live question, and the calendars side by side.

`measure()` asks the configured database: the benchmarks' ground, else the demo town. Nothing is
changed but the agent's session. Figures are wall and CPU milliseconds a request through Django
without HTTP, medians; the floor is `select 1` of the same run.
"""

import os
import re
import statistics
import time
from dataclasses import dataclass

from benchmarks.insertion import monday

TIMES = 60
AGENTS = ("user1@bench.example", "agent@hello.example")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what, figure and floor in milliseconds, target."""

    name: str
    wall_ms: float
    cpu_ms: float
    floor_ms: float
    target: str

    @property
    def ratio(self) -> float:
        """Wall time over the floor of the same run."""
        return self.wall_ms / self.floor_ms if self.floor_ms else 0.0


def measure() -> list[Figure]:
    """The search while typing, the whole page, one live question (204), and Show calendars."""
    from django.conf import settings
    from django.test import Client

    from samtime.accounts.models import User
    from samtime.organizations.queries import memberships_of

    settings.ALLOWED_HOSTS = ["*"]

    client = Client()
    user = User.objects.filter(email__in=AGENTS).order_by("-email").first()
    if user is None:
        raise LookupError("neither the benchmarks' ground nor the demo town is in this database")
    client.force_login(user)
    home = f"/o/{memberships_of(user)[0].organization.slug}/partner/book/"
    typed = _first_letters(client.get(home).content.decode())
    page = client.get(f"{home}find/", {"q": typed}).content.decode()
    marks = {
        "live": re.search(r'data-token="([^"]+)"', page)[1],
        "version": re.search(r'data-version="([^"]+)"', page)[1],
        "q": typed,
    }
    floor, day = _floor(), {"show": "1", "day": monday().isoformat()}
    runs = (
        ("agent search while typing", f"{home}find/", {"q": typed}, 200, "CPU <= 15 ms"),
        ("agent page", home, {}, 200, "CPU <= 15 ms"),
        ("live question, nothing changed", f"{home}live/", marks, 204, "<= 3 ms"),
        ("Show calendars, forty of all", f"{home}calendars/", day, 200, "CPU, no target"),
    )
    return [
        Figure(name, *_timed(client, path, query, status), floor, target)
        for name, path, query, status, target in runs
    ]


def _first_letters(page: str) -> str:
    """Three letters of a service that has a free time now."""
    found = re.search(r'st-pick-who"><strong>[^<]*</strong><small>([^·<]+) ·', page)
    if found is None:
        raise LookupError("nothing is free for this agent")
    return found[1][:3]


def _timed(client, path, query, status) -> tuple[float, float]:
    walls, cpus = [], []
    for _n in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = client.get(path, query)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        if answer.status_code != status:
            raise AssertionError(f"{path} answered {answer.status_code}, not {status}")
    return statistics.median(walls) * 1000, statistics.median(cpus) * 1000


def _floor() -> float:
    from django.db import connection

    times = []
    for _n in range(TIMES):
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            cursor.fetchone()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def main() -> None:
    """Print the table."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samtime.settings")
    django.setup()
    for figure in measure():
        print(
            f"{figure.name:32} {figure.wall_ms:7.2f} ms wall {figure.cpu_ms:7.2f} ms CPU"
            f"  {figure.ratio:6.1f} x select 1   target {figure.target}"
        )


if __name__ == "__main__":
    main()
