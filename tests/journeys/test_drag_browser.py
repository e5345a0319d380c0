"""Dragging in the calendar: to another time, another practitioner, another length; and undone."""

import pytest
from playwright.sync_api import expect

from samtime.bookings.models import Booking
from samtime.organizations.models import Membership
from tests.journeys.conftest import inside
from tests.promises.test_races import as_actor
from tests.town import at, book, person

pytestmark = [pytest.mark.browser, pytest.mark.race]
DAY = "/o/aurora/calendar/2026-06-01/day/"


def kept(town):
    """Start, minutes and practitioner of the one booking, as the database has them."""
    with inside(town.aurora):
        found = Booking.objects.select_related("practitioner").get()
        minutes = int((found.ends_at - found.starts_at).total_seconds() // 60)
        return found.starts_at, minutes, found.practitioner.given_name


def drag(page, block, *, down=0, right=0, grip="middle"):
    """Press on the block, move by these pixels in steps, let go."""
    box = block.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    if grip == "edge":
        y = box["y"] + box["height"] - 3
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2, steps=4)
    page.mouse.move(x + right, y + down, steps=4)
    expect(page.locator(".st-ghost")).to_have_count(1)
    page.mouse.up()


def confirm(page, word):
    page.locator("#move-bar").get_by_role("button", name=word).click()
    page.locator("#panel .st-role-ok[role=status]").wait_for()


def test_drag_moves_and_resizes_undo_takes_back_and_the_keys_do_the_same(
    lasting_town, clock, house, open_as
):
    """B13, S11, SCREENS 4.6, 2.16: a drag asks first and posts the form that the keys open too."""
    town = lasting_town
    as_actor(town.desk, lambda: book(town.desk, town.mri_ana, at(0, 9), person("Dra")))
    page = open_as(town.desk)
    page.goto(house + DAY)
    block = page.locator("#columns a[data-moves]")
    hour = page.evaluate(
        "12 * parseFloat(getComputedStyle(document.querySelector('.st-cal-column'))"
        ".gridTemplateRows.split(' ')[0])"
    )

    # Let go without confirming: nothing has happened.
    drag(page, block, down=hour)
    page.get_by_text("Move Dra Prøvesen to Mon 1 Jun, 10:00?").wait_for()
    page.keyboard.press("Escape")
    page.locator("#move-bar form").wait_for(state="detached")
    assert kept(town) == (at(0, 9), 30, "Ana-Test")

    # To another practitioner, an hour later; then undone.
    columns = page.locator("#columns .st-cal-column")
    away = columns.nth(1).bounding_box()["x"] - columns.nth(0).bounding_box()["x"]
    names = [columns.nth(n).get_attribute("data-calendar") for n in range(columns.count())]
    step = names.index(str(town.dan_nord.public_id)) - names.index(str(town.ana_centru.public_id))
    drag(page, block, down=hour, right=away * step)
    confirm(page, "Move")
    assert kept(town) == (at(0, 10), 30, "Dan-Test")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Moved to 09:00.").wait_for()
    assert kept(town) == (at(0, 9), 30, "Ana-Test")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)

    # The lower edge: half an hour longer.
    page.goto(house + DAY)
    drag(page, block, down=hour / 2, grip="edge")
    page.get_by_text("Dra Prøvesen: 60 minutes instead?").wait_for()
    confirm(page, "Change the length")
    assert kept(town) == (at(0, 9), 60, "Ana-Test")

    # The same by keys: the block, M, the minutes and the time, Enter.
    page.goto(house + DAY)
    block.focus()
    page.keyboard.press("m")
    page.locator("#id_minutes").fill("30")
    page.locator("#id_time").fill("11")
    page.keyboard.press("Enter")
    page.get_by_text("Moved to 11:00.").wait_for()
    assert kept(town) == (at(0, 11), 30, "Ana-Test")

    # A right taken away meanwhile: the answer has no panel, so its sentence stands at the form.
    mine = Membership.objects.filter(user_id=town.desk.user_id)
    as_actor(town.desk, lambda: mine.update(roles=["finance"]))
    page.locator("#panel summary", has_text="Note").click()
    page.locator("#id_note").fill("Rings her")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator("#panel #request-failed")).to_contain_text("There is nothing here")
    expect(page.locator("#id_note")).to_have_value("Rings her")
