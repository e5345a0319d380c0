"""Under which account the server runs: PostgreSQL refuses root, newcomers in containers are root.

First choice is a user namespace in which root has another number: nothing is copied, no account
made, no permission changed. Where that is forbidden, an existing unprivileged account runs the
server from a folder it can reach.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
from contextlib import suppress
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
    if os.geteuid() != 0 and _is_known(os.geteuid()):
        return Account((), binaries, folder)
    if os.environ.get("SAMTIME_POSTGRES_NAMESPACE", "1") == "1" and _namespaces_allowed():
        return Account(NAMESPACE, binaries, folder)
    if os.geteuid() != 0:
        raise NoAccount()
    return _other_account(binaries, folder)


def _is_known(uid: int) -> bool:
    """PostgreSQL refuses a number without a name, as some containers give one."""
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


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
    with suppress(FileExistsError):
        home.mkdir(mode=0o755)
    # Everybody may write beside it: a link or a stranger's folder of this name is not ours.
    if not stat.S_ISDIR(home.lstat().st_mode) or home.lstat().st_uid != 0:
        raise NoAccount()
    prefix = ("setpriv", f"--reuid={found}", "--clear-groups", f"--regid={_gid(found)}")
    cluster = home / "cluster"
    if not cluster.exists():
        print(f"The database runs as {found}, with its files in {home}.", file=sys.stderr)
    return Account(prefix, _reachable(prefix, binaries, home), cluster, uid)


def _reachable(prefix: tuple[str, ...], binaries: Path, home: Path) -> Path:
    """The programs where the account may run them: in their place, else a copy.

    The wheel keeps the libraries beside the package; the copy keeps the two side by side.
    """
    # Asked by another program: root's rights last until the first one begins, so it would begin.
    check = [*prefix, "test", "-x", str(binaries / "postgres")]
    if subprocess.run(check, capture_output=True, check=False, cwd="/").returncode == 0:
        return binaries
    install, package = binaries.parent, binaries.parent.parent
    place, making = home / "programs", home / f"programs.{os.getpid()}"
    if not place.exists():
        shutil.copytree(install, making / package.name / install.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, making / libraries.name)
        making.rename(place)
    return place / package.name / install.name / binaries.name


def _uid(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _gid(name: str) -> int:
    return pwd.getpwnam(name).pw_gid
