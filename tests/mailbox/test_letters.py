"""Letters to patients over a real SMTP server, and what becomes of them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from icalendar import Calendar

from samtime.bookings.commands.changes import NewPlace, cancel_booking, move_booking
from samtime.commandline.mail_sink import mail_sink
from samtime.foundation.money import Money
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import title_of
from samtime.jobs.tasks import Deferred, deliver_mail, react
from samtime.journal.models import JournalEntry
from samtime.mailbox.calendar_file import Appointment, calendar_file
from samtime.mailbox.commands import Letter, note_state, queue_mail
from samtime.mailbox.models import OutgoingMail
from samtime.mailbox.rules import bounce_address, bounced_mail, money_written, one_line
from tests.town import NOW, at, book, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def relay(tmp_path, settings, monkeypatch):
    """A real SMTP server; kept mails lie in tmp_path/mail."""
    monkeypatch.delenv("SAMTIME_SMTP_PORT", raising=False)
    with mail_sink(tmp_path):
        import os

        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = int(os.environ["SAMTIME_SMTP_PORT"])
        settings.DATA = tmp_path
        yield tmp_path
    monkeypatch.delenv("SAMTIME_SMTP_PORT", raising=False)


def react_to(kind):
    """What the worker does with the newest journal row of a kind, twice."""
    set_viewer(0)
    from samtime.organizations.models import Organization

    for organization in Organization.objects.all():
        set_viewer(organization.id)
        entry = JournalEntry.objects.filter(kind=kind, organization_id=organization.id).last()
        if entry:
            for _twice in range(2):
                react(entry_id=entry.id, organization_id=entry.organization_id)
            set_viewer(organization.id)
            return
    raise AssertionError(kind)


def deliver():
    mail = OutgoingMail.objects.latest("id")
    organization = mail.organization_id
    deliver_mail(mail_id=mail.id, organization_id=organization)
    set_viewer(organization)
    mail.refresh_from_db()
    return mail


def kept(folder):
    from samtime.web.demo.mail import kept_mails

    return kept_mails()


def test_the_patient_gets_a_confirmation_with_a_calendar_file(town, relay):
    """B5: in the patient's language, through a real relay, once though the reaction ran twice."""
    who = person(email="test@patient.example", language="ro")
    booking = book(town.agent, town.mri_ana, at(0, 9), who)
    react_to("booking.booked")
    assert OutgoingMail.objects.count() == 1
    mail = deliver()
    assert mail.state == "sent"
    (got,) = kept(relay)
    assert got["to"] == "test@patient.example"
    assert got["subject"].startswith("Programarea dumneavoastră din luni, 1 iunie 2026, ora 09:00")
    assert f"{booking.reference[:4]}-{booking.reference[4:]}" in got["text"]
    event = Calendar.from_ical(got["attachments"][0]["content"]).walk("VEVENT")[0]
    assert event.decoded("dtstart") == at(0, 9)
    assert "MRI" not in str(event["summary"]).upper().split()


def test_move_and_cancel_keep_the_uid_and_count_up(town, relay):
    """STANDARDS 3: one UID, SEQUENCE + 1 at each change, CANCEL at the end."""
    who = person(email="test@patient.example")
    booking = book(town.desk, town.mri_ana, at(3, 9), who)
    react_to("booking.booked")
    deliver()
    set_viewer(town.aurora.id)
    move_booking(actor=town.desk, booking=booking.public_id, to=NewPlace(at(3, 11)), now=NOW)
    react_to("booking.moved")
    deliver()
    cancel_booking(actor=town.desk, booking=booking.public_id, reason="", now=NOW)
    react_to("booking.cancelled")
    deliver()
    files = [Calendar.from_ical(m["attachments"][0]["content"]) for m in reversed(kept(relay))]
    events = [f.walk("VEVENT")[0] for f in files]
    assert len({str(e["uid"]) for e in events}) == 1
    assert [int(e["sequence"]) for e in events] == [0, 1, 2]
    assert [str(f["method"]) for f in files] == ["REQUEST", "REQUEST", "CANCEL"]


def test_no_address_or_no_wish_means_no_mail(town):
    book(town.desk, town.mri_ana, at(0, 9), person())
    react_to("booking.booked")
    book(town.desk, town.mri_ana, at(0, 10), person(email="a@b.example"), notify=False)
    react_to("booking.booked")
    assert not OutgoingMail.objects.exists()


def test_a_bounced_mail_stands_in_the_inbox(town, relay):
    """P30: nothing is silent."""
    book(town.desk, town.mri_ana, at(0, 9), person(email="bounce@patient.example"))
    react_to("booking.booked")
    assert deliver().state == "bounced"
    react_to("mail.bounced")
    item = InboxItem.objects.get()
    assert item.kind == "letter_failed"
    assert "did not arrive. Call the client." in title_of(item)
    assert item.link == f"bookings/{item.object_id}/"


def test_a_notice_to_a_partner_that_came_back_says_to_whom_and_where_to_mend_it(town):
    """P30: the address, a day to call within, and the sheet where it is corrected."""
    set_viewer(town.aurora.id)
    about = uuid4()
    letter = Letter("x", "en", "sef@hello.example", "Notice", "Text", "partnership", about)
    mail = queue_mail(actor=town.admin, letter=letter)
    note_state(mail_id=mail.id, state="bounced", detail="550", now=NOW, actor=town.admin)
    react_to("mail.bounced")
    item = InboxItem.objects.get(kind="mail_failed")
    assert title_of(item) == "A mail to sef@hello.example could not be delivered."
    assert item.link == f"partners/?open={about}"
    assert item.due_at is not None


def test_a_relay_that_is_away_is_tried_again(town, settings):
    """P5: deferred, not lost."""
    settings.EMAIL_PORT = 1
    book(town.desk, town.mri_ana, at(0, 9), person(email="test@patient.example"))
    react_to("booking.booked")
    mail = OutgoingMail.objects.get()
    with pytest.raises(Deferred), transaction.atomic():
        deliver_mail(mail_id=mail.id, organization_id=mail.organization_id)


def test_headers_cannot_be_injected():
    assert one_line("Hi\r\nBcc: all@x.example") == "Hi Bcc: all@x.example"


def test_a_bounce_address_tells_its_mail():
    """D28: VERP."""
    ident = UUID("0" * 31 + "a")
    named = bounced_mail(bounce_address(ident, 7, "b.example"))
    assert (named.mail_id, named.organization_id) == (ident, 7)
    assert bounced_mail("somebody@b.example") is None


@pytest.mark.parametrize("month", [1, 3, 7, 10])
def test_calendar_times_are_utc(month):
    """STANDARDS 3: only UTC is read rightly by every reader."""
    start = datetime(2026, month, 28, 9, tzinfo=UTC)
    said = calendar_file(
        Appointment("u", 0, start, start, "S", "L", "D", "a@b.example", "N", "c@d.example", start)
    )
    assert f"DTSTART:2026{month:02d}28T090000Z" in said.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("minor", "currency", "language", "written"),
    [
        (1_500_000, "HUF", "hu", "15\xa0000\xa0Ft"),
        (1_500_000, "HUF", "en", "HUF\xa015,000"),
        (45_050, "RON", "ro", "450,50\xa0lei"),
        (-45_000, "NOK", "nb", "-450,00\xa0kr"),
    ],
)
def test_money_in_a_letter_is_written_as_its_country_does(minor, currency, language, written):
    """D12: no fillér; two places elsewhere."""
    assert money_written(Money(minor, currency), language) == written
