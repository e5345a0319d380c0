"""Three readers nobody here wrote read our invitations and feeds alike, over both clock changes."""

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from icalendar import Calendar

from samtime.bookings.commands.changes import NewPlace, cancel_booking, move_booking
from samtime.bookings.commands.letters import appointment_of
from samtime.bookings.commands.overbooking import Knowingly
from samtime.bookings.models import Booking
from samtime.bookings.queries.feed import feed_text
from samtime.calendars.commands.feeds import make_feed
from samtime.foundation.calendar_text import CalendarEvent, calendar_text
from samtime.foundation.tenancy import set_viewer
from samtime.mailbox.calendar_file import Appointment, calendar_file
from tests.town import book

SCRIPT = Path(__file__).with_name("readers.mjs")
ZONES = ("Europe/Oslo", "Europe/Bucharest", "Europe/Budapest")


def starts(zone):
    """Half past nine on the wall before and after each change, and round the change itself."""
    days = [(3, 27), (3, 28), (3, 29), (3, 30), (10, 23), (10, 24), (10, 25), (10, 26)]
    usual = [datetime(2026, m, d, 9, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC) for m, d in days]
    change = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    return [*usual, *(change + timedelta(minutes=30 * n) for n in range(4))]


def by_others(text):
    node = shutil.which("node")
    if node is None or not (settings.NODE_MODULES / "ical.js").exists():
        pytest.skip("no node, or its readers are not installed: calendar readers left out")
    done = subprocess.run(
        [node, str(SCRIPT), str(settings.NODE_MODULES)],
        input=text.encode(),
        capture_output=True,
        check=True,
        env={"TZ": "America/New_York", "PATH": "/usr/bin:/bin"},
        timeout=60,
    )
    return json.loads(done.stdout)


def by_icalendar(text):
    return sorted(
        [
            str(e["uid"]),
            f"{e.decoded('dtstart').astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z",
            f"{e.decoded('dtend').astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z",
            str(e.get("sequence", 0)),
            str(e.get("status", "")),
        ]
        for e in Calendar.from_ical(text).walk("VEVENT")
    )


@pytest.mark.parametrize("zone", ZONES)
def test_feeds_are_read_alike(zone):
    """P22, STANDARDS 3: a reader in another zone of the world sees the same instants."""
    events = [
        CalendarEvent(f"{n:02}@samtime", 0, at, at + timedelta(minutes=30), at, "Ærlig; avtale, ø")
        for n, at in enumerate(starts(zone))
    ]
    text = calendar_text(events, name="Prøve")
    ours = by_icalendar(text)
    assert [row[1] for row in ours] == [f"{e.starts_at:%Y-%m-%dT%H:%M:%S}.000Z" for e in events]
    others = by_others(text)
    assert others == {"ical.js": ours, "node-ical": ours}


CHANGES = {
    "forward": datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    "back": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH"])
@pytest.mark.parametrize("change", CHANGES)
def test_invitations_are_read_alike(method, change):
    """RFC 5546: one METHOD, one ORGANIZER, a stable UID, SEQUENCE; in the nights of the changes."""
    for half_hours in (0, 2):
        at = CHANGES[change] + timedelta(minutes=30 * half_hours)
        text = calendar_file(
            Appointment(
                uid="one",
                sequence=2,
                starts_at=at,
                ends_at=at + timedelta(minutes=45),
                summary="Time hos klinikken",
                location="Strandlia 40, Åsane",
                description="7K3M-9QXD",
                organizer="no-reply@samtime.example",
                organizer_name="Fjord Fysio, Helse; AS",
                attendee="test@patient.example",
                stamped_at=at,
                method=method,
            )
        )
        assert text.count("METHOD:") == text.count("ORGANIZER") == 1
        assert f"METHOD:{method}" in text
        assert "UID:one@samtime" in text
        assert "TZID" not in text
        ours = by_icalendar(text)
        told = ["2", "CANCELLED" if method == "CANCEL" else "CONFIRMED"]
        assert ours[0][1:] == [f"{at:%Y-%m-%dT%H:%M:%S}.000Z", _utc(at, 45), *told]
        assert by_others(text) == {"ical.js": ours, "node-ical": ours}


def _utc(at, minutes):
    return f"{at + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}.000Z"


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Europe/Bucharest"])
@pytest.mark.parametrize(("change", "day"), [("forward", (2026, 3, 29)), ("back", (2026, 10, 25))])
def test_one_visit_booked_moved_and_cancelled_over_the_change(town, monkeypatch, zone, change, day):
    """P22, STANDARDS 3: what the product mails and feeds of one visit that is moved from the day
    before the change to the day itself, then cancelled; three readers see the same each time."""
    now = datetime(*day, 6, tzinfo=UTC) - timedelta(days=7)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    sunday = datetime(*day, 9, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    saturday = datetime(*day, 9, 30, tzinfo=ZoneInfo(zone)) - timedelta(days=1)
    saturday = saturday.astimezone(UTC)
    set_viewer(town.aurora.id)
    known = Knowingly(outside=True, reason="Prøve")
    booking = book(town.admin, town.mri_ana, saturday, now=now, known=known)
    feed, _secret = make_feed(actor=town.admin, practitioner_id=town.ana.public_id, masked=True)
    seen = []

    def look(method):
        fresh = Booking.objects.select_related("provider", "location").get(id=booking.id)
        said = appointment_of(fresh, email="t@pasient.example", method=method).text
        for text in (said, feed_text(feed, now=now).text):
            ours = by_icalendar(text)
            assert by_others(text) == {"ical.js": ours, "node-ical": ours}
            seen.append([row[1:2] + row[3:] for row in ours])

    look("REQUEST")
    to = NewPlace(sunday, known=known)
    move_booking(actor=town.admin, booking=booking.public_id, to=to, now=now)
    look("REQUEST")
    cancel_booking(actor=town.admin, booking=booking.public_id, reason="", now=now)
    look("CANCEL")
    before, after = (f"{at:%Y-%m-%dT%H:%M:%S}.000Z" for at in (saturday, sunday))
    assert seen == [
        [[before, "0", "CONFIRMED"]],
        [[before, "0", ""]],
        [[after, "1", "CONFIRMED"]],
        [[after, "1", ""]],
        [[after, "2", "CANCELLED"]],
        [],
    ]
    # The change moved the day by an hour less, or more, than twenty-four.
    assert sunday - saturday == timedelta(hours=23 if change == "forward" else 25)
