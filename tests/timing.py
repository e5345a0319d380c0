"""Bounds in seconds, and ports, that a busy machine cannot break by luck."""

import socket
import time

# How long a test waits for what must come (ms): no promise of speed, a busy machine is slow.
PATIENCE = 60_000


def quickest(act, limit, tries=5):
    """Seconds of the quickest of some tries; it is tried again only while none kept to `limit`.

    Work that really takes too long takes it every time; a machine that was busy does not.
    """
    took = []
    while len(took) < tries and not any(seconds < limit for seconds in took):
        began = time.monotonic()
        act()
        took.append(time.monotonic() - began)
    return min(took)


def own_port():
    """A socket that listens to nobody: while it lives, no other process is given its port."""
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    return place
