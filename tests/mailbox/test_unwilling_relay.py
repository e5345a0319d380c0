"""Mail through a real SMTP server that misbehaves: nothing is lost, nothing is sent twice (P5)."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from procrastinate.contrib.django import app

from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.jobs.schedule import STALLED_SECONDS, sweep_jobs
from samtime.jobs.tasks import WAITS, Deferred, deliver_mail, react
from samtime.journal.models import JournalEntry
from samtime.mailbox.models import OutgoingMail
from tests.timing import own_port, quickest
from tests.town import at, book, person

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "testina@patient.example"


class Moody:
    """Answers what it is told to; counts and keeps what it took."""

    def __init__(self, rcpt="250 OK", data="250 OK", wait=0.0):
        self.rcpt, self.data, self.wait, self.ids = rcpt, data, wait, []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):
        import asyncio

        await asyncio.sleep(self.wait)
        if self.data.startswith("250"):
            text = envelope.content.decode(errors="replace")
            self.ids.append(
                next(x for x in text.splitlines() if x.lower().startswith("message-id"))
            )
        return self.data


@pytest.fixture
def relay(settings):
    """Starts a server with a mood; the product speaks to it."""
    running = []

    def start(**mood):
        place, handler = own_port(), Moody(**mood)
        port = place.getsockname()[1]
        controller = Controller(handler, hostname="127.0.0.1", port=port, ready_timeout=60)
        controller.start()
        running.append((controller, place))
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        return handler

    yield start
    for controller, place in running:
        controller.stop()
        place.close()


@pytest.fixture
def mail(town):
    """A letter to a patient, waiting in the box."""
    book(town.desk, town.mri_ana, at(0, 9), person(email=ADDRESS))
    set_viewer(town.aurora.id)
    entry = JournalEntry.objects.filter(kind="booking.booked").latest("id")
    react(entry_id=entry.id, organization_id=entry.organization_id)
    set_viewer(town.aurora.id)
    return OutgoingMail.objects.get()


def tried(mail):
    """One try of the worker; the mail's state after it."""
    with contextlib.suppress(Deferred):
        deliver_mail(mail_id=mail.id, organization_id=mail.organization_id)
    set_viewer(mail.organization_id)
    mail.refresh_from_db()
    return mail.state


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mood", "state"),
    [
        ({"rcpt": "451 4.7.1 Greylisted, come back"}, "deferred"),
        ({"rcpt": "550 5.1.1 Nobody here"}, "bounced"),
        ({"data": "452 4.3.1 Disk full"}, "deferred"),
        ({"data": "554 5.7.1 Refused as spam"}, "bounced"),
        ({"rcpt": "421 4.3.2 Shutting down"}, "deferred"),
    ],
)
def test_later_and_never_are_told_apart(mail, relay, mood, state):
    """P30: 4xx comes again, 5xx is final; the relay's own words are kept."""
    handler = relay(**mood)
    assert tried(mail) == state
    assert next(iter(mood.values()))[:3] in mail.detail
    assert handler.ids == []


@pytest.mark.django_db
def test_a_relay_that_hangs_costs_its_limit_and_no_more(mail, relay, settings):
    """HOUSE 9.1: no transaction is open meanwhile; the try ends by itself."""
    settings.EMAIL_TIMEOUT = 0.3
    relay(wait=3)

    def tries():
        assert tried(mail) == "deferred"

    assert quickest(tries, 2, tries=3) < 2
    assert "cannot be reached" in mail.detail


@pytest.mark.django_db
def test_a_relay_that_drops_the_line(mail, settings):
    """Cut in the middle of the greeting, and gone altogether: both come again."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listener.getsockname()[1]
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        assert tried(mail) == "deferred"
    assert tried(mail) == "deferred"


@pytest.mark.django_db
def test_after_the_trouble_it_arrives_once_with_the_same_id(mail, relay):
    """P5: the id is the row's, whatever the try; a mail that went out never goes out again."""
    relay(rcpt="451 4.7.1 Later")
    assert tried(mail) == "deferred"
    handler = relay()
    assert [tried(mail), tried(mail), tried(mail)] == ["sent"] * 3
    assert len(handler.ids) == 1
    assert str(mail.public_id) in handler.ids[0]


@pytest.mark.django_db
def test_when_it_was_tried_often_enough_somebody_is_told(mail, relay):
    """P30: after the last try the mail has failed, and stands in the inbox."""
    relay(rcpt="451 4.7.1 Later")
    states = [tried(mail) for _try in WAITS]
    assert set(states[:-1]) == {"deferred"}
    assert states[-1] == "failed"
    entry = JournalEntry.objects.filter(kind="mail.failed").get()
    react(entry_id=entry.id, organization_id=entry.organization_id)
    set_viewer(mail.organization_id)
    assert InboxItem.objects.get().kind == "letter_failed"


@pytest.mark.race
def test_a_worker_killed_in_the_middle_loses_nothing(lasting_town, own_database, relay):
    """P5: SIGKILL while the relay is slow; the sweep puts the job back, the next worker sends."""
    slow = relay(wait=30)
    with transaction.atomic():
        book(lasting_town.desk, lasting_town.mri_ana, at(0, 9), person(email=ADDRESS))
    worker = working(own_database)
    until(lambda: jobs("doing", "samtime.deliver_mail") == 1)
    worker.kill()
    worker.wait()
    assert slow.ids == []
    assert jobs("doing", "samtime.deliver_mail") == 1
    handler = relay()
    grow_old(lasting_town)
    async_to_sync(sweep)()
    assert jobs("todo", "samtime.deliver_mail") == 1
    worker = working(own_database)
    try:
        until(lambda: handler.ids)
        until(lambda: jobs("doing", "samtime.deliver_mail") == 0)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    assert len(handler.ids) == 1
    with transaction.atomic():
        set_viewer(lasting_town.aurora.id)
        assert OutgoingMail.objects.get().state == "sent"


def working(url):
    """A worker process on this database, speaking to the relay of now."""
    from django.conf import settings

    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "PYTHONPATH": str(ROOT / "src"),
        "SAMTIME_SMTP_HOST": settings.EMAIL_HOST,
        "SAMTIME_SMTP_PORT": str(settings.EMAIL_PORT),
    }
    return subprocess.Popen([sys.executable, "-m", "samtime", "worker"], env=environment)


def until(true):
    """Wait until it is so; a worker has to start first."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def jobs(status, task):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = %s AND task_name = %s",
            [status, task],
        )
        return cursor.fetchone()[0]


def grow_old(town):
    """As if the killed worker's last sign of life lay two minutes back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => %s)",
            [STALLED_SECONDS * 2],
        )


async def sweep():
    connector = app.connector.get_worker_connector()
    with app.replace_connector(connector):
        async with app.open_async():
            await sweep_jobs(0)
