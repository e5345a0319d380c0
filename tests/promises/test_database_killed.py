"""P2, P3, P25: the database killed with SIGKILL while many book: what was answered stands.

A server of its own, since the one of the tests serves others. Clients ask over the JSON API with
an idempotency key for each wish, and ask again with the same key until they are answered.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from contextlib import suppress

import psycopg
import pytest
from django.db import connection, connections, transaction

from samtime.bookings.models import Booking
from samtime.calendars.models import Allocation
from samtime.foundation.postgres import start, stop
from samtime.foundation.postgres.launcher import ADMIN, DATABASE
from samtime.foundation.postgres.postmaster import pid_in_file
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import IdempotencyKey, JournalEntry
from tests.api.conftest import Caller
from tests.database import MIGRATE, ROOT, point_to
from tests.promises.test_races import masks_equal_truth, overlaps
from tests.town import at, build, member

pytestmark = [pytest.mark.race, pytest.mark.prove]
CLIENTS, ROUNDS, SECONDS = 6, 4, 5


@pytest.fixture
def own_server(tmp_path, cluster, django_db_setup, django_db_blocker):
    """A server with the migrated schema, and Django pointed at it as the application role."""
    data = tmp_path / "data"
    own = start(data)
    environment = {
        **os.environ,
        "DATABASE_URL": own.owner_url,
        "DJANGO_SETTINGS_MODULE": "samtime.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }
    subprocess.run([sys.executable, "-c", MIGRATE], check=True, env=environment)
    with django_db_blocker.unblock():
        before = connections["default"].settings_dict["NAME"]
        point_to(own, DATABASE)
        try:
            yield data, own
        finally:
            point_to(cluster, before)
            stop(data)


class Client:
    """Books until told to stop; each wish is asked with one key until it is answered."""

    def __init__(self, caller, town, seed):
        self.caller, self.chance = caller, random.Random(seed)
        self.offerings = [str(town.mri_ana.public_id), str(town.dan_nord.offers["mri"].public_id)]
        self.said, self.confirmed, self.waiting = Counter(), {}, None

    def step(self):
        """One wish, or the one before that has no answer yet."""
        key, body = self.waiting or (uuid.uuid4().hex, self._wish())
        self.waiting = key, body
        try:
            answer = self.caller.post("bookings", body, key=key)
        except Exception as fault:  # the handler itself lost its connection: no answer at all
            self.said[type(fault).__name__] += 1
            self._lost()
            return
        self.said[answer.status] += 1
        if answer.status == 503:
            self._lost()
            return
        assert answer.status in (201, 409), answer.body
        if answer.status == 201:
            self.confirmed[key] = answer.raw.content
        self.waiting = None

    def _lost(self):
        with suppress(Exception):
            connections.close_all()
        time.sleep(0.1)

    def _wish(self):
        start_at = at(self.chance.randrange(5), 8 + self.chance.randrange(8))
        minutes = 5 * self.chance.randrange(12)
        return {
            "offering": self.chance.choice(self.offerings),
            "start": start_at.replace(minute=minutes).isoformat(),
            "patient": {
                "given_name": "Testine",
                "family_name": "Prøvesen",
                "birth_date": "1980-02-03",
                "phone": f"+47 555 {self.chance.randrange(10**5):05d}",
            },
        }


def kill(data, own, number):
    """The whole server, and between times one of its processes (which ends all sessions too)."""
    if number % 2 == 0:
        os.kill(pid_in_file(data / "postgres"), signal.SIGKILL)
        return
    with psycopg.connect(own.url(ADMIN, DATABASE)) as admin:
        row = admin.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'samtime_app' AND pid <> 0 LIMIT 1"
        ).fetchone()
    os.kill(row[0], signal.SIGKILL)


def alive_again(data):
    """Seconds until the server answers."""
    began = time.monotonic()
    while True:
        own = start(data)
        with suppress(psycopg.OperationalError), psycopg.connect(own.app_url) as asked:
            asked.execute("SELECT 1")
            return own, time.monotonic() - began


def test_what_was_answered_stands_after_each_kill(own_server, record_property, clock):
    """P2: 0 lost, 0 half; P3: the same key gives the first answer; P25: back within 15 s."""
    data, own = own_server
    with transaction.atomic():
        town = build()
        desks = [member(town.aurora, f"desk{n}@aurora.example", "receptionist") for n in range(6)]
    clients = [Client(Caller(desk), town, n) for n, desk in enumerate(desks)]
    stopped, faults, gaps = threading.Event(), [], []

    def run(client):
        try:
            while not stopped.is_set():
                client.step()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for number in range(ROUNDS):
        time.sleep(SECONDS)
        kill(data, own, number)
        own, gap = alive_again(data)
        gaps.append(gap)
        connections["default"].close()
        point_to(own, DATABASE)
    time.sleep(SECONDS)
    stopped.set()
    for thread in threads:
        thread.join(30)
    assert faults == []
    for client in clients:
        for _n in range(3):
            if client.waiting:
                client.step()
        assert client.waiting is None

    confirmed = {key: raw for client in clients for key, raw in client.confirmed.items()}
    with transaction.atomic():
        set_viewer(town.aurora.id)
        ids = {str(i) for i in Booking.objects.values_list("public_id", flat=True)}
        assert {json.loads(raw)["id"] for raw in confirmed.values()} == ids
        counts = {
            "keys": IdempotencyKey.objects.filter(status=201).count(),
            "journal": JournalEntry.objects.filter(kind="booking.booked").count(),
            "allocations": Allocation.objects.filter(kind="booking", live=True).count(),
        }
    assert set(counts.values()) == {len(ids)}
    assert overlaps() == 0
    assert masks_equal_truth(town)
    some = random.Random(1).sample(sorted(confirmed), min(50, len(confirmed)))
    for client in clients:
        for key in set(some) & set(client.confirmed):
            answer = client.caller.client.get(
                f"/api/v1/bookings/{json.loads(confirmed[key])['id']}"
            )
            assert answer.status_code == 200
    assert len(ids) > 20
    assert max(gaps) < 15
    connection.close()
    said = sum((client.said for client in clients), Counter())
    record_property("figure", f"{len(ids)} confirmed, 0 lost, 0 half; answers {dict(said)}")
    record_property("figure", f"{ROUNDS} kills, back after {[round(g, 1) for g in gaps]} s")
