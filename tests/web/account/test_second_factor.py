"""Setting up the second step, and being sent there."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests.web.conftest import PASSWORD, now_code

pytestmark = pytest.mark.django_db
SIGN_IN = {"login": "vera@prove.example", "password": PASSWORD}


def test_whoever_sees_patients_is_sent_to_set_it_up(client, person, clinic, join):
    """Issue 2, 1a: the organization demands it; the page says why."""
    clinic.second_factor_required = True
    clinic.save()
    join(person, clinic, "admin")
    client.post("/sign-in/", SIGN_IN)
    page = client.get(reverse("provider:statistics", args=[clinic.slug]), follow=True)
    assert page.redirect_chain == [("/account/second-step/needed/", 302)]
    assert "Your role lets you see patients" in page.content.decode()


def test_a_stranger_is_asked_to_sign_in_first(client, db):
    assert client.get("/account/second-step/needed/")["Location"].startswith("/sign-in/")


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


def test_looking_at_the_address_does_not_stop_the_second_step(client, person):
    """The address page makes a row «not confirmed»; setting up the second step goes on."""
    client.post("/sign-in/", SIGN_IN)
    client.get("/account/email/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/second-step/totp/activate/", follow=True)
    assert 'class="st-code"' in page.content.decode()


def test_from_the_demand_to_the_clinic_and_back_in(client, person, clinic, join):
    """The whole way: sent away, set up, in; next time the code is asked for, then in."""
    clinic.second_factor_required = True
    clinic.save()
    join(person, clinic, "receptionist")
    home = reverse("provider:today", args=[clinic.slug])
    client.post("/sign-in/", SIGN_IN)
    assert client.get(home)["Location"] == "/account/second-step/needed/"
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/second-step/totp/activate/").content.decode()
    secret = re.search(r'<code class="st-code">(\w+)</code>', page)[1]
    client.post("/account/second-step/totp/activate/", {"code": now_code(secret)})
    assert client.get(home).status_code == 200
    client.post("/sign-out/")
    client.post("/sign-in/", SIGN_IN)
    assert client.get(home)["Location"].startswith("/sign-in/")


def test_whoever_sees_no_patients_needs_none(client, person, clinic, join):
    """Finance never sees a patient: not asked."""
    clinic.second_factor_required = True
    clinic.save()
    join(person, clinic, "finance")
    client.post("/sign-in/", SIGN_IN)
    assert client.get(reverse("provider:statistics", args=[clinic.slug])).status_code == 200
