"""An .ics file on the page: looked at, then applied."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from samtime.bookings.models import Booking
from samtime.documents.models import ImportRun
from samtime.foundation.tenancy import viewing_as
from tests.bookings.test_calendar_import import visit
from tests.calendars.test_feeds import ics
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db


def test_the_page_from_file_to_calendar(town, clock):
    """Works, refuses politely, a stranger gets 404."""
    page = "/o/aurora/calendar-feeds/import/"
    client = visitor(town.admin)
    assert "Import a calendar" in texts(client.get(page))
    refused = client.post(page, {"practitioner": str(town.ana.public_id), "mode": "busy"})
    assert refused.status_code == 422
    assert "Choose a file." in texts(refused)
    html = SimpleUploadedFile("a.ics", b"<html>")
    given = {"practitioner": str(town.ana.public_id), "mode": "bookings"}
    assert "no iCalendar file" in texts(client.post(page, {**given, "file": html}))
    file = SimpleUploadedFile("a.ics", ics(visit("a", 9, "MRI: Testine Prøvesen")))
    looked = client.post(page, {**given, "file": file})
    assert looked.status_code == 302
    assert "2026-06-03 09:00" in texts(client.get(looked["Location"]))
    assert client.post(looked["Location"]).status_code == 302
    with viewing_as(town.aurora.id):
        assert Booking.objects.count() == 1
        run = ImportRun.objects.get()
    old = client.get(f"/o/aurora/imports/{run.public_id}/")
    assert old["Location"] == looked["Location"]
    foreign = looked["Location"].replace("aurora", "stranger")
    assert visitor(town.outsider).get(foreign).status_code == 404
