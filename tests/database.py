"""The tests' database: one real PostgreSQL, one migrated template, a clone for each worker.

Tests connect as the application role, so the row policies act in every one of them.
"""

import copy
import fcntl
import hashlib
import os
import subprocess
import sys
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections, transaction

from samtime.foundation.postgres import Cluster, start, stop
from samtime.foundation.postgres.launcher import ADMIN, APPLICATION, OWNER

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / ".samtime-test"
# Every migration draws all models anew: a collector would walk them in vain, a sixth of the time.
MIGRATE = """
import gc; gc.disable()
import django; django.setup()
from django.core.management import call_command
from samtime.foundation.tenancy import apply_row_policies
call_command("migrate", verbosity=0)
apply_row_policies()
"""


def begin() -> Cluster:
    """Start or attach to the server."""
    return start(DATA)


def prepare(cluster: Cluster) -> None:
    """Make the template when the schema is new; whoever comes meanwhile waits for it."""
    with (DATA / "template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _admin(cluster) as admin:
            admin.execute("ALTER SYSTEM SET fsync = off")
            admin.execute("ALTER SYSTEM SET full_page_writes = off")
            admin.execute("ALTER SYSTEM SET autovacuum = off")
            admin.execute("SELECT pg_reload_conf()")
        _make_template(cluster)


def end() -> None:
    """Stop the server."""
    stop(DATA)


def template_name() -> str:
    """Named after everything the schema is made from."""
    digest = hashlib.sha256()
    package = ROOT / "src" / "samtime"
    for path in sorted([*package.glob("*/migrations/*.py"), *package.glob("*/models.py")]):
        digest.update(path.read_bytes())
    digest.update((package / "foundation" / "tenancy.py").read_bytes())
    digest.update((ROOT / "requirements.txt").read_bytes())
    return f"template_{digest.hexdigest()[:16]}"


def _make_template(cluster: Cluster) -> None:
    name = template_name()
    with _admin(cluster) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        for (old,) in admin.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%'"
        ).fetchall():
            admin.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}_making" OWNER {OWNER}')
    environment = {
        **os.environ,
        "DATABASE_URL": cluster.url(OWNER, f"{name}_making"),
        "DJANGO_SETTINGS_MODULE": "samtime.settings",
        "SAMTIME_DATABASE_OPTIONS": "-c jit=off",
        "PYTHONPATH": str(ROOT / "src"),
    }
    subprocess.run([sys.executable, "-c", MIGRATE], check=True, env=environment)
    with _admin(cluster) as admin:
        admin.execute(f'ALTER DATABASE "{name}_making" RENAME TO "{name}"')


def _admin(cluster: Cluster) -> psycopg.Connection:
    return psycopg.connect(cluster.url(ADMIN, "postgres"), autocommit=True)


def clone(cluster: Cluster, name: str, source: str | None = None) -> None:
    """A fresh database of this name, like the template or like another one nobody is in."""
    drop(cluster, name)
    with _admin(cluster) as admin:
        admin.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{source or template_name()}" OWNER {OWNER}'
            " STRATEGY file_copy"
        )


def drop(cluster: Cluster, name: str) -> None:
    """The database is gone, whoever was in it."""
    with _admin(cluster) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def point_to(cluster: Cluster, name: str) -> None:
    """Django's connection goes to this database as the application role."""
    connection = connections["default"]
    connection.close()
    place = {
        "NAME": name,
        "USER": APPLICATION,
        "PASSWORD": cluster.passwords[APPLICATION],
        "HOST": "127.0.0.1",
        "PORT": str(cluster.port),
    }
    connection.settings_dict.update(place)
    settings.DATABASES["default"].update(place)


@pytest.fixture(scope="session")
def cluster(request) -> Cluster:
    """The running server, with its template."""
    running = request.config.stash[CLUSTER]
    prepare(running)
    return running


CLUSTER = pytest.StashKey[Cluster]()
PREPARING = pytest.StashKey[threading.Thread]()


@dataclass
class Places:
    """A worker's databases: an empty one, one in which the town stands already, and its copy in
    which nobody ever is, for those who need a town of their own."""

    cluster: Cluster
    empty: str
    towned: str
    untouched: str
    town: object


KEPT: list[Places] = []
WANTED = [False]


@pytest.fixture(scope="session")
def django_db_setup(cluster, django_db_blocker, worker_id):
    """Every worker has its own clones; ordinary tests roll back."""
    from tests.town import build

    name = f"test_{worker_id}_{os.getpid()}"
    towned, untouched = f"{name}_town", f"{name}_untouched"
    clone(cluster, name)
    clone(cluster, towned)
    with django_db_blocker.unblock():
        point_to(cluster, towned)
        with transaction.atomic():
            town = build()
        connections["default"].close()
        clone(cluster, untouched, towned)
        KEPT.append(Places(cluster, name, towned, untouched, town))
        choose_place(*WANTED)  # the worker's first test asked before there was a place
    yield
    KEPT.clear()
    with django_db_blocker.unblock():
        connections["default"].close()
    for made in (untouched, towned, name):
        drop(cluster, made)


def choose_place(wants_town: bool) -> None:
    """Before a test opens its transaction: the database that has what it asks for."""
    WANTED[:] = [wants_town]
    for place in KEPT:
        wanted = place.towned if wants_town else place.empty
        if connections["default"].settings_dict["NAME"] != wanted:
            point_to(place.cluster, wanted)


def standing_town():
    """A copy of the town that stands in the database of this test; None where there is none."""
    for place in KEPT:
        if connections["default"].settings_dict["NAME"] == place.towned:
            return copy.deepcopy(place.town)
    return None


def committed_town():
    """The town as it stands in a clone of `untouched`."""
    return copy.deepcopy(KEPT[0].town)


@contextmanager
def fresh_database(cluster: Cluster, source: str | None = None):
    """A clone for one test that commits; Django is pointed at it inside the block."""
    before = connections["default"].settings_dict["NAME"]
    name = f"own_{uuid.uuid4().hex[:12]}"
    clone(cluster, name, source)
    point_to(cluster, name)
    try:
        yield cluster.url(APPLICATION, name)
    finally:
        point_to(cluster, before)
        drop(cluster, name)


@pytest.fixture
def own_database(request, cluster, django_db_setup, django_db_blocker):
    """The address of a fresh database for a test that commits, races or serves pages; with the
    town for who asks for `lasting_town`: building it takes three times as long as copying it."""
    source = KEPT[0].untouched if "lasting_town" in request.fixturenames else None
    with django_db_blocker.unblock(), fresh_database(cluster, source) as url:
        yield url


@pytest.fixture
def owner_url(cluster, own_database):
    """The owner's address of the same database."""
    return cluster.url(OWNER, own_database.rsplit("/", 1)[1])
