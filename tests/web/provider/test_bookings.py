"""Bookings: list and one booking."""

import re

import pytest
from django.utils import timezone

from samtime.bookings.models import Booking
from samtime.channels.models import ChannelTerms
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import JournalEntry
from tests.town import at, book, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_the_list_names_the_booking_source(town):
    """R2: the partner's name."""
    book(town.agent, town.mri_ana, at(0, 9))
    page = texts(visitor(town.desk).get("/o/aurora/bookings/"))
    assert "Hello Calls SRL" in page
    assert "Testine Prøvesen" in page


def test_cancelling_from_the_booking(town):
    """R7."""
    booking = book(town.agent, town.mri_ana, at(3, 9))
    address = f"/o/aurora/bookings/{booking.public_id}/"
    answer = visitor(town.desk).post(address, {"act": "cancel", "reason": "syk"})
    assert answer.status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().state == "cancelled"


def test_marking_before_the_start_says_why_not(town):
    booking = book(town.desk, town.mri_ana, at(0, 9))
    address = f"/o/aurora/bookings/{booking.public_id}/"
    answer = visitor(town.desk).post(address, {"act": "arrive"})
    assert answer.status_code == 409
    assert "The visit has not begun yet." in texts(answer)


def test_a_stranger_gets_404(town):
    """P7."""
    booking = book(town.desk, town.mri_ana, at(0, 9))
    for who in (town.outsider, town.agent):
        for slug in ("aurora", "stranger", "hello"):
            address = f"/o/{slug}/bookings/{booking.public_id}/"
            assert visitor(who).get(address).status_code == 404


def panel(town, booking):
    return f"/o/aurora/bookings/{booking.public_id}/"


def test_the_panel_says_who_booked_and_that_the_partner_has_the_money(town):
    """R2, P16: partner and agent, paid at partner big, history with who and when."""
    with viewing_as(town.aurora.id):
        ChannelTerms.objects.filter(channel=town.channel).update(payment_place="partner")
    booking = book(town.agent, town.mri_ana, at(0, 9))
    page = texts(visitor(town.desk).get(panel(town, booking)))
    assert "Test Agent (Hello Calls SRL)" in page
    assert "Hello Calls SRL has taken the money. Charge nothing here." in page
    assert "<li>Booked<small>" in page
    assert "09:00 Testine Prøvesen" in page  # the day stands beside it


def test_marks_are_taken_back(town, monkeypatch):
    """B13: a wrong mark is undone step by step."""
    booking = book(town.desk, town.mri_ana, at(0, 9))
    monkeypatch.setattr(timezone, "now", lambda: at(0, 9, 5))
    desk, address = visitor(town.desk), panel(town, booking)
    states = []
    for act in ("arrive", "fulfil", "undo", "undo", "no_show", "undo"):
        assert desk.post(address, {"act": act}).status_code == 302
        set_viewer(town.aurora.id)
        states.append(Booking.objects.get().state)
    assert states == ["arrived", "fulfilled", "arrived", "booked", "noshow", "booked"]
    assert desk.post(address, {"act": "undo"}).status_code == 409


def test_a_cancellation_says_by_whom_and_need_not_tell_the_client(town):
    """R7: the client wished it; the journal keeps that no letter goes out."""
    booking = book(town.desk, town.mri_ana, at(3, 9))
    asked = {"act": "cancel", "by": "patient", "reason": "syk", "version": "1"}
    assert visitor(town.desk).post(panel(town, booking), asked).status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().cancelled_by == "patient"
    assert JournalEntry.objects.get(kind="booking.cancelled").data["tell"] is False


def test_a_stale_panel_overwrites_nothing(town):
    """SCREENS 1.9."""
    booking = book(town.desk, town.mri_ana, at(3, 9))
    desk, address = visitor(town.desk), panel(town, booking)
    assert desk.post(address, {"act": "note", "note": "first", "version": "1"}).status_code == 302
    answer = desk.post(address, {"act": "note", "note": "second", "version": "1"})
    assert answer.status_code == 412
    assert differing(texts(answer)) == [("Note", "second", "first")]
    assert "second" in texts(answer)
    set_viewer(town.aurora.id)
    assert Booking.objects.get().note == "first"


def test_payment_with_method_and_amount(town):
    """P16."""
    booking = book(town.desk, town.mri_ana, at(3, 9))
    asked = {"act": "pay", "method": "card", "amount": "450.00"}
    assert visitor(town.desk).post(panel(town, booking), asked).status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().payment_state == "paid_at_institution"


def move(town, booking, **more):
    return {
        "calendar": str(town.ana_centru.public_id),
        "date": "2026-06-02",
        "time": "10:20",
        "minutes": "30",
        "version": str(booking.version),
        "act": "move",
        **more,
    }


def test_the_bar_names_whom_and_the_dialog_moves(town):
    """S11: dragging posts the same form; nothing happens before it is confirmed."""
    booking = book(town.agent, town.mri_ana, at(0, 9))
    desk, address = visitor(town.desk), f"{panel(town, booking)}move/"
    bar = texts(desk.get(address, {"bar": "", "date": "2026-06-02", "time": "10:20"}))
    assert "Move Testine Prøvesen to Tue 2 Jun, 10:20?" in bar
    assert "The client and Hello Calls SRL are told." in bar
    set_viewer(town.aurora.id)
    assert Booking.objects.get().starts_at == at(0, 9)
    assert "Free times" in texts(desk.get(address))
    assert desk.post(address, move(town, booking, tell="1")).status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().starts_at == at(1, 10, 20)


def test_another_length_in_the_same_place(town):
    """S9."""
    booking = book(town.desk, town.mri_ana, at(1, 10))
    address = f"{panel(town, booking)}move/"
    longer = move(town, booking, time="10:00", minutes="50")
    assert visitor(town.desk).post(address, longer).status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().ends_at == at(1, 10, 50)


def test_a_move_onto_a_taken_time_offers_three_others(town):
    """SCREENS 11: move onto taken time."""
    book(town.agent, town.mri_ana, at(1, 10))
    booking = book(town.desk, town.mri_ana, at(0, 9), person("To"))
    answer = visitor(town.desk).post(f"{panel(town, booking)}move/", move(town, booking))
    assert answer.status_code == 409
    assert texts(answer).count('value="at:2026-06-02T') >= 3
    set_viewer(town.aurora.id)
    assert Booking.objects.get(id=booking.id).starts_at == at(0, 9)


def differing(page):
    """The lines of a conflict: field, mine, theirs."""
    return re.findall(
        r'<tr><th scope="row">([^<]+)</th><td>([^<]*)</td><td>([^<]*)</td></tr>', page
    )


def test_two_receptionists_move_one_booking_and_the_second_sees_what_happened(town):
    """SCREENS 1.9: keep mine or take theirs."""
    booking = book(town.desk, town.mri_ana, at(0, 9))
    desk, address = visitor(town.desk), f"{panel(town, booking)}move/"
    assert desk.post(address, move(town, booking)).status_code == 302
    answer = desk.post(address, move(town, booking, time="12:00"))
    assert answer.status_code == 412
    page = texts(answer)
    assert "A colleague changed this in the meantime." in page
    assert differing(page) == [("Time", "12:00", "10:20")]
    assert desk.post(address, move(town, booking, time="12:00", version="2")).status_code == 302


def test_the_open_panel_is_told_that_its_booking_changed(town):
    """SCREENS 4.6, live: 204 until then."""
    booking = book(town.desk, town.mri_ana, at(0, 9))
    desk, address = visitor(town.desk), f"{panel(town, booking)}live/?version=1"
    assert desk.get(address).status_code == 204
    desk.post(panel(town, booking), {"act": "note", "note": "x", "version": "1"})
    assert desk.get(address).status_code == 200
    assert visitor(town.outsider).get(address).status_code == 404


def test_filters_fold_until_one_is_set_and_the_state_is_one(town):
    """SCREENS 2.14: on a phone the list comes first; a chosen state narrows it and stays open."""
    book(town.desk, town.mri_ana, at(0, 9))
    desk = visitor(town.desk)
    plain = desk.get("/o/aurora/bookings/").content.decode()
    assert '<details class="st-fold">' in plain
    assert "Testine Prøvesen" in plain
    narrowed = desk.get("/o/aurora/bookings/?state=cancelled").content.decode()
    assert '<details class="st-fold" open>' in narrowed
    assert '<option value="cancelled" selected>Cancelled</option>' in narrowed
    assert "Testine Prøvesen" not in narrowed


def test_showing_more_keeps_the_filters(town, monkeypatch):
    """R2: the next hundred are those of the same source and place."""
    monkeypatch.setattr("samtime.web.provider.bookings.PAGE", 1)
    for hour in (9, 10, 11):
        book(town.desk, town.mri_ana, at(0, hour))
    book(town.agent, town.mri_ana, at(0, 12))
    desk = visitor(town.desk)
    page = desk.get("/o/aurora/bookings/?source=own_desk&location=aurora-centru")
    assert "source=own_desk&amp;location=aurora-centru&amp;pages=2" in page.content.decode()
    more = desk.get("/o/aurora/bookings/?source=own_desk&pages=3").content.decode()
    assert more.count("<tr>") == 4
    assert "Show 100 more" not in more
