"""Hot statements: plans outlive refusals, one plan serves all sizes of numbers, rows as by save."""

import os
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from samtime.foundation.prepared import fetch, insert
from samtime.foundation.tenancy import set_viewer
from samtime.foundation.transient import is_away
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


def cut_off():
    """As when the server is killed: nothing is said, the line is dead."""
    with socket.socket(fileno=os.dup(connection.connection.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)


def fault_when_cut_off(step):
    """What `step` raises on a connection of its own, after a statement was prepared there."""
    try:
        with transaction.atomic():
            fetch(ASKED, {"number": 1})
            cut_off()
            step()
    except Error as fault:
        return fault
    finally:
        connection.close()
    return None


def savepoint():
    with transaction.atomic():
        pass


@pytest.mark.parametrize(
    "step",
    [lambda: fetch(ASKED, {"number": 2}), savepoint, lambda: None],
    ids=["hot", "sp", "commit"],
)
def test_a_server_that_is_gone_is_told_from_a_refusal(step):
    """P25: hot statements, savepoints and commits answer «try again», not «our fault»."""
    with ThreadPoolExecutor(1) as other:
        fault = other.submit(fault_when_cut_off, step).result(20)
    assert fault is not None
    assert is_away(fault)


def test_a_savepoint_gives_back_what_was_done_in_it(town):
    """Rolled back in the middle, released at the end; its statements are told to who counts."""
    set_viewer(town.aurora.id)
    ident, before = uuid.uuid4(), Patient.objects.count()

    @transaction.atomic
    def added(times):
        for _n in range(times):
            names = {"given_name": "Testine", "family_name": "Pasient", "name_keys": []}
            insert(Patient(provider=town.aurora, public_id=ident, **names))

    with pytest.raises(IntegrityError):
        added(2)
    assert Patient.objects.count() == before
    with CaptureQueriesContext(connection) as told:
        added(1)
    assert [q["sql"].split()[0] for q in told] == ["SAVEPOINT", "INSERT", "RELEASE"]
    assert Patient.objects.count() == before + 1
