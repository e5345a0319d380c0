"""W6: the clinic's calendar, twenty practitioners and a week: data, page, live question.

On the benchmarks' ground institution 1 has twenty calendars, all with booking rows.
"""

import re
import statistics
import time
from datetime import timedelta
from typing import Any

from benchmarks.ground import monday
from benchmarks.measuring import Figure, figure


def measure() -> list[Figure]:
    """The data from one statement, the page's processor time, one live question (204)."""
    from django.conf import settings
    from django.db import transaction
    from django.test import Client
    from django.utils import timezone

    from samtime.accounts.models import User
    from samtime.bookings.queries.grid import days_grid
    from samtime.foundation.tenancy import set_viewer
    from samtime.organizations.queries import actor_for_member

    settings.ALLOWED_HOSTS = ["*"]
    desk = User.objects.get(id=65)
    actor = actor_for_member(user=desk, slug="org-1", language="en", request_id="bench")
    days = [monday() + timedelta(days=n) for n in range(7)]
    with transaction.atomic():
        set_viewer(actor.organization_id)
        grid = days_grid(actor, days=days, now=timezone.now())
        booked = sum(len(c.blocks) for c in grid.columns)
        data = figure(
            f"W6  a week of {len(grid.columns) // 7} practitioners, {booked} blocks: JSON",
            lambda: _json(actor, days),
            "5 ms",
            lambda ms, _ratio: ms <= 5,
        )
    client = Client()
    client.force_login(desk)
    path = f"/o/org-1/calendar/{monday()}/week/"
    page = client.get(path).content.decode()
    return [data, _page(client, path, len(page)), _live(client, page)]


def _json(actor: Any, days: list[Any]) -> None:
    """The page's data as the database gives it, read but not laid out."""
    from django.utils import timezone

    from samtime.bookings.queries.grid import grid_json
    from samtime.bookings.queries.grid_calendars import grid_calendars

    ids = [calendar.id for calendar in grid_calendars(actor)]
    grid_json(actor, ids, days, "Europe/Bucharest", now=timezone.now())


def _page(client: Any, path: str, size: int) -> Figure:
    taken = []
    for _n in range(15):
        began = time.process_time()
        answer = client.get(path)
        taken.append((time.process_time() - began) * 1000)
    spent = min(taken)
    return {
        "name": f"P1  calendar, a week, {size // 1000} kB, processor time"
        f" (median {statistics.median(taken):.1f})",
        "figure_ms": spent,
        "floor_ms": 0.0,
        "ratio": 0.0,
        "target": "30 ms",
        "ok": spent <= 30 and answer.status_code == 200,
    }


def _live(client: Any, page: str) -> Figure:
    marks = {n: re.search(f'data-{n}="([^"]+)"', page)[1] for n in ("token", "version")}  # type: ignore[index]
    path = re.search(r'data-live="([^"]+)"', page)[1]  # type: ignore[index]

    def ask() -> None:
        answer = client.get(path, marks)
        if answer.status_code != 204:
            raise AssertionError(f"answered {answer.status_code}, not 204")

    return figure(
        "P1  calendar, live question, nothing changed", ask, "3 ms", lambda ms, _r: ms <= 3
    )
