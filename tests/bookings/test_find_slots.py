"""Finding free starts: who sees what, in one query whatever the number of rows."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars import masks
from samtime.calendars.models import Resource, ResourceGroup, ResourceNeed
from samtime.foundation.errors import RightMissing
from samtime.foundation.tenancy import set_viewer
from tests.town import NOW, TODAY, at, book, listing, near_days


def found(actor, **wish):
    set_viewer(actor.organization_id)
    wish.setdefault("start", TODAY)
    return find_slots(actor, SlotSearch(**wish), now=NOW).items


def test_the_first_free_starts_across_doctors_and_places(town):
    """B2, B5: ordered by time; price and place of payment stand beside."""
    slots = found(town.agent, limit=3)
    assert [s.start for s in slots] == [at(0, 8), at(0, 8), at(0, 8, 15)]
    assert {s.location for s in slots[:2]} == {town.centru.public_id, town.nord.public_id}
    assert (slots[0].price, slots[0].currency, slots[0].payment_place) == (
        45000,
        "RON",
        "institution",
    )


def test_a_partner_finds_only_what_is_ticked(town):
    """P32, T7."""
    assert {s.service for s in found(town.agent, limit=200)} == {town.mri.public_id}
    assert {s.service for s in found(town.desk, limit=50)} == {
        town.mri.public_id,
        town.ecg.public_id,
    }


def test_a_stranger_finds_nothing_and_an_insurer_may_not_search(town):
    assert found(town.outsider) == []
    with pytest.raises(RightMissing):
        found(town.insurer)


def test_taken_times_and_their_buffers_are_not_offered(town):
    book(town.desk, town.mri_ana, at(0, 9))
    starts = {s.start for s in found(town.agent, offering=town.mri_ana.public_id, limit=12)}
    assert at(0, 8, 15) in starts
    assert not starts & {at(0, 8, 30), at(0, 8, 45), at(0, 9), at(0, 9, 15), at(0, 9, 30)}
    assert at(0, 9, 45) in starts


def test_past_times_are_not_offered(town):
    wish = SlotSearch(start=TODAY, offering=town.mri_ana.public_id, limit=1)
    set_viewer(town.aurora.id)
    slot = find_slots(town.desk, wish, now=at(0, 10, 5)).items[0]
    assert slot.start == at(0, 10, 15)


def test_lead_time_and_horizon_of_the_service(town):
    town.mri.lead_minutes, town.mri.horizon_days = 24 * 60, 3
    town.mri.save()
    starts = [s.start for s in found(town.desk, service=town.mri.public_id, limit=500)]
    assert min(starts) == at(1, 8)
    assert max(starts).date() == date(2026, 6, 4)


def test_filters_narrow(town):
    """B3: institution, doctor, place."""
    assert all(
        s.practitioner == town.dan.public_id
        for s in found(town.agent, practitioner=town.dan.public_id)
    )
    assert found(town.agent, location="aurora-nord")[0].location == town.nord.public_id
    assert found(town.agent, provider=town.fjord.public_id) == []
    assert found(town.agent, specialty="imaging")
    assert not found(town.agent, specialty="cardiology")


def test_distance_and_radius(town):
    slots = found(town.agent, near=(44.5, 26.07), radius_km=2.0, limit=4)
    assert {s.location for s in slots} == {town.nord.public_id}
    assert slots[0].distance_km == pytest.approx(0, abs=0.01)


def test_a_tick_that_begins_later_opens_on_its_day(town):
    """D9: the appointment's date counts."""
    listing(town.channel, town.centru, town.ecg, from_on=TODAY + timedelta(days=2))
    slots = found(town.agent, service=town.ecg.public_id, limit=1)
    assert slots[0].start == at(2, 8)


def test_rooms_any_one_must_be_free(town):
    """D20: two practitioners, one room: the second finds nothing at that time."""
    room = Resource.objects.create(provider=town.aurora, kind="room", name="MR 1")
    group = ResourceGroup.objects.create(provider=town.aurora, location=town.centru, name="MR")
    group.members.add(room)
    ResourceNeed.objects.create(service=town.mri, location=town.centru, group=group)
    masks.rebuild([room.id], near_days())
    book(town.desk, town.mri_ana, at(0, 9))
    starts = {s.start for s in found(town.desk, offering=town.mri_ana.public_id, limit=60)}
    assert at(0, 9) not in starts
    assert at(0, 10) in starts
    with connection.cursor() as cursor:
        cursor.execute("SELECT busy::text FROM resource_day WHERE resource_id = %s", [room.id])
        assert any("1" in busy for (busy,) in cursor.fetchall())


def test_the_number_of_queries_does_not_grow_with_the_rows(town):
    """P1 of SPEED: constant for 1 or 200 results of the same days."""
    counts = []
    for limit in (1, 20):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            found(town.agent, limit=limit)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_every_offered_start_can_be_held(town):
    """The search and the judge agree."""
    from samtime.bookings.commands.holds import hold_slot, release_hold

    book(town.desk, town.mri_ana, at(0, 9))
    for slot in found(town.agent, limit=60, offering=town.mri_ana.public_id):
        hold = hold_slot(actor=town.agent, offering=slot.offering, start=slot.start, now=NOW)
        release_hold(actor=town.agent, hold=hold.public_id, now=NOW)
