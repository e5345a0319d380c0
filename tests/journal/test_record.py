"""A journal row and the job of its reactions: one statement, no notification (SPEED.md 2.8)."""

import json
import uuid

import pytest
from django.db import connection

from samtime.accounts.actor import system_actor
from samtime.foundation.tenancy import set_viewer
from samtime.jobs.reactions import REACTIONS
from samtime.journal.commands import SILENT, Happening, record, record_all
from samtime.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


def jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, queue_name, args FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def happened(town, kind, **data):
    set_viewer(town.aurora.id)
    happening = Happening(kind, "booking", uuid.uuid4(), town.aurora.id, data=data)
    record(system_actor(town.aurora.id), happening)
    return JournalEntry.objects.get(object_id=happening.object_id)


def test_one_statement_writes_the_row_and_its_job(town, django_assert_num_queries):
    set_viewer(town.aurora.id)
    with django_assert_num_queries(3):  # the viewer, the row with its job, and the look at it
        entry = happened(town, "booking.booked", version=3)
    assert (entry.kind, entry.data, entry.actor_kind) == (
        "booking.booked",
        {"version": 3},
        "system",
    )
    name, queue, args = jobs()[-1]
    assert (name, queue) == ("samtime.react", "reactions")
    assert str(entry.id) in str(args)


def test_what_nothing_reacts_to_makes_no_job(town):
    before = len(jobs())
    entry = happened(town, "patient.added")
    assert entry.id
    assert len(jobs()) == before
    assert not SILENT & set(REACTIONS)


def test_many_rows_are_written_as_one_is(town, django_assert_num_queries):
    """In their order, each with its job but the silent; one statement."""
    set_viewer(town.aurora.id)
    kinds = ["booking.booked", "patient.added", "booking.moved"]
    many = [
        Happening(
            kind, "booking", uuid.uuid4(), town.aurora.id, other_id=town.hello.id, data={"a": 1}
        )
        for kind in kinds
    ]
    before = len(jobs())
    with django_assert_num_queries(1):
        record_all(system_actor(town.aurora.id), many)
    record_all(system_actor(town.aurora.id), [])
    record(system_actor(town.aurora.id), many[0])
    entries = list(JournalEntry.objects.order_by("id"))[-4:]
    assert [e.kind for e in entries] == [*kinds, kinds[0]]
    alike = [
        {k: v for k, v in vars(e).items() if k not in ("_state", "id", "public_id", "at")}
        for e in (entries[0], entries[3])
    ]
    assert alike[0] == alike[1]
    made = [(*job[:2], json.loads(job[2])) for job in jobs()[before:]]
    assert [args["entry_id"] for _name, _queue, args in made] == [
        entries[0].id, entries[2].id, entries[3].id
    ]  # fmt: skip
    assert {(name, queue, *sorted(args)) for name, queue, args in made} == {
        ("samtime.react", "reactions", "entry_id", "organization_id")
    }


def test_no_trigger_notifies_when_a_job_is_deferred(db):
    """NOTIFY makes all commits of the database queue up behind one lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal AND (t.tgtype & 4) <> 0 AND p.prosrc LIKE '%pg_notify%'"
        )
        assert cursor.fetchall() == []
