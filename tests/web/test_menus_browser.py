"""Every page of the menus as five roles, at two widths: axe, reflow, silence of the console."""

import pytest
from django.db import transaction

from samtime.organizations.models import Organization
from tests.browser import axe_faults
from tests.journeys.conftest import chromium, house, open_as
from tests.town import member

__all__ = ["chromium", "house", "open_as"]
pytestmark = [pytest.mark.browser, pytest.mark.prove]
HOMES = {
    "admin": "aurora",
    "desk": "aurora",
    "agent": "hello",
    "manager": "hello",
    "operator": "operator",
}
LINKS = """[...new Set([...document.querySelectorAll("nav a[href], aside a[href]")]
    .map((link) => link.pathname).filter((path) => path.startsWith("/o/")))]"""


def operator():
    """The network's operator, who is nobody's partner."""
    with transaction.atomic():
        made = Organization.objects.create(
            slug="operator",
            name="Network Operator",
            country="NO",
            currency="NOK",
            capabilities=["operator"],
            second_factor_required=False,
        )
        return member(made, "operator@samtime.example", "operator")


@pytest.mark.parametrize("who", HOMES)
def test_all_pages_of_the_menu(lasting_town, clock, house, open_as, who):
    """SCREENS 2.14, 2.16, P39: nothing for axe, no sideways scroll at 320, no dead entry."""
    actor = operator() if who == "operator" else getattr(lasting_town, who)
    page = open_as(actor)
    page.goto(f"{house}/o/{HOMES[who]}/")
    paths = page.evaluate(LINKS)
    assert len(paths) >= 4
    for path in paths:
        assert page.goto(house + path).status == 200, path
        for width in (1440, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            assert axe_faults(page) == [], (path, width)
