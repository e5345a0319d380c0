"""The API's own pages in a real browser: nothing comes from another host, nothing is refused."""

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from playwright.sync_api import expect

from samtime.wsgi import application
from tests.browser import new_page, served, started

pytestmark = pytest.mark.browser


def test_the_documentation_works_offline_under_our_content_policy(own_database):
    """INTERFACE section 3: docs at /api/v1/docs; P17: no report, no foreign host."""
    with started() as browser, served(StaticFilesHandler(application)) as base:
        page = new_page(browser)
        faults, hosts = [], set()
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("request", lambda r: hosts.add(r.url.split("/")[2]) if "//" in r.url else None)
        page.goto(f"{base}/api/v1/docs")
        page.get_by_text("/api/v1/bookings", exact=True).first.wait_for()
        expect(page.locator(".opblock").nth(30)).to_be_visible()
        expect(page.get_by_role("button", name="Authorize")).to_be_visible()
        page.close()
    assert faults == []
    assert hosts == {base.split("/")[2]}
