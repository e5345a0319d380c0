"""Our bookings: the list and its filters, the panel: modify, cancel, send again, the limit."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.bookings.models import Booking, Hold
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import AccessLogEntry, JournalEntry
from tests.town import NOW, at, book, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOME = "/o/hello/partner/bookings/"
PERIOD = {"from": "2026-06-01", "to": "2026-06-20"}


@pytest.fixture
def agent(town):
    return visitor(town.agent)


def here(booking):
    return f"{HOME}{booking.public_id}/"


def again(town, booking):
    set_viewer(town.hello.id)
    return Booking.objects.get(public_id=booking.public_id)


def test_filters_by_agent_institution_outcome_and_reference(town, agent):
    """B7, B9, P4, D16: everybody of the organization sees all its bookings, never the clinic's."""
    mine = book(town.agent, town.mri_ana, at(3, 9), person("Testine", "Enersen"))
    book(town.agent2, town.mri_ana, at(3, 11), person("Testine", "Toersen"))
    book(town.desk, town.mri_ana, at(3, 13), person("Geheim", "Hemmelig"))
    page = texts(agent.get(HOME, PERIOD))
    assert "Enersen" in page
    assert "Toersen" in page
    assert "Hemmelig" not in page
    who = re.search(r'value="([0-9a-f-]{36})"[^>]*>Test Agent2<', page)[1]
    one = texts(agent.get(HOME, {**PERIOD, "agent": who}))
    assert "Toersen" in one
    assert "Enersen" not in one
    assert "No booking matches" in texts(agent.get(HOME, {**PERIOD, "outcome": "cancelled"}))
    spoken = f"{mine.reference[:4].lower()}-{mine.reference[4:]}"
    assert "Enersen" in texts(agent.get(HOME, {"reference": spoken}))
    where = {**PERIOD, "institution": str(town.aurora.public_id)}
    assert "Toersen" in texts(agent.get(HOME, where))


def test_the_list_is_logged_once_and_costs_the_same_for_many(town, agent):
    """P12: one entry per institution and answer; a constant number of statements."""
    counts = []
    for hour in (9, 10, 11):
        book(town.agent, town.mri_ana, at(3, hour), person("Testine", f"Nr{hour}"))
        with CaptureQueriesContext(connection) as seen:
            agent.get(HOME, PERIOD)
        counts.append(len(seen))
    assert counts[1] == counts[2]  # the first also notes that the agent was here today
    with viewing_as(town.aurora.id):
        entries = AccessLogEntry.objects.filter(action="listed", purpose="booking")
        assert len(entries.order_by("-id").first().patient_ids) == 3


def test_modify_finds_holds_and_moves(town, agent):
    """B7: the new time is held while it is read out; identity, price and reference stay."""
    booking = book(town.agent, town.mri_ana, at(3, 9))
    page = texts(agent.get(f"{here(booking)}?modify=1&on=2026-06-05"))
    offering, start = re.search(
        r'name="offering" value="([^"]+)"><input type="hidden" name="start" value="([^"]+)"', page
    ).groups()
    assert start.startswith("2026-06-05")
    held = agent.post(here(booking), {"act": "hold", "offering": offering, "start": start})
    panel = texts(agent.get(held.headers["Location"]))
    assert "New time, held for you" in panel
    assert "The price stays as it was agreed." in panel
    set_viewer(town.hello.id)
    hold = Hold.objects.get()
    answer = agent.post(here(booking), {"act": "move", "hold": str(hold.public_id), "version": "1"})
    assert answer.status_code == 302
    moved = again(town, booking)
    assert moved.starts_at.isoformat() == start
    assert (moved.reference, moved.price_amount) == (booking.reference, booking.price_amount)
    hold.refresh_from_db()
    assert hold.expires_at <= NOW


def test_a_stale_version_and_an_ended_hold_move_nothing(town, agent, monkeypatch):
    booking = book(town.agent, town.mri_ana, at(3, 9))
    given = {
        "act": "hold",
        "offering": str(town.mri_ana.public_id),
        "start": at(4, 9).isoformat(),
    }
    agent.post(here(booking), given)
    set_viewer(town.hello.id)
    hold = Hold.objects.get()
    move = {"act": "move", "hold": str(hold.public_id)}
    assert agent.post(here(booking), {**move, "version": "9"}).status_code == 412
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=6))
    assert agent.post(here(booking), {**move, "version": "1"}).status_code == 404
    assert again(town, booking).starts_at == booking.starts_at


def test_cancel_with_a_reason_within_the_limit(town, agent):
    """B8."""
    booking = book(town.agent, town.mri_ana, at(3, 9))
    answer = agent.post(here(booking), {"act": "cancel", "reason": "Caller is ill"})
    assert answer.status_code == 302
    gone = again(town, booking)
    assert (gone.state, gone.cancel_reason, gone.cancelled_late) == (
        "cancelled",
        "Caller is ill",
        False,
    )
    assert "Caller is ill" in texts(agent.get(here(booking)))


def test_after_the_limit_it_names_the_clinics_phone_and_refuses(town, agent):
    """B8: «Call the clinic»; nothing changes."""
    town.centru.phone = "+40 555 000 111"
    town.centru.save()
    booking = book(town.agent, town.mri_ana, at(0, 13))
    page = texts(agent.get(here(booking)))
    assert "Call the clinic: +40 555 000 111" in page
    assert 'value="cancel"' not in page
    assert agent.post(here(booking), {"act": "cancel"}).status_code == 409
    assert again(town, booking).state == "booked"


def test_the_confirmation_is_sent_again_at_most_three_times_an_hour(town, agent):
    """SCREENS 6.3; mail flooding."""
    who = person(email="testine@test.example")
    booking = book(town.agent, town.mri_ana, at(3, 9), who)
    for _n in range(3):
        assert agent.post(here(booking), {"act": "resend"}).status_code == 302
    assert agent.post(here(booking), {"act": "resend"}).status_code == 429
    with viewing_as(town.aurora.id):
        rows = JournalEntry.objects.filter(kind="booking.confirmation_wanted")
        assert rows.count() == 3
    bare = book(town.agent, town.mri_ana, at(3, 11))
    assert agent.post(here(bare), {"act": "resend"}).status_code == 409


def test_strangers_and_the_clinics_own_bookings_are_404(town, agent):
    """P7."""
    theirs = book(town.desk, town.mri_ana, at(3, 9))
    ours = book(town.agent, town.mri_ana, at(3, 11))
    assert agent.get(here(theirs)).status_code == 404
    assert agent.post(here(theirs), {"act": "cancel"}).status_code == 404
    for who in (town.outsider, town.desk, town.insurer):
        assert visitor(who).get(here(ours)).status_code == 404
        assert visitor(who).get(HOME).status_code == 404


def test_filters_fold_until_one_is_set(town, agent):
    """SCREENS 2.14: on a phone the list comes first; the days shown stand over it."""
    book(town.agent, town.mri_ana, at(0, 9))
    assert '<details class="st-fold">' in agent.get(HOME).content.decode()
    assert '<details class="st-fold" open>' in agent.get(f"{HOME}?outcome=came").content.decode()
