"""The demo as a process: one command from nothing, and nothing left after SIGTERM."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from samtime.commandline.environment import use_database
from samtime.foundation.postgres import start, stop
from samtime.foundation.postgres.launcher import ADMIN
from tests.foundation.test_postgres import servers
from tests.timing import own_port

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def demo(data):
    """A running demo with its output; killed at the end if it still lives."""
    place = own_port()
    port = place.getsockname()[1]
    known = {k: v for k, v in os.environ.items() if not k.startswith(("SAMTIME_", "DATABASE_"))}
    environment = {**known, "DATA": str(data), "PORT": str(port), "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(
        [sys.executable, "-m", "samtime", "demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        place.close()
        stop(data)


def members(group):
    """Processes whose environment names this data folder: web, worker, server."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"DATA={group}".encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def ended(process, data):
    """Asked to end, it ends within seconds, and everything it started with it."""
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    process.wait(15)
    assert not servers(data)
    while members(data) and time.monotonic() - began < 16:
        time.sleep(0.05)
    assert not members(data)


@pytest.mark.prove
def test_from_nothing_to_the_first_page_and_back_to_nothing(tmp_path):
    """A first start, a second that keeps the data and is up in seconds, and clean ends."""
    data = tmp_path / "Dåta og «rot»"
    for limit in (120, 10):
        began = time.monotonic()
        with demo(data) as (process, port):
            for line in process.stdout:
                if "Stop with Ctrl-C" in line:
                    break
            assert time.monotonic() - began < limit
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
                assert page.status == 200
            assert json.loads((data / "demo.json").read_text())["accounts"]
            ended(process, data)
            assert process.returncode == 0


@pytest.mark.parametrize("wait", [0.3, 1.0, 1.8])
def test_sigterm_at_any_moment_of_the_start_leaves_no_server(tmp_path, wait):
    """Before the database, in the middle of it, and while tables are made."""
    data = tmp_path / "data"
    with demo(data) as (process, _port):
        time.sleep(wait)
        ended(process, data)


def test_a_named_database_wins(tmp_path, monkeypatch):
    """DATABASE_URL: the embedded server is not even made."""
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SAMTIME_DATA", "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere.example/theirs")
    assert use_database() is None
    assert os.environ["DATABASE_URL"] == "postgresql://somebody@elsewhere.example/theirs"
    assert not (tmp_path / "data" / "postgres").exists()


def check(url):
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "PYTHONPATH": str(ROOT / "src"),
        "SAMTIME_SECRET_KEY": "x" * 50,
        "SAMTIME_KEYS": "y" * 40,
    }
    return subprocess.run(
        [sys.executable, "-m", "samtime", "check"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def roles(cluster, own_database):
    """An own database of the migrated kind, and an address of it for each role."""
    name = own_database.rsplit("/", 1)[1]
    with psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE bypassing_test LOGIN BYPASSRLS PASSWORD 'x' IN ROLE samtime_app")
        try:
            yield {
                "application": cluster.url("samtime_app", name),
                "owner": cluster.url("samtime_owner", name),
                "superuser": cluster.url(ADMIN, name),
                "bypassing": f"postgresql://bypassing_test:x@127.0.0.1:{cluster.port}/{name}",
            }
        finally:
            admin.execute("DROP ROLE bypassing_test")


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("owner", "owns tables; only the owner role may."),
        ("superuser", "is a superuser: row policies do not bind it."),
        ("bypassing", "bypasses row level security."),
    ],
)
def test_check_refuses_a_role_above_the_policies(roles, role, sentence):
    """P8: such a role would see everybody's patients."""
    run = check(roles[role])
    assert run.returncode == 1
    assert sentence in run.stderr


def test_check_takes_the_application_role(roles):
    run = check(roles["application"])
    assert (run.returncode, run.stderr) == (0, "")


def test_check_names_a_policy_that_is_gone(roles):
    """P8: one table without its forced policy is enough to say no."""
    with psycopg.connect(roles["owner"], autocommit=True) as owner:
        owner.execute("ALTER TABLE bookings_booking NO FORCE ROW LEVEL SECURITY")
    run = check(roles["application"])
    assert run.returncode == 1
    assert run.stderr == "Table bookings_booking is not under forced row level security.\n"


def test_a_start_after_the_demo_was_killed(tmp_path):
    """kill -9 of the demo leaves its server; whoever comes next ends it."""
    data = tmp_path / "data"
    cluster = start(data)
    assert servers(data)
    run = subprocess.run(
        [sys.executable, "-m", "samtime", "check"],
        env={"PATH": os.environ["PATH"], "DATA": str(data), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert cluster.started_here
    assert "migrations are missing" in run.stderr
    assert not servers(data)
