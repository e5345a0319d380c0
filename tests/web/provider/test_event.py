"""New event: client, service, time and price at the own desk; blocked time, meetings, absences."""

import pytest

from samtime.bookings.models import BlockedTime, Booking
from samtime.calendars.models import Allocation
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import AccessLogEntry, JournalEntry
from tests.town import at, book, person
from tests.web.provider.test_bookings import differing
from tests.web.provider.test_calendar import NEW, form
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_known_client_is_found_and_booked(town):
    """S9: birth year and last visit stand beside the name; P12: the search is logged."""
    book(town.desk, town.mri_ana, at(0, 9))
    desk = visitor(town.desk)
    found = texts(desk.post("/o/aurora/calendar/clients/", {"q": "prøvesen"}))
    assert "born 1980" in found
    set_viewer(town.aurora.id)
    assert AccessLogEntry.objects.filter(action="searched").exists()
    patient = Booking.objects.get().patient
    known = {"service": str(town.mri.public_id), "calendar": str(town.ana_centru.public_id)}
    known |= {"patient_id": str(patient.public_id), "date": "2026-06-02", "time": "10:00"}
    answer = desk.post(NEW, {**known, "type": "appointment", "act": "save"})
    assert answer.status_code == 302
    set_viewer(town.aurora.id)
    second = Booking.objects.get(starts_at=at(1, 10))
    assert (second.patient_id, second.notify) == (patient.id, False)


def test_the_desk_gives_another_length_and_price_with_a_reason(town):
    """S9: duration is the own desk's; the price needs its right and a reason in the journal."""
    asked = form(town, minutes="45", price="300.00", why="Kollega")
    assert visitor(town.admin).post(NEW, asked).status_code == 302
    set_viewer(town.aurora.id)
    booking = Booking.objects.get()
    assert (booking.ends_at, booking.price_amount) == (at(0, 9, 45), 30000)
    row = JournalEntry.objects.get(kind="booking.booked")
    assert row.data["knowingly"] == ["price"]
    assert row.data["reason"] == "Kollega"


def test_a_price_without_a_reason_is_refused_at_its_field(town):
    answer = visitor(town.admin).post(NEW, form(town, price="300.00"))
    assert answer.status_code == 422
    assert "Write the reason." in texts(answer)
    set_viewer(town.aurora.id)
    assert not Booking.objects.exists()


def test_a_receptionist_neither_sees_nor_sets_what_she_has_no_right_to(town):
    """D4: without the rights the fields are absent, and what is posted all the same is nothing."""
    book(town.agent, town.mri_ana, at(0, 9))
    desk = visitor(town.desk)
    assert 'name="overbook"' not in texts(desk.get(NEW))
    answer = desk.post(NEW, form(town, overbook="1", price="1", why="x"))
    assert answer.status_code == 409
    set_viewer(town.aurora.id)
    assert Booking.objects.count() == 1


def test_a_service_the_practitioner_does_not_give_names_those_who_do(town):
    wrong = form(town, calendar=str(town.ana_nord.public_id), service=str(town.ecg.public_id))
    answer = visitor(town.desk).post(NEW, wrong)
    assert answer.status_code == 422
    assert "These do: Ana-Test Ionescu, Dan-Test Popescu." in texts(answer)


def block(town, **more):
    return {
        "type": "meeting",
        "title": "Planning",
        "who": [str(town.ana_centru.public_id), str(town.dan_nord.public_id)],
        "date": "2026-06-01",
        "time": "12:00",
        "until": "13:00",
        "act": "block",
        **more,
    }


def test_a_meeting_of_two_is_blocked_for_both_and_shown_with_its_title(town):
    """S9: several practitioners at once."""
    desk = visitor(town.desk)
    assert desk.post(NEW, block(town)).status_code == 302
    set_viewer(town.aurora.id)
    made = BlockedTime.objects.get()
    assert Allocation.objects.filter(source_id=made.public_id, kind="block").count() == 2
    assert texts(desk.get("/o/aurora/calendar/2026-06-01/day/")).count("Meeting: Planning") >= 2


def test_an_absence_over_a_booking_asks_first(town):
    """T14: what is stranded is shown; nothing is saved before the answer."""
    book(town.agent, town.mri_ana, at(0, 9), person(given="Strand"))
    desk = visitor(town.desk)
    absence = block(town, type="absence", time="", until="", who=[str(town.ana_centru.public_id)])
    answer = desk.post(NEW, absence)
    assert answer.status_code == 409
    assert "Strand Prøvesen" in texts(answer)
    set_viewer(town.aurora.id)
    assert not BlockedTime.objects.exists()
    assert desk.post(NEW, {**absence, "fate": "cancel", "reason": "syk"}).status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().state == "cancelled"
    assert BlockedTime.objects.get().kind == "absence"


def test_a_block_is_edited_moved_and_removed_in_its_panel(town):
    desk = visitor(town.desk)
    desk.post(NEW, block(town))
    set_viewer(town.aurora.id)
    made = BlockedTime.objects.get()
    address = f"/o/aurora/calendar/blocks/{made.public_id}/"
    assert "Planning" in texts(desk.get(address))
    moved = block(town, time="14:00", until="15:00", to_date="2026-06-01", version="1", act="save")
    assert desk.post(address, moved).status_code == 302
    answer = desk.post(address, {**moved, "title": "Ward round"})
    assert answer.status_code == 412
    assert differing(texts(answer)) == [("Title", "Ward round", "Planning")]
    set_viewer(town.aurora.id)
    assert BlockedTime.objects.get().starts_at == at(0, 14)
    assert desk.post(address, {"act": "remove", "version": "2"}).status_code == 302
    set_viewer(town.aurora.id)
    assert not Allocation.objects.exists()


@pytest.mark.parametrize("who", ["outsider", "agent", "insurer"])
def test_a_stranger_gets_404(town, who):
    """P7."""
    visitor(town.desk).post(NEW, block(town))
    set_viewer(town.aurora.id)
    made = BlockedTime.objects.get()
    stranger = visitor(getattr(town, who))
    for path in ("new/", "clients/", f"blocks/{made.public_id}/", "2026-06-01/day-sheet/"):
        assert stranger.get(f"/o/aurora/calendar/{path}").status_code == 404


def test_all_faults_of_an_appointment_are_told_at_once(town):
    """SCREENS 2.8: also the time, when service and practitioner do not fit; all of it stays."""
    given = {
        "type": "appointment",
        "calendar": str(town.ana_centru.public_id),
        "service": "nothing",
        "date": "2026-06-03",
        "time": "25:99",
        "minutes": "long",
        "act": "save",
    }
    answer = visitor(town.desk).post("/o/aurora/calendar/new/", given)
    page = texts(answer)
    assert answer.status_code == 422
    assert "Choose a service." in page
    assert "Choose a client" in page
    assert "Write a time like" in page
    assert "Write the minutes" in page
    assert 'value="25:99"' in page
