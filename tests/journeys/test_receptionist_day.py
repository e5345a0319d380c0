"""The receptionist's day without a mouse: arrival, telephone booking, move, absence, day sheet.

Every step is a key. What she sees at the end is before axe, and fits a telephone.
"""

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import Client
from playwright.sync_api import expect

from samtime.accounts.models import User
from samtime.bookings.models import BlockedTime, Booking
from samtime.wsgi import application
from tests.browser import axe_faults, served, started, windows
from tests.promises.test_races import as_actor
from tests.town import NOW, at, book, person

pytestmark = [pytest.mark.browser, pytest.mark.race]
DAY = "/o/aurora/calendar/2026-06-01/day/"


def signed_in(window, actor):
    """A window of this person."""
    client = Client()
    client.force_login(
        User.objects.get(id=actor.user_id),
        backend="samtime.accounts.sign_in.ByAddress",
    )
    cookies = {n: c.value for n, c in client.cookies.items()}
    return window(cookies, locale="en-GB")


def tab_to(page, selector, most=120):
    """Press Tab until that element has the focus."""
    for _n in range(most):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by keyboard to {selector}")


def write(page, selector, text):
    tab_to(page, selector)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def says(page, text):
    page.get_by_text(text).first.wait_for()


LATER = """async (minutes) => {
  const { moveNow } = await import("/static/samtime/calendar_now.js");
  const clock = Date.now;
  Date.now = () => clock() + minutes * 60000;
  moveNow(document.getElementById("columns"));
  const shown = document.querySelector(".st-now-time").textContent;
  const line = document.querySelector(".st-now").className;
  Date.now = clock;
  return [shown, line];
}"""


def the_line_of_now_goes_on(page):
    """Also on a page that stands open: an hour and a half later it is there."""
    begun = page.locator(".st-now-time").inner_text()
    hour, minute = map(int, begun.split(":"))
    later = hour * 60 + minute + 90
    shown, line = page.evaluate(LATER, 90)
    assert shown == f"{later // 60:02d}:{later % 60:02d}"
    assert line == f"st-now st-h-{later // 60} st-m-{later % 60 // 5}"


def test_a_day_at_the_desk_by_keyboard_alone(lasting_town, clock):
    """B13, S9, S11, T14, B6, SCREENS 10: each act by keys alone; 2.16: axe finds nothing."""
    town = lasting_town
    as_actor(town.desk, lambda: book(town.desk, town.mri_ana, NOW, person("Morgen"), now=NOW))
    handler = StaticFilesHandler(application)
    with started() as browser, served(handler) as base, windows(browser, base) as window:
        page = signed_in(window, town.desk)
        faults = []
        page.goto(base + DAY)
        the_line_of_now_goes_on(page)
        arrives(page)
        faults += axe_faults(page)
        a_call(page)
        faults += axe_faults(page)
        moves(page)
        an_absence(page)
        faults += axe_faults(page)
        the_sheet(page)
        faults += axe_faults(page)
        page.set_viewport_size({"width": 320, "height": 800})
        page.goto(base + DAY)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        expect(page.get_by_role("navigation", name="One practitioner")).to_be_visible()
        faults += axe_faults(page)
    assert faults == []
    kept = as_actor(town.desk, lambda: {b.patient.given_name: b for b in Booking.objects.all()})
    assert kept["Morgen"].state == "arrived"
    assert kept["Telefon"].starts_at == at(0, 11)
    absence = as_actor(town.desk, lambda: BlockedTime.objects.get())
    assert (absence.kind, absence.title) == ("absence", "Course")
    assert kept["Telefon"].state == "booked"


def arrives(page):
    tab_to(page, "#columns a.st-block")
    assert page.evaluate("document.activeElement.textContent").startswith("08:00 Morgen")
    page.keyboard.press("a")
    says(page, "Marked as arrived.")


def a_call(page):
    """A new client on the telephone, to half past nine."""
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.locator("#id_q:focus").wait_for()
    tab_to(page, "[data-new-client] summary")
    page.keyboard.press("Enter")
    for name, text in (
        ("given_name", "Telefon"),
        ("family_name", "Prøvesen"),
        ("birth_date", "03.02.1990"),
        ("phone", "+47 555 01 999"),
    ):
        write(page, f"#id_patient_{name}", text)
    tab_to(page, "#id_service")
    page.keyboard.type("Mri")
    tab_to(page, "#id_calendar")
    page.keyboard.press("Home")
    write(page, "#id_time", "9:30")
    page.keyboard.press("Control+Enter")
    says(page, "Booked, the client is invited.")


def moves(page):
    page.keyboard.press("Escape")
    page.locator("#columns a", has_text="09:30 Telefon").wait_for()
    tab_to(page, "#columns a.st-block")
    for _n in range(6):
        if "Telefon" in page.evaluate("document.activeElement.textContent"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    says(page, "Move Telefon Prøvesen")
    write(page, "#id_time", "11:00")
    page.keyboard.press("Control+Enter")
    says(page, "Moved to 11:00.")


def an_absence(page):
    """The doctor goes to a course: the booking in the way is shown, and kept."""
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.locator("#id_q:focus").wait_for()
    page.keyboard.press("Shift+Tab")
    for _n in range(3):
        page.keyboard.press("ArrowRight")
    write(page, "#id_title", "Course")
    write(page, "#id_time", "10:00")
    write(page, "#id_until", "15:00")
    page.keyboard.press("Control+Enter")
    says(page, "1 appointment lies in this time.")
    says(page, "Telefon Prøvesen")
    # The old page's live columns may show it before the new page comes.
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    page.locator("#columns a", has_text="Absence: Course").first.wait_for()


def the_sheet(page):
    page.keyboard.press("p")
    page.get_by_role("heading", name="Day sheet").wait_for()
    says(page, "Telefon Prøvesen")
