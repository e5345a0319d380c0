"""The calendar's day: shows bookings with their source, books at the own desk."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import AccessLogEntry
from tests.town import at, book, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = "/o/aurora/calendar/2026-06-01/day/"


NEW = "/o/aurora/calendar/new/"


def form(town, **more):
    return {
        "type": "appointment",
        "service": str(town.mri.public_id),
        "calendar": str(town.ana_centru.public_id),
        "date": "2026-06-01",
        "time": "9",
        "patient.given_name": "Testine",
        "patient.family_name": "Prøvesen",
        "patient.birth_date": "03.02.1980",
        "patient.phone": "+47 555 01 234",
        "act": "invite",
        **more,
    }


def test_the_day_shows_a_partners_booking_with_its_name_and_logs_the_reading(town):
    """R2, P12."""
    book(town.agent, town.mri_ana, at(0, 9))
    page = visitor(town.desk).get(DAY)
    assert page.status_code == 200
    assert "09:00 Testine Prøvesen" in texts(page)
    assert "Hello Calls SRL" in texts(page)
    set_viewer(town.aurora.id)
    assert AccessLogEntry.objects.filter(purpose="calendar", patient_ids__len=1).exists()


def test_the_desk_books_by_the_panel(town):
    answer = visitor(town.desk).post(NEW, form(town))
    assert answer.status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().starts_at == at(0, 9)


def test_bad_input_keeps_what_was_typed_and_names_the_field(town):
    """Nothing typed is lost."""
    answer = visitor(town.desk).post(NEW, form(town, **{"patient.phone": "1", "note": "hei"}))
    assert answer.status_code == 422
    assert "A phone number has 5 to 15 digits." in texts(answer)
    assert "Prøvesen" in texts(answer)
    set_viewer(town.aurora.id)
    assert not Booking.objects.exists()


def test_a_taken_time_offers_others(town):
    """B13."""
    book(town.desk, town.mri_ana, at(0, 9))
    answer = visitor(town.desk).post(NEW, form(town))
    assert answer.status_code == 409
    assert "This time was just taken." in texts(answer)
    assert "Mon 1 Jun, 09:45" in texts(answer)


@pytest.mark.parametrize("who", ["outsider", "agent", "insurer"])
def test_a_stranger_gets_404(town, who):
    """P7: not there and not yours are one answer."""
    assert visitor(getattr(town, who)).get(DAY).status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(town, client):
    assert client.get(DAY).headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("day", ["2026-13-01", "x", "9999-01-01"])
def test_a_day_that_does_not_exist_is_404(town, day):
    assert visitor(town.desk).get(f"/o/aurora/calendar/{day}/day/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_bookings(town):
    """P1 of SPEED."""
    client = visitor(town.desk)
    counts = []
    for hours in ((9,), (10, 11, 12, 13)):
        for hour in hours:
            book(town.desk, town.mri_ana, at(0, hour), person(phone=f"5550{hour}00"))
        client.get(DAY)
        with CaptureQueriesContext(connection) as seen:
            client.get(DAY)
        counts.append(len(seen))
    assert counts[0] == counts[1]
