"""Inviting a partner, and what becomes of the mail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.accounts.models import AccessToken
from samtime.foundation.errors import Invalid, NotFound, RateLimited, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.journal.models import JournalEntry
from samtime.mailbox.models import OutgoingMail
from samtime.partners.commands import (
    AlreadyPartner,
    ModuleOff,
    NotPossibleInState,
    expire_invitations,
    invite_partner,
    note_delivery,
    open_invitation,
    resend_invitation,
    save_partner_draft,
    send_draft,
    withdraw_invitation,
)
from samtime.partners.models import Invitation, Partnership
from tests.partners.conftest import behind, invite, proposal, secret_of


def codes(refused):
    """Which field is wrong how."""
    return {error.field: error.code for error in refused.value.errors}


def test_saving_keeps_the_card_and_sends_the_invitation(town):
    """P9, P10, P11, P12, P14, P15, P18, P21: all fields are kept and a mail goes out."""
    made = invite(town, terms={"payment_place": "partner", "patient_access": "search"})
    made.refresh_from_db()
    assert (made.state, made.registration_number, made.country) == ("invited", "312319489", "NO")
    assert list(made.channel.locations.all()) == [town.centru]
    row = made.channel.terms.get()
    assert (row.commission_kind, row.commission_rate) == ("percentage", 1250)
    assert (row.payment_place, row.patient_access, row.currency) == ("partner", "search", "RON")
    mail = OutgoingMail.objects.get()
    assert mail.recipient == "kari@nordvik.example"
    assert "Clinica Aurora SRL" in mail.subject
    assert f"/invite/{secret_of(town.aurora)}" in mail.text
    assert JournalEntry.objects.filter(kind="partnership.invited").count() == 1


def test_nothing_is_open_before_acceptance(town):
    """P22, T4: the channel is only prepared."""
    made = invite(town)
    assert (made.channel.state, made.channel.opened_at, made.partner_id) == (
        "preparing",
        None,
        None,
    )


def test_a_fixed_amount_has_the_currency_of_the_institution(town):
    """P13: fixed amount per booking."""
    made = invite(town, terms={"kind": "fixed", "amount": "60"})
    row = made.channel.terms.get()
    assert (row.commission_kind, row.commission_amount, row.currency) == ("fixed", 6000, "RON")


def test_without_statistics_there_is_no_commission(town):
    """P13: first whether statistics are required; D13."""
    made = invite(town, terms={"statistics": False})
    assert made.channel.terms.get().commission_kind == "none"


def test_a_known_company_gets_a_notification(town):
    """P23, P24: two kinds of letters; the known company sees the open invitation."""
    town.hello.registration_number, town.hello.country = "312319489", "NO"
    town.hello.save()
    set_viewer(town.fjord.id)
    wish = proposal(town, terms={"location_ids": (town.sentrum.public_id,)})
    made = invite_partner(actor=town.fjord_admin, proposal=wish)
    assert made.partner == town.hello
    assert Invitation.objects.get().kind == "notification"
    set_viewer(town.hello.id)
    assert Invitation.objects.get().partnership_id == made.id


def test_all_faults_come_at_once(town):
    """P9, P11, P12, P14: every fault stands at its field, and nothing is kept."""
    with pytest.raises(Invalid) as refused:
        invite(
            town,
            company_name="",
            tax_number="12345",
            registration_number="31231948",
            representative_email="kari",
            representative_phone="abc",
            terms={"location_ids": (), "rate": "101"},
        )
    assert codes(refused) == {
        "company.name": "required",
        "company.tax_number": "digits",
        "company.registration_number": "digits",
        "representative.email": "email",
        "representative.phone": "phone",
        "locations": "no_location",
        "commission.rate": "percentage",
    }
    assert not Partnership.objects.exists()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("country", ["NO", "RO", "HU", "SE"])
def test_a_tax_number_of_five_digits_is_refused(town, country):
    """P9: in every country."""
    with pytest.raises(Invalid) as refused:
        invite(town, country=country, tax_number="12345")
    assert codes(refused)["company.tax_number"] in ("digits", "check")


def test_a_person_cannot_be_a_partner(town):
    """P7: a national id in place of a company's number."""
    with pytest.raises(Invalid) as refused:
        invite(town, country="RO", registration_number="1800101221144")
    assert codes(refused)["company.registration_number"] == "person_not_company"


@pytest.mark.parametrize("number", ["RO37171826", "37171826"])
def test_a_long_romanian_number_that_fails_its_check_is_taken(town, number):
    """P9: registers hold such numbers (DOMAIN.md 3.1)."""
    made = invite(town, country="RO", tax_number=number, registration_number="J40/1234/2010")
    assert made.registration_number == "J40/1234/2010"


@pytest.mark.parametrize("rate", ["-1", "100.01", "abc", "", "1e1", "12.345"])
def test_the_percentage_has_bounds(town, rate):
    """P14, P29: 0 to 100 with two decimals."""
    with pytest.raises(Invalid) as refused:
        invite(town, terms={"rate": rate})
    assert codes(refused) == {"commission.rate": "percentage"}


def test_a_foreign_location_is_no_location(town):
    """P12, T2: ids from the form are judged."""
    with pytest.raises(Invalid) as refused:
        invite(town, terms={"location_ids": (town.centru.public_id, town.sentrum.public_id)})
    assert codes(refused) == {"locations": "no_location"}


def test_one_company_one_partnership(town):
    """P26: a second invitation names the first."""
    first = invite(town)
    with pytest.raises(AlreadyPartner) as refused:
        invite(town)
    assert refused.value.facts["partnership"] == str(first.public_id)


def test_without_the_module_nobody_is_invited(town):
    """P5: the module is licensed."""
    town.aurora.partner_module = "off"
    town.aurora.save()
    with pytest.raises(ModuleOff):
        invite(town)
    assert not Partnership.objects.exists()


def test_the_desk_may_not_invite(town):
    """P36: rights."""
    set_viewer(town.aurora.id)
    with pytest.raises(RightMissing):
        invite_partner(actor=town.desk, proposal=proposal(town))


def test_a_draft_tells_nobody_until_it_is_sent(town):
    """P21: save as draft, then send."""
    set_viewer(town.aurora.id)
    made = save_partner_draft(actor=town.admin, proposal=proposal(town))
    assert (made.state, OutgoingMail.objects.count()) == ("draft", 0)
    send_draft(actor=town.admin, partnership_id=made.public_id)
    assert (Partnership.objects.get().state, OutgoingMail.objects.count()) == ("invited", 1)


def test_resending_kills_the_old_link_and_corrects_the_address(town):
    """P30, P14: new token, old one dead."""
    made = invite(town)
    old = secret_of(town.aurora)
    resend_invitation(actor=town.admin, partnership_id=made.public_id, email="Per@nordvik.example")
    assert secret_of(town.aurora) != old
    assert [i.state for i in made.invitations.order_by("id")] == ["revoked", "queued"]
    assert OutgoingMail.objects.order_by("-id").first().recipient == "per@nordvik.example"
    tokens = AccessToken.objects.order_by("id")
    assert [bool(t.revoked_at) for t in tokens] == [True, False]


def test_three_invitations_an_hour_to_one_address(town):
    """P19: the fourth waits."""
    made = invite(town)
    for _again in range(2):
        resend_invitation(actor=town.admin, partnership_id=made.public_id)
    with pytest.raises(RateLimited):
        resend_invitation(actor=town.admin, partnership_id=made.public_id)
    assert OutgoingMail.objects.count() == 3


def test_withdrawing_kills_the_link(town):
    """P28: nothing starts."""
    made = invite(town)
    withdraw_invitation(actor=town.admin, partnership_id=made.public_id)
    assert Partnership.objects.get().state == "withdrawn"
    assert behind(town).link_state == "withdrawn"


def test_whom_nobody_won_can_be_invited_again_as_he_was(town):
    """P28, P30: a withdrawn invitation goes out again with a new link; an active one does not."""
    made = invite(town)
    withdraw_invitation(actor=town.admin, partnership_id=made.public_id)
    resend_invitation(actor=town.admin, partnership_id=made.public_id, email="per@nordvik.example")
    assert (Partnership.objects.get().state, behind(town).link_state) == ("invited", "open")
    set_viewer(town.aurora.id)
    told = JournalEntry.objects.filter(kind="partnership.invited").order_by("id").last()
    assert told.data == {"again": True, "corrected": True}
    Partnership.objects.update(state="active")
    with pytest.raises(NotPossibleInState):
        resend_invitation(actor=town.admin, partnership_id=made.public_id)
    assert OutgoingMail.objects.count() == 2


def test_a_company_may_be_invited_again_closed_as_before(town):
    """P28, D15: one relationship and one channel, whatever happened before."""
    made = invite(town)
    withdraw_invitation(actor=town.admin, partnership_id=made.public_id)
    again = invite(town, terms={"rate": "8"})
    assert (again.id, again.channel_id) == (made.id, made.channel_id)
    assert again.channel.terms.get().commission_rate == 800


def test_the_mails_reports_become_the_invitations_state(town):
    """P30: sent, delivered, opened; a late report does not undo the opening."""
    made = invite(town)
    sent = made.invitations.get()

    def report(state):
        set_viewer(town.aurora.id)
        note_delivery(actor=town.admin, invitation_id=sent.public_id, state=state)
        sent.refresh_from_db()
        return sent.state

    assert report("sent") == "sent"
    assert report("delivered") == "delivered"
    open_invitation(behind=behind(town))
    assert report("delivered") == "opened"
    assert all([sent.sent_at, sent.delivered_at, sent.opened_at])


def test_a_bounce_waits_in_the_inbox(town):
    """P30: nothing is silent."""
    made = invite(town)
    sent = made.invitations.get()
    reason = "The mail domain does not exist."
    note_delivery(actor=town.admin, invitation_id=sent.public_id, state="bounced", detail=reason)
    sent.refresh_from_db()
    assert (sent.state, sent.detail) == ("bounced", reason)
    item = InboxItem.objects.get(kind="invitation_undelivered")
    assert item.facts["email"] == "kari@nordvik.example"


def test_seven_days_without_an_answer(town):
    """P22, P14: the link and the invitation expire."""
    made = invite(town)
    late = timezone.now() + timedelta(days=8)
    assert expire_invitations(actor=town.admin, now=timezone.now()) == 0
    assert expire_invitations(actor=town.admin, now=late) == 1
    made.refresh_from_db()
    assert made.state == "expired"
    assert behind(town).link_state == "expired"


def test_a_stranger_finds_nothing(town):
    """P7: another clinic's partnership is not there."""
    made = invite(town)
    set_viewer(town.stranger.id)
    with pytest.raises(NotFound):
        withdraw_invitation(actor=town.outsider, partnership_id=made.public_id)


def test_sending_again_settles_what_waited(town):
    """P30: the item about the bounce closes with the next sending."""
    made = invite(town)
    sent = made.invitations.get()
    note_delivery(actor=town.admin, invitation_id=sent.public_id, state="bounced")
    resend_invitation(actor=town.admin, partnership_id=made.public_id, email="per@nordvik.example")
    assert not InboxItem.objects.filter(resolved_at=None).exists()
