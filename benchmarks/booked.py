"""P1: what one booking costs as a request: the agent's last click, page and all."""

import time
from datetime import UTC, datetime
from typing import Any

from benchmarks.booking import agent, free_times
from benchmarks.ground import PROVIDERS
from benchmarks.measuring import Figure, best_third

AGENT, TIMES, WARM, LIMIT = 8, 24, 4, 20.0
PERSON = {
    "patient.given_name": "Testine",
    "patient.family_name": "Pasient",
    "patient.birth_date": "03.02.1980",
    "patient.phone": "+47 555 01 234",
}


def measure() -> list[Figure]:
    """Every request books a time that was held before; only the request is measured."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from samtime.accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.get(id=AGENT))
    times = free_times(0, 50)
    taken = []
    for _n in range(TIMES):
        path = _held(*times.pop())
        began = time.process_time()
        answer = client.post(path, PERSON)
        taken.append((time.process_time() - began) * 1000)
        if answer.status_code != 200 or b"st-done" not in answer.content:
            raise AssertionError(f"not booked: {answer.status_code}")
    path = _held(*times.pop())
    with CaptureQueriesContext(connection) as seen:
        client.post(path, PERSON)
    figure = best_third(taken[WARM:])
    return [
        {
            "name": f"P1  HTTP: book, {len(seen)} queries, processor time",
            "figure_ms": figure,
            "floor_ms": 0.0,
            "ratio": 0.0,
            "target": f"{LIMIT:.0f} ms",
            "ok": figure <= LIMIT,
        }
    ]


def _held(offering: Any, start: datetime) -> str:
    """The address at which this time, held now, can be booked."""
    from django.db import transaction

    from samtime.bookings.commands.holds import hold_slot
    from samtime.foundation.tenancy import set_viewer

    actor, now = agent(AGENT - 1), datetime.now(UTC)
    with transaction.atomic():
        set_viewer(actor.organization_id)
        hold = hold_slot(actor=actor, offering=offering, start=start, now=now)
    return f"/o/org-{PROVIDERS + 1}/partner/book/held/{hold.public_id}/confirm/"
