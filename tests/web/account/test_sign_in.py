"""Sign-in, forgotten password, second step and sessions, as a person without scripts meets them."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)

from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SIGN_IN = {"login": "vera@prove.example", "password": PASSWORD}


def now_code(secret):
    return f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06d}"


def test_the_front_door_offers_sign_in(client):
    """INTERFACE: `/` offers sign-in."""
    page = client.get("/")
    assert page.status_code == 200
    assert 'href="/sign-in/"' in page.content.decode()


def test_a_person_signs_in(client, person):
    answer = client.post("/sign-in/", SIGN_IN)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


@pytest.mark.parametrize(
    "wrong", [{"login": "nobody@prove.example"}, {"password": "something else"}]
)
def test_one_answer_for_wrong_address_and_wrong_password(client, person, wrong):
    """SCREENS 9.1: the answer does not tell which of the two was wrong."""
    page = client.post("/sign-in/", {**SIGN_IN, **wrong})
    told = re.findall(r"<li>(.*?)</li>", page.content.decode().split("st-summary")[1])[0]
    assert told == "The email address and/or password you specified are not correct."
    assert "_auth_user_id" not in client.session


def test_a_second_step_is_asked_for(client, person):
    """Issue 2, 1a: TOTP."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    answer = client.post("/sign-in/", SIGN_IN)
    assert answer["Location"] == "/account/second-step/authenticate/"
    page = client.get(answer["Location"]).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert "_auth_user_id" not in client.session
    client.post(answer["Location"], {"code": now_code(secret)})
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_wrong_code_opens_nothing(client, person):
    TOTP.activate(person, generate_totp_secret())
    client.post("/sign-in/", SIGN_IN)
    page = client.post("/account/second-step/authenticate/", {"code": "12"})
    assert "st-summary" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_setting_up_the_second_step(client, person):
    client.post("/sign-in/", SIGN_IN)
    asked = client.get("/account/second-step/totp/activate/", follow=True)
    assert "Is it you?" in asked.content.decode()
    again = {"password": PASSWORD, "next": "/account/second-step/totp/activate/"}
    page = client.post("/account/reauthenticate/", again, follow=True).content.decode()
    secret = re.search(r'<code class="st-code">(\w+)</code>', page)[1]
    assert 'src="data:image/svg+xml;base64,' in page
    answer = client.post("/account/second-step/totp/activate/", {"code": now_code(secret)})
    assert answer.status_code == 302
    kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    shown = client.get("/account/second-step/recovery-codes/").content.decode()
    assert shown.count("<li>") >= 10


def test_the_forgotten_password_says_the_same_to_everybody(client, person, mailoutbox):
    """A stranger does not learn who has an account."""
    known = client.post("/account/password/reset/", {"email": person.email}, follow=True)
    other = client.post("/account/password/reset/", {"email": "no@prove.example"}, follow=True)
    assert "Look into your mail" in known.content.decode()
    assert known.redirect_chain == other.redirect_chain


def test_nobody_signs_up_alone(client, db):
    """Accounts come by invitation; a POST makes none either."""
    from samtime.accounts.models import User

    fields = {"email": "new@prove.example", "password1": PASSWORD, "password2": PASSWORD}
    page = client.post("/account/signup/", fields)
    assert "Accounts come by invitation" in page.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/account/profile/",
        "/account/email/",
        "/account/password/change/",
        "/account/second-step/",
        "/account/second-step/needed/",
        "/account/sessions/",
        "/organizations/",
        "/sign-out/",
    ],
)
def test_the_person_s_own_pages(client, person, path):
    client.post("/sign-in/", SIGN_IN)
    page = client.get(path)
    assert page.status_code == 200
    assert "<h1" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("path", ["/account/profile/", "/account/sessions/", "/organizations/"])
def test_a_stranger_is_asked_to_sign_in(client, db, path):
    assert client.get(path)["Location"].startswith("/sign-in/?next=")


def test_signing_out(client, person):
    client.post("/sign-in/", SIGN_IN)
    client.post("/sign-out/")
    assert "_auth_user_id" not in client.session


def test_looking_at_the_address_does_not_stop_the_second_step(client, person):
    """The address page makes a row «not confirmed»; setting up the second step goes on."""
    client.post("/sign-in/", SIGN_IN)
    client.get("/account/email/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/second-step/totp/activate/", follow=True)
    assert 'class="st-code"' in page.content.decode()
