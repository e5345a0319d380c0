"""The session ends in the middle of a form: the panel on the page, in a browser (SCREENS 1)."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from samtime.accounts.models import User
from tests.browser import axe_faults
from tests.web.conftest import PASSWORD
from tests.web.provider.test_partners_browser import open_page, place

__all__ = ["open_page", "place"]
pytestmark = pytest.mark.browser


def with_password(page, user_id):
    """The person gets a password, and the browser a session that knows it."""
    user = User.objects.get(pk=user_id)
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    base = page.url.partition("/o/")[0]
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": base}
    page.context.add_cookies([cookie])


def sign_in(page, password):
    page.fill("#again-password", password)
    page.press("#again-password", "Enter")


def test_a_form_goes_on_where_its_session_ended(place, open_page):
    """P35: every cookie is gone; the panel says why not, then the form is sent as it was typed,
    and so is a question of htmx."""
    page = open_page("/o/aurora/partners/", width=320)
    with_password(page, place.admin.user_id)
    page.goto(f"{page.url}?new")
    page.fill("[name='company.name']", "Firma Test SRL")
    page.context.clear_cookies()
    page.locator(".st-panel-foot .st-btn-primary").click()
    page.locator("#sign-in-again[open]").wait_for()
    assert axe_faults(page) == []
    expect(page.locator("#again-password")).to_be_focused()
    sign_in(page, "something else")
    page.locator("[data-again-error]").get_by_text("not correct").wait_for()
    expect(page.locator("[name='company.name']")).to_have_value("Firma Test SRL")
    sign_in(page, PASSWORD)
    page.locator("#panel .st-summary").wait_for()
    expect(page.locator("[name='company.name']")).to_have_value("Firma Test SRL")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(page.url.partition("?")[0])
    page.context.clear_cookies()
    page.get_by_role("link", name="Hello Calls SRL").click()
    page.locator("#sign-in-again[open]").wait_for()
    sign_in(page, PASSWORD)
    page.locator("#panel-title").get_by_text("Hello Calls SRL").wait_for()
