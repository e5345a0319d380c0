"""Sign-in, forgotten password, second step and sessions, as a person without scripts meets them."""

import json
import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.db import connection
from procrastinate.contrib.django import app

from samtime.accounts.models import User
from samtime.jobs import tasks
from samtime.mailbox.models import OutgoingMail
from samtime.mailbox.smtp import Outcome
from tests.web.conftest import PASSWORD, now_code

pytestmark = pytest.mark.django_db
SIGN_IN = {"login": "vera@prove.example", "password": PASSWORD}


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


@pytest.fixture
def posted(monkeypatch):
    """What the worker hands to the relay when it does the waiting jobs of the queue `mail`."""
    sent = []

    def hand_over(letter):
        sent.append(letter)
        return Outcome("sent")

    monkeypatch.setattr(tasks, "hand_over", hand_over)

    def work():
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_jobs WHERE queue_name = 'mail' RETURNING task_name, args"
            )
            waiting = cursor.fetchall()
        for name, given in waiting:
            given = json.loads(given) if isinstance(given, str) else given
            app.tasks[name](**given)
        return sent

    return work


def test_the_forgotten_password_says_the_same_to_everybody(client, person, posted):
    """A stranger does not learn who has an account."""
    known = client.post("/account/password/reset/", {"email": person.email}, follow=True)
    other = client.post("/account/password/reset/", {"email": "no@prove.example"}, follow=True)
    assert "Look into your mail" in known.content.decode()
    assert known.redirect_chain == other.redirect_chain
    assert [mail.recipient for mail in posted()] == [person.email]


def test_the_link_of_the_mail_chooses_a_new_password(client, person, posted):
    """Works once; a weak password is refused at its field."""
    client.post("/account/password/reset/", {"email": person.email})
    mail = posted()[0]
    link = re.search(r"https?://[^/]+(/\S+)", mail.text)[1]
    assert mail.subject == "Choose a new password for Samtime"
    assert not OutgoingMail.objects.exists()
    form = client.get(link, follow=True)
    path = form.redirect_chain[-1][0]
    weak = client.post(path, {"password1": "kort", "password2": "kort"})
    assert 'aria-invalid="true"' in weak.content.decode()
    new = {"password1": "four new test words", "password2": "four new test words"}
    assert "Your password is changed" in client.post(path, new, follow=True).content.decode()
    assert "This link no longer works" in client.get(link, follow=True).content.decode()
    person.refresh_from_db()
    assert person.check_password("four new test words")


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


def test_signing_in_leads_back_to_the_whole_address(client, db):
    """«Add new partner» is a question mark and a word."""
    answer = client.get("/o/aurora/partners/?new")
    assert answer["Location"].endswith("next=%2Fo%2Faurora%2Fpartners%2F%3Fnew")


def test_signing_out(client, person):
    client.post("/sign-in/", SIGN_IN)
    client.post("/sign-out/")
    assert "_auth_user_id" not in client.session


def test_five_failures_close_the_account_for_this_network_only(client, person):
    """P18: the sixth try is refused even with the right password; elsewhere she gets in."""
    for _n in range(5):
        client.post("/sign-in/", {**SIGN_IN, "password": "wrong words here"})
    page = client.post("/sign-in/", SIGN_IN)
    assert "Wait a quarter of an hour" in page.content.decode()
    assert "_auth_user_id" not in client.session
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.post("/sign-in/", SIGN_IN, **elsewhere).status_code == 302


def test_right_passwords_are_not_counted(client, person):
    """P18: a whole reception signs in behind one address."""
    for _n in range(7):
        assert client.post("/sign-in/", SIGN_IN).status_code == 302
        client.post("/sign-out/")


def test_an_unknown_address_is_counted_alike(client, person):
    """P18: neither the answer nor the limit tells who has an account."""
    wrong = {"login": "nobody@prove.example", "password": "wrong words here"}
    pages = [client.post("/sign-in/", wrong).content.decode() for _n in range(6)]
    assert "Wait a quarter of an hour" in pages[5]
    assert "Wait a quarter of an hour" not in pages[4]


def test_three_reset_mails_an_hour(client, person, posted):
    """P19: the fourth is not sent."""
    for _n in range(4):
        client.post("/account/password/reset/", {"email": person.email})
    assert len(posted()) == 3


def test_a_relay_that_is_away_keeps_the_letter_waiting(client, person, monkeypatch):
    """P5: asking answers as always; the worker tries again later."""
    monkeypatch.setattr(tasks, "hand_over", lambda _letter: Outcome("deferred", "not now"))
    asked = client.post("/account/password/reset/", {"email": person.email})
    assert asked.status_code == 302
    with pytest.raises(tasks.Deferred):
        tasks.password_letter(email=person.email)


def test_a_new_address_is_confirmed_by_the_link_in_its_mail(client, person, posted):
    """Sign-in moves to the new address once its owner has pressed the button, not before."""
    client.post("/sign-in/", SIGN_IN)
    person.language = "nb"
    person.save()
    client.post("/account/email/", {"email": "vera2@prove.example", "action_add": ""})
    mail = posted()[0]
    assert (mail.recipient, mail.language) == ("vera2@prove.example", "nb")
    link = re.search(r"https?://[^/]+(/\S+)", mail.text)[1]
    page = client.get(link)
    assert "vera2@prove.example" in page.content.decode()
    person.refresh_from_db()
    assert person.email == "vera@prove.example"
    client.post(link)
    person.refresh_from_db()
    assert person.email == "vera2@prove.example"
    assert client.get(link).status_code == 410


def test_an_address_taken_back_gets_no_letter(person, posted):
    """A job that finds nothing to confirm sends nothing."""
    tasks.address_letter(address_id=0)
    tasks.password_letter(email="nobody@prove.example")
    assert posted() == []


def test_a_recovery_code_opens_once(client, person):
    """SCREENS 9.1: instead of the app; the same code does not open twice."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    TOTP.activate(person, generate_totp_secret())
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    client.post("/sign-in/", SIGN_IN)
    client.post("/account/second-step/authenticate/", {"code": code})
    assert client.session["_auth_user_id"] == str(person.pk)
    client.post("/sign-out/")
    client.post("/sign-in/", SIGN_IN)
    page = client.post("/account/second-step/authenticate/", {"code": code})
    assert "st-summary" in page.content.decode()
    assert "_auth_user_id" not in client.session


def test_sessions_are_listed_and_ended_elsewhere(client, person):
    """SCREENS 9.1: «Sign out there»; P9: dead at the next request."""
    from django.test import Client

    windows, phone = (
        Client(headers={"User-Agent": agent})
        for agent in ("Mozilla/5.0 (Windows NT 10.0) Firefox/145.0", "Mozilla/5.0 (iPhone) Safari")
    )
    for browser in (client, windows, phone):
        browser.post("/sign-in/", SIGN_IN)
    page = client.get("/account/sessions/").content.decode()
    assert "Firefox, Windows" in page
    assert "Safari, iPhone" in page
    there = UserSession.objects.get(user_agent__contains="Firefox").id
    assert client.post("/account/sessions/", {"session": there}).status_code == 302
    assert windows.get("/account/profile/")["Location"].startswith("/sign-in/")
    assert phone.get("/account/profile/").status_code == 200
    assert client.post("/account/sessions/", {"session": there}).status_code == 404
    client.post("/account/sessions/")
    assert phone.get("/account/profile/")["Location"].startswith("/sign-in/")
    assert client.get("/account/profile/").status_code == 200


def test_nobody_signs_a_stranger_out(client, person):
    """P9: a session's number is no key to it."""
    from django.test import Client

    User.objects.create_user("other@klinikk.example", "Pass-word-2026", name="Other Test")
    other = Client()
    other.post("/sign-in/", {"login": "other@klinikk.example", "password": "Pass-word-2026"})
    there = UserSession.objects.get(user__email="other@klinikk.example").id
    client.post("/sign-in/", SIGN_IN)
    assert client.post("/account/sessions/", {"session": there}).status_code == 404
    assert other.get("/account/profile/").status_code == 200
