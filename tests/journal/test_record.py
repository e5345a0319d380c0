"""A journal row and the job of its reactions: one statement, no notification (SPEED.md 2.8)."""

import uuid

import pytest
from django.db import connection

from samtime.accounts.actor import system_actor
from samtime.foundation.tenancy import set_viewer
from samtime.jobs.reactions import REACTIONS
from samtime.journal.commands import SILENT, Happening, record
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


def test_no_trigger_notifies_when_a_job_is_deferred(db):
    """NOTIFY makes all commits of the database queue up behind one lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE NOT t.tgisinternal AND (t.tgtype & 4) <> 0 AND p.prosrc LIKE '%pg_notify%'"
        )
        assert cursor.fetchall() == []
