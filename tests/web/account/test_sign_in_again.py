"""A form sent after the session ended: kept, signed for again by its own person, sent once
(SCREENS 1: «session ended»; P18, P35)."""

import html
import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from samtime.accounts.models import User
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import Location
from tests.web.conftest import PASSWORD, now_code
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
PAGE, AGAIN = "/o/aurora/institution/locations/new/", "/sign-in/again/"
TYPED = {"name": "Aurora Kept & Safe", "phone": "not a number", "once": "5" * 32}


def user_of(actor):
    """With a password, as forms of sign-in want it."""
    user = User.objects.get(pk=actor.user_id)
    user.set_password(PASSWORD)
    user.save()
    return user


def expired(actor):
    """The person's browser after the session ended: its other cookies are still there."""
    user = user_of(actor)
    client = visitor(actor)
    client.get("/o/aurora/")
    client.cookies.pop("sessionid")
    return client, user


def kept_in(answer):
    """The signed form in the page's body."""
    return html.unescape(re.search(r'name="kept" value="([^"]+)"', texts(answer))[1])


def hidden(answer):
    """The fields of the form that waits."""
    page = texts(answer).split(f'action="{PAGE}"')[1]
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found if "csrf" not in name}


def test_what_was_typed_survives_the_sign_in_and_comes_back(town):
    """Without JavaScript: asked for on the way, never in an address; the page judges it then."""
    client, user = expired(town.admin)
    asked = client.post(PAGE, TYPED)
    assert asked.status_code == 403
    assert "what you typed is kept" in texts(asked)
    assert "Aurora Kept" not in texts(asked)
    sign = {"kept": kept_in(asked), "login": user.email}
    wrong = client.post(AGAIN, {**sign, "password": "something else"})
    assert wrong.status_code == 422
    assert kept_in(wrong) == sign["kept"]
    assert user.email in texts(wrong)
    signed = client.post(AGAIN, {**sign, "password": PASSWORD})
    assert hidden(signed) == TYPED
    assert "data-send-at-once" in texts(signed)
    sent = client.post(PAGE, hidden(signed))
    assert sent.status_code == 422
    assert 'value="Aurora Kept &amp; Safe"' in texts(sent)
    set_viewer(town.aurora.id)
    assert not Location.objects.filter(name__startswith="Aurora Kept").exists()


def test_the_second_step_is_asked_for_and_the_form_still_waits(town):
    client, user = expired(town.admin)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    form = {"kept": kept_in(client.post(PAGE, TYPED))}
    code = client.post(AGAIN, {**form, "login": user.email, "password": PASSWORD})
    assert "Code of the second step" in texts(code)
    assert client.post(AGAIN, {**form, "code": "12"}).status_code == 422
    signed = client.post(AGAIN, {**form, "code": now_code(secret)})
    assert hidden(signed) == TYPED


def test_nobody_else_gets_the_form(town):
    """Somebody else's sign-in is undone; a forged form or a browser that knows nobody gets none."""
    client, _user = expired(town.admin)
    other = user_of(town.desk)
    form = {"kept": kept_in(client.post(PAGE, TYPED))}
    refused = client.post(AGAIN, {**form, "login": other.email, "password": PASSWORD})
    assert refused.status_code == 422
    assert "begun by somebody else" in texts(refused)
    assert "_auth_user_id" not in client.session
    theirs = visitor(town.desk).post(AGAIN, form)
    assert "is signed in here now" in texts(theirs)
    assert "Aurora Kept" not in texts(theirs)
    assert client.post(AGAIN, {"kept": form["kept"][:-2] + "xx"})["Location"] == "/sign-in/"
    client.cookies.clear()
    assert client.post(PAGE, TYPED)["Location"].startswith("/sign-in/?next=")


def test_an_old_token_loses_nothing_and_a_foreign_page_sends_nothing(town):
    """P35: one press sends what our own page sent with a token of before; a foreign form is refused
    as ever."""
    client = visitor(town.admin)
    client.handler.enforce_csrf_checks = True
    client.get(PAGE)
    own = client.post(PAGE, TYPED, headers={"Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 403
    assert hidden(own) == TYPED
    assert "data-send-at-once" not in texts(own)
    foreign = client.post(PAGE, TYPED, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert "Aurora Kept" not in texts(foreign)
    assert "This form has expired" in texts(foreign)


def test_the_panel_is_told_how_it_stands(town):
    """What again.js asks: signed in, signed out, a wrong password, somebody else."""
    client, user = expired(town.admin)
    mark = client.cookies["samtime_person"].value
    headers = {"X-Person": mark}
    assert client.get(AGAIN, headers=headers).json()["state"] == "signed_out"
    wrong = client.post(AGAIN, {"login": user.email, "password": "no"}, headers=headers).json()
    assert wrong["state"] == "refused"
    assert "not correct" in " ".join(wrong["errors"].values())
    right = client.post(AGAIN, {"login": user.email, "password": PASSWORD}, headers=headers).json()
    assert (right["state"], bool(right["csrf"])) == ("signed_in", True)
    assert visitor(town.desk).get(AGAIN, headers=headers).json()["state"] == "other"
    assert client.get(AGAIN, headers={"X-Person": "forged"}).json()["state"] == "other"
