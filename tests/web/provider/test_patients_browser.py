"""Clients' pages before axe, at desk and telephone width."""

import pytest
from django.core.wsgi import get_wsgi_application

from samtime.foundation.tenancy import set_viewer
from samtime.patients.commands import add_patient
from tests.browser import in_turn, page_faults, served, started, windows
from tests.town import TODAY, person
from tests.web.provider.conftest import LIST, act, page_of
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(scope="module")
def site():
    with served(get_wsgi_application()) as base:
        yield base


@pytest.fixture(scope="module")
def page(site):
    with started() as browser, windows(browser, site) as window:
        yield window({})


def shown(town, known):
    """Every state of the pages, as address and text."""
    admin = visitor(town.admin)
    set_viewer(town.aurora.id)
    other = add_patient(actor=town.desk, person=person("Stefan-Test", "Probaescu"), today=TODAY)
    set_viewer(0)
    number = {"identifier.kind": "cnp", "identifier.number": "1800101221145"}
    admin.post(act(known, "add-number"), number)
    pair = f"{LIST}merge/?one={known.public_id}&other={other.public_id}"
    pages = [(p, texts(admin.get(p))) for p in (LIST, f"{LIST}?new", pair, f"{LIST}merge/")]
    for name in ("probaescu", "x", "nemo"):
        pages.append((LIST, texts(admin.post(LIST, {"name": name}))))
    for tab in ("overview", "bookings", "contacts", "seen"):
        pages.append((page_of(known, tab), texts(admin.get(page_of(known, tab)))))
    pages.append((page_of(known), texts(admin.get(f"{page_of(known)}?edit"))))
    pages.append((page_of(known), texts(admin.post(page_of(known), {"version": "7"}))))
    pages.append((act(known, "show-address"), texts(admin.post(act(known, "show-address")))))
    pages.append(("/o/aurora/access-log/", texts(admin.get("/o/aurora/access-log/"))))
    return pages


def test_clients_pages_and_axe(page, site, town, known):
    """SCREENS 2.16: 0 violations; 2.14: nothing wider than the screen at 320 px."""
    faults = []
    for path, html in in_turn(shown(town, known)):
        page.goto(f"{site}/static/samtime/tokens.css")
        page.set_content(html.replace("<head>", f'<head><base href="{site}{path}">'))
        faults += [(path, *fault) for fault in page_faults(page)]
    assert faults == []
