"""Call-backs in a real Chromium, by keyboard alone: F8, the list, B, booked, gone."""

import pytest
from playwright.sync_api import expect

from samtime.bookings.models import CallBack, Hold
from tests.browser import page_faults
from tests.town import NOW
from tests.web.partner.test_cockpit_browser import chromium, inside, open_page

__all__ = ["chromium", "open_page"]  # fixtures
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("clock")]
LIST = "/o/hello/partner/callbacks/"


def test_promised_with_f8_and_booked_from_the_list(lasting_town, open_page):
    """B5, SCREENS 6.4: nothing typed is lost, the held time is let go, the booking closes it."""
    page = open_page()
    press, type_ = page.keyboard.press, page.keyboard.type
    type_("mri")
    page.wait_for_selector("[data-choice][aria-selected=true]")
    press("Enter")
    page.wait_for_selector("[data-pick]:focus")
    press("1")
    page.wait_for_selector("[name='patient.given_name']:focus")
    type_("Testine")
    press("F8")
    page.wait_for_selector("#call-back [name='patient.phone']:focus")
    type_("0040 555 012")
    press("Escape")
    expect(page.locator("#person [name='patient.phone']")).to_have_value("0040 555 012")
    press("F8")
    page.wait_for_selector("#call-back [name=due_on]:focus")
    assert page_faults(page) == []
    page.fill("[name=due_time]", "00:01")
    press("Control+Enter")
    page.wait_for_selector("#call-back [name=due_on][aria-invalid=true]:focus")
    page.fill("[name=due_time]", "10:00")
    press("Control+Enter")
    page.wait_for_selector("#kept-title:focus")
    expect(page.locator("[data-hold]")).to_have_count(0)
    with inside(lasting_town.hello):
        assert Hold.objects.get().expires_at <= NOW
    page.goto(page.url.split("/o/")[0] + LIST)
    press("j")
    press("r")
    page.wait_for_selector("#panel [name=due_on]")
    assert page_faults(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    press("Escape")
    press("j")
    press("b")
    page.wait_for_selector("[data-cockpit] [data-seed]", state="attached")
    page.wait_for_load_state()
    expect(page.locator("#id_q")).to_be_focused()
    assert page_faults(page) == []
    press("Enter")
    page.wait_for_selector("[data-pick]:focus")
    press("1")
    page.wait_for_selector("[name='patient.family_name']:focus")
    expect(page.locator("#person [name='patient.phone']")).to_have_value("0040 555 012")
    type_("Prøvesen")
    press("Tab")
    type_("3.2.1980")
    press("Control+Enter")
    page.wait_for_selector("[data-done]")
    page.goto(page.url.split("/o/")[0] + LIST)
    expect(page.locator("tr[data-row]")).to_have_count(0)
    with inside(lasting_town.hello):
        assert CallBack.objects.get().state == "booked"
