"""A real Chromium for tests, and the pages served over HTTP in a thread of the test."""

import asyncio
import os
import random
import shutil
import threading
import time
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Error, expect, sync_playwright

from tests.timing import own_port

# How long a test waits for what must come (ms): no promise of speed, a busy machine is slow.
PATIENCE = 60_000
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


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_):
        """Nothing: the test's output is for the test."""


# SAMTIME_TEST_SLOW=300: every answer comes up to 300 ms late, its body up to as much after its
# head. What passes so waits for what it needs, not for luck.
SLOW = int(os.environ.get("SAMTIME_TEST_SLOW", "0"))


def _late(application):
    """The same answers, each piece of them when it suits a bad line."""

    def answered(environ, start_response):
        time.sleep(random.uniform(0, SLOW) / 1000)
        answer = application(environ, start_response)
        try:
            yield b""  # the head is on its way
            time.sleep(random.uniform(0, SLOW) / 1000)
            yield from answer
        finally:
            getattr(answer, "close", lambda: None)()

    return answered


# Address of a static file: status, headers, body. A page has thirty of them.
_FILES = {}


def _with_files(application):
    """Static files from memory, for the browser to keep; everything else as the product does it."""

    def answered(environ, start_response):
        address = environ["PATH_INFO"]
        if not address.startswith("/static/"):
            return application(environ, start_response)
        if address not in _FILES:
            _FILES[address] = _fetched(application, environ)
        status, headers, body = _FILES[address]
        start_response(status, headers)
        return [body]

    return answered


def _fetched(application, environ):
    said = []
    for condition in ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH"):
        environ.pop(condition, None)
    answer = application(environ, lambda status, headers, *_rest: said.extend((status, headers)))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    kept = [(n, v) for n, v in said[1] if n.lower() != "cache-control"]
    return said[0], [*kept, ("Cache-Control", "max-age=3600")], body


@contextmanager
def _serving(port):
    server = make_server("127.0.0.1", port, None, _Server, _Silent)
    thread = threading.Thread(target=lambda: server.serve_forever(0.05), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


_FREE_PORTS = []


@contextmanager
def served(application):
    """The application's base address; the same as last time, for the browser's cache."""
    place = _FREE_PORTS.pop() if _FREE_PORTS else own_port()
    with _serving(place.getsockname()[1]) as server:
        server.set_app(_with_files(_late(application) if SLOW else application))
        yield f"http://127.0.0.1:{server.server_port}"
    _FREE_PORTS.append(place)


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
