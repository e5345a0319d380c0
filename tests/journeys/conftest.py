"""One browser for all journeys, and people of the town signed in with it."""

from contextlib import contextmanager

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import transaction

from samtime.foundation.tenancy import viewing_as
from samtime.wsgi import application
from tests.browser import complaints, served, started, windows
from tests.web.visitors import visitor


@contextmanager
def inside(organization):
    """A transaction that sees this organization's rows, committed at its end."""
    with transaction.atomic(), viewing_as(organization.id):
        yield


@pytest.fixture(scope="module")
def chromium():
    with started() as browser:
        yield browser


@pytest.fixture
def house(settings):
    """The address of the pages, served over HTTP."""
    with served(StaticFilesHandler(application)) as base:
        settings.BASE_URL = base
        settings.CSRF_TRUSTED_ORIGINS = [base]
        yield base


@pytest.fixture
def open_as(chromium, house):
    """`open_as(actor)`: a page of its own, signed in, in English; without actor signed out.

    The pages' own scripts may not fail; answers that refuse are no fault of theirs.
    """
    said = []

    def opened(window, actor=None, width=1440):
        cookies = {}
        if actor is not None:
            session = visitor(actor).cookies["sessionid"].value
            cookies = {"django_language": "en", "sessionid": session}
        return window(cookies, width, heard=said, locale="en-GB")

    with windows(chromium, house) as window:
        yield lambda *given, **more: opened(window, *given, **more)
    assert complaints(line for line in said if line[0] == "error") == []
