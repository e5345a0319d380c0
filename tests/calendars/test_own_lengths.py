"""A practitioner's own duration from a day on (D9): searches, bookings and lists read the day's."""

from datetime import timedelta

import pytest

from samtime.accounts.actor import system_actor
from samtime.bookings.queries.lengthened import lengthened
from samtime.calendars.commands.calendars import add_offering, change_offering, end_offering
from samtime.calendars.commands.own_lengths import drop_own_length, follow_own_lengths
from samtime.calendars.models import Offering, OfferingLength
from samtime.calendars.queries import own_length_on, own_lengths_to_come
from samtime.catalog.commands.lengths import LengthInThePast
from samtime.catalog.rules import Length
from samtime.foundation.errors import NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.jobs.reactions import REACTIONS
from samtime.journal.models import JournalEntry
from tests.catalog.test_lengths import found, lasting, lengths
from tests.town import NOW, TODAY, at, book

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)
WEDNESDAY = TODAY + 2 * DAY


def changed(town, minutes, from_on=None, actor=None):
    """Ana takes that long for the MRI from a day on."""
    actor = actor or town.admin
    set_viewer(actor.organization_id)
    return change_offering(
        actor=actor,
        offering_id=town.mri_ana.public_id,
        duration_minutes=minutes,
        from_on=from_on,
    )


@pytest.mark.parametrize("who", ["desk", "agent"])
def test_a_search_over_the_day_gives_each_day_its_length(town, who):
    """D9: own desk and partner; what was kept in the process before is not believed, the other
    practitioners and the days before are as they were."""
    actor = getattr(town, who)
    assert lengths(found(actor, TODAY, town.mri_ana, days=5)) == {30}
    changed(town, 60, WEDNESDAY)
    assert lengths(found(actor, TODAY, town.mri_ana, days=2)) == {30}
    assert lengths(found(actor, WEDNESDAY, town.mri_ana)) == {60}
    changed(town, None, WEDNESDAY + DAY)
    assert lengths(found(actor, WEDNESDAY + DAY, town.mri_ana)) == {30}


def test_bookings_take_the_length_of_their_day(town):
    """D9: the appointment's day counts; what is booked already keeps its time."""
    kept = book(town.desk, town.mri_ana, at(2, 9))
    changed(town, 60, WEDNESDAY)
    before, after = (
        book(town.desk, town.mri_ana, at(1, 9)),
        book(town.desk, town.mri_ana, at(2, 10)),
    )
    assert [lasting(b) for b in (kept, before, after)] == [30, 30, 60]


def test_without_a_day_it_counts_from_today_and_past_days_keep_theirs(town):
    """A change today leaves yesterday as it was; the list shows today's."""
    offering = changed(town, 45)
    assert offering.duration_minutes == 45
    assert own_length_on(offering, TODAY - DAY) is None
    assert own_length_on(offering, TODAY) == 45
    with pytest.raises(LengthInThePast):
        changed(town, 60, TODAY - DAY)
    assert OfferingLength.objects.count() == 2


def test_lists_follow_on_the_day_and_a_change_to_come_is_taken_back(town):
    changed(town, 60, WEDNESDAY)
    offering = Offering.objects.get(id=town.mri_ana.id)
    assert offering.duration_minutes is None
    assert [r.duration_minutes for r in own_lengths_to_come([offering], TODAY)[offering.id]] == [60]
    system = system_actor(town.aurora.id)
    assert follow_own_lengths(actor=system, today=WEDNESDAY - DAY) == 0
    assert follow_own_lengths(actor=system, today=WEDNESDAY) == 1
    assert Offering.objects.get(id=offering.id).duration_minutes == 60
    assert follow_own_lengths(actor=system, today=TODAY) == 1
    drop = {"offering_id": offering.public_id, "from_on": WEDNESDAY, "today": TODAY}
    with pytest.raises(RightMissing):
        drop_own_length(actor=town.desk, **drop)
    drop_own_length(actor=town.admin, **drop)
    assert lengths(found(town.desk, WEDNESDAY, town.mri_ana)) == {30}
    set_viewer(town.aurora.id)
    with pytest.raises(NotFound):
        drop_own_length(actor=town.admin, **drop)


def test_partners_are_told_at_once_by_name(town):
    """G15: another duration is sent automatically, also that of one practitioner."""
    changed(town, 60, WEDNESDAY)
    entry = JournalEntry.objects.get(kind="duration.changed")
    assert entry.data["after"] == 60
    for reaction in REACTIONS["duration.changed"]:
        reaction(system_actor(town.aurora.id), entry)
    with viewing_as(town.agent.organization_id):
        facts = InboxItem.objects.get(kind="duration_changed").facts
    assert (facts["minutes"], facts["day"]) == (60, WEDNESDAY.isoformat())
    assert str(town.ana) in facts["service"]


def test_a_change_of_the_service_concerns_those_who_follow_it_on_the_day(town):
    """The review of the service's duration leaves out whoever has an own one by then."""
    book(town.desk, town.mri_ana, at(1, 9))
    book(town.desk, town.mri_ana, at(3, 9))
    changed(town, 60, WEDNESDAY)
    told = lengthened(town.admin, town.mri, Length(40, 0, 5), from_on=TODAY, now=NOW)
    assert told.booked == 1


def test_an_offering_that_lives_again_begins_without_dates(town):
    changed(town, 60, WEDNESDAY)
    end_offering(actor=town.admin, offering_id=town.mri_ana.public_id, today=TODAY)
    again = add_offering(
        actor=town.admin,
        calendar_id=town.ana_centru.public_id,
        service_id=town.mri.public_id,
        duration_minutes=20,
    )
    assert (again.id, own_length_on(again, WEDNESDAY)) == (town.mri_ana.id, 20)
    assert lengths(found(town.desk, WEDNESDAY, town.mri_ana)) == {20}


def test_refusals_change_nothing(town):
    """Not without the right, not from outside; the same again is nothing."""
    with pytest.raises(RightMissing):
        changed(town, 60, WEDNESDAY, actor=town.desk)
    with pytest.raises(NotFound):
        changed(town, 60, WEDNESDAY, actor=town.outsider)
    changed(town, None, WEDNESDAY)
    assert not OfferingLength.objects.exists()
