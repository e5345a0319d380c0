"""P1: what one page costs: processor time and queries, signed in, templates and all."""

import time
from typing import Any

from benchmarks.ground import monday
from benchmarks.measuring import Figure, best_third_ms


def measure() -> list[Figure]:
    """The clinic's calendar of a day with 20 practitioners; the agent's search."""
    from samtime.accounts.models import User

    desk, agent = User.objects.get(id=65), User.objects.get(id=1)
    partner = "org-2001"
    return [
        _page("P1  calendar, 20 practitioners", desk, f"/o/org-1/calendar/{monday()}/day/", 15.0),
        _page("P1  agent's search over all", agent, f"/o/{partner}/partner/book/", 15.0),
    ]


def _page(name: str, user: Any, address: str, limit: float) -> Figure:
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(user)
    answer = client.get(address, follow=True)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address, follow=True)
    queries = len(seen)
    figure = best_third_ms(lambda: client.get(address, follow=True), 15, 1, time.process_time)
    return {
        "name": f"{name}: {queries} queries, {len(answer.content) // 1000} kB,"
        f" status {answer.status_code}, processor time",
        "figure_ms": figure,
        "floor_ms": 0.0,
        "ratio": 0.0,
        "target": f"{limit:.0f} ms",
        "ok": figure <= limit and answer.status_code == 200,
    }
