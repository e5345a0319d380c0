"""Under which account the server runs: PostgreSQL refuses root, newcomers in containers are root.

First choice is a user namespace in which root has another number: nothing is copied, no account
made, no permission changed. Where that is forbidden, an existing unprivileged account runs the
server from a folder it can reach.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAMESPACE = ("unshare", "-U", "--map-user=65534", "--map-group=65534")


class NoAccount(Exception):
    """Root, no user namespaces, and no unprivileged account to run as."""


@dataclass(frozen=True, slots=True)
class Account:
    """How to run the server's programs, and where its files lie."""

    prefix: tuple[str, ...]
    binaries: Path
    folder: Path
    owner: int | None = None


def choose(binaries: Path, folder: Path) -> Account:
    """The account for this process; `folder` is where the cluster should lie."""
    if os.geteuid() != 0:
        return Account((), binaries, folder)
    if os.environ.get("SAMTIME_POSTGRES_NAMESPACE", "1") == "1" and _namespaces_allowed():
        return Account(NAMESPACE, binaries, folder)
    return _other_account(binaries, folder)


def _namespaces_allowed() -> bool:
    if shutil.which("unshare") is None:
        return False
    run = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
    return run.returncode == 0


def _other_account(binaries: Path, folder: Path) -> Account:
    found = next((a for a in ("postgres", "nobody") if _uid(a) is not None), None)
    if found is None or shutil.which("setpriv") is None:
        raise NoAccount()
    uid = _uid(found)
    mark = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    home = Path("/var/tmp") / f"samtime-{mark}"  # noqa: S108
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid != 0:
        raise NoAccount()
    install = home / "postgres"
    if not (install / "bin" / "postgres").exists():
        shutil.copytree(binaries.parent, install, symlinks=True)
    cluster = home / "cluster"
    if not cluster.exists():
        cluster.mkdir(mode=0o700)
        os.chown(cluster, uid or 0, -1)
    print(f"The database runs as {found}, with its files in {home}.", file=sys.stderr)
    prefix = ("setpriv", f"--reuid={found}", "--clear-groups", f"--regid={_gid(found)}")
    return Account(prefix, install / "bin", cluster, uid)


def _uid(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _gid(name: str) -> int:
    return pwd.getpwnam(name).pw_gid
