"""Booking a time: what is judged and what is frozen."""

from datetime import date, time, timedelta

import pytest

from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.holds import HoldExpired, TooManyHolds, hold_slot
from samtime.bookings.commands.taking import OutsideHours, SlotTaken, TooLate
from samtime.bookings.models import Booking, Hold
from samtime.calendars import masks
from samtime.calendars.models import Allocation, AvailabilityRule
from samtime.channels.queries import ChannelInactive, NotListed
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import JournalEntry
from samtime.patients.models import Patient
from tests.town import FAR_BACK, NOW, at, book, listing, near_days, person


def nothing_happened():
    """No booking, no occupied time."""
    return not Allocation.objects.exists() and not Booking.objects.exists()


def test_a_partner_books_and_the_source_price_and_commission_are_frozen(town):
    """B5, B9, R8, invariant 3: 450 RON, 12.5 % of it, source is the partner."""
    booking = book(town.agent, town.mri_ana, at(0, 9))
    assert (booking.price_amount, booking.commission_amount) == (45000, 5625)
    assert (booking.source, booking.booker_id) == ("partner", town.hello.id)
    assert booking.payment_state == "due_at_institution"
    assert len(booking.reference) == 8


def test_payment_at_the_partner_marks_the_booking_paid_there(town):
    """P16, B11."""
    with viewing_as(town.aurora.id):
        town.channel.terms.update(payment_place="partner")
    assert book(town.agent, town.mri_ana, at(0, 9)).payment_state == "paid_at_partner"


def test_the_own_desk_books_without_any_tick(town):
    """D8: own desk is open."""
    booking = book(town.desk, town.ecg_ana, at(0, 9))
    assert (booking.source, booking.commission_amount) == ("own_desk", 0)


def test_refuses_a_service_that_is_not_ticked(town):
    """P32, T7."""
    with pytest.raises(NotListed):
        book(town.agent, town.ecg_ana, at(0, 9))
    assert nothing_happened()


def test_a_tick_that_ends_counts_by_the_day_of_the_appointment(town):
    """D9, T6: closed from Wednesday; Tuesday is still open."""
    listing(town.channel, town.centru, town.mri, is_open=False, from_on=date(2026, 6, 3))
    book(town.agent, town.mri_ana, at(1, 9))
    with pytest.raises(NotListed):
        book(town.agent, town.mri_ana, at(3, 9))


def test_refuses_when_the_cooperation_is_suspended(town):
    """Invariant 2: judged in the booking's own transaction."""
    with viewing_as(town.aurora.id):
        town.channel.state = "suspended"
        town.channel.save()
    with pytest.raises(ChannelInactive):
        book(town.agent, town.mri_ana, at(0, 9))
    assert nothing_happened()


def test_a_stranger_is_told_there_is_nothing(town):
    """P7: not yours and not there are one answer."""
    with pytest.raises(NotFound):
        book(town.outsider, town.mri_ana, at(0, 9))


def test_a_manager_without_the_booking_right_is_refused(town):
    """P33, B12."""
    with pytest.raises(RightMissing):
        book(town.insurer, town.mri_ana, at(0, 9))


def test_the_second_booker_is_told_and_offered_three_times(town):
    """B13, P4: the loser gets the next three free starts, by the clock of the place."""
    book(town.agent, town.mri_ana, at(0, 9))
    with pytest.raises(SlotTaken) as lost:
        book(town.agent2, town.mri_ana, at(0, 9))
    starts = [a["start"] for a in lost.value.facts["alternatives"]]
    assert [s[11:16] for s in starts] == ["09:45", "10:00", "10:15"]


def test_buffers_keep_the_next_time_away(town):
    """SPEED 2.6: five minutes after the visit stay free."""
    book(town.agent, town.mri_ana, at(0, 9))
    with pytest.raises(SlotTaken):
        book(town.desk, town.ecg_ana, at(0, 9, 30))
    book(town.desk, town.ecg_ana, at(0, 9, 45))


def test_one_practitioner_is_never_booked_at_two_places_at_once(town):
    """SPEED 2: allocations stand on the practitioner."""
    AvailabilityRule.objects.create(
        calendar=town.ana_nord, weekday=1, start=time(8), end=time(16), valid_from=FAR_BACK
    )
    masks.rebuild([town.ana_nord.mask_id], near_days())
    book(town.agent, town.mri_ana, at(0, 9))
    with pytest.raises(SlotTaken):
        book(town.desk, town.ana_nord.offers["mri"], at(0, 9))


@pytest.mark.parametrize(("hour", "minute"), [(7, 0), (15, 45), (18, 0)])
def test_refuses_times_outside_the_hours(town, hour, minute):
    with pytest.raises(OutsideHours):
        book(town.desk, town.mri_ana, at(1, hour, minute))


def test_refuses_the_past(town):
    with pytest.raises(TooLate):
        book(town.desk, town.mri_ana, at(0, 9), now=NOW + timedelta(hours=4))


def test_bad_details_are_named_at_their_fields(town):
    """B10: everything wrong at once, nothing half done."""
    bad = person(given=" ", phone="12", email="nobody")
    with pytest.raises(Invalid) as refused:
        book(town.agent, town.mri_ana, at(0, 9), bad)
    assert {e.field for e in refused.value.errors} == {
        "patient.given_name",
        "patient.phone",
        "patient.email",
    }
    assert nothing_happened()


def test_a_hold_becomes_the_booking_and_keeps_its_id(town):
    """D3."""
    set_viewer(town.hello.id)
    hold = hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, 9), now=NOW)
    with pytest.raises(SlotTaken):
        book(town.desk, town.mri_ana, at(0, 9))
    set_viewer(town.hello.id)
    wish = Wish(hold=hold.public_id, patient=person())
    booking = book_slot(actor=town.agent2, wish=wish, now=NOW + timedelta(minutes=4))
    assert booking.public_id == hold.public_id
    with pytest.raises(HoldExpired):
        book_slot(actor=town.agent, wish=wish, now=NOW + timedelta(minutes=4))


def test_an_expired_hold_keeps_nothing(town):
    """D4: the next booker clears it himself."""
    set_viewer(town.hello.id)
    hold = hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, 9), now=NOW)
    later = NOW + timedelta(minutes=6)
    book(town.desk, town.mri_ana, at(0, 9), now=later)
    set_viewer(town.hello.id)
    with pytest.raises(HoldExpired):
        book_slot(actor=town.agent, wish=Wish(hold=hold.public_id, patient=person()), now=later)


def test_three_holds_and_no_more(town):
    """T9 of the threats: calendars cannot be hoarded."""
    set_viewer(town.hello.id)
    for hour in (9, 10, 11):
        hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, hour), now=NOW)
    with pytest.raises(TooManyHolds) as refused:
        hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, 12), now=NOW)
    assert len(refused.value.facts["holds"]) == 3
    assert Hold.objects.count() == 3


def test_a_partners_booking_links_a_known_person_silently(town):
    """D14 confirm: equal name, birth date and phone; the booker cannot tell."""
    own = book(town.desk, town.mri_ana, at(0, 9), person("Țest", "Șerbănescu"))
    sent = book(town.agent, town.mri_ana, at(0, 10), person("ȚEST", "Serbanescu"))
    set_viewer(town.aurora.id)
    assert own.patient_id == sent.patient_id
    assert sent.patient_as_given["given_name"] == "ȚEST"
    assert Patient.objects.count() == 1


def test_without_patient_access_every_booking_makes_a_new_person(town):
    """P20."""
    with viewing_as(town.aurora.id):
        town.channel.terms.update(patient_access="none")
    book(town.agent, town.mri_ana, at(0, 9))
    book(town.agent, town.mri_ana, at(0, 10))
    set_viewer(town.aurora.id)
    assert Patient.objects.count() == 2


def test_the_partner_cannot_read_patients(town):
    """P8, D2: a patient has one party, the provider."""
    book(town.agent, town.mri_ana, at(0, 9))
    set_viewer(town.hello.id)
    assert Booking.objects.count() == 1
    assert not Patient.objects.exists()


def test_every_booking_is_in_the_journal_with_its_channel(town):
    """P36."""
    booking = book(town.agent, town.mri_ana, at(0, 9))
    row = JournalEntry.objects.get(kind="booking.booked")
    assert (row.object_id, row.channel_id, row.user_id) == (
        booking.public_id,
        town.channel.id,
        town.agent.user_id,
    )
