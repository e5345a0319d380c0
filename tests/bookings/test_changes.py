"""Move, cancel, attendance and payment."""

from datetime import timedelta

import pytest

from samtime.bookings.commands.changes import (
    NewPlace,
    NotPossible,
    NotYet,
    PastLimit,
    arrive,
    cancel_booking,
    fulfil,
    mark_no_show,
    move_booking,
    record_payment,
)
from samtime.bookings.commands.holds import AlreadyExtended, extend_hold, hold_slot, release_hold
from samtime.bookings.commands.taking import SlotTaken, sweep_expired_holds
from samtime.bookings.models import Booking
from samtime.calendars.masks import check_all, lock_days
from samtime.calendars.models import Allocation
from samtime.channels.models import Listing
from samtime.foundation.errors import NotFound, RightMissing, VersionConflict
from samtime.foundation.tenancy import set_viewer, viewing_as
from tests.town import NOW, TODAY, at, book


def masks_are_true(town):
    """The derived rows equal what truth says, for every day that has a row."""
    from samtime.calendars.masks import _truth

    rows = lock_days([town.ana_centru.mask_id, town.ana_nord.mask_id], days())
    for mask, day, opened, busy, _run in _truth(
        [town.ana_centru.mask_id, town.ana_nord.mask_id], days()
    ):
        assert (rows[mask, day].open, rows[mask, day].busy) == (opened, busy)


def days():
    from tests.town import near_days

    return near_days()


def test_cancelling_frees_the_time_at_once(town):
    """B8, R7: somebody else can book it; the row stays with who and why."""
    booking = book(town.agent, town.mri_ana, at(3, 9))
    set_viewer(town.hello.id)
    gone = cancel_booking(actor=town.agent, booking=booking.public_id, reason="ill", now=NOW)
    assert (gone.state, gone.cancelled_by, gone.cancelled_late) == ("cancelled", "booker", False)
    book(town.desk, town.mri_ana, at(3, 9))
    masks_are_true(town)


def test_a_partner_cannot_cancel_after_the_limit_the_clinic_can(town):
    """Scenario: inside 24 hours the partner must call."""
    booking = book(town.agent, town.mri_ana, at(0, 15))
    set_viewer(town.hello.id)
    with pytest.raises(PastLimit):
        cancel_booking(actor=town.agent, booking=booking.public_id, reason="", now=NOW)
    set_viewer(town.aurora.id)
    gone = cancel_booking(actor=town.desk, booking=booking.public_id, reason="", now=NOW)
    assert gone.cancelled_late


def test_twice_cancelled_is_refused(town):
    booking = book(town.desk, town.mri_ana, at(3, 9))
    cancel_booking(actor=town.desk, booking=booking.public_id, reason="", now=NOW)
    with pytest.raises(NotPossible):
        cancel_booking(actor=town.desk, booking=booking.public_id, reason="", now=NOW)


def test_a_stranger_cannot_cancel(town):
    """P7."""
    booking = book(town.desk, town.mri_ana, at(3, 9))
    set_viewer(town.stranger.id)
    with pytest.raises(NotFound):
        cancel_booking(actor=town.outsider, booking=booking.public_id, reason="", now=NOW)
    set_viewer(town.aurora.id)
    assert Booking.objects.get().state == "booked"


def test_moving_keeps_identity_price_and_commission(town):
    """B7, D10: the old time is free, the new one taken, the reference stays."""
    booking = book(town.agent, town.mri_ana, at(3, 9))
    set_viewer(town.hello.id)
    moved = move_booking(
        actor=town.agent,
        booking=booking.public_id,
        to=NewPlace(at(3, 11), version=booking.version),
        now=NOW,
    )
    assert (moved.reference, moved.commission_amount) == (booking.reference, 5625)
    assert (moved.starts_at, moved.sequence) == (at(3, 11), 1)
    book(town.desk, town.mri_ana, at(3, 9))
    with pytest.raises(SlotTaken):
        book(town.desk, town.mri_ana, at(3, 11))
    masks_are_true(town)


def test_moving_by_half_its_own_length_is_possible(town):
    """The own old time does not stand in the way."""
    booking = book(town.desk, town.mri_ana, at(3, 9))
    moved = move_booking(
        actor=town.desk, booking=booking.public_id, to=NewPlace(at(3, 9, 15)), now=NOW
    )
    assert moved.starts_at == at(3, 9, 15)
    masks_are_true(town)


def test_a_refused_move_changes_nothing(town):
    """All or nothing: the old time stays taken."""
    booking = book(town.desk, town.mri_ana, at(3, 9))
    book(town.desk, town.mri_ana, at(3, 11))
    with pytest.raises(SlotTaken) as lost:
        move_booking(actor=town.desk, booking=booking.public_id, to=NewPlace(at(3, 11)), now=NOW)
    assert len(lost.value.facts["alternatives"]) == 3
    with pytest.raises(SlotTaken):
        book(town.desk, town.mri_ana, at(3, 9))
    masks_are_true(town)


def test_a_move_of_an_old_version_is_refused(town):
    """If-Match: somebody changed it meanwhile."""
    booking = book(town.desk, town.mri_ana, at(3, 9))
    with pytest.raises(VersionConflict):
        move_booking(
            actor=town.desk,
            booking=booking.public_id,
            to=NewPlace(at(3, 10), version=booking.version + 1),
            now=NOW,
        )


def test_attendance_from_the_start_on_or_with_a_reason(town):
    booking = book(town.desk, town.mri_ana, at(0, 9))
    with pytest.raises(NotYet):
        arrive(actor=town.desk, booking=booking.public_id, now=NOW)
    early = arrive(actor=town.desk, booking=booking.public_id, now=NOW, reason="came early")
    assert early.state == "arrived"
    done = fulfil(actor=town.desk, booking=booking.public_id, now=at(0, 10))
    assert done.state == "fulfilled"


def test_a_no_show_keeps_its_row(town):
    booking = book(town.agent, town.mri_ana, at(0, 9))
    set_viewer(town.aurora.id)
    marked = mark_no_show(actor=town.desk, booking=booking.public_id, now=at(0, 10))
    assert marked.state == "noshow"


def test_a_partner_cannot_mark_attendance(town):
    booking = book(town.agent, town.mri_ana, at(0, 9))
    set_viewer(town.hello.id)
    with pytest.raises(RightMissing):
        arrive(actor=town.agent, booking=booking.public_id, now=at(0, 10))


def test_payment_at_the_institution(town):
    """P17."""
    booking = book(town.desk, town.mri_ana, at(0, 9))
    paid = record_payment(
        actor=town.desk, booking=booking.public_id, method="card", amount=45000, now=NOW
    )
    assert paid.payment_state == "paid_at_institution"
    with pytest.raises(NotPossible):
        record_payment(
            actor=town.desk, booking=booking.public_id, method="card", amount=45000, now=NOW
        )


def test_what_was_paid_at_the_partner_is_not_taken_twice(town):
    """P16: no one charges twice."""
    with viewing_as(town.aurora.id):
        town.channel.terms.update(payment_place="partner")
    booking = book(town.agent, town.mri_ana, at(0, 9))
    set_viewer(town.aurora.id)
    with pytest.raises(NotPossible):
        record_payment(
            actor=town.desk, booking=booking.public_id, method="card", amount=100, now=NOW
        )


def test_a_hold_is_kept_longer_once(town):
    set_viewer(town.hello.id)
    hold = hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, 9), now=NOW)
    kept = extend_hold(actor=town.agent, hold=hold.public_id, now=NOW)
    assert kept.expires_at == NOW + timedelta(minutes=10)
    with pytest.raises(AlreadyExtended):
        extend_hold(actor=town.agent, hold=hold.public_id, now=NOW)


def test_letting_go_frees_the_time(town):
    set_viewer(town.hello.id)
    hold = hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, 9), now=NOW)
    release_hold(actor=town.agent, hold=hold.public_id, now=NOW)
    book(town.desk, town.mri_ana, at(0, 9))
    masks_are_true(town)


def test_the_sweep_frees_expired_holds(town):
    """D4."""
    set_viewer(town.hello.id)
    hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, 9), now=NOW)
    assert sweep_expired_holds(now=NOW) == 0
    assert sweep_expired_holds(now=NOW + timedelta(minutes=5)) == 1
    assert not Allocation.objects.exists()
    masks_are_true(town)


def test_masks_check_names_the_rows_that_differ(town):
    """SPEED 2.4: a changed or missing row is found."""
    from django.db import connection

    from samtime.calendars import masks

    masks.rebuild_all(today=TODAY)
    assert check_all(today=TODAY) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE resource_day SET busy = ~busy WHERE resource_id = %s AND day = %s",
            [town.ana_centru.mask_id, TODAY],
        )
    assert check_all(today=TODAY) == [(town.ana_centru.mask_id, TODAY)]


def test_the_clinic_moves_a_partners_booking_whatever_became_of_the_partner(town):
    """B7, D10, T14: price, commission and source stay, also when the channel is suspended."""
    booking = book(town.agent, town.mri_ana, at(3, 9))
    set_viewer(town.aurora.id)
    town.channel.state = "suspended"
    town.channel.save(update_fields=["state"])
    Listing.objects.filter(channel=town.channel).update(open=False)
    moved = move_booking(
        actor=town.desk, booking=booking.public_id, to=NewPlace(at(3, 11)), now=NOW
    )
    assert moved.starts_at == at(3, 11)
    assert (moved.source, moved.booker_id) == ("partner", town.hello.id)
    kept = (moved.price_amount, moved.commission_amount)
    assert kept == (booking.price_amount, booking.commission_amount)
    with pytest.raises(NotFound):
        move_booking(
            actor=town.outsider, booking=booking.public_id, to=NewPlace(at(3, 12)), now=NOW
        )
