"""Giving access by a mailed link: P34, P33, P25, P14, P19."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.accounts.commands import AccountExists
from samtime.accounts.models import AccessToken, User
from samtime.accounts.rights import Right
from samtime.foundation.errors import Invalid, NotFound, RateLimited, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.journal.models import JournalEntry
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.commands.grants import Grant, MoreThanOwn
from samtime.organizations.commands.joining import JoinLinkDead, WrongJoinAccount
from samtime.organizations.commands.members import change_member
from samtime.organizations.commands.users import (
    AlreadyMember,
    InvitationClosed,
    NewUser,
    expire_user_invitations,
    invite_users,
    note_user_delivery,
    resend_user_invitation,
    withdraw_user_invitation,
)
from samtime.organizations.models import Membership, UserInvitation
from samtime.organizations.queries.people import people, person_in, sendings_of
from samtime.partners.commands import resend_invitation
from tests.organizations.conftest import PASSWORD, behind, invite, joined, mailed_secret
from tests.partners.conftest import invite as invite_company
from tests.town import actor as acting

pytestmark = pytest.mark.django_db


def test_a_new_user_gets_a_mail_and_the_access_that_was_given(town):
    """P34, P33: the mail's link, a name and a password; then exactly the given rights."""
    sent = invite(town.admin, can_book_at_partner=True, location_ids=(town.nord.public_id,))
    member = joined(sent.secret, name="Nora Ny Test")
    who = acting(member.user, town.aurora)
    assert member.public_id == sent.id
    assert who.may(Right.BOOK_AT_PARTNER)
    assert not who.may(Right.MANAGE_USERS)
    assert who.location_ids == {town.nord.id}
    assert member.user.check_password(PASSWORD)
    assert person_in(town.admin, sent.id, now=timezone.now()).state == "active"


def test_the_mail_names_who_invites_and_nothing_is_in_the_journal_but_ids(town):
    """P34; DOMAIN: the journal never holds persons' data."""
    invite(town.admin)
    mail = OutgoingMail.objects.get()
    assert "Test Admin gave you access to Clinica Aurora SRL" in mail.text
    assert "set your password" in mail.text
    entry = JournalEntry.objects.get(kind="user.invited")
    assert "nora" not in str(entry.data).lower()


def test_a_secret_is_kept_as_a_hash_only(town):
    """P14: 256 random bits, hashed, seven days, bound to the address."""
    sent = invite(town.admin)
    token = AccessToken.objects.get(kind="user_invitation")
    assert len(sent.secret) == 43
    assert sent.secret.encode() not in bytes(token.hash)
    assert token.email == "nora@prove.example"
    assert timedelta(days=6, hours=23) < token.expires_at - timezone.now() <= timedelta(days=7)


def test_an_existing_account_joins_signed_in_and_keeps_its_password(town):
    """P14: an existing account's password is never touched."""
    user = User.objects.create_user("nora@prove.example", "her own old words", name="Nora Test")
    sent = invite(town.admin)
    assert "sign in as you always do" in OutgoingMail.objects.get().text
    with pytest.raises(AccountExists):
        joined(sent.secret, password="another three words")
    set_viewer(town.aurora.id)
    assert not Membership.objects.filter(user=user).exists()
    joined(sent.secret, signed_in=user)
    user.refresh_from_db()
    assert user.check_password("her own old words")
    assert acting(user, town.aurora).may(Right.BOOK)


def test_another_account_cannot_take_the_link(town):
    """P14, D18: bound to its address."""
    sent = invite(town.admin)
    stranger = User.objects.get(email="admin@stranger.example")
    with pytest.raises(WrongJoinAccount):
        joined(sent.secret, signed_in=stranger)
    assert not Membership.objects.filter(user=stranger, organization=town.aurora).exists()
    assert behind(sent.secret).state == "open"


def test_a_link_works_once(town):
    """P14: replay."""
    sent = invite(town.admin)
    joined(sent.secret)
    assert behind(sent.secret).state == "used"
    with pytest.raises(JoinLinkDead):
        joined(sent.secret)


def test_a_weak_password_uses_nothing_up(town):
    sent = invite(town.admin)
    with pytest.raises(Invalid) as refused:
        joined(sent.secret, password="kort")
    assert refused.value.errors[0].field == "password"
    assert behind(sent.secret).state == "open"
    assert not User.objects.filter(email="nora@prove.example").exists()


def test_resending_kills_the_old_link_and_keeps_the_id(town):
    """P34: the same person, a new link, also to a corrected address."""
    sent = invite(town.admin)
    set_viewer(town.aurora.id)
    again = resend_user_invitation(
        actor=town.admin, member_id=sent.id, email="Nora.Ny@prove.example"
    )
    assert (again.member_id, again.email) == (sent.id, "nora.ny@prove.example")
    new = mailed_secret("nora.ny@prove.example")
    assert behind(sent.secret).state == "replaced"
    with pytest.raises(JoinLinkDead):
        joined(sent.secret)
    assert joined(new).public_id == sent.id


def test_withdrawing_kills_the_link(town):
    sent = invite(town.admin)
    set_viewer(town.aurora.id)
    withdraw_user_invitation(actor=town.admin, member_id=sent.id)
    assert behind(sent.secret).state == "withdrawn"
    with pytest.raises(JoinLinkDead):
        joined(sent.secret)
    set_viewer(town.aurora.id)
    with pytest.raises(InvitationClosed):
        withdraw_user_invitation(actor=town.admin, member_id=sent.id)
    assert sent.id not in [p.id for p in people(town.admin, now=timezone.now())]


def test_a_link_ends_after_seven_days_and_waits_in_the_inbox(town):
    """P14: expired; nothing is silent."""
    sent = invite(town.admin)
    later = timezone.now() + timedelta(days=7, minutes=1)
    assert expire_user_invitations(actor=town.admin, now=later) == 1
    assert behind(sent.secret).state == "expired"
    set_viewer(town.aurora.id)
    item = InboxItem.objects.get(kind="user_invitation_expired")
    assert item.link == f"users/{sent.id}/"
    resend_user_invitation(actor=town.admin, member_id=sent.id)
    item.refresh_from_db()
    assert item.resolved_at
    assert [s.state for s in sendings_of(town.admin, sent.id)] == ["expired", "queued"]


def test_a_bounce_stands_on_the_invitation_and_in_the_inbox(town):
    """SCREENS 4.19: delivered, bounced, resend; closed when it is corrected."""
    sent = invite(town.admin)
    note = {"actor": town.admin, "invitation_id": sent.row.public_id}
    note_user_delivery(**note, state="sent")
    note_user_delivery(**note, state="bounced", detail="no such mailbox")
    sent.row.refresh_from_db()
    assert (sent.row.state, sent.row.detail) == ("bounced", "no such mailbox")
    item = InboxItem.objects.get(kind="user_invitation_undelivered", resolved_at=None)
    resend_user_invitation(actor=town.admin, member_id=sent.id, email="n@prove.example")
    item.refresh_from_db()
    assert item.resolved_at
    note_user_delivery(**note, state="delivered")
    sent.row.refresh_from_db()
    assert sent.row.state == "revoked"


@pytest.mark.parametrize("who", ["desk", "agent"])
def test_only_managers_of_users_invite(town, who):
    """P33: the right is MANAGE_USERS."""
    with pytest.raises(RightMissing):
        invite(getattr(town, who))
    assert not UserInvitation.objects.exists()


def test_nobody_grants_what_he_lacks(town):
    """P33: a partner's manager cannot make an administrator, nor somebody with few places more."""
    town.hello.capabilities = ["partner", "provider"]
    town.hello.save()
    with pytest.raises(MoreThanOwn):
        invite(town.manager, roles=("admin",))
    from tests.town import member

    small = member(town.aurora, "small@aurora.example", "admin", location_ids=[town.nord.id])
    with pytest.raises(MoreThanOwn):
        invite(small)
    with pytest.raises(Invalid):
        invite(small, location_ids=(town.centru.public_id,))
    assert invite(small, location_ids=(town.nord.public_id,))
    set_viewer(town.hello.id)
    assert not UserInvitation.objects.exists()


@pytest.mark.parametrize(
    ("who", "roles"),
    [("manager", ("agent",)), ("manager", ("partner_manager",)), ("insurer", ("case_handler",))],
)
def test_every_manager_can_appoint_his_own_audience(town, who, roles):
    """P25: managers hand out the work of their staff."""
    assert invite(getattr(town, who), roles=roles, can_book_at_partner="agent" in roles)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"roles": ()}, "roles"),
        ({"roles": ("agent",)}, "roles"),
        ({"roles": ("king",)}, "roles"),
        ({"location_ids": ()}, "locations"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_refuses_at_the_field_and_sends_nothing(town, given, field):
    with pytest.raises(Invalid) as refused:
        invite(town.admin, **given)
    assert field in [e.field for e in refused.value.errors]
    assert not OutgoingMail.objects.exists()
    assert not AccessToken.objects.exists()


def test_a_member_or_an_invited_person_is_not_invited_twice(town):
    sent = invite(town.admin)
    for email in ("nora@prove.example", "DESK@aurora.example"):
        with pytest.raises(AlreadyMember) as refused:
            invite(town.admin, email=email)
        assert refused.value.facts["user"]
    assert UserInvitation.objects.get().member_id == sent.id


def test_somebody_who_left_comes_back_with_new_rights(town):
    """The same membership, nothing of the old rights."""
    before = Membership.objects.get(user__email="desk@aurora.example")
    before.ended_at = timezone.now()
    before.can_book_at_partner = True
    before.save()
    sent = invite(town.admin, email="desk@aurora.example", roles=("finance",))
    after = joined(sent.secret, signed_in=before.user)
    assert (after.id, after.roles, after.can_book_at_partner) == (before.id, ["finance"], False)


def test_three_links_per_address_and_hour_from_everybody(town):
    """P19: the fourth is refused, whoever sends it."""
    sent = invite(town.admin)
    set_viewer(town.aurora.id)
    resend_user_invitation(actor=town.admin, member_id=sent.id)
    invite(town.fjord_admin)
    with pytest.raises(RateLimited):
        invite(town.manager, roles=("agent",))
    set_viewer(town.hello.id)
    assert not OutgoingMail.objects.exists()


def test_partners_and_users_are_counted_together(town):
    """P19: one count for whatever link is mailed; the fourth to an address is refused."""
    company = invite_company(town)
    invite(town.admin, email="kari@nordvik.example")
    invite(town.fjord_admin, email="kari@nordvik.example")
    set_viewer(town.aurora.id)
    with pytest.raises(RateLimited):
        resend_invitation(actor=town.admin, partnership_id=company.public_id)
    assert OutgoingMail.objects.count() == 2


def test_two_hundred_links_a_day_from_one_organization(town, monkeypatch):
    """P19, P25: a list of any length, but never a flood."""
    monkeypatch.setattr("samtime.accounts.tokens.PER_ORGANIZATION_AND_DAY", 3)
    agent = Grant(("agent",), can_book_at_partner=True)
    set_viewer(town.hello.id)
    several = [NewUser(f"agent{n}@prove.example", agent) for n in range(3)]
    assert len(invite_users(actor=town.manager, people=several)) == 3
    with pytest.raises(RateLimited):
        invite(town.manager, email="one@prove.example", roles=("agent",))
    assert OutgoingMail.objects.count() == 3


def test_the_demo_counts_from_its_last_start(town, settings):
    """INTERFACE section 3."""
    for name in ("a", "b"):
        sent = invite(town.admin, email=f"{name}@prove.example")
    for _n in range(2):
        resend_user_invitation(actor=town.admin, member_id=sent.id)
    settings.DEMO_STARTED_AT = timezone.now()
    assert resend_user_invitation(actor=town.admin, member_id=sent.id)


def test_users_without_limit(town):
    """P25: an unlimited number of users; the list costs as many queries for 60 as for 2."""
    agent = Grant(("agent",), can_book_at_partner=True)
    set_viewer(town.hello.id)
    invite_users(
        actor=town.manager,
        people=[NewUser(f"agent{n}@prove.example", agent) for n in range(60)],
    )
    assert len(people(town.manager, now=timezone.now())) == 63


def test_an_open_invitation_can_be_changed_before_it_is_answered(town):
    sent = invite(town.admin)
    change_member(actor=town.admin, member_id=sent.id, grant=Grant(("finance",)))
    assert joined(sent.secret).roles == ["finance"]


def test_strangers_find_nothing(town):
    """R1 of the walls: not yours and not there are one answer."""
    sent = invite(town.admin)
    set_viewer(town.fjord.id)
    for act in (resend_user_invitation, withdraw_user_invitation):
        with pytest.raises(NotFound):
            act(actor=town.fjord_admin, member_id=sent.id)
    with pytest.raises(NotFound):
        person_in(town.fjord_admin, sent.id, now=timezone.now())
