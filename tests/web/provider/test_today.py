"""Today and the inbox."""

import pytest
from django.utils import timezone

from samtime.calendars.models import AvailabilityRule
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.models import InboxItem
from tests.rows import inbox_item
from tests.town import NOW, at, book
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_the_landing_page_shows_the_day_and_the_partners(town):
    """R1."""
    book(town.agent, town.mri_ana, at(0, 9))
    page = texts(visitor(town.admin).get("/o/aurora/"))
    assert "Ana-Test Ionescu" in page
    assert "Hello Calls SRL" in page


def test_open_time_that_nobody_took_is_told(town, monkeypatch):
    """G4: Ana works eight hours on the town's Monday, one visit of 30 minutes and its buffer less;
    Dan has nobody yet and stands there all the same."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    book(town.agent, town.mri_ana, at(0, 9))
    page = texts(visitor(town.admin).get("/o/aurora/"))
    assert "7 h 25 min" in page
    assert "Dan-Test Popescu" in page


def test_a_new_clinic_is_led_step_by_step(town):
    """SCREENS 4.1: its administrator alone, until the first time can be booked."""
    assert "The first ten minutes" not in texts(visitor(town.admin).get("/o/aurora/"))
    with viewing_as(town.aurora.id):
        AvailabilityRule.objects.all().delete()
    page = texts(visitor(town.admin).get("/o/aurora/"))
    assert "The first ten minutes" in page
    assert "Set the hours that can be booked</a>" in page
    assert "Add a location<span" in page
    assert "The first ten minutes" not in texts(visitor(town.desk).get("/o/aurora/"))


def test_an_item_is_taken_and_done(town):
    """P30: nothing waits without an owner."""
    with viewing_as(town.aurora.id):
        item = inbox_item(organization_id=town.aurora.id)
    client = visitor(town.desk)
    address = f"/o/aurora/inbox/{item.public_id}/"
    client.post(address, {"act": "take"})
    assert "Test Desk" in texts(client.get("/o/aurora/inbox/"))
    client.post(address, {"act": "done"})
    assert "Nothing waits for you." in texts(client.get("/o/aurora/inbox/"))
    assert client.post(address, {"act": "done"}).status_code == 404


def test_a_stranger_neither_sees_nor_ends_it(town):
    """P7."""
    with viewing_as(town.aurora.id):
        item = inbox_item(organization_id=town.aurora.id)
    client = visitor(town.outsider)
    assert client.get("/o/aurora/").status_code == 404
    assert client.post(f"/o/stranger/inbox/{item.public_id}/", {"act": "done"}).status_code == 404
    with viewing_as(town.aurora.id):
        assert InboxItem.objects.filter(resolved_at=None).exists()
