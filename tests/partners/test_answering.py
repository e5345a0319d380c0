"""The link: opened, accepted, declined."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.accounts.commands import AccountExists
from samtime.accounts.models import AccessToken, User
from samtime.accounts.rights import Right
from samtime.foundation.errors import Invalid, NotFound
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.organizations.models import Organization, TermsAcceptance
from samtime.organizations.queries import actor_for_member
from samtime.partners.commands import (
    CompanyKnown,
    LinkDead,
    NewPerson,
    TermsNotAccepted,
    WrongAccount,
    accept_as_new_company,
    accept_invitation,
    decline_invitation,
    invite_partner,
    open_invitation,
    resend_invitation,
)
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import agreements, behind_link, open_invitations
from tests.partners.conftest import behind, invite, proposal, signature

PASSWORD = "lang-nok-42-fjord"


def accept(town, **more):
    """Kari accepts for a company that is new here."""
    person = more.pop("person", NewPerson("Kari Test Dahl", PASSWORD))
    return accept_as_new_company(behind=behind(town), person=person, signature=signature(**more))


def state(town):
    """The partnership's state, read by the inviter."""
    with viewing_as(town.aurora.id):
        return Partnership.objects.get(company_name="Nordvik Prøvekontor AS").state


def test_opening_the_link_starts_nothing(town, terms):
    """P22, P14: a mail scanner opens links; only the first opening is noted."""
    made = invite(town)
    for _again in range(2):
        open_invitation(behind=behind(town))
    set_viewer(town.aurora.id)
    made.refresh_from_db()
    sent = Invitation.objects.get()
    assert (made.state, sent.state) == ("invited", "opened")
    assert sent.opened_at
    assert not Organization.objects.filter(registration_number="312319489").exists()


def test_a_new_company_accepts(town, terms):
    """P22, P24, P25: organization, first user who may book and manage users, open channel."""
    invite(town)
    done = accept(town)
    assert done.organization.capabilities == ["partner"]
    assert done.organization.verified_at is None
    assert done.user.check_password(PASSWORD)
    actor = actor_for_member(
        user=done.user, slug=done.organization.slug, language="en", request_id=""
    )
    assert {Right.BOOK_AT_PARTNER, Right.MANAGE_USERS, Right.ACCEPT_TERMS} <= actor.rights
    set_viewer(done.organization.id)
    mine = agreements(actor).get()
    assert (mine.state, mine.channel.state, mine.partner) == ("active", "open", done.organization)
    assert mine.channel.terms.get().outsider_id == done.organization.id


def test_the_acceptance_is_recorded(town, terms):
    """P24, invariant 12: version, hash, person, role, time, from where."""
    invite(town)
    done = accept(town)
    with viewing_as(done.organization.id):
        row = TermsAcceptance.objects.get()
    assert (row.document.version, row.document.language) == (4, "en")
    assert (row.sha256, row.network) == (terms.en.sha256, "192.0.2.7")
    assert (row.user, row.person_name, row.person_role) == (
        done.user,
        "Kari Test Dahl",
        "manager",
    )
    assert row.accepted_at


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"authority": False}, Invalid),
        ({"person_role": ""}, Invalid),
        ({"terms_version": 3}, TermsNotAccepted),
        ({"person": NewPerson("Kari", "short")}, Invalid),
    ],
)
def test_without_authority_version_or_password_nothing_starts(town, terms, more, refusal):
    """P24: refused, and no organization, no user, no open channel."""
    invite(town)
    with pytest.raises(refusal):
        accept(town, **more)
    assert state(town) == "invited"
    assert not User.objects.filter(email="kari@nordvik.example").exists()
    assert not Organization.objects.filter(registration_number="312319489").exists()


def test_a_link_works_once(town, terms):
    """P14: the second acceptance finds it used."""
    invite(town)
    there = behind(town)
    accept(town)
    with pytest.raises(LinkDead):
        accept_as_new_company(
            behind=there, person=NewPerson("Kari", PASSWORD), signature=signature()
        )
    assert Organization.objects.filter(registration_number="312319489").count() == 1


def test_an_existing_account_keeps_its_password(town, terms):
    """P14, T3: the address has an account, so its person must sign in."""
    known = User.objects.create_user("kari@nordvik.example", "another-password-9", name="Kari")
    invite(town)
    with pytest.raises(AccountExists):
        accept(town)
    known.refresh_from_db()
    assert known.check_password("another-password-9")
    assert state(town) == "invited"
    done = accept(town, person=NewPerson("", signed_in=known))
    assert done.user == known


def test_another_account_is_refused(town, terms):
    """P14, D18: signed in with another address."""
    other = User.objects.create_user("other@nordvik.example", "another-password-9", name="Other")
    invite(town)
    with pytest.raises(WrongAccount):
        accept(town, person=NewPerson("", signed_in=other))
    assert state(town) == "invited"


@pytest.mark.parametrize("how", ["expired", "resent", "unknown"])
def test_dead_links(town, terms, how):
    """P14, P22: too old, replaced, never there."""
    made = invite(town)
    there = behind(town)
    set_viewer(town.aurora.id)
    if how == "expired":
        past = timezone.now() - timedelta(minutes=1)
        AccessToken.objects.update(expires_at=past)
        Invitation.objects.update(expires_at=past)
        assert behind(town).link_state == "expired"
    elif how == "resent":
        resend_invitation(actor=town.admin, partnership_id=made.public_id)
    else:
        with pytest.raises(NotFound):
            behind_link("x" * 43, language="en", request_id="")
        return
    with pytest.raises(LinkDead):
        accept_as_new_company(
            behind=there, person=NewPerson("Kari", PASSWORD), signature=signature()
        )


def known_company(town):
    """Fjord invites Hello, which is here."""
    town.hello.registration_number, town.hello.country = "312319489", "NO"
    town.hello.save()
    set_viewer(town.fjord.id)
    wish = proposal(town, terms={"location_ids": (town.sentrum.public_id,)})
    made = invite_partner(actor=town.fjord_admin, proposal=wish)
    set_viewer(town.hello.id)
    return made.invitations.get()


def test_a_known_company_approves_and_accepts_the_terms_once(town, terms):
    """P23, P24: its administrator approves; terms count for every later clinic."""
    waiting = known_company(town)
    assert list(open_invitations(town.manager)) == [waiting]
    with pytest.raises(TermsNotAccepted) as refused:
        accept_invitation(actor=town.manager, invitation_id=waiting.public_id)
    assert refused.value.facts["version"] == 4
    accept_invitation(actor=town.manager, invitation_id=waiting.public_id, signature=signature())
    found = Partnership.objects.get(id=waiting.partnership_id)
    assert (found.state, found.channel.state) == ("active", "open")
    assert found.channel.opened_at
    assert TermsAcceptance.objects.count() == 1


def test_an_agent_may_not_approve(town, terms):
    """P24: only an administrator of the company."""
    waiting = known_company(town)
    from samtime.foundation.errors import RightMissing

    with pytest.raises(RightMissing):
        accept_invitation(actor=town.agent, invitation_id=waiting.public_id, signature=signature())
    assert Partnership.objects.get(id=waiting.partnership_id).state == "invited"


def test_the_link_cannot_found_a_company_that_is_here(town, terms):
    """D17: a known number is approved only by that organization's administrators."""
    invite(town)
    town.stranger.registration_number = "312319489"
    town.stranger.save()
    with pytest.raises(CompanyKnown):
        accept(town)


def test_another_company_cannot_approve(town, terms):
    """P7: the invitation is not there for it."""
    waiting = known_company(town)
    set_viewer(town.stranger.id)
    with pytest.raises(NotFound):
        accept_invitation(
            actor=town.outsider, invitation_id=waiting.public_id, signature=signature()
        )


def test_declining_by_the_link_and_by_the_company(town, terms):
    """P22: nothing starts; the reason is kept for the inviter."""
    made = invite(town)
    there = behind(town)
    set_viewer(town.aurora.id)
    decline_invitation(
        actor=there.actor, invitation_id=there.invitation.public_id, reason="No, thank you"
    )
    assert state(town) == "declined"
    assert made.invitations.get().detail == "No, thank you"
    waiting = known_company(town)
    decline_invitation(actor=town.manager, invitation_id=waiting.public_id)
    assert Partnership.objects.get(id=waiting.partnership_id).state == "declined"


def waiting_in(organization):
    """The kinds of open items in an inbox."""
    with viewing_as(organization.id):
        rows = InboxItem.objects.filter(resolved_at=None).order_by("kind")
        return [row.kind for row in rows]


def test_the_invited_company_finds_it_in_its_inbox(town, terms):
    """P22, P23: whoever got the mail; settled with the answer."""
    waiting = known_company(town)
    assert waiting_in(town.hello) == ["invitation_waiting"]
    accept_invitation(actor=town.manager, invitation_id=waiting.public_id, signature=signature())
    assert waiting_in(town.hello) == []


def test_a_refusal_waits_for_the_inviter(town, terms):
    """P30: a declined invitation is told, with its reason."""
    waiting = known_company(town)
    decline_invitation(actor=town.manager, invitation_id=waiting.public_id, reason="Not now")
    assert (waiting_in(town.hello), waiting_in(town.fjord)) == ([], ["invitation_declined"])
