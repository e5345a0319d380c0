"""The page behind a user's link (P14, P34)."""

import pytest
from django.test import Client
from django.utils import timezone

from samtime.accounts.models import AccessToken, User
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.commands.users import resend_user_invitation, withdraw_user_invitation
from samtime.organizations.models import Membership, UserInvitation
from tests.organizations.conftest import PASSWORD, invite
from tests.web.visitors import visitor

pytestmark = pytest.mark.django_db
FORM = {"name": "Nora Test", "password": PASSWORD}


@pytest.fixture
def link(town):
    """The address in Nora's mail."""
    sent = invite(town.admin)
    set_viewer(0)
    return f"/join/{sent.secret}"


def seen(town):
    """Nora's invitation as it stands."""
    set_viewer(town.aurora.id)
    return UserInvitation.objects.order_by("-id").first()


def test_joining_as_a_new_person(town, link, client):
    """P34: name and password, then inside; the session stands in her list."""
    page = client.get(link).content.decode()
    assert "Test Admin gives you access to Clinica Aurora SRL" in page
    assert "Receptionist" in page
    answer = client.post(link, FORM)
    assert answer["Location"] == "/o/aurora/"
    assert client.get("/o/aurora/").status_code == 200
    assert "st-" in client.get("/account/sessions/").content.decode()
    assert User.objects.get(email="nora@prove.example").usersession_set.count() == 1


def test_looking_changes_nothing(town, link):
    """P14: link scanners open it, even with HEAD; only a POST takes it up."""
    for _n in range(3):
        Client().get(link)
        Client().head(link)
    assert seen(town).state == "opened"
    assert not User.objects.filter(email="nora@prove.example").exists()
    assert Client().post(link, FORM).status_code == 302


def test_a_weak_password_keeps_what_was_typed(town, link, client):
    page = client.post(link, {"name": "Nora Skrevet Test", "password": "kort"})
    assert page.status_code == 422
    assert 'value="Nora Skrevet Test"' in page.content.decode()
    assert "kort" not in page.content.decode()
    assert not User.objects.filter(email="nora@prove.example").exists()


def test_an_address_with_an_account_signs_in(town, link, client):
    """P14: nothing on this page touches an existing password."""
    user = User.objects.create_user("nora@prove.example", "her own old words", name="Nora Test")
    page = client.get(link).content.decode()
    assert f'href="/sign-in/?next={link}"' in page
    assert 'type="password"' not in page
    assert client.post(link, FORM).status_code == 409
    signed_in = Client()
    signed_in.post("/sign-in/", {"login": user.email, "password": "her own old words"})
    assert "Your password stays as it is" in signed_in.get(link).content.decode()
    assert signed_in.post(link)["Location"] == "/o/aurora/"
    user.refresh_from_db()
    assert user.check_password("her own old words")


def test_the_wrong_account_is_told_so(town, link):
    """D18: signed in as somebody else."""
    browser = visitor(town.outsider)
    assert "This is for another account" in browser.get(link).content.decode()
    assert browser.post(link, FORM).status_code == 403
    assert not Membership.objects.filter(
        organization=town.aurora, user_id=town.outsider.user_id
    ).exists()


def test_dead_links_say_why(town, link, client):
    """SCREENS 9.2: used, replaced, withdrawn, expired; none of them gives access."""
    member_id = seen(town).member_id
    resend_user_invitation(actor=town.admin, member_id=member_id)
    assert "There is a newer link" in client.get(link).content.decode()
    assert client.post(link, FORM).status_code == 409
    withdraw_user_invitation(actor=town.admin, member_id=member_id)
    used = invite(town.admin, email="b@prove.example")
    Client().post(f"/join/{used.secret}", FORM)
    assert "This link has been used" in client.get(f"/join/{used.secret}").content.decode()
    gone = invite(town.admin, email="c@prove.example")
    withdraw_user_invitation(actor=town.admin, member_id=gone.id)
    assert "was withdrawn" in client.get(f"/join/{gone.secret}").content.decode()
    old = invite(town.admin, email="d@prove.example")
    AccessToken.objects.filter(email="d@prove.example").update(expires_at=timezone.now())
    assert "This link is too old" in client.get(f"/join/{old.secret}").content.decode()
    assert client.post(f"/join/{old.secret}", FORM).status_code == 409
    assert User.objects.filter(email__endswith="prove.example").count() == 1


def test_a_stranger_s_token_is_nothing(town, client):
    assert client.get("/join/" + "x" * 43).status_code == 404
    assert client.post("/join/" + "x" * 43, FORM).status_code == 404


def test_whoever_sees_patients_sets_up_a_second_step(town, link, client):
    """Asked for right after joining, before any patient is shown."""
    town.aurora.second_factor_required = True
    town.aurora.save()
    assert "You set it up right after joining" in client.get(link).content.decode()
    client.post(link, FORM)
    assert client.get("/o/aurora/")["Location"] == "/account/second-step/needed/"
