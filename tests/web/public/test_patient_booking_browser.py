"""The patient's link on a small telephone: by touch, without faults for axe, nothing sideways."""

import re

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.test import override_settings

from samtime.accounts.models import AccessToken
from samtime.bookings.models import Booking
from samtime.foundation.tenancy import viewing_as
from samtime.mailbox.models import OutgoingMail
from tests.browser import axe_faults, served, started, windows
from tests.mailbox.test_letters import react_to
from tests.town import at, book, person

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("clock")]


@pytest.mark.parametrize("width", [pytest.param(360, marks=pytest.mark.prove), 320])
def test_from_the_letter_to_another_time(lasting_town, width):
    """S11, P17: question, appointment, confirm, move; every page is clean for axe (WCAG 2.2 AA)."""
    town = lasting_town
    with transaction.atomic():
        made = book(town.desk, town.mri_ana, at(3, 9), person(email="t@p.example", language="en"))
        react_to("booking.booked")
        text = OutgoingMail.objects.latest("id").text
    link = re.search(r"/b/[\w-]+", text).group()
    assert AccessToken.objects.filter(kind="patient_booking").count() == 1
    with (
        override_settings(ALLOWED_HOSTS=["127.0.0.1"]),
        served(get_wsgi_application()) as base,
        started() as browser,
        windows(browser, base) as window,
    ):
        page = window({}, width, 740)

        def clean():
            assert axe_faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width

        page.goto(base + link)
        clean()
        page.fill("[name=birth_date]", "3.2.1980")
        page.get_by_role("button", name="Show my appointment").click()
        page.get_by_role("button", name="Confirm").click()
        page.get_by_text("You have confirmed").wait_for()
        clean()
        page.get_by_role("link", name="Move").click()
        page.locator(".st-visit-times button").nth(2).wait_for()
        clean()
        page.locator(".st-visit-times button").nth(2).click()
        page.get_by_role("button", name="Move to this time").wait_for()
        clean()
        page.get_by_role("button", name="Move to this time").click()
        page.get_by_text("Your appointment has a new time.").first.wait_for()
        for place in ("cancel", "access"):
            page.goto(f"{base}{link}/{place}")
            clean()
    with transaction.atomic(), viewing_as(town.aurora.id):
        assert Booking.objects.get(public_id=made.public_id).starts_at != made.starts_at
