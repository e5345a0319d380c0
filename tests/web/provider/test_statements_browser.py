"""Settlement and statistics in a real Chromium: widths, axe, charts drawn, hatching kept."""

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from samtime.accounts.models import User
from samtime.billing import commands
from samtime.billing.commands.disputing import Claim
from samtime.foundation.tenancy import set_viewer
from tests.billing.conftest import JULY_BEGAN, day, patient_of, row, save, send
from tests.browser import complaints, in_turn, page_faults, served, started, windows

pytestmark = pytest.mark.browser


@pytest.fixture
def place(lasting_town, monkeypatch):
    """June sent, the no-show disputed; committed."""
    town = lasting_town
    monkeypatch.setattr(timezone, "now", lambda: JULY_BEGAN)
    with transaction.atomic():
        set_viewer(town.aurora.id)
        town.patient = patient_of(town)
        states = ("fulfilled", "fulfilled", "cancelled", "fulfilled", "noshow")
        save(town, *(row(town, day(6, 2 + n), state=states[n % 5]) for n in range(20)))
        town.statement = send(town)
        line = town.statement.lines.filter(outcome="noshow").first()
        set_viewer(town.hello.id)
        commands.dispute_line(
            actor=town.manager,
            statement=town.statement.public_id,
            line=line.public_id,
            claim=Claim("wrong_outcome", 5625, "She was seen at ten. Test."),
            now=JULY_BEGAN,
        )
    return town


def session(actor):
    client = Client()
    client.force_login(User.objects.get(id=actor.user_id))
    return client.cookies["sessionid"].value


def pages(town):
    """Who opens which address."""
    ident, june = town.statement.public_id, "from=2026-06-01&to=2026-06-30"
    opened = town.statement.lines.first().booking.public_id
    return [
        (town.admin, f"/o/aurora/reports/statistics/?{june}", "statistics"),
        (town.manager, f"/o/hello/partner/statements/{ident}/?missing", "statement"),
        (town.admin, "/o/aurora/statements/", "statements"),
        (
            town.admin,
            f"/o/aurora/reports/partner-statistics/?{june}&open={opened}",
            "partner-statistics",
        ),
        (town.admin, f"/o/aurora/statements/{ident}/", "settlement"),
    ]


def test_no_sideways_scroll_and_nothing_for_axe(place):
    """SCREENS 2.14, 2.16, 4.10, 4.11: reflow at 320 px, axe finds nothing, the console is silent,
    charts are drawn."""
    said = []
    with transaction.atomic():
        set_viewer(place.aurora.id)
        wanted = pages(place)
    with (
        override_settings(ALLOWED_HOSTS=["127.0.0.1"]),
        served(get_wsgi_application()) as base,
        started() as browser,
        windows(browser, base) as window,
    ):
        page = window({"django_language": "en"}, heard=said)
        for actor, path, name in in_turn(wanted):
            cookie = {"name": "sessionid", "value": session(actor), "url": base}
            page.context.add_cookies([cookie])
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(base + path)
            if page.locator("canvas[data-chart]").count():
                page.locator("canvas[data-chart]:visible").nth(1).wait_for()
                assert page.locator("canvas[data-chart]:visible").count() == 2
            assert page_faults(page) == [], name
    assert complaints(said) == []
