"""The product's pages over HTTP in a thread of the test, on a bad line where that is asked for."""

import os
import random
import threading
import time
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from tests.timing import PATIENCE, own_port


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128  # a page asks for thirty files at once


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


class _Answers:
    """The same answers; none is begun after the test's end, and its end waits for those under way.

    What a page sends in leaving would else find the next test's database: the session unknown
    there, and the cookie of the next test taken back with it.
    """

    def __init__(self, application):
        self.application, self.turn = application, threading.Condition()
        self.under_way, self.is_over = 0, False

    def __call__(self, environ, start_response):
        with self.turn:
            if self.is_over:
                start_response("503 The test is over", [])
                return
            self.under_way += 1
        try:
            answer = self.application(environ, start_response)
            try:
                yield from answer
            finally:
                getattr(answer, "close", lambda: None)()
        finally:
            with self.turn:
                self.under_way -= 1
                self.turn.notify_all()

    def end(self):
        with self.turn:
            self.is_over = True
            self.turn.wait_for(lambda: not self.under_way, PATIENCE / 1000)


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
    answers = _Answers(_with_files(_late(application) if SLOW else application))
    try:
        with _serving(place.getsockname()[1]) as server:
            server.set_app(answers)
            yield f"http://127.0.0.1:{server.server_port}"
    finally:
        answers.end()
        _FREE_PORTS.append(place)
