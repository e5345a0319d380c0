"""Partners, traffic channels and the invitation in a real Chromium: widths, axe, keyboard."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client, override_settings
from django.utils import timezone
from playwright.sync_api import expect

from samtime.accounts.models import User
from samtime.commandline.local_register import URLS, Desk
from samtime.connectors import outward
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import TermsDocument
from samtime.partners.commands import note_delivery
from samtime.partners.models import Partnership
from tests.browser import axe_faults, complaints, in_turn, page_faults, served, started, windows
from tests.connectors.servers import serving
from tests.partners.conftest import invite, secret_of

pytestmark = pytest.mark.browser


@pytest.fixture
def place(lasting_town):
    """The town with a partner, an invited one, and general terms, committed."""
    from django.db import transaction

    town = lasting_town
    with transaction.atomic():
        for language in ("en", "nb"):
            TermsDocument.objects.create(
                version=4,
                language=language,
                title="General terms for partners",
                text="1 Who takes part\n\nOnly companies and registered practices.",
                sha256="a" * 64,
                effective_from=timezone.now().date(),
            )
        set_viewer(town.aurora.id)
        Partnership.objects.create(
            provider=town.aurora,
            partner=town.hello,
            channel=town.channel,
            state="active",
            kind="call_centre",
            company_name="Hello Calls SRL",
            registration_number="J40/1234/2010",
            country="RO",
            representative_name="Test",
            representative_email="admin@hello.example",
            accepted_at=timezone.now() - timedelta(days=30),
        )
        made = invite(town)
        sent = made.invitations.get()
        note_delivery(actor=town.admin, invitation_id=sent.public_id, state="delivered")
        town.made, town.secret = made, secret_of(town.aurora)
    client = Client()
    client.force_login(User.objects.get(email="admin@aurora.example"))
    town.session = client.cookies["sessionid"].value
    return town


@pytest.fixture
def open_page(place):
    """Opens a path as Aurora's administrator; the console must stay silent."""
    said = []
    with (
        override_settings(ALLOWED_HOSTS=["127.0.0.1"]),
        served(get_wsgi_application()) as base,
        started() as browser,
        windows(browser, base) as window,
    ):

        def opened(path, width=1440, signed_in=True, height=900):
            session = {"sessionid": place.session} if signed_in else {}
            cookies = {"django_language": "en", **session}
            page = window(cookies, width, height, said)
            page.goto(base + path)
            return page

        yield opened
    assert complaints(said) == []


def paths(place):
    """Every page of the room: address, name of its picture, whether signed in."""
    partners = "/o/aurora/partners/"
    return [
        (f"{partners}?open={place.made.public_id}", "partners", True),
        (f"{partners}?new", "partner-new", True),
        (f"{partners}{place.made.public_id}/terms/?edit", "partner-terms", True),
        (f"{partners}{place.made.public_id}/terms/", "partner-terms-read", True),
        (f"{partners}{place.made.public_id}/company/", "partner-company", True),
        (f"{partners}{place.made.public_id}/users/", "partner-users", True),
        (f"{partners}{place.made.public_id}/history/", "partner-history", True),
        (f"{partners}{place.made.public_id}/services/", "partner-services", True),
        ("/o/aurora/traffic-channels/?location=aurora-nord", "traffic-channels", True),
        (f"/invite/{place.secret}?step=terms", "invitation", False),
        (f"/invite/{place.secret}", "invitation-company", False),
    ]


def test_every_page_fits_and_axe_finds_nothing(place, open_page):
    """P8, T2, P22, SCREENS 2.14, 2.16: no sideways scroll, no accessibility fault."""
    opened = {}
    for path, name, signed_in in in_turn(paths(place)):
        if signed_in in opened:
            page = opened[signed_in]
            page.goto(page.url.partition("/o/")[0].partition("/invite/")[0] + path)
        else:
            page = opened[signed_in] = open_page(path, signed_in=signed_in)
        assert page_faults(page, (1440, 1000, 320)) == [], name


def test_a_question_in_a_panel_that_was_loaded_opens_in_place(place, open_page):
    """P28, SCREENS 2.13: partners, services, users: the dialog, and no other page."""
    for path in ("partners", "services", "users"):
        page = open_page(f"/o/aurora/{path}/", width=1000)
        page.mouse.move(999, 899)  # at rest; a pointer at 0,0 holds the menu open
        for row in page.locator("tr[data-row] th a, tr[data-row] td:first-child a").all()[::-1]:
            page.keyboard.press("Escape")
            name, address = row.inner_text(), row.get_attribute("href")
            row.click()
            page.wait_for_selector(f"#panel >> text={name}")
            page.wait_for_url(re.compile(re.escape(address) + "$"))
            if page.locator("#panel a[data-dialog]").count():
                break
        before = page.url
        page.locator("#panel a[data-dialog]").click()
        asked = page.locator("dialog[open]")
        expect(asked, path).to_be_visible()
        expect(asked.locator("[data-close-dialog]")).to_be_focused()
        if path == "partners":
            expect(asked.get_by_label("Last day", exact=False).last).to_be_hidden()
            asked.get_by_label("After a last day").check()
            expect(asked.locator("input[type=date]")).to_be_visible()
        asked.locator("[data-close-dialog]").click()
        expect(asked, path).to_have_count(0)
        assert page.url == before, path


def test_the_commission_fields_follow_the_choice(place, open_page):
    """P13, P14: percentage and amount appear only when chosen."""
    page = open_page("/o/aurora/partners/?new")
    rate, amount = page.locator("#id_commission_rate"), page.locator("#id_commission_amount")
    expect(rate).to_be_hidden()
    page.get_by_label("Percentage settlement").check()
    expect(rate).to_be_visible()
    expect(amount).to_be_hidden()


@contextmanager
def registers():
    """The demo's register, and our clients pointed at it."""
    outward.breaker.forget()
    with serving(Desk) as place:
        urls = {n.removeprefix("SAMTIME_"): f"http://{place}{path}" for n, path in URLS.items()}
        with override_settings(OUTWARD_ALLOW={place}, **urls):
            yield


def test_a_number_and_enter_fill_the_form_and_the_example_follows(place, open_page):
    """P9, P13, P23, P29: without leaving the panel, outside any transaction; axe finds nothing."""
    with registers():
        page = open_page("/o/aurora/partners/")
        page.get_by_role("link", name="Add new partner").click()
        number = page.get_by_label("Tax number")
        number.fill("RO 99901007")
        number.press("Enter")
        page.get_by_text("Found in the company register").wait_for()
        expect(page.get_by_label("Company name")).to_have_value("MEDILINK BOOKING SRL")
        expect(page.get_by_label("Registration number")).to_have_value("J2021099111404")
        expect(page.locator(".st-register-said:focus")).to_have_count(1)
        page.get_by_label("Percentage settlement").check()
        page.get_by_label("Aurora Centru").check()
        page.locator("#id_commission_rate").fill("12")
        page.locator("#id_commission_rate").press("Tab")
        page.locator("#worked-example").get_by_text("12% of past bookings").wait_for()
        assert axe_faults(page) == []


def test_the_end_is_asked_in_place(place, open_page):
    """P28: the dialog opens over the page with its consequences; Cancel changes nothing."""
    with_partner = "/o/aurora/partners/?q=hello"
    page = open_page(with_partner)
    page.get_by_role("link", name="Hello Calls SRL").click()
    page.get_by_role("link", name="End partnership").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Honour them")
    assert axe_faults(page) == []
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="End partnership").click()
    dialog.get_by_role("button", name="End partnership").click()
    page.get_by_text("The partnership with Hello Calls SRL has ended.").wait_for()
