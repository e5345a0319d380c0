"""The table of ticks in a real Chromium: keys, blocks, practitioners on demand, undo, widths."""

import pytest
from playwright.sync_api import expect

from samtime.channels.models import Listing
from samtime.foundation.tenancy import viewing_as
from tests.browser import axe_faults, page_faults
from tests.web.provider.test_partners_browser import open_page, place

__all__ = ["open_page", "place"]
pytestmark = pytest.mark.browser
NORD = "/o/aurora/traffic-channels/?location=aurora-nord"
ECG, MRI = (f"{name} for Hello Calls SRL at Aurora Nord" for name in ("Ecg", "Mri"))


def saved(place):
    """The rows of Nord on Hello's channel that this test made."""
    from django.db import transaction

    with transaction.atomic(), viewing_as(place.aurora.id):
        rows = Listing.objects.filter(location=place.nord).select_related("service")
        late = rows.filter(from_on__gte="2026-01-01")
        return sorted((r.service.code, r.offering_id, r.open) for r in late)


def expect_focus(page, name):
    """What has the focus bears this name."""
    expect(page.locator(":focus")).to_have_attribute("aria-label", name)


def expect_placed(page, text):
    """The answer is there, and the scripts of its page have begun: it takes keys."""
    page.get_by_text(text).first.wait_for()
    page.wait_for_load_state()


def test_ticking_by_keyboard_reviewing_saving_and_undoing(place, open_page):
    """T5, T6, T14, SCREENS 4.3: one tab stop, arrows, Space, fold, Ctrl S, Ctrl Z, Undo."""
    page = open_page(NORD)
    bar = page.locator("[data-change-bar]")
    expect(bar).to_be_hidden()
    expect(page.locator("td input[tabindex='0']")).to_have_count(1)
    page.get_by_label(ECG, exact=True).focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text("1 change not saved")
    page.keyboard.press("Control+z")
    expect(bar).to_be_hidden()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect_focus(page, MRI)
    page.keyboard.press("]")
    page.locator("tr[data-under]").nth(1).wait_for()
    page.keyboard.press("ArrowDown")
    expect_focus(page, "Mri, Ana-Test Ionescu for Hello Calls SRL at Aurora Nord")
    page.keyboard.press("Space")
    expect(page.get_by_label(MRI, exact=True)).to_be_checked(indeterminate=True)
    expect(bar).to_contain_text("2 changes not saved")
    page.keyboard.press("Control+s")
    expect_placed(page, "1 added, 1 removed.")
    assert axe_faults(page) == []
    expect(bar).to_contain_text("2 changes not saved")
    page.keyboard.press("Control+s")
    page.get_by_text("Saved: 2 changes.").wait_for()
    assert saved(place) == [("ecg", None, True), ("mri", place.ana_nord.offers["mri"].id, False)]
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: 2 cells.").wait_for()
    assert saved(place) == []


def test_a_block_a_column_and_why(place, open_page):
    """T5, T7, SCREENS 4.3: Shift and arrows, then Space; the column's panel; W explains a cell."""
    page = open_page(NORD)
    first = page.get_by_label("Ecg for Own desk at Aurora Nord", exact=True)
    first.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("td.st-in-block")).to_have_count(2)
    page.keyboard.press("Space")
    expect(page.get_by_label(ECG, exact=True)).to_be_checked()
    page.keyboard.press("w")
    panel = page.locator("#panel")
    panel.get_by_text("Hello Calls SRL cannot book this.").wait_for()
    expect(panel).to_contain_text("Service is not ticked")
    assert axe_faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Hello Calls").click()
    page.get_by_role("button", name="Untick all").click()
    bar = page.locator("[data-change-bar]")
    expect(bar).to_contain_text("0 added, 1 removed")
    page.get_by_label("Filter services").fill("mri")
    expect(page.locator("tr[data-service]:visible")).to_have_count(1)


def test_a_colleagues_ticks_appear_and_ones_own_are_not_lost(place, open_page):
    """T5, T6, P35: within seconds, without a reload; what both changed is marked, and the review
    shows both. Shift and Space unticks a row that is all ticked."""
    page, theirs = open_page(NORD), open_page(NORD)
    page.get_by_label(MRI, exact=True).focus()
    page.keyboard.press("Space")
    theirs.get_by_label(ECG, exact=True).focus()
    theirs.keyboard.press("Space")
    theirs.get_by_label(MRI, exact=True).focus()
    theirs.keyboard.press("]")
    theirs.locator("tr[data-under]").nth(1).wait_for()
    theirs.keyboard.press("ArrowDown")
    theirs.keyboard.press("Space")
    theirs.keyboard.press("Control+Enter")
    theirs.get_by_text("Saved: 2 changes.").wait_for()
    page.get_by_text("Cells that somebody else changed just now: 2. You changed some").wait_for()
    expect(page.get_by_label(ECG, exact=True)).to_be_checked()
    expect(page.locator("[data-change-bar]")).to_contain_text("1 change not saved")
    expect(page.locator("td.st-contested")).to_have_count(1)
    assert axe_faults(page) == []
    page.get_by_role("button", name="Review changes").click()
    expect_placed(page, "meanwhile")
    page.goto(page.url)
    page.get_by_label(ECG, exact=True).focus()
    page.keyboard.press("Shift+Space")
    row = page.locator("tr[data-service]", has=page.get_by_label(ECG, exact=True))
    expect(row.locator("input[name=on]:checked")).to_have_count(0)


def test_narrow_pages_fit(place, open_page):
    """T2, SCREENS 2.14: at 320 one partner with a list of services; no sideways scroll."""
    page = open_page(NORD, 320)
    base = page.url.partition("/o/")[0]
    for path in (NORD, "/o/aurora/traffic-channels/?location=all", "/o/aurora/why/"):
        page.goto(base + path)
        assert page_faults(page, (320, 1000)) == [], path
