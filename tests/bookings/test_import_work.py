"""Long files: handed in, worked on by the worker, told about meanwhile, all or nothing."""

import time

import pytest
from django.db import connection, transaction

from samtime.accounts.actor import system_actor
from samtime.bookings.commands import import_work
from samtime.bookings.commands.import_work import hand_in, stop_import, want_applied, work_on
from samtime.bookings.commands.imports import ImportAtWork, ImportOver, apply_import
from samtime.documents.commands import Upload
from samtime.documents.commands.progress import ImportStopped, Teller
from samtime.documents.models import ImportProgress, ImportRun
from samtime.documents.queries import progress_of
from samtime.documents.rules import Pace, unwatched
from samtime.foundation.errors import NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.jobs.reactions import REACTIONS
from samtime.journal.models import JournalEntry
from samtime.patients.models import Patient
from tests.bookings.test_calendar_import import visit
from tests.calendars.test_feeds import ics
from tests.town import NOW


def a_list(rows, bad=()):
    lines = ["Etternavn;Fornavn;Fødselsdato;Mobil"]
    for n in range(rows):
        born = "31.02.1980" if n in bad else f"{n % 28 + 1:02}.{n % 12 + 1:02}.{1930 + n % 90}"
        lines.append(f"Prøvesen{n % 97};Test{n};{born};+47 555 {n:05}")
    return "\n".join(lines).encode()


def given(town, content, kind="patients", actor=None, options=None):
    set_viewer(town.aurora.id)
    upload = Upload(kind, "list.csv", content, options or {})
    return hand_in(actor=actor or town.admin, upload=upload)


def worked(town, run, progress=unwatched, doer=None):
    set_viewer(town.aurora.id)
    return work_on(
        actor=system_actor(town.aurora.id),
        doer=doer or town.admin,
        run_id=run.public_id,
        progress=progress,
        now=NOW,
    )


def test_a_long_list_is_looked_at_then_applied_and_tells_how_far(town):
    """Issue 4: preview, all or nothing, progress; W: every pass is told, nothing before Apply."""
    told: list[Pace] = []
    run = given(town, a_list(120))
    assert (run.state, progress_of(run).told_at) == ("waiting", None)
    run = worked(town, run, told.append)
    assert (run.state, run.rows) == ("previewed", 120)
    assert not Patient.objects.filter(given_name__startswith="Test").exists()
    assert {(p.step, p.steps) for p in told} == {(1, 2), (2, 2)}
    assert [p.percent for p in told] == sorted(p.percent for p in told)
    assert InboxItem.objects.get(kind="import_ready").owner_id == town.admin.user_id
    want_applied(actor=town.admin, run_id=run.public_id)
    want_applied(actor=town.admin, run_id=run.public_id)
    assert worked(town, run).state == "applied"
    assert worked(town, run).state == "applied"
    assert Patient.objects.filter(given_name__startswith="Test").count() == 120
    run.refresh_from_db()
    assert bytes(run.content) == b""
    assert InboxItem.objects.get(kind="import_ready").resolved_at is not None


def test_errors_stand_by_row_and_column_and_somebody_is_told(town):
    """Issue 4: errors by row and column; all or nothing."""
    run = worked(town, given(town, a_list(60, bad={7, 41})))
    assert run.state == "refused"
    assert [(e["row"], e["column"]) for e in run.errors] == [(9, "C"), (43, "C")]
    assert InboxItem.objects.filter(kind="import_failed", object_id=run.public_id).exists()
    assert not Patient.objects.filter(given_name__startswith="Test").exists()


def test_a_file_that_is_no_table_is_refused_with_its_reason(town):
    """What a small file is told at the field, a long one is told on its page."""
    run = worked(town, given(town, b"\x00\x01" * 40_000))
    assert run.state == "refused"
    assert "cannot be read as a table" in run.errors[0]["detail"]


def test_stopping_takes_everything_back(town):
    """SCREENS 2.10: Cancel. Looking ends; applying goes back to what was previewed."""

    def stop(pace):
        raise ImportStopped()

    run = worked(town, given(town, a_list(40)), stop)
    assert (run.state, bytes(run.content)) == ("stopped", b"")
    with pytest.raises(ImportOver):
        apply_import(actor=town.admin, run_id=run.public_id, now=NOW)
    run = worked(town, given(town, a_list(40)))
    want_applied(actor=town.admin, run_id=run.public_id)
    with pytest.raises(ImportAtWork):
        apply_import(actor=town.admin, run_id=run.public_id, now=NOW)
    stop_import(actor=town.admin, run_id=run.public_id)
    assert progress_of(run).stop_asked
    assert worked(town, run, stop).state == "previewed"
    assert not Patient.objects.filter(given_name__startswith="Test").exists()


def test_a_fault_of_ours_ends_the_run_and_says_so(town, monkeypatch):
    """Nothing waits for ever: the run says that it failed, nothing of it stays."""

    def broken(*_given, **_named):
        Patient.objects.create(provider_id=town.aurora.id, given_name="Test", family_name="X")
        raise ZeroDivisionError

    kind = import_work.ALL["patients"]
    monkeypatch.setitem(import_work.ALL, "patients", import_work.Kind(broken, broken, kind.right))
    run = worked(town, given(town, a_list(3)))
    assert run.state == "failed"
    assert not Patient.objects.filter(given_name="Test").exists()
    assert InboxItem.objects.filter(kind="import_failed").exists()


def test_a_calendar_is_worked_on_like_the_lists(town):
    """Issue 4: an .ics file; a fault in one event takes the bookings of the others back."""
    options = {"practitioner": str(town.ana.public_id), "mode": "bookings"}
    events = [visit(f"v{n}", 8 + n, "MRI: Testine Prøvesen") for n in range(3)]
    run = given(town, ics(*events), kind="calendar", options=options)
    assert worked(town, run).state == "previewed"
    want_applied(actor=town.admin, run_id=run.public_id)
    assert worked(town, run).state == "applied"


def test_rights_are_judged_when_it_is_handed_in_and_when_it_is_worked_on(town):
    """T: a stranger finds nothing; whoever lost the right meanwhile imports nothing."""
    set_viewer(town.aurora.id)
    with pytest.raises(RightMissing):
        hand_in(actor=town.desk, upload=Upload("patients", "x.csv", a_list(3)))
    assert not ImportRun.objects.exists()
    run = given(town, a_list(3))
    assert worked(town, run, doer=town.desk).state == "refused"
    set_viewer(town.stranger.id)
    for act in (want_applied, stop_import):
        with pytest.raises(NotFound):
            act(actor=town.outsider, run_id=run.public_id)


def test_the_worker_does_it_as_the_person_who_asked(town):
    """The journal row starts the work; its sentences are in the person's language."""
    run = given(town, a_list(30, bad={2}))
    entry = JournalEntry.objects.get(kind="import.handed_in")
    for reaction in REACTIONS["import.handed_in"]:
        reaction(system_actor(town.aurora.id), entry)
    run.refresh_from_db()
    assert run.state == "refused"
    assert JournalEntry.objects.filter(kind="import.previewed").get().user_id == town.admin.user_id


def beside(town, statement):
    """What another connection sees or does meanwhile."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT set_config('samtime.viewer', %s, true)", [str(town.aurora.id)])
        cursor.execute(statement)
        found = cursor.fetchone()[0]
    other.commit()
    other.close()
    return found


def test_what_is_told_is_seen_before_the_work_is_done(lasting_town):
    """The page reads how far it is while the work's own transaction is open, and can stop it; a
    worker that is killed there leaves the run waiting, and the next one begins anew."""
    town = lasting_town
    with transaction.atomic():
        run = given(town, a_list(10))
    teller = Teller(run)
    with transaction.atomic():
        set_viewer(town.aurora.id)
        ImportRun.objects.select_for_update().get(pk=run.pk)
        teller(Pace(1, 2, 5, 10))
        assert beside(town, "SELECT done FROM documents_importprogress") == 5
        beside(town, "UPDATE documents_importprogress SET stop_asked = true RETURNING 1")
        time.sleep(0.31)
        with pytest.raises(ImportStopped):
            teller(Pace(1, 2, 6, 10))
    teller.close()
    with transaction.atomic():
        assert worked(town, run).state == "previewed"
        assert ImportProgress.objects.get().done == 6
