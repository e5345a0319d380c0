"""Who reads a letter: the patient, who is told beside him, the partner's agent; and what not."""

import json
from datetime import timedelta

import pytest

from samtime.bookings.commands.changes import NewPlace, Said, cancel_booking, move_booking
from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import title_of
from samtime.jobs.schedule import remind_patients
from samtime.mailbox.commands import Mailer, note_state
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.models import Membership
from samtime.patients.commands.records import ContactGiven, add_contact
from samtime.patients.models import Patient
from tests.api.conftest import Caller
from tests.mailbox.test_letters import react_to
from tests.town import NOW, at, book, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
STREET = "Hemmeligveien 7"


def beside(town, booking, kind, name, email, *, told=True):
    """Somebody beside the booking's patient."""
    set_viewer(town.aurora.id)
    patient = Booking.objects.get(id=booking.id).patient
    given = ContactGiven(kind=kind, name=name, email=email, is_told=told)
    add_contact(actor=town.desk, patient_id=patient.public_id, contact=given)


def letters(organization):
    with viewing_as(organization.id):
        return {m.recipient: m for m in OutgoingMail.objects.order_by("id")}


def test_whoever_is_told_gets_what_the_patient_is_told(town):
    """SCREENS 4.7: a guardian in the patient's language with the link, an employer without it,
    whoever is not told nothing; twice changes nothing."""
    who = person("Lille", "Prøvesen", email="lille@pasient.example", language="nb")
    booking = book(town.desk, town.mri_ana, at(0, 9), who)
    beside(town, booking, "guardian", "Mor Prøvesen", "mor@pasient.example")
    beside(town, booking, "employer", "Arbeid AS", "hr@arbeid.example")
    beside(town, booking, "payer", "Ikke AS", "ikke@betaler.example", told=False)
    react_to("booking.booked")
    sent = letters(town.aurora)
    assert set(sent) == {"lille@pasient.example", "mor@pasient.example", "hr@arbeid.example"}
    guardian, employer = sent["mor@pasient.example"], sent["hr@arbeid.example"]
    assert "Hei Mor Prøvesen" in guardian.text
    assert "dette er det vi forteller Lille" in guardian.text
    assert "/b/" in guardian.text
    assert "/b/" not in employer.text
    assert "Mor" not in sent["lille@pasient.example"].text


def test_a_child_without_an_address_is_told_through_the_guardian(town):
    """The guardian's letter takes the place of the child's, the reminder too; no street in it."""
    booking = book(town.desk, town.mri_ana, at(1, 8), person("Lille", "Prøvesen"))
    beside(town, booking, "guardian", "Mor", "mor@pasient.example")
    Patient.objects.update(street=STREET, city="Skjultby", protected_address=True)
    react_to("booking.booked")
    (mail,) = letters(town.aurora).values()
    assert (mail.recipient, mail.about_kind) == ("mor@pasient.example", "booking")
    Booking.objects.update(created_at=NOW - timedelta(days=2))
    set_viewer(0)
    remind_patients(timestamp=0)
    with viewing_as(town.aurora.id):
        both = list(OutgoingMail.objects.order_by("id"))
    assert [m.template for m in both] == ["booking_confirmed", "booking_reminder"]
    assert not any(STREET in m.text or "Skjultby" in m.text for m in both)


def test_a_copy_that_does_not_arrive_says_so_of_the_copy(town):
    """P30: the client's own letter keeps its state; the item closes when a copy leaves."""
    booking = book(town.desk, town.mri_ana, at(0, 9), person(email="a@pasient.example"))
    beside(town, booking, "guardian", "Mor", "mor@pasient.example")
    react_to("booking.booked")
    set_viewer(town.aurora.id)
    copy = letters(town.aurora)["mor@pasient.example"]
    doer = Mailer(town.aurora.id)
    note_state(mail_id=copy.id, state="failed", detail="550", now=NOW, actor=doer)
    react_to("mail.failed")
    item = InboxItem.objects.get()
    assert (item.kind, item.resolved_at) == ("copy_failed", None)
    assert "The copy for a contact of booking" in title_of(item)
    assert Booking.objects.get().letter_state == "queued"
    note_state(mail_id=copy.id, state="sent", detail="", now=NOW, actor=doer)
    react_to("mail.sent")
    item.refresh_from_db()
    assert item.resolved_at is not None


def test_the_agent_gets_a_copy_when_the_clinic_moves_or_cancels(town):
    """R7: in the agent's language, from the partner's own box, once, without the client's name."""
    who = person("Testine", "Hemmelig", email="t@pasient.example")
    booking = book(town.agent, town.mri_ana, at(3, 9), who)
    set_viewer(town.aurora.id)
    move_booking(actor=town.desk, booking=booking.public_id, to=NewPlace(at(3, 11)), now=NOW)
    react_to("booking.moved")
    (mail,) = letters(town.hello).values()
    assert mail.recipient == "agent@hello.example"
    assert "Clinica Aurora SRL moved booking" in mail.text
    assert "Before: Thursday 4 June 2026, 09:00" in mail.text
    assert "The client knows of it." in mail.text
    assert f"/o/hello/partner/bookings/{booking.public_id}/" in mail.text
    assert "Hemmelig" not in mail.text + mail.subject + mail.html
    set_viewer(town.aurora.id)
    cancel_booking(
        actor=town.desk,
        booking=booking.public_id,
        reason="",
        now=NOW,
        said=Said("provider", tell=False),
    )
    react_to("booking.cancelled")
    with viewing_as(town.hello.id):
        last = OutgoingMail.objects.latest("id")
        assert OutgoingMail.objects.count() == 2
        assert "cancelled booking" in last.text
        assert "has got no letter about it. Please call." in last.text
        assert {i.kind for i in InboxItem.objects.all()} == {
            "booking_moved_by_institution",
            "booking_cancelled_by_institution",
        }


def test_nobody_is_told_what_he_did_himself_or_after_he_left(town):
    """R7: the agent's own cancellation, and a member who has gone."""
    first = book(town.agent, town.mri_ana, at(3, 9))
    second = book(town.agent, town.mri_ana, at(3, 10))
    cancel_booking(actor=town.agent, booking=first.public_id, reason="", now=NOW)
    react_to("booking.cancelled")
    Membership.objects.filter(user_id=town.agent.user_id).update(ended_at=NOW)
    set_viewer(town.aurora.id)
    cancel_booking(actor=town.desk, booking=second.public_id, reason="", now=NOW)
    react_to("booking.cancelled")
    assert letters(town.hello) == {}


def test_a_protected_address_leaves_the_house_by_no_door(town):
    """SCREENS 4.7: neither the partner's pages and calls nor the clinic's lists tell it."""
    booking = book(town.agent, town.mri_ana, at(3, 9), person(email="t@pasient.example"))
    set_viewer(town.aurora.id)
    Patient.objects.update(street=STREET, city="Skjultby", protected_address=True)
    patient = Booking.objects.get().patient
    agent, desk = visitor(town.agent), visitor(town.desk)
    pages = [
        agent.get("/o/hello/partner/bookings/?from=2026-06-01"),
        agent.get(f"/o/hello/partner/bookings/{booking.public_id}/"),
        desk.get("/o/aurora/calendar/2026-06-04/day/"),
        desk.get("/o/aurora/calendar/2026-06-04/day-sheet/"),
        desk.get("/o/aurora/bookings/?from=2026-06-01"),
        desk.post("/o/aurora/patients/", {"name": "Testine"}),
        desk.get(f"/o/aurora/patients/{patient.public_id}/overview/"),
        desk.get(f"/o/aurora/patients/{patient.public_id}/overview/?edit"),
        visitor(town.admin).get("/o/aurora/reports/partner-statistics/?from=2026-06-01"),
    ]
    assert [p.status_code for p in pages] == [200] * len(pages)
    assert not any(STREET in texts(p) or "Skjultby" in texts(p) for p in pages)
    calls = [Caller(town.agent).get("bookings"), Caller(town.desk).get("patients?name=Testine")]
    calls.append(Caller(town.desk).get(f"patients/{patient.public_id}"))
    assert [c.status for c in calls] == [200] * 3
    assert STREET not in json.dumps([c.body for c in calls])
