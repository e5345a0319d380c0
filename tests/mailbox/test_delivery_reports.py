"""Returned mails: which mail, what became of it; anything may come in (D28, P30)."""

import io
import uuid

import pytest
from django.utils import timezone

from samtime.commandline import bounce
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.models import InboxItem
from samtime.jobs.tasks import react
from samtime.journal.models import JournalEntry
from samtime.mailbox.delivery_reports import read_report
from samtime.mailbox.models import OutgoingMail
from samtime.mailbox.queries import undelivered_since
from samtime.mailbox.rules import bounce_address
from samtime.partners.models import Invitation
from tests.partners.conftest import invite

DSN = """From: MAILER-DAEMON@relay.example
To: {to}
Subject: Delivery report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Something about the mail.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; kari@nordvik.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} words of the server

--b
Content-Type: text/rfc822-headers

Message-ID: <{mail}@samtime.example>
--b--
"""
ACTIONS = [
    ("failed", "5.1.1", "bounced"),
    ("delayed", "4.4.1", "deferred"),
    ("delivered", "2.0.0", "delivered"),
]


@pytest.fixture
def sent(town):
    """An invitation whose mail left."""
    invite(town)
    with viewing_as(town.aurora.id):
        mail = OutgoingMail.objects.get()
        mail.state = "sent"
        mail.save()
    return mail


def report(mail, action, status, *, to=None):
    address = to or bounce_address(mail.public_id, mail.organization_id, "b.example")
    return DSN.format(to=address, action=action, status=status, mail=mail.public_id).encode()


def settle(town):
    """What the worker does with the newest report."""
    with viewing_as(town.aurora.id):
        entry = JournalEntry.objects.filter(object_kind="mail").last()
    react(entry_id=entry.id, organization_id=town.aurora.id)
    with viewing_as(town.aurora.id):
        return Invitation.objects.get()


@pytest.mark.parametrize(("action", "status", "state"), ACTIONS)
def test_a_report_stands_on_the_invitation(town, sent, action, status, state):
    """P30, D28: bounced, deferred, delivered."""
    assert bounce.take(report(sent, action, status), []) == 0
    found = settle(town)
    assert found.state == state
    with viewing_as(town.aurora.id):
        waits = InboxItem.objects.filter(kind="invitation_undelivered").first()
    assert bool(waits) == (state == "bounced")
    if waits:
        assert "5.1.1" in waits.facts["detail"]
    assert undelivered_since(timezone.now().date()) == (1 if state == "bounced" else 0)


def test_the_returned_head_names_the_mail_where_the_address_does_not(town, sent):
    """D28: servers that answer to another address."""
    bounce.take(report(sent, "failed", "5.1.1", to="postmaster@samtime.example"), [])
    assert settle(town).state == "bounced"


def test_a_servers_prose_counts_and_a_persons_answer_does_not(sent):
    """D28: no holiday reply is a bounce."""
    to = bounce_address(sent.public_id, sent.organization_id, "b.example")
    prose = f"From: Mailer-Daemon@old.example\nTo: {to}\n\n550 5.1.1 no such user"
    reply = f"From: Kari <kari@nordvik.example>\nTo: {to}\n\nBack on 5.1.1"
    assert read_report(prose.encode()).state == "bounced"
    assert read_report(reply.encode()).state == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe garbage \x80" * 50,
        b"From: =?broken?B?####?=\nTo: <b+zz@x>\nContent-Type: multipart/report\n\n",
        b'Content-Type: multipart/mixed; boundary="' + b"x" * 5000 + b'"\n\n--x',
        b"To: b+" + b"0" * 32 + b".99999@b.example\n\n5.1.1",
        b"A" * 3_000_000,
    ],
)
def test_garbage_changes_nothing(town, sent, raw):
    """D28: unknown address, broken heads, huge input."""
    assert bounce.take(raw, []) == 0
    with viewing_as(town.aurora.id):
        assert OutgoingMail.objects.get().state == "sent"


def test_an_unknown_mail_is_nobodys(town, sent):
    """D28."""
    unknown = DSN.format(
        to=bounce_address(uuid.uuid4(), sent.organization_id, "b.example"),
        action="failed",
        status="5.1.1",
        mail=uuid.uuid4(),
    )
    assert bounce.take(unknown.encode(), []) == 0
    with viewing_as(town.aurora.id):
        assert OutgoingMail.objects.get().state == "sent"


def test_the_pipe_is_read_to_its_end(monkeypatch, sent):
    """D28: a mail larger than is looked at does not break the mail server's pipe."""
    stream = io.BytesIO(report(sent, "failed", "5.1.1") + b"x" * 2_000_000)
    monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": stream})())
    monkeypatch.setattr(bounce, "use_database", lambda: None)
    monkeypatch.setattr(bounce, "set_up", lambda: None)
    assert bounce.run([]) == 0
    assert stream.read() == b""
