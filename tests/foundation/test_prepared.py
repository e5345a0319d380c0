"""Hot statements: plans outlive refusals, one plan serves all sizes of numbers, rows as by save."""

import uuid

import pytest
from django.db import connection, transaction

from samtime.foundation.prepared import fetch, insert
from samtime.foundation.tenancy import set_viewer
from samtime.patients.models import Patient
from tests.town import TODAY

pytestmark = pytest.mark.django_db

ASKED = "SELECT %(number)s::bigint + 1 AS hot"
HOT = "SELECT name FROM pg_prepared_statements WHERE statement LIKE '%AS hot'"


class Refused(Exception):
    pass


@transaction.atomic
def asked_and_refused():
    fetch(ASKED, {"number": 1})
    raise Refused


def refused():
    with pytest.raises(Refused):
        asked_and_refused()


def names():
    with connection.cursor() as cursor:
        cursor.execute(HOT)
        return [row[0] for row in cursor.fetchall()]


def test_a_refusal_does_not_make_the_connection_plan_anew():
    """SPEED W5: losers of a wanted time cost two milliseconds, not forty."""
    refused()
    before = names()
    refused()
    connection.connection._prepared.clear()  # what the driver does after a whole rollback
    refused()
    assert len(before) == 1
    assert names() == before


def test_a_number_of_any_size_is_one_plan():
    """Else each statement would be prepared once for every mixture of sizes."""
    for number in (1, 40_000, 3_000_000_000):
        assert fetch(ASKED, {"number": number}) == [(number + 1,)]
    assert len(names()) == 1


def test_a_row_is_added_as_save_would_add_it(town):
    """Defaults, lists and times included; the object carries its key."""
    names = {"given_name": "Testine", "family_name": "Pasient", "birth_date": TODAY}
    one = Patient(provider=town.aurora, public_id=uuid.uuid4(), name_keys=[3, 5], **names)
    set_viewer(town.aurora.id)
    insert(one)
    other = Patient(provider=town.aurora, public_id=uuid.uuid4(), name_keys=[3, 5], **names)
    other.save(force_insert=True)
    own = {"id", "public_id", "created_at"}
    fields = [f.attname for f in Patient._meta.concrete_fields if f.attname not in own]
    rows = Patient.objects.filter(id__in=[one.id, other.id]).values(*fields)
    assert len(rows) == 2
    assert rows[0] == rows[1]
    assert not one._state.adding
