"""A client of Aurora, for the pages about clients."""

from datetime import date

import pytest

from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import AccessLogEntry
from samtime.patients.commands import add_patient
from tests.town import TODAY, person

LIST = "/o/aurora/patients/"


@pytest.fixture
def known(town):
    set_viewer(town.aurora.id)
    given = person(
        "Ștefan-Test", "Probăescu", birth_date=date(1961, 3, 14), phone="+40 721 555 187"
    )
    made = add_patient(actor=town.desk, person=given, today=TODAY)
    set_viewer(0)
    return made


def page_of(known, tab="overview"):
    return f"{LIST}{known.public_id}/{tab}/"


def act(known, name):
    return f"{LIST}{known.public_id}/act/{name}/"


def log(town, **wanted):
    with viewing_as(town.aurora.id):
        return list(AccessLogEntry.objects.filter(**wanted).order_by("id"))
