"""The page without a network."""

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import expect

from tests.browser import axe_faults, new_page, served, started


def test_the_worker_stands_at_the_root_and_keeps_no_data(client):
    """Only the page without data is kept; the script is asked for anew each time."""
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert b"/o/" not in answer.content


@pytest.mark.django_db
def test_the_page_is_in_the_readers_language():
    """Four languages; no sign-in is needed."""
    page = Client(headers={"Accept-Language": "ro"}).get("/offline/")
    assert "Fără conexiune" in page.content.decode()


@pytest.mark.browser
def test_without_a_network_the_page_comes_and_goes(own_database):
    """SCREENS 1.1: no browser error, axe finds nothing, and it is gone when the network is back."""
    application = get_wsgi_application()
    with started() as browser:
        page = new_page(browser, locale="en-GB")
        with served(application) as base:
            page.goto(f"{base}/sign-in/")
            # It is ready when its installation ended, and that keeps every file of the page.
            page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
            words = "caches.match('/static/samtime/words.js', {ignoreVary: true}).then((a) => !!a)"
            page.wait_for_function(words)
        page.context.set_offline(True)  # and nobody would answer either
        page.goto(f"{base}/sign-in/?again=1")
        expect(page.locator("main")).to_contain_text("No connection")
        assert not axe_faults(page)
        with served(application) as again:
            assert again == base
            page.context.set_offline(False)
            page.wait_for_selector("[name=login]")
