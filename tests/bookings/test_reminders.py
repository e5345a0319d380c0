"""Reminders: once for each start, in waking hours, over both clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from samtime.accounts.actor import system_actor
from samtime.bookings.commands.changes import NewPlace, cancel_booking, move_booking
from samtime.bookings.commands.reminders import due_reminders, remind_patient
from samtime.bookings.models import Booking
from samtime.bookings.rules import is_quiet, reminder_moment
from samtime.foundation.tenancy import set_viewer
from samtime.jobs.schedule import remind_patients
from samtime.mailbox.models import OutgoingMail
from tests.town import NOW, at, book, person

ZONES = ("Europe/Oslo", "Europe/Bucharest", "Europe/Budapest")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2026, 2031])
def test_every_visit_of_a_year_is_called_to_mind_by_day(zone, year):
    """P22: for Oslo, Bucharest, Budapest never at night, always before the visit, over both clock
    changes; by day exactly the elapsed hours before."""
    start = datetime(year, 1, 2, tzinfo=UTC)
    while start.year == year:
        for hours in (2, 24, 48):
            moment = reminder_moment(start, hours, zone)
            assert moment < start
            assert not is_quiet(moment, zone)
            due = start - timedelta(hours=hours)
            if not is_quiet(due, zone):
                assert moment == due
            else:
                assert abs(moment - due) <= timedelta(hours=12)
        start += timedelta(hours=7, minutes=35)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_edge_is_local_on_the_day_the_clock_changes(zone, day):
    """P22: what falls into the night of the change leaves at eight by the wall."""
    start = datetime.combine(day, time(10), ZoneInfo(zone)).astimezone(UTC)
    moment = reminder_moment(start, 6, zone).astimezone(ZoneInfo(zone))
    assert (moment.date(), moment.time()) == (day, time(8))
    early = datetime.combine(day, time(8, 30), ZoneInfo(zone)).astimezone(UTC)
    moment = reminder_moment(early, 2, zone).astimezone(ZoneInfo(zone))
    assert (moment.date(), moment.time()) == (day - timedelta(days=1), time(20, 50))


@pytest.fixture
def visit(town):
    """Thursday at eleven; the reminder is due on Wednesday at eleven."""
    made = book(town.desk, town.mri_ana, at(3, 11), person(email="t@p.example", language="hu"))
    Booking.objects.update(created_at=NOW)
    return made


def remind(town, now):
    set_viewer(town.aurora.id)
    actor = system_actor(town.aurora.id)
    return [
        remind_patient(actor=actor, booking=b, now=now) for b in due_reminders(actor=actor, now=now)
    ]


def letters():
    return list(OutgoingMail.objects.filter(template="booking_reminder"))


@pytest.mark.django_db
def test_one_reminder_for_one_start(town, visit, monkeypatch):
    """P22: once, though the job runs on and another worker tries too; in the patient's language."""
    monkeypatch.setattr(timezone, "now", lambda: at(2, 11))
    assert remind(town, at(2, 10, 55)) == []
    assert remind(town, at(2, 11)) == [True]
    assert remind(town, at(2, 11, 5)) == []
    actor = system_actor(town.aurora.id)
    assert not remind_patient(actor=actor, booking=visit.public_id, now=at(2, 11, 5))
    (mail,) = letters()
    assert (mail.language, mail.recipient) == ("hu", "t@p.example")
    assert "/b/" in mail.text
    assert mail.attachments[0]["content_type"].endswith("method=REQUEST")


@pytest.mark.django_db
def test_a_moved_visit_is_called_to_mind_anew(town, visit, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at(2, 11))
    remind(town, at(2, 11))
    to = NewPlace(at(8, 11))
    move_booking(actor=town.desk, booking=visit.public_id, to=to, now=at(2, 12))
    assert remind(town, at(3, 11)) == []
    assert remind(town, at(7, 11)) == [True]
    assert len(letters()) == 2


@pytest.mark.django_db
def test_no_reminder_at_night_for_the_cancelled_or_the_just_told(town, visit, monkeypatch):
    """Quiet hours also after an outage; who booked within the hours was told just now."""
    monkeypatch.setattr(timezone, "now", lambda: at(2, 11))
    assert remind(town, at(2, 21)) == []
    assert remind(town, at(3, 7, 59)) == []
    Booking.objects.update(created_at=at(2, 12))
    assert remind(town, at(3, 9)) == []
    Booking.objects.update(created_at=NOW)
    cancel_booking(actor=town.desk, booking=visit.public_id, reason="", now=at(2, 10))
    assert remind(town, at(2, 12)) == []
    assert letters() == []


@pytest.mark.django_db
def test_hours_are_the_services_else_the_clinics(town, visit):
    """A setting of the clinic, and of a service; zero is never."""
    town.aurora.reminder_hours = 0
    town.aurora.save()
    assert due_reminders_at(town, at(3, 9)) == []
    town.mri.reminder_hours = 48
    town.mri.save()
    assert due_reminders_at(town, at(1, 11)) == [visit.public_id]


def due_reminders_at(town, now):
    set_viewer(town.aurora.id)
    return due_reminders(actor=system_actor(town.aurora.id), now=now)


@pytest.mark.django_db
def test_the_job_goes_through_every_clinic(town, visit, monkeypatch):
    """D5: each clinic as its own viewer; run twice, written once."""
    monkeypatch.setattr(timezone, "now", lambda: at(2, 11))
    set_viewer(0)
    for _twice in range(2):
        remind_patients.func(timestamp=0)
    set_viewer(town.aurora.id)
    assert len(letters()) == 1
