"""Retrying is safe (P3): one key, one execution, byte for byte one answer."""

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.utils import timezone

from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer
from tests.api.conftest import Caller
from tests.promises.test_refused_moments import PATIENT
from tests.town import NOW, at

pytestmark = pytest.mark.race


def test_the_same_key_twice_at_once_is_one_booking(lasting_town, monkeypatch):
    """P3: two identical calls at the same moment: one executes, the other repeats or waits."""
    town = lasting_town
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    agent, key = Caller(town.agent), uuid.uuid4().hex
    start = at(0, 9).isoformat()
    body = {"offering": str(town.mri_ana.public_id), "start": start, "patient": PATIENT}
    answers, gate = [], threading.Barrier(6)

    def call():
        gate.wait(300)
        answers.append(agent.post("bookings", body, key=key))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    statuses = sorted(a.status for a in answers)
    assert set(statuses) <= {201, 409}
    assert {a.body["code"] for a in answers if a.status == 409} <= {"request_in_progress"}
    done = {a.raw.content for a in answers if a.status == 201}
    assert len(done) == 1
    assert agent.post("bookings", body, key=key).raw.content == done.pop()
    with transaction.atomic():
        set_viewer(town.aurora.id)
        assert Booking.objects.count() == 1
