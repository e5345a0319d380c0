"""Notice, the end, what stays readable; reminder and expiry of invitations (P28, P30, P14)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.accounts.actor import system_actor
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.commands.letters import resend_confirmation
from samtime.bookings.models import Booking
from samtime.channels.queries import ChannelInactive
from samtime.foundation.errors import Invalid
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import title_of
from samtime.mailbox.models import OutgoingMail
from samtime.partners.commands import (
    ModuleOff,
    end_noticed,
    expire_invitations,
    give_notice,
    remind_invited,
    resend_invitation,
    take_back_notice,
)
from samtime.partners.commands.notice import Notice
from samtime.partners.models import Invitation, Partnership
from tests.api.conftest import Caller
from tests.partners.conftest import invite
from tests.town import NOW, at, book
from tests.web.visitors import visitor


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def bond(town):
    """Aurora and Hello, active."""
    with viewing_as(town.aurora.id):
        return Partnership.objects.create(
            provider=town.aurora,
            partner=town.hello,
            channel=town.channel,
            state="active",
            company_name=town.hello.name,
            registration_number="R-hello",
            country="RO",
            representative_name="Test",
            representative_email="admin@hello.example",
            accepted_at=NOW,
        )


def give(town, bond, days=10, future="honour", message=""):
    set_viewer(town.hello.id)
    notice = Notice(NOW.date() + timedelta(days=days), future, message)
    return give_notice(actor=town.manager, partnership_id=bond.public_id, notice=notice)


def sweep(town, days):
    set_viewer(town.aurora.id)
    done = end_noticed(actor=system_actor(town.aurora.id), now=NOW + timedelta(days=days))
    set_viewer(0)
    return done


def test_notice_ends_after_its_day(town, clock, bond):
    """P28: until the last day all goes on; then nothing new, and the clinic was told."""
    give(town, bond, message="We move to another town.")
    with viewing_as(town.hello.id):
        mail = OutgoingMail.objects.get(template="partnership_notice")
    assert mail.recipient == "admin@aurora.example"
    assert "We move to another town." in mail.text
    with viewing_as(town.aurora.id):
        item = InboxItem.objects.get(kind="notice_given")
    last = NOW.date() + timedelta(days=10)
    assert item.facts["name"] == town.hello.name
    assert title_of(item) == f"{town.hello.name} ends the cooperation on {last:%-d %b %Y}."
    assert book(town.agent, town.mri_ana, at(0, 9)).state == "booked"
    assert (sweep(town, 10), sweep(town, 11), sweep(town, 12)) == (0, 1, 0)
    with pytest.raises(ChannelInactive):
        book(town.agent, town.mri_ana, at(0, 11))


@pytest.mark.parametrize(("future", "state"), [("honour", "booked"), ("cancel", "cancelled")])
def test_bookings_at_the_end(town, clock, bond, future, state):
    """P28, P9: honoured, or cancelled one by one."""
    made = book(town.agent, town.mri_ana, at(14, 9))
    give(town, bond, days=1, future=future)
    sweep(town, 2)
    with viewing_as(town.aurora.id):
        assert Booking.objects.get(id=made.id).state == state


def test_notice_is_taken_back_and_bad_days_are_refused(town, clock, bond):
    """P28."""
    with pytest.raises(Invalid):
        give(town, bond, days=-1)
    give(town, bond)
    set_viewer(town.hello.id)
    take_back_notice(actor=town.manager, partnership_id=bond.public_id)
    with viewing_as(town.aurora.id):
        assert Partnership.objects.get().state == "active"
        assert not InboxItem.objects.filter(kind="notice_given", resolved_at=None).exists()


def test_after_the_end_a_partner_reads_its_bookings_and_nothing_else(town, clock, bond):
    """P28, scenario 13: pages and API; nothing can be changed or booked."""
    made = book(town.agent, town.mri_ana, at(4, 9))
    give(town, bond, days=0)
    sweep(town, 1)
    client, caller = visitor(town.agent), Caller(town.agent)
    assert client.get("/o/hello/partner/bookings/").status_code == 200
    assert caller.get(f"bookings/{made.public_id}").body["state"] == "booked"
    assert caller.get("slots?days=5").body.get("items", []) == []
    set_viewer(town.hello.id)
    with pytest.raises(ChannelInactive):
        cancel_booking(actor=town.agent, booking=made.public_id, reason="", now=NOW)
    with pytest.raises(ChannelInactive):
        resend_confirmation(actor=town.agent, booking=made.public_id, now=NOW)
    assert (
        "Nothing ticked"
        in visitor(town.manager).get("/o/hello/partner/catalogue/").content.decode()
    )
    with viewing_as(town.aurora.id):
        assert Booking.objects.get(id=made.id).state == "booked"


def test_reminded_once_after_three_days_and_closed_after_seven(town):
    """P30, P14: a second mail with a link of the same invitation; then an item for the inviter."""
    invite(town)
    actor, now = system_actor(town.aurora.id), timezone.now()
    Invitation.objects.update(state="sent")
    assert remind_invited(actor=actor, now=now + timedelta(days=2)) == 0
    assert remind_invited(actor=actor, now=now + timedelta(days=3, minutes=1)) == 1
    assert remind_invited(actor=actor, now=now + timedelta(days=4)) == 0
    assert OutgoingMail.objects.count() == 2
    assert expire_invitations(actor=actor, now=now + timedelta(days=7, minutes=1)) == 1
    assert InboxItem.objects.get(resolved_at=None).kind == "invitation_expired"
    resend_invitation(actor=town.admin, partnership_id=Partnership.objects.get().public_id)
    assert not InboxItem.objects.filter(resolved_at=None).exists()


def test_nothing_is_sent_again_while_the_module_is_off(town):
    """P5: also the resend is a new invitation."""
    made = invite(town)
    town.aurora.partner_module = "off"
    town.aurora.save()
    with pytest.raises(ModuleOff):
        resend_invitation(actor=town.admin, partnership_id=made.public_id)
    assert OutgoingMail.objects.count() == 1
