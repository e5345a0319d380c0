"""An existing calendar comes in: preview, all or nothing, errors by event."""

import pytest

from samtime.bookings.commands.calendar_import import (
    CalendarGiven,
    NotThisCalendar,
    apply_calendar,
    look_at_calendar,
)
from samtime.bookings.commands.imports import ImportHasErrors
from samtime.bookings.models import Booking
from samtime.bookings.rules import client_and_service
from samtime.calendars.models import Allocation, BusyFeed
from samtime.foundation.errors import NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.mailbox.models import OutgoingMail
from tests.calendars.test_feeds import event, ics
from tests.town import NOW, at, book

pytestmark = pytest.mark.django_db
CITY = ";TZID=Europe/Bucharest"


def visit(uid, hour, summary, *more):
    """An event on Wednesday at this hour, half an hour."""
    day = f"{CITY}:20260603T{hour:02}"
    return event(uid, f"{day}0000", f"{day}3000", f"SUMMARY:{summary}", *more)


def look(town, mode, *events, actor=None):
    set_viewer((actor or town.desk).organization_id)
    given = CalendarGiven("old.ics", ics(*events), town.ana.public_id, mode)
    return look_at_calendar(actor=actor or town.desk, given=given, now=NOW)


def test_bookings_where_a_line_names_a_service(town):
    """Preview changes nothing; applied it is bookings and busy time; twice is once; no letters."""
    run = look(
        town,
        "bookings",
        visit("a", 9, "MRI: Testine Prøvesen"),
        visit("b", 11, "Lunch", "RRULE:FREQ=DAILY;COUNT=2"),
        visit("c", 13, "Test-Anna Maria Popescu - mri"),
    )
    assert (run.state, run.rows) == ("previewed", 4)
    assert not Booking.objects.exists()
    assert not Allocation.objects.exists()
    for _twice in range(2):
        apply_calendar(actor=town.desk, run_id=run.public_id, now=NOW)
    made = Booking.objects.select_related("patient").order_by("starts_at")
    assert [(b.starts_at, str(b.patient)) for b in made] == [
        (at(2, 9), "Testine Prøvesen"),
        (at(2, 13), "Test-Anna Maria Popescu"),
    ]
    assert Allocation.objects.filter(kind="busy").count() == 2
    assert BusyFeed.objects.get().name == "old.ics"
    assert not OutgoingMail.objects.exists()
    assert not any(b.notify for b in made)


def test_one_error_stops_all_and_names_its_event(town):
    """All or nothing: a taken time, a closed hour, no client, an unreadable repetition."""
    book(town.desk, town.mri_ana, at(2, 9))
    run = look(
        town,
        "bookings",
        visit("a", 9, "MRI: Testine Prøvesen"),
        visit("b", 22, "MRI: Testine Prøvesen"),
        visit("c", 11, "MRI"),
        visit("d", 12, "Often", "RRULE:FREQ=MINUTELY"),
        visit("e", 14, "MRI: Testine Prøvesen"),
    )
    assert run.state == "refused"
    said = {e["row"]: e["detail"] for e in run.errors}
    assert set(said) == {1, 2, 3, 4}
    assert "taken" in said[1]
    assert "not open" in said[2]
    assert "no client" in said[3]
    assert "repetition" in said[4]
    with pytest.raises(ImportHasErrors):
        apply_calendar(actor=town.desk, run_id=run.public_id, now=NOW)
    assert Booking.objects.count() == 1


def test_what_was_free_may_be_taken_when_it_is_applied(town):
    """Judged anew: nothing of it is done when one time has gone meanwhile."""
    run = look(
        town, "bookings", visit("a", 9, "MRI: Testine Prøvesen"), visit("b", 11, "MRI: Anna Test")
    )
    book(town.desk, town.mri_ana, at(2, 11))
    with pytest.raises(ImportHasErrors):
        apply_calendar(actor=town.desk, run_id=run.public_id, now=NOW)
    assert Booking.objects.count() == 1


def test_as_busy_time_nothing_is_read_but_the_times(town):
    run = look(town, "busy", visit("a", 9, "MRI: Testine Prøvesen"))
    assert "Testine" not in str(run.preview)
    apply_calendar(actor=town.desk, run_id=run.public_id, now=NOW)
    assert Allocation.objects.get().kind == "busy"
    assert not Booking.objects.exists()


def test_no_calendar_no_right_no_stranger(town):
    set_viewer(town.aurora.id)
    given = CalendarGiven("x.ics", b"<html>", town.ana.public_id, "busy")
    with pytest.raises(NotThisCalendar):
        look_at_calendar(actor=town.desk, given=given, now=NOW)
    run = look(town, "busy", visit("a", 9, "x"))
    set_viewer(town.stranger.id)
    with pytest.raises(NotFound):
        apply_calendar(actor=town.outsider, run_id=run.public_id, now=NOW)
    with pytest.raises(NotFound):
        look(town, "busy", visit("a", 9, "x"), actor=town.outsider)
    with pytest.raises(RightMissing):
        look(town, "busy", visit("a", 9, "x"), actor=town.agent)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("MRI: Ida Sol", ("MRI", "Ida", "Sol")),
        ("Ida Maria Sol - mri", ("MRI", "Ida Maria", "Sol")),
        ("MRI head (Ida O'Neill-Berg)", ("MRI head", "Ida", "O'Neill-Berg")),
        ("MRI", ("MRI", "", "")),
        ("mricontrol Ida Sol", None),
        ("", None),
    ],
)
def test_lines_of_old_calendars(line, named):
    found = client_and_service(line, ["MRI", "MRI head", "", "ECG"])
    assert (found and (found.service, found.given_name, found.family_name)) == named
