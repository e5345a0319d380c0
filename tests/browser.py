"""A real Chromium for tests, and what they ask of its pages."""

import asyncio
import os
import shutil
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Error, expect, sync_playwright

from tests.serving import served as served
from tests.timing import PATIENCE

expect.set_options(PATIENCE)

AXE = settings.NODE_MODULES / "axe-core" / "axe.min.js"
# The headless shell first: it spends a third less on a page than the whole browser.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium():
    """The path of an installed Chromium, or None."""
    found = os.environ.get("SAMTIME_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return found if found and os.path.exists(found) else None


# A page of the same address, so that the window's process lives on; nothing runs on it.
RESTING = "/static/samtime/logo.svg"


def new_page(browser, **options):
    """A page in a context of its own, as patient as every test."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


class Windows:
    """Pages that stay open from test to test: a cold one costs five times a warm one.

    Cookies and kept choices go; no service worker comes in. Who needs more asks for a new context.
    """

    def __init__(self):
        self.free = []

    def take(self, browser, options):
        """A page nobody uses, in a context with these options."""
        for one in self.free:
            if one[1] == options:
                self.free.remove(one)
                one[0].context.clear_cookies()  # also what a last late answer has set
                return one[0]
        return new_page(browser, service_workers="block", **options)

    def give_back(self, page, options, base):
        """Emptied of everything but the cache of files; closed by its test, it is not kept."""
        if page.is_closed():
            return
        for other in page.context.pages:
            if other != page:
                other.close()
        page.unroute_all()
        try:
            page.goto(base + RESTING)
        except Error:  # the test ended while its page was on the way to another
            page.wait_for_load_state()
            page.goto(base + RESTING)
        page.evaluate("localStorage.clear()")
        page.context.clear_cookies()
        self.free.append((page, options))


@contextmanager
def windows(browser, base):
    """`opened(cookies, width, heard, **options)`: a page signed in by these cookies.

    `heard` gets what the page says to the console, as (kind, text). What the content security
    policy refused fails every test, whether it listens or not.
    """
    taken, refused = [], []

    def opened(cookies, width=1440, height=900, heard=None, **options):
        page = _KEPT[0].windows.take(browser, options)
        heard = [] if heard is None else heard

        def listen(line):
            heard.append((line.type, line.text))
            if "Content Security Policy" in line.text:
                refused.append(line.text)

        listeners = {
            "console": listen,
            "pageerror": lambda fault: heard.append(("error", str(fault))),
        }
        for event, listener in listeners.items():
            page.on(event, listener)
        taken.append((page, options, listeners))
        page.set_viewport_size({"width": width, "height": height})
        given = [{"name": n, "value": v, "url": base} for n, v in cookies.items()]
        page.context.add_cookies(given)
        return page

    try:
        yield opened
    finally:
        for page, options, listeners in taken:
            for event, listener in listeners.items():
                page.remove_listener(event, listener)
            _KEPT[0].windows.give_back(page, options, base)
    assert refused == []


def complaints(heard):
    """What pages said to the console, without what refused answers and our own blocking cause."""
    known = ("Failed to load resource", "Service Worker registration blocked")
    return [text for _kind, text in heard if not any(part in text for part in known)]


class _Chromium:
    """One browser for all tests of a worker: starting it costs as much as a whole test."""

    def __init__(self, path):
        self.playwright = sync_playwright().start()
        self.loop = asyncio.get_running_loop()
        self.browser = self.playwright.chromium.launch(executable_path=path, args=QUIET)
        self.windows = Windows()

    def enter(self):
        """Playwright's loop runs in this thread as long as a test uses the browser."""
        asyncio._set_running_loop(self.loop)
        if not self.browser.is_connected():
            path = chromium()
            self.browser = self.playwright.chromium.launch(executable_path=path, args=QUIET)
            self.windows = Windows()
        return self.browser

    def leave(self):
        """Nothing of a test stays, and Django sees an ordinary thread again."""
        kept = [page.context for page, _options in self.windows.free]
        for context in self.browser.contexts:
            if context not in kept:
                context.close()
        asyncio._set_running_loop(None)

    def end(self):
        """The worker is done."""
        asyncio._set_running_loop(self.loop)
        self.browser.close()
        self.playwright.stop()


_KEPT = []


@contextmanager
def started():
    """A headless Chromium; skips the test where there is none."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: browser tests left out")
    # Playwright's loop runs in this thread, so Django would refuse the database to the test.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    if not _KEPT:
        _KEPT.append(_Chromium(path))
    kept = _KEPT[0]
    browser = kept.enter()
    # Inside the loop Django keeps connections of its own: none may outlive its database.
    connections.close_all()
    try:
        yield browser
    finally:
        connections.close_all()
        kept.leave()


def end():
    """Close the browser of this worker, if it ever started one."""
    while _KEPT:
        _KEPT.pop().end()


PROVING = os.environ.get("SAMTIME_PROVE") == "1"


def in_turn(pages):
    """Every fourth of these in the daily run, all of them in `make prove`."""
    return pages if PROVING else pages[::4]


COVERED = """() => {
  const slot = document.getElementById("panel-slot");
  return Boolean(slot) && !slot.childElementCount && getComputedStyle(slot).display !== "none";
}"""


def page_faults(page, widths=(1440, 320)):
    """Sideways scroll and an empty panel at each width, and what axe finds at the first (`make
    prove`: at each)."""
    page.wait_for_load_state()
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append((width, "scrolls sideways"))
        if page.evaluate(COVERED):
            found.append((width, "a panel that is not there covers the page"))
        if width == widths[0] or PROVING:
            found += [(width, *fault) for fault in axe_faults(page)]
    return found


def axe_faults(page):
    """What axe-core finds on the page: rule, target and what to do.

    Its slowest rule, contrast, runs in `make prove`; every day the tokens' own test guards it.
    """
    page.wait_for_load_state()
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text("utf-8"))
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": PROVING}}}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [(v["id"], n["target"], n["failureSummary"]) for v in found for n in v["nodes"]]
