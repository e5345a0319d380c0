"""Duration and buffers from a day on (D9): searches, bookings and moves read those of the day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from samtime.accounts.actor import system_actor
from samtime.bookings.commands.changes import NewPlace, move_booking
from samtime.bookings.commands.taking import SlotTaken
from samtime.bookings.models import Booking
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.catalog import queries
from samtime.catalog.commands.lengths import (
    LengthInThePast,
    drop_length,
    follow_lengths,
)
from samtime.catalog.commands.services import change_service
from samtime.catalog.models import Service, ServiceLength
from samtime.catalog.rules import Length
from samtime.foundation.errors import NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from tests.town import NOW, TODAY, at, book

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)
WEDNESDAY = TODAY + 2 * DAY


def changed(town, minutes, from_on, **more):
    """The MRI takes that long from a day on."""
    set_viewer(town.aurora.id)
    given = replace(queries.given_of(town.mri), duration_minutes=minutes, **more)
    return change_service(
        actor=town.admin, service_id=town.mri.public_id, given=given, from_on=from_on
    )


def found(actor, day, offering, days=1):
    set_viewer(actor.organization_id)
    wish = SlotSearch(start=day, days=days, limit=1000, offering=offering.public_id)
    return find_slots(actor, wish, now=NOW).items


def lasting(booking):
    return int((booking.ends_at - booking.starts_at).total_seconds() // 60)


def lengths(slots):
    return {int((s.end - s.start).total_seconds() // 60) for s in slots}


@pytest.mark.parametrize("who", ["desk", "agent"])
def test_a_search_over_the_day_gives_each_day_its_length(town, who):
    """D9: one question over both sides of the change, own desk and partner, one institution and
    every institution; what was kept in the process before is not believed."""
    actor = getattr(town, who)
    assert lengths(found(actor, TODAY, town.mri_ana, days=5)) == {30}
    changed(town, 60, WEDNESDAY, buffer_after_minutes=15)
    slots = found(actor, TODAY, town.mri_ana, days=5)
    by_day = {}
    for slot in slots:
        by_day.setdefault((slot.start + timedelta(hours=3)).date(), set()).update(lengths([slot]))
    assert by_day[TODAY] == by_day[TODAY + DAY] == {30}
    assert by_day[WEDNESDAY] == by_day[WEDNESDAY + DAY] == {60}
    set_viewer(actor.organization_id)
    wide = SlotSearch(start=WEDNESDAY, days=1, limit=1000, service=town.mri.public_id)
    assert lengths(find_slots(actor, wide, now=NOW).items) == {60}


def test_bookings_keep_their_times_and_new_ones_get_the_days_length(town):
    """D9: made before or after the change, what counts is the appointment's day; the buffer too."""
    kept = book(town.agent, town.mri_ana, at(3, 9))
    changed(town, 60, WEDNESDAY, buffer_after_minutes=15)
    set_viewer(town.aurora.id)
    assert lasting(Booking.objects.get(id=kept.id)) == 30
    before = book(town.desk, town.mri_ana, at(1, 9))
    after = book(town.desk, town.mri_ana, at(2, 9))
    assert (lasting(before), lasting(after)) == (30, 60)
    with pytest.raises(SlotTaken):
        book(town.desk, town.mri_ana, at(2, 10, 10))
    assert lasting(book(town.desk, town.mri_ana, at(2, 10, 15))) == 60
    moved = move_booking(actor=town.desk, booking=kept.public_id, to=NewPlace(at(4, 9)), now=NOW)
    assert lasting(moved) == 30


def test_lists_follow_on_the_day_and_history_says_who(town):
    """Today's columns change with the day; the journal has both numbers and the day."""
    changed(town, 60, WEDNESDAY)
    service = Service.objects.get(id=town.mri.id)
    assert service.duration_minutes == 30
    assert queries.length_on(service, WEDNESDAY - DAY) == Length(30, 0, 5)
    assert queries.length_on(service, WEDNESDAY) == Length(60, 0, 5)
    system = system_actor(town.aurora.id)
    assert follow_lengths(actor=system, today=WEDNESDAY - DAY) == 0
    assert follow_lengths(actor=system, today=WEDNESDAY) == 1
    assert Service.objects.get(id=town.mri.id).duration_minutes == 60
    assert follow_lengths(actor=system, today=WEDNESDAY) == 0
    row = JournalEntry.objects.get(kind="duration.changed")
    assert row.data == {"before": 30, "after": 60, "from": WEDNESDAY.isoformat()}


def test_from_today_it_counts_at_once_and_a_later_one_stays(town):
    """Two changes in one service: each day has its own."""
    changed(town, 60, WEDNESDAY)
    service = changed(town, 45, TODAY)
    assert service.duration_minutes == 45
    assert queries.length_on(service, WEDNESDAY).duration == 60
    assert lengths(found(town.desk, TODAY, town.mri_ana)) == {45}
    assert lengths(found(town.desk, WEDNESDAY, town.mri_ana)) == {60}


def test_a_change_to_come_is_taken_back(town):
    service = changed(town, 60, WEDNESDAY)
    drop_length(actor=town.admin, service_id=service.public_id, from_on=WEDNESDAY, today=TODAY)
    assert lengths(found(town.desk, WEDNESDAY, town.mri_ana)) == {30}
    set_viewer(town.aurora.id)
    with pytest.raises(NotFound):
        drop_length(actor=town.admin, service_id=service.public_id, from_on=WEDNESDAY, today=TODAY)


def test_refusals_change_nothing(town):
    """Not for days gone by, not without the right, not from outside; the same again is nothing."""
    with pytest.raises(LengthInThePast):
        changed(town, 60, TODAY - DAY)
    set_viewer(town.aurora.id)
    given = replace(queries.given_of(town.mri), duration_minutes=60)
    asked = {"service_id": town.mri.public_id, "given": given, "from_on": WEDNESDAY}
    with pytest.raises(RightMissing):
        change_service(actor=town.desk, **asked)
    set_viewer(town.stranger.id)
    with pytest.raises(NotFound):
        change_service(actor=town.outsider, **asked)
    set_viewer(town.aurora.id)
    changed(town, 30, WEDNESDAY)
    assert not ServiceLength.objects.exists()
    assert not Service.objects.get(id=town.mri.id).lengths_dated
