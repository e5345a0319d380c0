"""The frame in a real Chromium, the content security policy in force: widths, keys, axe."""

import pytest
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import expect

from tests.browser import complaints, page_faults, served, started, windows

pytestmark = pytest.mark.browser
PAGES = (
    "/demo/look",
    "/demo/look?panel=1",
    "/demo/look?plain=1",
    "/demo/look?calendar=1",
    "/sign-in/",
    "/",
    "/nothing/",
)


@pytest.fixture(scope="module")
def site():
    from django.test import override_settings

    with (
        override_settings(ROOT_URLCONF="tests.web.demo_urls", ALLOWED_HOSTS=["127.0.0.1"]),
        served(get_wsgi_application()) as base,
    ):
        yield base


@pytest.fixture(scope="module")
def chromium():
    with started() as browser:
        yield browser


@pytest.fixture
def open_page(site, chromium):
    """Opens a path; the console must stay silent (a refused style or script would speak)."""
    said = []
    with windows(chromium, site) as window:

        def opened(path, width=1440, height=900, **options):
            page = window({}, width, height, said, **options)
            page.goto(site + path)
            return page

        yield opened
    assert complaints(said) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_sideways_scroll_and_nothing_for_axe(open_page, path):
    """SCREENS 2.14, 2.16: reflow down to 320 px, axe-core finds nothing."""
    assert page_faults(open_page(path), (1440, 1000, 320)) == []


def test_the_page_search_finds_both_names(open_page):
    """P2: «Modul Partener» leads to Partners."""
    page = open_page("/demo/look")
    page.keyboard.press("Control+k")
    page.keyboard.type("modul partener")
    found = page.locator("#palette [role=option]:visible")
    expect(found).to_have_text(["Partners Settings"], use_inner_text=True)
    with page.expect_navigation(url="**/demo/look"):
        page.keyboard.press("Enter")


def test_unsaved_input_is_asked_about_once(open_page):
    """SCREENS 1.2: Escape closes; with unsaved input it asks."""
    page = open_page("/demo/look?panel=1")
    page.fill("#id_phone", "123")
    page.locator("#panel-title").focus()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keep editing").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("#id_phone")).to_have_value("123")
    page.locator("#panel-title").focus()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Leave without saving").click()
    page.wait_for_url("**/demo/look")
    expect(page.locator("#panel")).to_have_count(0)


def test_arrow_keys_walk_and_the_panel_follows(open_page):
    """SCREENS 1.2, and the focus stays in the list."""
    page = open_page("/demo/look?panel=9")
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**/demo/look?panel=1")
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**/demo/look?panel=2")
    expect(page.locator("tr.st-selected th")).to_contain_text("Ringeprøve")
    expect(page.locator("tr :focus")).to_have_count(1)


def test_below_1200_px_the_panel_is_modal(open_page):
    page = open_page("/demo/look?panel=1", 1000)
    expect(page.locator("#panel")).to_have_attribute("aria-modal", "true")
    expect(page.locator("#page[inert]")).to_have_count(1)
    page.keyboard.press("Escape")
    page.wait_for_url("**/demo/look")
    expect(page.locator("#page:not([inert])")).to_have_count(1)


def test_single_letters_are_not_shortcuts_in_a_field(open_page):
    """WCAG 2.1.4."""
    page = open_page("/demo/look")
    page.locator("input[name=q]").press("?")
    assert not page.evaluate("document.getElementById('shortcuts').open")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts[open]")).to_be_visible()


def test_the_menu_of_a_telephone(open_page):
    page = open_page("/demo/look", 320, 700)
    expect(page.locator("#side")).to_be_hidden()
    page.locator("[data-open-side]").click()
    expect(page.locator("#side")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#side")).to_be_hidden()


def test_the_confirmation_opens_with_the_focus_on_cancel(open_page):
    """SCREENS 2.12."""
    page = open_page("/demo/look")
    page.get_by_role("link", name="End partnership").click()
    expect(page.locator("dialog[open] :focus")).to_have_text("Cancel")


def test_the_frame_works_without_scripts(open_page):
    """SCREENS 1.3: menus, language and the panel need no script."""
    page = open_page("/demo/look?panel=1", java_script_enabled=False)
    page.locator("summary", has_text="Language").click()
    expect(page.get_by_role("button", name="Norsk")).to_be_visible()
    page.get_by_role("link", name="Close").click()
    page.wait_for_url("**/demo/look")
    expect(page.locator("#panel")).to_have_count(0)


def test_blocks_stand_at_their_times(open_page):
    """SCREENS 2.17: 74 px an hour, no style attributes."""
    page = open_page("/demo/look?calendar=1")
    tops = page.evaluate(
        "[...document.querySelectorAll('.st-cal-column:last-child > .st-block')]"
        ".map(b => b.offsetTop)"
    )
    assert [round(top - tops[0]) for top in tops] == [0, 37, 74, 111, 296, 148]
    height = page.evaluate("document.querySelector('.st-cal-column .st-block').offsetHeight")
    assert 52 <= height <= 56


def test_a_fault_of_the_server_is_told_in_the_page(open_page):
    """SCREENS 2.11: not a toast; what stands on the page stays."""
    page = open_page("/demo/look")
    page.route("**/demo/look?panel=1", lambda route: route.fulfill(status=500, body="x"))
    page.locator("tr[data-row] a").first.click()
    note = page.locator("#request-failed[role=alert]")
    expect(note).to_contain_text("This did not work")
    expect(page.locator("#panel")).to_have_count(0)


def test_a_session_that_ended_is_told_in_the_page(open_page, site):
    """SCREENS 1.1: the form is still there, and the way to sign in lies over it."""
    page = open_page("/demo/look?panel=9")
    page.fill("#id_phone", "123")
    page.evaluate(
        "document.querySelector('tr[data-row] a').setAttribute('hx-get', '/organizations/')"
    )
    page.locator("tr[data-row] a").first.click()
    page.wait_for_selector("#sign-in-again[open]")
    expect(page.locator("#id_phone")).to_have_value("123")


def test_a_letter_after_g_also_finds_a_folded_page(open_page):
    """SCREENS 10: G P opens partners, whether or not its group is open."""
    page = open_page("/demo/look?panel=9")
    page.evaluate("document.querySelector('[data-fold=settings]').open = false")
    # The two letters belong together for a while: this browser is in no hurry.
    page.evaluate("(now => { Date.now = () => now; })(Date.now())")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/demo/look")
