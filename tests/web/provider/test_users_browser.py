"""Users' pages and the page behind their link before axe, at desk and telephone width."""

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client

from samtime.foundation.tenancy import set_viewer
from tests.browser import in_turn, page_faults, served, started, windows
from tests.organizations.conftest import invite
from tests.web.provider.test_users import ident
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(scope="module")
def site():
    with served(get_wsgi_application()) as base:
        yield base


@pytest.fixture(scope="module")
def page(site):
    with started() as browser, windows(browser, site) as window:
        yield window({})


def shown(town):
    """Every state of the pages, as address and text."""
    admin, base = visitor(town.admin), "/o/aurora/users/"
    sent = invite(town.admin, can_book_at_partner=True)
    desk = f"{base}{ident(town.desk)}/"
    set_viewer(0)
    pages = [(p, texts(admin.get(p))) for p in (base, f"{base}?new", f"{base}?several")]
    pages += [
        (p, texts(admin.get(p))) for p in (f"{base}{sent.id}/", f"{desk}?edit", f"{desk}end/")
    ]
    pages.append((f"{base}?new", texts(admin.post(f"{base}?new", {"email": "x"}))))
    keys = "/o/aurora/keys/"
    wish = {"name": "Telefonsentral Test", "member": str(ident(town.desk)), "limit": "all"}
    pages.append((f"{keys}?new", texts(admin.post(f"{keys}?new", {"limit": "all"}))))
    pages.append((f"{keys}?new", texts(admin.post(f"{keys}?new", wish))))
    pages.append((desk, texts(admin.get(desk))))
    lines = {"emails": "a@prove.example\nx", "roles": ["receptionist"], "locations": ["all"]}
    pages.append((f"{base}?several", texts(admin.post(f"{base}?several", lines))))
    pages.append(("/join/", texts(Client().get(f"/join/{sent.secret}"))))
    pages.append(("/join/", texts(admin.get(f"/join/{sent.secret}"))))
    return pages


def test_users_pages_and_axe(page, site, town):
    """SCREENS 2.16: 0 violations; 2.14: nothing wider than the screen at 320 px."""
    faults = []
    for path, html in in_turn(shown(town)):
        page.goto(f"{site}/static/samtime/tokens.css")
        page.set_content(html.replace("<head>", f'<head><base href="{site}{path}">'))
        faults += [(path, *fault) for fault in page_faults(page)]
    assert faults == []
