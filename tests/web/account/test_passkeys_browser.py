"""A passkey from its making to a sign-in, with Chromium's virtual authenticator."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import expect

from samtime.accounts.models import User
from tests.browser import axe_faults, new_page, served, started
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.browser
ADD = "/account/second-step/webauthn/add/"


def with_authenticator(browser):
    """A page whose computer has a finger reader."""
    page = new_page(browser, service_workers="block")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    return page


def open_add(page, base):
    """The page of a new passkey, after «Is it you?» where that is asked."""
    page.goto(f"{base}{ADD}")
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"**{ADD}")


@override_settings(MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN=True, ALLOWED_HOSTS=["*"])
def test_a_passkey_signs_in_without_a_password(own_database):
    """SCREENS 9.1: add, sign in with it, remove; by number instead of name the page says why."""
    User.objects.create_user("vera@prove.example", PASSWORD, name="Vera Test")
    with served(get_wsgi_application()) as base, started() as browser:
        named = base.replace("127.0.0.1", "localhost")
        page = with_authenticator(browser)
        page.goto(f"{named}/sign-in/")
        page.fill("[name=login]", "vera@prove.example")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/organizations/")
        open_add(page, named)
        expect(page.locator("[name=passwordless]")).to_be_checked()
        page.click("[data-passkey=add]")
        page.wait_for_url("**/recovery-codes/")
        page.context.clear_cookies()
        page.goto(f"{named}/sign-in/")
        page.click("[data-passkey=enter]")
        page.wait_for_url("**/organizations/")
        by_number = new_page(browser, service_workers="block")
        by_number.context.add_cookies(
            [{**c, "domain": "127.0.0.1"} for c in page.context.cookies()]
        )
        open_add(by_number, base)
        expect(by_number.locator("[data-passkey-unable]")).to_be_visible()
        expect(by_number.locator("[data-passkey=add]")).to_be_hidden()
        assert axe_faults(by_number) == []
        assert Authenticator.objects.filter(type="webauthn").count() == 1
        page.goto(f"{named}/account/second-step/webauthn/")
        page.click("a.st-btn-danger-line")
        page.wait_for_url("**/remove/")
        page.click("button.st-btn-danger")
        expect(page.locator("a.st-btn-danger-line")).to_have_count(0)
        expect(page.locator("h1")).to_be_visible()
    assert not Authenticator.objects.filter(type="webauthn").exists()
