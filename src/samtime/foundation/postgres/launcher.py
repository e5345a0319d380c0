"""Start, attach to and stop the embedded server."""

import fcntl
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql

from samtime.foundation.postgres.account import Account, NoAccount, choose
from samtime.foundation.postgres.postmaster import clear_stale_pid, is_running
from samtime.foundation.postgres.programs import (
    NoDatabase,
    binaries,
    initialize,
    major_version,
    run,
)

ADMIN, OWNER, APPLICATION = "samtime_admin", "samtime_owner", "samtime_app"
DATABASE = "samtime"
START_SECONDS = 60
# Words of a server that is ours and alive but cannot take one more visitor at this moment.
BUSY = ("too many c", "remaining connection slots", "starting up", "recovery")


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
        account = _account(data)
        if known is None:
            known = _founded(data, account)
        _judge_version(account)
        return _launch(data, account, known)


def stop(data: Path) -> None:
    """End the server of this data folder; nothing happens when none runs."""
    data = data.absolute()
    if _known(data) is None:
        return
    with _locked(data):
        account = _account(data)
        # Without this look a stale pid file would have pg_ctl end somebody else's process.
        if is_running(account.folder):
            run(account, "pg_ctl", *_place(account), "-m", "fast", "-w", "stop", check=False)


def _account(data: Path) -> Account:
    try:
        return choose(binaries(), data / "postgres")
    except NoAccount:
        raise NoDatabase(
            "PostgreSQL does not run as root or as a number without a name, user namespaces are "
            "not allowed here, and no account «postgres» or «nobody» can be taken with setpriv."
        ) from None


def _place(account: Account) -> tuple[str, str]:
    return "-D", str(account.folder)


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


def _founded(data: Path, account: Account) -> Cluster:
    """A new cluster in its place. Refuses: NoDatabase where one lies whose passwords are lost."""
    if account.folder.exists() and any(account.folder.iterdir()):
        raise NoDatabase(
            f"{account.folder} holds a database, but postgres.json with its passwords is missing."
        )
    known = Cluster(0, {r: secrets.token_urlsafe(24) for r in (ADMIN, OWNER, APPLICATION)})
    made = initialize(account, admin=ADMIN, password=known.passwords[ADMIN])
    if account.folder.exists():
        account.folder.rmdir()
    # Passwords first: a cluster in its place without them could never be opened again.
    _write(data, known)
    made.rename(account.folder)
    return known


def _judge_version(account: Account) -> None:
    made = account.folder.with_name(f"{account.folder.name}.new")
    if not account.folder.exists() and made.exists():
        made.rename(account.folder)
    try:
        written = int((account.folder / "PG_VERSION").read_text())
    except FileNotFoundError:
        raise NoDatabase(f"The database's folder {account.folder} is gone.") from None
    if written != major_version(account.binaries):
        raise NoDatabase(
            f"{account.folder} was written by PostgreSQL {written}, but version "
            f"{major_version(account.binaries)} is installed. Name the programs of version "
            f"{written} in SAMTIME_POSTGRES_BIN, or move the folder away."
        )


def _answers(cluster: Cluster) -> bool:
    """Whether our server is there: our password opens our database."""
    until = time.monotonic() + START_SECONDS / 2
    while True:
        try:
            with psycopg.connect(cluster.owner_url, connect_timeout=10) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error as fault:
            if not any(word in str(fault) for word in BUSY):
                return False
            if time.monotonic() > until:
                raise NoDatabase(f"The database takes no visitor: {fault}") from fault
            time.sleep(0.2)
        else:
            return True


def _launch(data: Path, account: Account, known: Cluster) -> Cluster:
    log = account.folder / "server.log"
    for _try in range(3):
        clear_stale_pid(account.folder)
        cluster = Cluster(_free_port(), known.passwords, started_here=True)
        how = ("-l", str(log), "-w", "-t", str(START_SECONDS), "-o", f"-p {cluster.port}")
        if run(account, "pg_ctl", *_place(account), *how, "start", check=False).returncode == 0:
            _ensure_roles(cluster)
            _write(data, cluster)
            return cluster
        time.sleep(1)
    with suppress(OSError):
        raise NoDatabase("PostgreSQL did not start.\n" + log.read_text()[-2000:])
    raise NoDatabase("PostgreSQL did not start.")


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
