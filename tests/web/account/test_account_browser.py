"""The person's own pages before axe, at desk and telephone width."""

import pytest
from django.core.wsgi import get_wsgi_application

from tests.browser import in_turn, page_faults, served, started, windows
from tests.web.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PATHS = (
    "/account/profile/",
    "/account/email/",
    "/account/password/change/",
    "/account/second-step/",
    "/account/second-step/needed/",
    "/account/second-step/totp/activate/",
    "/account/second-step/recovery-codes/generate/",
    "/account/sessions/",
    "/account/reauthenticate/",
    "/organizations/",
    "/sign-out/",
)


@pytest.fixture(scope="module")
def site():
    with served(get_wsgi_application()) as base:
        yield base


@pytest.fixture(scope="module")
def page(site):
    with started() as browser, windows(browser, site) as window:
        yield window({})


def test_the_person_s_pages_and_axe(page, site, client, person, clinic, centre, join):
    """SCREENS 2.16: 0 violations; 2.14: nothing wider than the screen.

    The pages are fetched inside the test's transaction and shown from the served address.
    """
    join(person, clinic, "admin")
    join(person, centre, "agent")
    client.post("/sign-in/", {"login": person.email, "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page.goto(f"{site}/static/samtime/logo.svg")
    faults = []
    for path in in_turn(PATHS):
        html = client.get(path, follow=True).content.decode()
        page.goto(f"{site}/static/samtime/tokens.css")
        page.set_content(html.replace("<head>", f'<head><base href="{site}{path}">'))
        faults += [(path, *fault) for fault in page_faults(page, (1000, 320))]
    assert faults == []
