"""Times nobody can mean: a clear sentence at its field, what was typed is kept, nothing happens."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from samtime.bookings.models import BlockedTime, Booking
from samtime.calendars.models import AvailabilityException, AvailabilityRule, BusyFeed
from samtime.foundation.tenancy import set_viewer
from tests.calendars.test_feeds import event, ics
from tests.town import at, book
from tests.web.provider.test_calendar import NEW, form
from tests.web.provider.test_event import block
from tests.web.provider.test_schedules import WEEK, sheet
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def at_field(page, name):
    """The sentence that stands at a field."""
    found = re.search(rf'id="id_{name}_error">(.*?)</p>', page, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""


def nothing_kept(town):
    set_viewer(town.aurora.id)
    return not Booking.objects.exists() and not BlockedTime.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"time": "25"}, "time", "Write a time like 9:30."),
        ({"time": ""}, "time", "Write a time like 9:30."),
        ({"date": "31.02.2026"}, "date", "Write a date like 24.11.2026."),
        ({"time": "7:55"}, "time", "This time can no longer be booked."),
        ({"date": "2026-05-29"}, "time", "This time can no longer be booked."),
        ({"date": "2029-06-01"}, "time", "This day is further ahead than may be booked."),
        ({"time": "21:00"}, "time", "The calendar is not open at this time."),
        ({"time": "9:03"}, "time", "A time begins on a multiple of five minutes."),
        ({"minutes": "1500"}, "minutes", "A multiple of five minutes, at most twelve hours."),
        ({"minutes": "1576800"}, "minutes", "A multiple of five minutes, at most twelve hours."),
        ({"minutes": "half"}, "minutes", "Write the minutes as a number."),
    ],
)
def test_an_appointment_at_an_impossible_time(town, typed, field, sentence):
    """SCREENS 2.8: the sentence at the field, the client's details still there."""
    answer = visitor(town.desk).post(NEW, form(town, note="ring først", **typed))
    page = texts(answer)
    assert answer.status_code in (409, 422)
    assert at_field(page, field) == sentence
    assert 'value="Testine"' in page
    assert "ring først" in page
    assert nothing_kept(town)


def test_a_time_that_the_clock_change_leaves_out(town, monkeypatch):
    """P22: half past three does not exist in Bucharest that night; the next one is named."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2027, 3, 20, 6, tzinfo=UTC))
    desk = visitor(town.desk)
    gap = {"date": "2027-03-28", "time": "3:30"}
    said = "This time does not exist on that day: the clocks go forward. Next: 04:00."
    for asked in (form(town, **gap), block(town, **gap, until="5:00")):
        answer = desk.post(NEW, asked)
        assert answer.status_code == 422
        assert at_field(texts(answer), "time") == said
        assert 'value="3:30"' in texts(answer)
    until = desk.post(NEW, block(town, date="2027-03-28", time="2:00", until="3:15"))
    assert at_field(texts(until), "until") == said
    assert nothing_kept(town)
    # Half past three in October is there twice: the first is meant, no question asked.
    twice = block(town, date="2027-10-31", time="3:30", until="5:00")
    assert desk.post(NEW, twice).status_code == 302
    set_viewer(town.aurora.id)
    assert BlockedTime.objects.get().starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"until": "11:00"}, "until", "The end lies after the start."),
        ({"to_date": "2029-06-01"}, "until", "At most a year at once."),
        ({"to_date": "32.13.2026"}, "to_date", "Write a date like 24.11.2026."),
        ({"who": []}, "who", "Choose for whom."),
    ],
)
def test_a_meeting_at_an_impossible_time(town, typed, field, sentence):
    answer = visitor(town.desk).post(NEW, block(town, **typed))
    assert answer.status_code == 422
    assert at_field(texts(answer), field) == sentence
    assert "Planning" in texts(answer)
    assert nothing_kept(town)


def test_a_taken_time_in_the_move_dialog_stands_at_the_time(town):
    """T14: the move is refused at its field; the booking stays where it was."""
    mine = book(town.desk, town.mri_ana, at(0, 9))
    book(town.agent, town.mri_ana, at(0, 10))
    asked = {
        "calendar": str(town.ana_centru.public_id),
        "date": "2026-06-01",
        "time": "10:00",
        "minutes": "30",
        "version": "1",
        "act": "move",
    }
    answer = visitor(town.desk).post(f"/o/aurora/bookings/{mine.public_id}/move/", asked)
    assert answer.status_code == 409
    assert at_field(texts(answer), "time") == "This time was just taken. Choose another one."
    set_viewer(town.aurora.id)
    assert Booking.objects.get(id=mine.id).starts_at == at(0, 9)


def test_hours_that_overlap_or_end_before_they_begin(town):
    """G4: both stretches of the day stay typed; no rule is written."""
    desk, before = visitor(town.desk), AvailabilityRule.objects.count()
    overlapping = {**WEEK, "start.1.1": "11:00", "end.1.1": "15:00"}
    backwards = {**WEEK, "start.2.0": "16:00", "end.2.0": "8:00"}
    for asked, day, kept in ((overlapping, 1, "15:00"), (backwards, 2, "16:00")):
        answer = desk.post(sheet(town.ana_centru), asked)
        assert answer.status_code == 422
        assert f'id="day-{day}-error"' in texts(answer)
        assert f'value="{kept}"' in texts(answer)
    far = {"kind": "closed", "first": "2026-06-01", "last": "2029-06-01"}
    answer = desk.post(sheet(town.ana_centru, "days"), far)
    assert at_field(texts(answer), "last") == "At most 400 days at once."
    assert AvailabilityRule.objects.count() == before
    assert not AvailabilityException.objects.exists()


def test_a_calendar_file_with_too_many_events(town):
    """P33, T7: said at the file, nothing is imported."""
    one = event("n", ":20260601T080000Z", ":20260601T090000Z")
    given = {
        "file": SimpleUploadedFile("old.ics", ics(*[one] * 100_000), "text/calendar"),
        "practitioner": str(town.ana.public_id),
        "mode": "busy",
    }
    answer = visitor(town.desk).post("/o/aurora/calendar-feeds/import/", given)
    assert answer.status_code == 422
    sentence = "The calendar has more events than can be read: 10,000."
    assert at_field(texts(answer), "file") == sentence
    set_viewer(town.aurora.id)
    assert not BusyFeed.objects.exists()
