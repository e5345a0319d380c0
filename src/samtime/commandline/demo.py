"""`samtime demo`: one command from nothing to the demo town on http://127.0.0.1:8000."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from samtime.commandline.environment import data_folder, use_database, use_secrets
from samtime.commandline.local_register import local_register
from samtime.commandline.mail_sink import mail_sink
from samtime.commandline.schema import schema_stamp
from samtime.foundation.postgres import NoDatabase

WAIT_SECONDS = 60
BASE_URL = "SAMTIME_BASE_URL"
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Ended(Exception):
    """Somebody asked the demo to stop."""


def run(arguments: list[str]) -> int:
    """Start everything, wait, stop everything; the database too."""
    for name in ENDING:
        signal.signal(name, _end)
    data = data_folder()
    data.mkdir(parents=True, exist_ok=True)
    port = os.environ.setdefault("PORT", "8000")
    os.environ["SAMTIME_DEMO"] = "1"
    os.environ["SAMTIME_DEMO_STARTED"] = datetime.now(UTC).isoformat()
    os.environ.setdefault(BASE_URL, f"http://127.0.0.1:{port}")
    use_secrets(data)
    try:
        with _database():
            _prepare(data)
            with mail_sink(data), local_register(), _running("serve"), _running("worker"):
                _wait_for_page(port)
                _say(data)
                _watch()
    except (Ended, KeyboardInterrupt):
        return 0
    except NoDatabase as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    raise Ended


@contextlib.contextmanager
def _database() -> Iterator[None]:
    with _in_peace():
        visit = use_database()
    try:
        yield
    finally:
        if visit is not None:
            for name in ENDING:
                signal.signal(name, signal.SIG_IGN)
            visit.leave()


@contextlib.contextmanager
def _in_peace() -> Iterator[None]:
    """A signal waits until the database is wholly there: a half-started one could not be ended."""
    asked: list[int] = []
    before = {
        name: signal.signal(name, lambda number, frame: asked.append(number)) for name in ENDING
    }
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    if asked:
        os.kill(os.getpid(), asked[0])


def _prepare(data: Path) -> None:
    """Tables and town; a second start finds both and skips them by a stamp."""
    stamp = data / "schema.stamp"
    now = schema_stamp()
    if stamp.exists() and stamp.read_text() == now and _address(data) == os.environ[BASE_URL]:
        return
    for verb in ("migrate", "seed"):
        if subprocess.run([sys.executable, "-m", "samtime", verb], check=False).returncode:
            raise NoDatabase(f"samtime {verb} failed.")
    stamp.write_text(now)


def _address(data: Path) -> str:
    """The address that demo.json names; «» when there is none."""
    try:
        return str(json.loads((data / "demo.json").read_text())["base_url"])
    except (OSError, ValueError, KeyError):
        return ""


@contextlib.contextmanager
def _running(verb: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "samtime", verb], start_new_session=True)
    RUNNING.append(process)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


RUNNING: list["subprocess.Popen[bytes]"] = []


def _wait_for_page(port: str) -> None:
    address = f"http://127.0.0.1:{port}/"
    for _try in range(WAIT_SECONDS * 20):
        _judge_alive()
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)


def _judge_alive() -> None:
    for process in RUNNING:
        if process.poll() is not None:
            raise NoDatabase("A part of the demo stopped by itself; see the lines above.")


def _watch() -> None:
    parent = os.getppid()
    while True:
        time.sleep(0.5)
        _judge_alive()
        if os.getppid() != parent:
            raise Ended


def _say(data: Path) -> None:
    town = json.loads((data / "demo.json").read_text())
    print(f"\nSamtime demo: {town['base_url']}   mails: {town['mail']}\n")
    for account in town["accounts"]:
        print(f"  {account['email']:<28} {account['organization']:<10} {account['role']}")
    print("\n  Password of all: samtime-demo. API keys: see demo.json in the data folder.")
    print("  Stop with Ctrl-C.", flush=True)
