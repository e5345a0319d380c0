"""The embedded database with real processes: every trap of a newcomer's machine.

Whether a server runs is decided by connecting; a pid file, a folder or a port proves nothing (P25).
"""

import hashlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from samtime.foundation.postgres import NoDatabase, Visit, start, stop
from samtime.foundation.postgres.account import NAMESPACE, _reachable
from samtime.foundation.postgres.launcher import ADMIN
from samtime.foundation.postgres.postmaster import is_running, pid_in_file
from samtime.foundation.postgres.programs import binaries

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = Path("/usr/lib/postgresql/15/bin")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")
# Another account runs the programs of this checkout: it has to get there.
OPEN_TO_ALL = pytest.mark.skipif(
    any(not part.stat().st_mode & 0o001 for part in (ROOT, *ROOT.parents)),
    reason="this checkout stands in a folder that other accounts may not enter",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A data folder with a cluster at rest; tests copy it, so initdb runs once."""
    data = tmp_path_factory.mktemp("made") / "Dåta og «rot»"
    start(data)
    stop(data)
    return data


@pytest.fixture
def data(made, tmp_path):
    """A copy of its own, stopped at the end whatever happened."""
    folder = tmp_path / "Dåta og «rot»"
    shutil.copytree(made, folder)
    yield folder
    stop(folder)


def answer(cluster, role="samtime_app"):
    with psycopg.connect(cluster.url(role), connect_timeout=30) as connection:
        return connection.execute("SELECT current_user").fetchone()[0]


def servers(folder):
    """The postmasters of a folder that live now."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = line.read_bytes().split(b"\0")
            if b"-D" in words and os.fsencode(folder / "postgres") in words:
                found.append(int(line.parent.name))
    return found


def test_a_folder_with_spaces_and_letters_of_elsewhere(data):
    cluster = start(data)
    assert cluster.started_here
    assert answer(cluster) == "samtime_app"
    assert answer(cluster, "samtime_owner") == "samtime_owner"
    again = start(data)
    assert (again.port, again.started_here) == (cluster.port, False)


def test_neither_role_is_above_the_row_policies(data):
    with psycopg.connect(start(data).url(ADMIN, "postgres")) as admin:
        rows = admin.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles"
            " WHERE rolname IN ('samtime_app', 'samtime_owner')"
        ).fetchall()
    assert len(rows) == 2
    assert not any(power for row in rows for power in row[1:])


def test_after_a_kill_the_next_start_hands_out_a_living_server(data):
    """P25: kill -9; the stale pid file and the dead port are not believed."""
    first = start(data)
    with psycopg.connect(first.owner_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(pid_in_file(data / "postgres"), signal.SIGKILL)
    began = time.monotonic()
    second = start(data)
    assert second.started_here
    assert time.monotonic() - began < 15
    with psycopg.connect(second.owner_url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert len(servers(data)) == 1


def test_a_pid_file_that_names_a_stranger_is_dropped_and_the_stranger_lives(data):
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        file = data / "postgres" / "postmaster.pid"
        file.write_text(f"{stranger.pid}\n{data / 'postgres'}\n1\n5432\n\n\n\nready\n")
        stop(data)
        assert stranger.poll() is None
        assert not is_running(data / "postgres")
        assert answer(start(data)) == "samtime_app"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_pid_file_of_nonsense_is_no_hindrance(data):
    (data / "postgres" / "postmaster.pid").write_text("")
    assert answer(start(data)) == "samtime_app"


def test_eight_at_once_get_one_server(data):
    command = [sys.executable, "-c", ONE, str(data)]
    with ThreadPoolExecutor(8) as pool:
        runs = list(
            pool.map(lambda _n: subprocess.run(command, capture_output=True, text=True), range(8))
        )
    said = [json.loads(run.stdout) for run in runs]
    assert len({port for port, _here in said}) == 1
    assert sum(here for _port, here in said) == 1
    assert len(servers(data)) == 1


ONE = f"""
import json, sys
sys.path.insert(0, {str(ROOT / "src")!r})
from pathlib import Path
from samtime.foundation.postgres import start
cluster = start(Path(sys.argv[1]))
print(json.dumps([cluster.port, cluster.started_here]))
"""


def test_two_side_by_side_know_nothing_of_each_other(data, tmp_path):
    """Also where one remembers a port that is the other's now: it answers, not to our password."""
    other = tmp_path / "other"
    shutil.copytree(data, other)
    said = json.loads((data / "postgres.json").read_text())
    try:
        two = start(other)
        with psycopg.connect(two.url(ADMIN, "postgres"), autocommit=True) as admin:
            admin.execute("ALTER ROLE samtime_owner PASSWORD 'its own'")
        (data / "postgres.json").write_text(json.dumps({**said, "port": two.port}))
        one = start(data)
        assert one.started_here
        assert one.port != two.port
        stop(other)
        assert is_running(data / "postgres")
    finally:
        stop(other)


def test_a_path_too_long_for_sockets(made, tmp_path):
    """A socket's path may have 107 bytes; nothing here is one."""
    data = tmp_path.joinpath(*["long" * 12] * 4)
    shutil.copytree(made, data)
    assert len(os.fsencode(data)) > 200
    try:
        assert answer(start(data)) == "samtime_app"
    finally:
        stop(data)


def test_a_first_start_cut_short_is_begun_anew(made, tmp_path):
    """Ctrl-C in the first second: what initdb left is never taken for a cluster."""
    data = tmp_path / "cut"
    (data / "postgres.new" / "base").mkdir(parents=True)
    (data / "postgres.new" / "PG_VERSION").write_text("18\n")
    try:
        assert answer(start(data)) == "samtime_app"
        assert not (data / "postgres.new").exists()
    finally:
        stop(data)


def test_a_cluster_that_was_founded_but_not_moved_is_moved(data):
    (data / "postgres").rename(data / "postgres.new")
    assert answer(start(data)) == "samtime_app"


def test_a_folder_of_another_version_is_refused_in_words(data):
    (data / "postgres" / "PG_VERSION").write_text("14\n")
    with pytest.raises(NoDatabase, match="was written by PostgreSQL 14"):
        start(data)


def test_lost_passwords_never_cost_the_data(data):
    (data / "postgres.json").unlink()
    with pytest.raises(NoDatabase, match=r"postgres\.json"):
        start(data)
    assert (data / "postgres" / "base").is_dir()


def test_a_full_house_is_not_taken_for_a_dead_server(data, monkeypatch):
    """All connections taken: the launcher waits and says so; it does not end the server."""
    cluster = start(data)
    pid = pid_in_file(data / "postgres")
    with psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin:
        admin.execute("ALTER ROLE samtime_owner CONNECTION LIMIT 0")
        with monkeypatch.context() as hurried:
            hurried.setattr("samtime.foundation.postgres.launcher.START_SECONDS", 1)
            with pytest.raises(NoDatabase, match="takes no visitor"):
                start(data)
        admin.execute("ALTER ROLE samtime_owner CONNECTION LIMIT -1")
    assert start(data).port == cluster.port
    assert pid_in_file(data / "postgres") == pid


def test_the_last_to_leave_stops_the_server(data):
    first, second = Visit(data), Visit(data)
    assert first.cluster.port == second.cluster.port
    first.leave()
    assert answer(second.cluster) == "samtime_app"
    second.leave()
    second.leave()
    assert not servers(data)


def test_the_server_of_a_killed_visitor_ends_with_the_next(data):
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(data)], capture_output=True, text=True, check=False
    )
    assert run.returncode == -signal.SIGKILL
    assert len(servers(data)) == 1
    Visit(data).leave()
    assert not servers(data)


KILLED = f"""
import os, signal, sys
sys.path.insert(0, {str(ROOT / "src")!r})
from pathlib import Path
from samtime.foundation.postgres import Visit
visit = Visit(Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


def namespaces():
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


@AS_ROOT
def test_root_in_a_home_nobody_may_enter(made, tmp_path):
    """PostgreSQL refuses root: a user namespace runs it, and no permission is changed."""
    if not namespaces():
        pytest.skip("no user namespaces here")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copytree(made, home / "data")
    before = home.stat()
    try:
        assert answer(start(home / "data")) == "samtime_app"
        after = home.stat()
        assert (before.st_mode, before.st_uid) == (after.st_mode, after.st_uid)
        assert (home / "data" / "postgres" / "postmaster.pid").stat().st_uid == 0
    finally:
        stop(home / "data")


@AS_ROOT
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv here")
def test_root_where_namespaces_are_forbidden(tmp_path, monkeypatch, capfd):
    """An existing unprivileged account runs it from a folder it can reach, and one line says so."""
    monkeypatch.setenv("SAMTIME_POSTGRES_NAMESPACE", "0")
    data = tmp_path / "home" / "data"
    data.parent.mkdir(mode=0o700)
    mark = hashlib.sha256(os.fsencode(data.absolute() / "postgres")).hexdigest()[:12]
    place = Path("/var/tmp") / f"samtime-{mark}"
    try:
        assert answer(start(data)) == "samtime_app"
        assert capfd.readouterr().err == (
            f"The database runs as postgres, with its files in {place}.\n"
            if "postgres" in {account.pw_name for account in pwd.getpwall()}
            else f"The database runs as nobody, with its files in {place}.\n"
        )
        assert (place / "cluster" / "PG_VERSION").stat().st_uid != 0
        stop(data)
        assert start(data).started_here
        assert capfd.readouterr().err == ""
    finally:
        stop(data)
        shutil.rmtree(place)


@AS_ROOT
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv here")
def test_programs_the_account_cannot_reach_are_copied_with_their_libraries(tmp_path):
    """The wheel in a home of mode 0700: programs and libraries go where they can be run."""
    home = Path("/var/tmp") / f"samtime-copy-{os.getpid()}"
    home.mkdir(mode=0o755)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    install = binaries().parent
    prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    try:
        for folder in (install, install.parent.with_name(f"{install.parent.name}.libs")):
            place = closed / folder.relative_to(install.parents[1])
            shutil.copytree(folder, place, symlinks=True)
        copied = _reachable(prefix, closed / install.parent.name / install.name / "bin", home)
        assert copied.is_relative_to(home)
        for program in ("initdb", "postgres", "pg_ctl"):
            run = subprocess.run([*prefix, copied / program, "--version"], check=False, cwd="/")
            assert run.returncode == 0
    finally:
        shutil.rmtree(home)


@AS_ROOT
@OPEN_TO_ALL
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv here")
@pytest.mark.parametrize("uid", [65534, 54321], ids=["named", "nameless"])
def test_an_ordinary_user(uid):
    """Nothing but the account's own rights: initdb, start, answer, stop. A number without a name,
    which PostgreSQL itself refuses, gets one in a user namespace."""
    if uid == 54321 and not namespaces():
        pytest.skip("no user namespaces here")
    home = Path("/var/tmp") / f"samtime-ordinary-{uid}-{os.getpid()}"
    home.mkdir(mode=0o700)
    os.chown(home, uid, uid)
    for part in home.parents:
        assert part.stat().st_mode & 0o001
    prefix = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    try:
        run = subprocess.run(
            [*prefix, sys.executable, "-c", ONE + STOP, str(home / "data")],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        if "Permission denied" in run.stderr and "samtime" not in run.stdout:
            pytest.skip("the checkout lies where other accounts may not read")
        assert run.returncode == 0, run.stderr[-2000:]
        assert json.loads(run.stdout)[1] is True
        assert (home / "data" / "postgres" / "PG_VERSION").stat().st_uid == uid
        assert not servers(home / "data")
    finally:
        shutil.rmtree(home)


STOP = """
from samtime.foundation.postgres import stop
stop(Path(sys.argv[1]))
"""


@pytest.mark.skipif(not (DEBIAN / "initdb").exists(), reason="no PostgreSQL 15 of Debian here")
def test_another_postgresql_can_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMTIME_POSTGRES_BIN", str(DEBIAN))
    try:
        cluster = start(tmp_path / "data")
        with psycopg.connect(cluster.owner_url) as connection:
            assert connection.execute("SHOW server_version_num").fetchone()[0].startswith("15")
    finally:
        stop(tmp_path / "data")


def test_a_named_folder_without_postgresql_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMTIME_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(NoDatabase, match="SAMTIME_POSTGRES_BIN"):
        start(tmp_path / "data")
