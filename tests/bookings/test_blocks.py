"""Blocked time and overbooking: what the constraint, the masks and the rights make of them."""

from datetime import timedelta

import pytest

from samtime.accounts.rights import Right
from samtime.bookings.commands.blocks import BlockGiven, Fate, add_block, remove_block
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.changes import NewPlace, cancel_booking, move_booking
from samtime.bookings.commands.holds import hold_slot
from samtime.bookings.commands.overbooking import Knowingly
from samtime.bookings.commands.resize import resize_booking
from samtime.bookings.commands.taking import OutsideHours, SlotTaken
from samtime.bookings.models import BlockedTime, Booking
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars import masks
from samtime.calendars.models import Allocation
from samtime.foundation.errors import Invalid, NotFound, RightMissing, VersionConflict
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from tests.town import NOW, TODAY, at, book, near_days, person

pytestmark = pytest.mark.django_db
NINE, NOON = at(0, 9), at(0, 12)


def given(town, *calendars, start=NINE, end=NOON, kind="block"):
    who = tuple(c.public_id for c in calendars or (town.ana_centru,))
    return BlockGiven(kind, start, end, who, "Prøve")


def block(town, *calendars, fate="keep", **more):
    set_viewer(town.aurora.id)
    return add_block(
        actor=town.desk, given=given(town, *calendars, **more), fate=Fate(fate, "syk"), now=NOW
    )


def truth_holds(town):
    """The masks say what a rebuild would say."""
    mask, days = [town.ana_centru.mask_id], near_days()
    return masks.read_days(mask, days) == masks.true_days(mask, days, now=NOW)


def is_offered(town, start):
    """Whether a partner is offered that start."""
    set_viewer(town.hello.id)
    wish = SlotSearch(start=TODAY, days=1, limit=200, offering=town.mri_ana.public_id)
    return start in [slot.start for slot in find_slots(town.agent, wish, now=NOW).items]


def test_blocked_time_is_offered_to_nobody_and_bookable_again_when_removed(town):
    """Invariant 1."""
    assert is_offered(town, at(0, 10))
    made = block(town)
    assert not is_offered(town, at(0, 10))
    with pytest.raises(SlotTaken):
        book(town.agent, town.mri_ana, at(0, 10))
    set_viewer(town.aurora.id)
    remove_block(actor=town.desk, block=made.public_id)
    assert not Allocation.objects.exists()
    assert is_offered(town, at(0, 10))


def test_a_kept_booking_waits_in_the_inbox_and_leaves_no_hole_when_it_goes(town):
    """T14: the absence stays whole under a booking that was kept."""
    kept = book(town.agent, town.mri_ana, at(0, 10))
    block(town, kind="absence")
    assert InboxItem.objects.filter(kind="booking_stranded", object_id=kept.public_id).exists()
    cancel_booking(actor=town.desk, booking=kept.public_id, reason="", now=NOW)
    assert not is_offered(town, at(0, 10))


def test_a_time_that_somebody_holds_is_not_blocked_over_him(town):
    set_viewer(town.hello.id)
    hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, 10), now=NOW)
    with pytest.raises(SlotTaken):
        block(town)
    assert not Allocation.objects.filter(kind="block").exists()
    block(town, start=at(0, 13), end=at(0, 14))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"end": at(0, 9)}, "until"),
        ({"end": at(0, 9) + timedelta(days=400)}, "until"),
        ({"kind": "x"}, "type"),
    ],
)
def test_refuses_what_makes_no_sense(town, more, field):
    with pytest.raises(Invalid) as refused:
        block(town, **more)
    assert refused.value.errors[0].field == field
    assert not BlockedTime.objects.exists()


def test_nobody_blocks_another_clinics_calendar(town):
    """P7."""
    set_viewer(town.fjord.id)
    with pytest.raises(NotFound):
        add_block(actor=town.fjord_desk, given=given(town), now=NOW)
    with pytest.raises(RightMissing):
        add_block(actor=town.agent, given=given(town), now=NOW)


def overbook(town, start=None, **more):
    start = start or at(0, 9)
    set_viewer(town.aurora.id)
    known = Knowingly(**{"overbook": True, "reason": "Akutt", **more})
    wish = Wish(offering=town.mri_ana.public_id, start=start, patient=person("To"), known=known)
    return book_slot(actor=town.admin, wish=wish, now=NOW)


def test_overbooking_stands_beside_and_is_traced(town):
    """Invariant 1: outside the constraint, never offered; S9."""
    book(town.agent, town.mri_ana, at(0, 9))
    second = overbook(town)
    assert Allocation.objects.get(source_id=second.public_id).kind == "overbooked"
    assert truth_holds(town)
    cancel_booking(
        actor=town.admin,
        booking=Booking.objects.exclude(id=second.id).get().public_id,
        reason="",
        now=NOW,
    )
    assert not is_offered(town, at(0, 9))


def test_overbooking_and_outside_hours_need_right_and_reason(town):
    book(town.agent, town.mri_ana, at(0, 9))
    with pytest.raises(Invalid):
        overbook(town, reason=" ")
    assert not town.desk.may(Right.OVERBOOK)
    set_viewer(town.aurora.id)
    wish = Wish(
        offering=town.mri_ana.public_id,
        start=at(0, 9),
        patient=person(),
        known=Knowingly(overbook=True, reason="x"),
    )
    with pytest.raises(RightMissing):
        book_slot(actor=town.desk, wish=wish, now=NOW)
    assert Booking.objects.count() == 1


def test_a_partner_never_overrides_anything(town):
    set_viewer(town.hello.id)
    for known in (Knowingly(minutes=60), Knowingly(overbook=True, reason="x"), Knowingly(price=1)):
        wish = Wish(offering=town.mri_ana.public_id, start=at(0, 9), patient=person(), known=known)
        with pytest.raises(NotFound):
            book_slot(actor=town.agent, wish=wish, now=NOW)


def test_outside_the_hours_knowingly(town):
    with pytest.raises(OutsideHours):
        overbook(town, at(0, 18), overbook=True)
    made = overbook(town, at(0, 18), overbook=False, outside=True)
    assert made.starts_at == at(0, 18)
    assert truth_holds(town)


def resize(town, booking, minutes, **more):
    set_viewer(town.aurora.id)
    return resize_booking(
        actor=town.desk,
        booking=booking.public_id,
        minutes=minutes,
        now=NOW,
        **{"version": booking.version, **more},
    )


def test_another_length_moves_the_end_and_what_is_occupied(town):
    """S9: the allocation follows, its buffer of five minutes too."""
    booking = book(town.agent, town.mri_ana, at(0, 9))
    changed = resize(town, booking, 60)
    assert changed.ends_at == at(0, 10)
    assert Allocation.objects.get().period.upper == at(0, 10, 5)
    assert truth_holds(town)
    with pytest.raises(VersionConflict):
        resize(town, booking, 30, version=1)


def test_a_length_into_the_next_booking_is_refused(town):
    first = book(town.agent, town.mri_ana, at(0, 9))
    book(town.agent, town.mri_ana, at(0, 10), person("To"))
    with pytest.raises(SlotTaken):
        resize(town, first, 60)
    assert Booking.objects.get(id=first.id).ends_at == at(0, 9, 30)
    assert truth_holds(town)


def test_a_moved_visit_keeps_the_length_it_was_given(town):
    booking = resize(town, book(town.desk, town.mri_ana, at(0, 9)), 60)
    moved = move_booking(
        actor=town.desk, booking=booking.public_id, to=NewPlace(start=at(1, 9)), now=NOW
    )
    assert moved.ends_at == at(1, 10)
