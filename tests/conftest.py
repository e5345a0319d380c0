"""What every test may ask for."""

import gc
import os
import threading

import hypothesis
import pytest
from django.conf import settings
from django.utils import translation

from tests import browser, database
from tests.database import cluster, django_db_setup, own_database, owner_url
from tests.timing import PATIENCE
from tests.town import clock, lasting_town, town

__all__ = [
    "clock",
    "cluster",
    "django_db_setup",
    "lasting_town",
    "own_database",
    "owner_url",
    "town",
]


WAITS_FOR_THE_TEST = " -c idle_in_transaction_session_timeout=0"


def pytest_configure(config):
    """The controller starts the one server; workers attach to it."""
    # Looking for garbage after every 700 objects costs a tenth of a run.
    gc.set_threshold(50_000, 20, 20)
    # Every day the same examples, however slow the machine; `make prove` looks for new ones.
    hypothesis.settings.register_profile(
        "steady",
        deadline=None,
        derandomize=os.environ.get("SAMTIME_PROVE") != "1",
        database=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("steady")
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]
    # Each test client builds the middleware anew, and would walk all static files for it.
    settings.WHITENOISE_AUTOREFRESH = True
    # A test's own transaction stays open while it thinks or looks at pages, on any machine.
    settings.DATABASES["default"]["OPTIONS"]["options"] += WAITS_FOR_THE_TEST
    config.stash[database.CLUSTER] = cluster = database.begin()
    if not hasattr(config, "workerinput"):
        # While the tests are being read; the first that needs the template waits for it.
        preparing = threading.Thread(target=database.prepare, args=(cluster,))
        preparing.start()
        config.stash[database.PREPARING] = preparing


def pytest_collection_modifyitems(items):
    """Long proofs run in `make prove` alone."""
    if os.environ.get("SAMTIME_PROVE") == "1":
        return
    for item in items:
        if item.get_closest_marker("prove"):
            item.add_marker(pytest.mark.skip(reason="a long proof: make prove"))


def pytest_unconfigure(config):
    """The controller stops it again; SAMTIME_TEST_KEEP=1 keeps it warm for the next run."""
    browser.end()
    is_worker = hasattr(config, "workerinput")
    if preparing := config.stash.get(database.PREPARING, None):
        preparing.join()
    if not is_worker and os.environ.get("SAMTIME_TEST_KEEP") != "1":
        database.end()


def pytest_runtest_setup(item):
    """Tests of the town begin in a database where it stands already: building it takes longest."""
    database.choose_place("town" in getattr(item, "fixturenames", ()))
    translation.deactivate()  # a page leaves its reader's language to the thread


@pytest.fixture(scope="session")
def worker_id(request):
    """The xdist worker, or «main»."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session", autouse=True)
def patient_look_ups():
    """A page waits two seconds for a register; those of tests stand on a machine that is busy."""
    from samtime.connectors.registers import look_up

    look_up.__kwdefaults__["seconds"] = PATIENCE / 1000
