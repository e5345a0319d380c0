"""A month settled and a relationship ended in a real Chromium: scenarios 11 and 13."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from samtime.billing.models import SettlementStatement
from samtime.bookings.models import Booking
from samtime.foundation.tenancy import viewing_as
from samtime.partners.models import Partnership
from tests.api.conftest import Caller
from tests.billing.conftest import AUGUST_BEGAN, JULY_BEGAN, day, patient_of, row, save
from tests.browser import axe_faults
from tests.journeys.conftest import inside
from tests.town import (
    NOW,
    at,
    book,
)

pytestmark = [pytest.mark.browser, pytest.mark.race]


def bond(town):
    """The relationship behind Aurora's channel with Hello."""
    return Partnership.objects.create(
        provider=town.aurora,
        partner=town.hello,
        channel=town.channel,
        state="active",
        kind="call_centre",
        company_name=town.hello.name,
        registration_number="J40/1234/2010",
        country="RO",
        representative_name="Test",
        representative_email="admin@hello.example",
        accepted_at=NOW - timedelta(days=30),
    )


def settled_june(town):
    """The rate changed on the 15th; two cancelled, one no-show, one paid at the partner."""
    with inside(town.aurora):
        town.patient = patient_of(town)
        save(
            town,
            row(town, day(6, 2)),
            row(town, day(6, 3), state="cancelled"),
            row(town, day(6, 4), state="noshow"),
            row(town, day(6, 10), state="cancelled"),
            row(town, day(6, 16), rate=1000),
            row(town, day(6, 17), rate=1000, place=town.nord, paid_at="partner"),
            row(town, day(6, 18), rate=1000),
        )


def sum_of(page):
    """The last row of the lines: what both sides owe each other."""
    return page.locator("tfoot td[data-label=Commission]").inner_text()


def rows_of(page):
    """The lines' commissions, added up."""
    cells = page.locator("tr[id^=line-] td[data-label=Commission]").all_inner_texts()
    return f"{sum(float(cell.replace('−', '-')) for cell in cells):.2f}"


def send_month(clinic, base, month):
    """Compute, mark as reviewed, send; the address of the statement."""
    clinic.goto(f"{base}/o/aurora/statements/")
    clinic.get_by_role("link", name=month).click()
    for name in ("Compute", "Mark as reviewed"):
        with clinic.expect_navigation():  # until the new page and its scripts are there
            clinic.get_by_role("button", name=name).click()
    clinic.get_by_role("link", name="Send to partner").click()
    clinic.locator("dialog[open]").get_by_role("button", name="Send to partner").click()
    clinic.get_by_text("Can be closed when the partner accepted").wait_for()
    clinic.wait_for_load_state()
    return clinic.url.split("?")[0]


def test_a_month_is_settled_disputed_and_corrected(lasting_town, monkeypatch, house, open_as):
    """Scenario 11: R8, R9, P29, P16; both sides read one total, the next month corrects a line."""
    town, now = lasting_town, [JULY_BEGAN]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    settled_june(town)
    clinic, manager = open_as(town.admin), open_as(town.manager)
    june = send_month(clinic, house, "June 2026")
    manager.goto(june.replace("/o/aurora/", "/o/hello/partner/"))
    assert sum_of(clinic) == sum_of(manager) == rows_of(clinic) == rows_of(manager) == "191.25"
    no_show = manager.get_by_role("row").filter(has_text="No-show")
    no_show.get_by_role("link", name="Dispute line").click()
    manager.locator("[name=wanted]").fill("56,25")
    manager.locator("[name=reason]").select_option("wrong_outcome")
    manager.locator("[name=text]").fill("She was seen at ten.")
    manager.get_by_role("button", name="Dispute line").click()
    manager.get_by_text("She was seen at ten.").wait_for()
    assert axe_faults(manager) == []
    clinic.reload()
    clinic.get_by_role("button", name="Accept: +56.25").click()
    clinic.get_by_text("the next statement corrects it").wait_for()
    clinic.wait_for_load_state()
    assert sum_of(clinic) == "191.25"
    clinic.get_by_role("link", name="Close statement").click()
    dialog = clinic.locator("dialog[open]")
    dialog.locator("[name=name]").fill("Hello Calls SRL")
    dialog.get_by_role("button", name="Close statement").click()
    clinic.get_by_text("Nobody: this month is settled").wait_for()
    now[0] = AUGUST_BEGAN  # a month later both sign in again
    clinic, manager = open_as(town.admin), open_as(town.manager)
    july = send_month(clinic, house, "July 2026")
    manager.goto(july.replace("/o/aurora/", "/o/hello/partner/"))
    assert sum_of(clinic) == sum_of(manager) == rows_of(manager) == "56.25"
    assert "Corrections of earlier months" in manager.locator("main").inner_text()
    manager.get_by_role("link", name="Accept statement").click()
    manager.locator("dialog[open]").get_by_role("button", name="Accept statement").click()
    manager.get_by_role("link", name="Accept statement").wait_for(state="detached")
    with inside(town.hello):
        states = SettlementStatement.objects.order_by("period").values_list("state", flat=True)
        assert list(states) == ["closed", "accepted"]


def test_an_end_with_fourteen_bookings_honoured(lasting_town, clock, house, open_as):
    """Scenario 13: P28, B8; the partner reads its bookings, and nothing else is left."""
    town, made = lasting_town, []
    with transaction.atomic():
        with viewing_as(town.aurora.id):
            relation = bond(town)
        for n in range(14):
            made.append(book(town.agent, town.mri_ana, at(1 + n // 7, 8 + n % 7)))
    clinic, agent = open_as(town.admin), open_as(town.agent)
    clinic.goto(f"{house}/o/aurora/partners/?open={relation.public_id}")
    clinic.get_by_role("link", name="End partnership").click()
    dialog = clinic.locator("dialog[open]")
    expect(dialog).to_contain_text("14 future bookings")
    dialog.get_by_label("Honour them").check()
    dialog.get_by_role("button", name="End partnership").click()
    clinic.get_by_text("The partnership with Hello Calls SRL has ended.").wait_for()
    agent.goto(f"{house}/o/hello/partner/bookings/?from=2026-06-01&to=2026-06-20")
    expect(agent.locator("tbody tr")).to_have_count(14)
    agent.locator("tbody tr a").first.click()
    agent.get_by_role("heading", name="Testine Prøvesen").wait_for()
    agent.wait_for_load_state()
    assert agent.get_by_role("button", name="Cancel appointment").count() == 0
    assert agent.get_by_role("link", name="Modify").count() == 0
    assert axe_faults(agent) == []
    agent.goto(f"{house}/o/hello/partner/book/")
    assert agent.locator("[data-pick]").count() == 0
    caller = Caller(town.agent)
    held = {"offering": str(town.mri_ana.public_id), "start": at(4, 9).isoformat()}
    assert caller.post("holds", held).status in (403, 404, 409)
    gone = caller.post(f"bookings/{made[0].public_id}/cancel", {"reason": ""})
    assert (gone.status, gone.body["code"]) == (409, "channel_inactive")
    assert len(caller.get("bookings?limit=50").body["items"]) == 14
    with inside(town.aurora):
        assert Booking.objects.filter(state="booked").count() == 14
