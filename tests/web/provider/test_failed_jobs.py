"""Issue 4, Inbox: failed jobs wait for somebody, with a fix; nobody sees those of others."""

import pytest
from django.db import connection

from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.jobs.failed import note_failed_jobs
from samtime.journal.commands import REACT
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def failed(organization_id):
    """A reaction that was tried as often as it may."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts)"
            " VALUES ('reactions', %s, jsonb_build_object('entry_id', 1, 'organization_id',"
            " %s::bigint), 'failed', 8) RETURNING id",
            [REACT, organization_id],
        )
        return cursor.fetchone()[0]


def status(job):
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return cursor.fetchone()[0]


def test_a_failed_job_waits_with_its_fix_and_is_tried_again(town):
    """One item however often it is looked for; the button puts the job back to work."""
    job = failed(town.aurora.id)
    note_failed_jobs(0)
    note_failed_jobs(0)
    set_viewer(town.aurora.id)
    item = InboxItem.objects.get(kind="job_failed")
    desk = visitor(town.desk)
    page = texts(desk.get(f"/o/aurora/inbox/?open={item.public_id}"))
    assert f"Work in the background failed (number {job})." in page
    assert "Try again" in page
    address = f"/o/aurora/inbox/{item.public_id}/"
    assert (
        visitor(town.outsider)
        .post(address.replace("aurora", "stranger"), {"act": "retry"})
        .status_code
        == 404
    )
    assert status(job) == "failed"
    assert desk.post(address, {"act": "retry"}).status_code == 302
    assert status(job) == "todo"
    set_viewer(town.aurora.id)
    assert InboxItem.objects.get(kind="job_failed").resolved_at is not None
    assert desk.post(address, {"act": "retry"}).status_code == 404


def test_the_item_closes_itself_when_the_job_is_gone(town):
    """Solved by itself; jobs of nobody raise nothing."""
    job = failed(town.aurora.id)
    note_failed_jobs(0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])
    note_failed_jobs(0)
    set_viewer(town.aurora.id)
    assert InboxItem.objects.get(kind="job_failed").resolved_by_id is None
    assert InboxItem.objects.get(kind="job_failed").resolved_at is not None
