"""Bookings: list and one booking."""

import pytest

from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer
from tests.town import at, book
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_the_list_names_the_booking_source(town):
    """R2: the partner's name."""
    book(town.agent, town.mri_ana, at(0, 9))
    page = texts(visitor(town.desk).get("/o/aurora/bookings/"))
    assert "Hello Calls SRL" in page
    assert "Testine Prøvesen" in page


def test_cancelling_from_the_booking(town):
    """R7."""
    booking = book(town.agent, town.mri_ana, at(3, 9))
    address = f"/o/aurora/bookings/{booking.public_id}/"
    answer = visitor(town.desk).post(address, {"act": "cancel", "reason": "syk"})
    assert answer.status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().state == "cancelled"


def test_marking_before_the_start_says_why_not(town):
    booking = book(town.desk, town.mri_ana, at(0, 9))
    address = f"/o/aurora/bookings/{booking.public_id}/"
    answer = visitor(town.desk).post(address, {"act": "arrive"})
    assert answer.status_code == 409
    assert "The visit has not begun yet." in texts(answer)


def test_a_stranger_gets_404(town):
    """P7."""
    booking = book(town.desk, town.mri_ana, at(0, 9))
    for who in (town.outsider, town.agent):
        for slug in ("aurora", "stranger", "hello"):
            address = f"/o/{slug}/bookings/{booking.public_id}/"
            assert visitor(who).get(address).status_code == 404
