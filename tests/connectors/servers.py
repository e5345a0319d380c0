"""Real local HTTP servers that answer as a test says, or misbehave."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Callers hang up on us on purpose."""


@contextmanager
def listening(answer):
    """A server on loopback; `answer(handler)` writes what goes back. Gives host:port and
    the list of (method, path, body) that came in."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, body))
            self.close_connection = True
            answer(self)

        do_GET = do_POST = _any  # noqa: N815

        def log_message(self, *_):
            """Nothing."""

    with serving(Handler) as place:
        yield place, asked


@contextmanager
def serving(handler):
    """Host:port of a server on loopback, while the block runs."""
    server = _Quiet(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def reply(handler, status=200, body=b"{}", kind="application/json", **headers):
    """A whole answer."""
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


RELEASE = threading.Event()


def hang(handler):
    """Nothing, until the test is over."""
    RELEASE.wait(5)


def drip(handler):
    """A byte now and then: every read succeeds, the whole never ends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _n in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        if RELEASE.wait(0.03):
            return


def huge(handler):
    """More than anybody wants."""
    handler.send_response(200)
    handler.end_headers()
    for _n in range(64):
        handler.wfile.write(b"x" * 65536)
