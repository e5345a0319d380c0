"""What the partner module is for, each aim as one story over every floor."""

import pytest
from django.utils import timezone

from samtime.bookings.models import Booking
from samtime.channels.models import ChannelTerms
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import AccessLogEntry, JournalEntry
from tests.api.conftest import Caller
from tests.billing.conftest import JULY_BEGAN, compute
from tests.town import at, listing, member, organization, partner_channel
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
KLARA = {"given_name": "Klara-Test", "family_name": "Prøvekvinne", "birth_date": "1980-02-03"}
OSKAR = {"given_name": "Oskar-Test", "family_name": "Prøvemann", "birth_date": "1971-09-12"}
PHONE = {"phone": "+40 555 0101"}


@pytest.fixture
def second(town):
    """A clinic without calendars here that may book ECG at Centru, paid at its own desk."""
    town.med = organization("medpoint", "MedPoint SRL", "RO", "RON", "partner")
    town.med_agent = member(town.med, "agent@medpoint.example", "agent")
    channel = partner_channel(town.aurora, town.med, [town.centru], payment_place="partner")
    listing(channel, town.centru, town.ecg)
    return town


def wish(offering, start, person):
    patient = {**person, **PHONE}
    return {"offering": str(offering.public_id), "start": start.isoformat(), "patient": patient}


def test_two_partners_book_for_their_own_patients_and_only_what_is_open(second, clock):
    """P3: each books what is open to it, and sees its own patients; the clinic sees both."""
    hello, med = Caller(second.agent), Caller(second.med_agent)
    refused = [
        hello.post("bookings", wish(second.ecg_ana, at(1, 9), KLARA)),
        med.post("bookings", wish(second.mri_ana, at(1, 9), OSKAR)),
    ]
    assert [(r.status, r.body["code"]) for r in refused] == [(409, "not_listed")] * 2
    with viewing_as(second.aurora.id):
        assert not Booking.objects.exists()
    assert hello.post("bookings", wish(second.mri_ana, at(1, 9), KLARA)).status == 201
    paid = med.post("bookings", wish(second.ecg_ana, at(1, 11), OSKAR))
    assert (paid.status, paid.body["payment_state"]) == (201, "paid_at_partner")
    period = {"from": "2026-06-01", "to": "2026-06-20"}
    pages = {
        who: texts(visitor(actor).get(address, period))
        for who, actor, address in (
            ("hello", second.agent, "/o/hello/partner/bookings/"),
            ("med", second.med_agent, "/o/medpoint/partner/bookings/"),
            ("clinic", second.desk, "/o/aurora/bookings/"),
        )
    }
    seen = {who: ("Prøvekvinne" in page, "Prøvemann" in page) for who, page in pages.items()}
    assert seen == {"hello": (True, False), "med": (False, True), "clinic": (True, True)}


def test_a_partners_booking_is_safe_regulated_traceable_and_accountable(town, clock, monkeypatch):
    """P36: who saw it, on which terms, who did it through which channel, what it costs whom."""
    agent = Caller(town.agent)
    made = agent.post("bookings", wish(town.mri_ana, at(1, 9), KLARA)).body
    assert agent.get(f"bookings/{made['id']}").status == 200
    assert len(agent.get("bookings").body["items"]) == 1
    day = agent.get(f"calendars/{town.ana_centru.public_id}/day?date=2026-06-02").body
    assert [own["patient"] for own in day["own"]] == ["Klara-Test Prøvekvinne"]
    shown = {"show": "1", "service": str(town.mri.public_id), "day": "2026-06-02"}
    for page in ("book/calendars/", "bookings/", f"bookings/{made['id']}/"):
        answer = visitor(town.agent).get(
            f"/o/hello/partner/{page}", {**shown, "from": "2026-06-01"}
        )
        assert "Prøvekvinne" in texts(answer)
    set_viewer(town.aurora.id)
    booking = Booking.objects.get()
    saw = AccessLogEntry.objects.filter(patient_ids__contains=[booking.patient_id])
    assert len(saw) >= 6
    assert {(s.organization_id, s.user_id, s.channel_id) for s in saw} == {
        (town.hello.id, town.agent.user_id, town.channel.id)
    }
    assert booking.terms_id == ChannelTerms.objects.get(channel=town.channel).id
    did = JournalEntry.objects.get(object_id=booking.public_id, kind="booking.booked")
    assert (did.user_id, did.actor_organization_id, did.channel_id, did.key_id) == (
        town.agent.user_id,
        town.hello.id,
        town.channel.id,
        agent.key.id,
    )
    assert "Klara" not in str(did.data)
    Booking.objects.update(state="fulfilled")
    monkeypatch.setattr(timezone, "now", lambda: JULY_BEGAN)
    line = compute(town).lines.get()
    assert (line.booking_id, line.commission_amount) == (booking.id, 5625)
