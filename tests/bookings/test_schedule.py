"""Changes of hours: first whom they strand, then the change with what happens to them."""

from datetime import time, timedelta

import pytest

from samtime.bookings.commands.changes import NewPlace, move_booking
from samtime.bookings.commands.schedule import ScheduleChange, commit_schedule, propose_schedule
from samtime.bookings.models import Booking
from samtime.calendars.commands.days import DaysGiven
from samtime.calendars.commands.weeks import Stretch, WeekGiven
from samtime.calendars.models import AvailabilityException, AvailabilityRule
from samtime.foundation.errors import Invalid
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.jobs.reactions import has_a_place_again
from samtime.journal.models import JournalEntry
from tests.town import NOW, TODAY, at, book


@pytest.fixture
def aurora(town):
    """Two bookings of Ana: Monday at nine by the partner, Tuesday at ten at the desk."""
    town.early = book(town.agent, town.mri_ana, at(0, 9))
    town.late = book(town.desk, town.mri_ana, at(1, 10))
    set_viewer(town.aurora.id)
    return town


def away(town):
    """Ana is away on Monday."""
    return ScheduleChange((town.ana_centru.public_id,), days=DaysGiven(TODAY, TODAY))


def afternoons(town):
    """Ana works from noon on."""
    stretches = tuple(Stretch(n, time(12), time(18)) for n in range(1, 6))
    return ScheduleChange((town.ana_centru.public_id,), week=WeekGiven(stretches, TODAY))


def test_a_proposal_names_whom_it_strands_and_changes_nothing(aurora):
    """Propose-then-commit: nothing is written, no journal row, no mail."""
    rows = JournalEntry.objects.count()
    lost = propose_schedule(actor=aurora.desk, change=away(aurora), now=NOW)
    assert [b.id for b in lost] == [aurora.early.id]
    lost = propose_schedule(actor=aurora.desk, change=afternoons(aurora), now=NOW)
    assert [b.id for b in lost] == [aurora.early.id, aurora.late.id]
    assert not AvailabilityException.objects.exists()
    assert not AvailabilityRule.objects.filter(start=time(12)).exists()
    assert JournalEntry.objects.count() == rows


def test_kept_bookings_wait_in_the_inbox_until_they_have_a_place(aurora):
    """Nothing silent: each stranded booking is an item; moving it closes the item."""
    kept = commit_schedule(actor=aurora.desk, change=away(aurora), fate="keep", reason="", now=NOW)
    assert [b.id for b in kept] == [aurora.early.id]
    item = InboxItem.objects.get(kind="booking_stranded")
    assert item.object_id == aurora.early.public_id
    move_booking(
        actor=aurora.desk,
        booking=aurora.early.public_id,
        to=NewPlace(at(2, 9)),
        now=NOW,
    )
    entry = JournalEntry.objects.get(kind="booking.moved")
    has_a_place_again(aurora.desk, entry)
    item.refresh_from_db()
    assert item.resolved_at is not None


def test_cancelled_bookings_are_told_and_leave_no_item(aurora):
    """The other choice: cancelled with the reason, journalled for the notices."""
    commit_schedule(
        actor=aurora.desk, change=afternoons(aurora), fate="cancel", reason="Course", now=NOW
    )
    states = Booking.objects.values_list("state", "cancel_reason")
    assert set(states) == {("cancelled", "Course")}
    assert JournalEntry.objects.filter(kind="booking.cancelled").count() == 2
    assert not InboxItem.objects.exists()


def test_those_who_lay_outside_before_are_nobodys_surprise(aurora):
    """Only what this change strands is asked about."""
    commit_schedule(actor=aurora.desk, change=away(aurora), fate="keep", reason="", now=NOW)
    later = ScheduleChange(
        (aurora.ana_centru.public_id,),
        days=DaysGiven(TODAY + timedelta(days=1), TODAY + timedelta(days=1)),
    )
    lost = propose_schedule(actor=aurora.desk, change=later, now=NOW)
    assert [b.id for b in lost] == [aurora.late.id]


def test_an_unknown_fate_is_refused_and_nothing_changes(aurora):
    """Bad input at the field."""
    with pytest.raises(Invalid):
        commit_schedule(actor=aurora.desk, change=away(aurora), fate="?", reason="", now=NOW)
    assert not AvailabilityException.objects.exists()
