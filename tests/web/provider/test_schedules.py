"""Medical calendars."""

import re

import pytest
from django.utils import timezone

from samtime.calendars.models import AvailabilityException, AvailabilityRule
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import AccessLogEntry
from tests.town import NOW, at, book
from tests.web.provider.test_bookings import differing
from tests.web.visitors import texts, visitor

BASE = "/o/aurora/calendars/"
WEEK = {
    **{f"start.{n}.0": "8" for n in range(1, 6)},
    **{f"end.{n}.0": "1230" for n in range(1, 6)},
    "from": "2026-06-01",
}


@pytest.fixture
def desk(town, monkeypatch):
    """Aurora's desk in a browser, on the town's Monday."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    return visitor(town.desk)


def sheet(calendar, tab="week"):
    """The address of a tab."""
    return f"{BASE}{calendar.public_id}/{tab}/"


def test_hours_are_read_and_changed_as_people_write_them(town, desk):
    """G4: «8» and «1230» are times; nobody is stranded, so it is saved at once."""
    page = texts(desk.get(BASE))
    assert "Mon–Fri 08:00–16:00" in page
    assert "/o/aurora/imports/" not in page  # the desk may not, and no button leads there
    assert "nothing free" not in page
    assert desk.post(sheet(town.ana_centru), WEEK).status_code == 302
    assert "Mon–Fri 08:00–12:30" in texts(desk.get(BASE))


def test_monday_is_copied_without_saving(town, desk):
    """One button fills Tuesday to Friday; nothing is saved yet."""
    before = AvailabilityRule.objects.count()
    page = texts(
        desk.post(sheet(town.ana_centru), {"start.1.0": "07:15", "end.1.0": "11", "act": "copy"})
    )
    assert page.count('value="07:15"') == 5
    assert AvailabilityRule.objects.count() == before


def test_two_people_change_the_same_week(town, desk):
    """SCREENS 1.9: the second sees both, day by day; nothing is overwritten unseen."""
    opened = texts(desk.get(sheet(town.ana_centru)))
    seen = re.search(r'name="version" value="(\w+)"', opened)[1]
    assert desk.post(sheet(town.ana_centru), {**WEEK, "version": seen}).status_code == 302
    mine = {**WEEK, "end.1.0": "1400", "version": seen}
    answer = desk.post(sheet(town.ana_centru), mine)
    page = texts(answer)
    assert answer.status_code == 412
    assert differing(page) == [("Monday", "08:00–14:00", "08:00–12:30")]
    assert "Mon–Fri 08:00–12:30" in page
    fresh = re.search(r'name="version" value="(\w+)"', page)[1]
    assert desk.post(sheet(town.ana_centru), {**mine, "version": fresh}).status_code == 302
    assert "Mon 08:00–14:00" in texts(desk.get(BASE))


def test_whom_a_change_strands_is_shown_first_and_the_reading_logged(town, desk):
    """Propose-then-commit on the page; names are read, so it is logged (P12)."""
    book(town.agent, town.mri_ana, at(1, 14))
    set_viewer(0)
    page = texts(desk.post(sheet(town.ana_centru), WEEK))
    assert "1 booking loses its place" in page
    assert "Testine Prøvesen" in page
    set_viewer(town.aurora.id)
    assert AccessLogEntry.objects.filter(purpose="schedule").count() == 1
    assert not AvailabilityRule.objects.filter(end="12:30").exists()
    answer = desk.post(sheet(town.ana_centru), {**WEEK, "fate": "keep"}, follow=True)
    assert "1 booking waits in the inbox" in texts(answer)
    set_viewer(town.aurora.id)
    assert AvailabilityRule.objects.filter(end="12:30").count() == 5


def test_wrong_times_are_told_at_their_day_and_kept(town, desk):
    """Bad input: a letter, an end before its start."""
    answer = desk.post(sheet(town.ana_centru), {**WEEK, "start.3.0": "x", "until": "2020-01-01"})
    page = texts(answer)
    assert answer.status_code == 422
    assert "Write both times" in page
    assert 'value="x"' in page


def test_an_absence_is_added_and_removed(town, desk):
    """At all places of the practitioner; removed again in one step."""
    given = {"kind": "closed", "first": "01.07.2026", "last": "03.07.2026", "everywhere": "1"}
    assert desk.post(sheet(town.ana_centru, "days"), given).status_code == 302
    assert AvailabilityException.objects.count() == 6
    mine = AvailabilityException.objects.filter(calendar=town.ana_centru)
    gone = {"act": "reopen", "reopened": [str(e.public_id) for e in mine]}
    assert desk.post(sheet(town.ana_centru, "days"), gone).status_code == 302
    assert AvailabilityException.objects.count() == 3


def test_public_holidays_close_a_location(town, desk):
    """Shown first, then closed."""
    address = f"{BASE}holidays/"
    assert "Ziua Națională" in texts(desk.get(address))
    given = {"location": str(town.centru.public_id), "year": "2026"}
    assert desk.post(address, given).status_code == 302
    assert AvailabilityException.objects.filter(calendar=town.ana_centru).exists()


def test_a_stranger_finds_nothing(town, desk):
    """P7: not yours is not there."""
    other = visitor(town.outsider)
    assert other.get(BASE).status_code == 404
    assert other.get(f"/o/stranger/calendars/{town.ana_centru.public_id}/week/").status_code == 404
    assert (
        other.post(f"/o/stranger/calendars/{town.ana_centru.public_id}/week/", WEEK).status_code
        == 404
    )
