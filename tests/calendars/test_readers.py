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

from samtime.foundation.calendar_text import CalendarEvent, calendar_text
from samtime.mailbox.calendar_file import Appointment, calendar_file

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


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH"])
def test_invitations_are_read_alike(method):
    """RFC 5546: one METHOD, one ORGANIZER, a stable UID, SEQUENCE; in the night of the change."""
    at = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
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
    assert "SEQUENCE:2" in text
    assert "TZID" not in text
    ours = by_icalendar(text)
    assert by_others(text) == {"ical.js": ours, "node-ical": ours}
