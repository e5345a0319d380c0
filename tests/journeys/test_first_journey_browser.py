"""The first journey through a real browser, a real mail server and a real worker process.

A clinic imports its price and staff files and adds a partner; the partner opens the mail's link and
accepts; the clinic ticks; the partner's agent finds, holds and books; the clinic sees it in its
calendar, its list and its statistics, with source and commission (P1 to P32, T2 to T7, B1 to B10).
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import expect

from samtime.accounts.models import User
from samtime.commandline.mail_sink import mail_sink
from samtime.organizations.models import Organization, TermsDocument
from samtime.wsgi import application
from tests.browser import PATIENCE, axe_faults, served, started, windows
from tests.journeys.test_first_journey import SERVICES, STAFF

pytestmark = [pytest.mark.browser, pytest.mark.race]
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "lang-nok-42-fjord"
PATIENT = {
    "given_name": "Țestina",
    "family_name": "Probescu",
    "birth_date": "03.02.1980",
    "phone": "+40 555 0101",
    "email": "testina@patient.example",
}


@contextmanager
def mail_and_worker(folder, url, settings):
    """A mail server on loopback, and the worker as its own process on this test's database."""
    before = os.environ.pop("SAMTIME_SMTP_PORT", None)
    with mail_sink(folder):
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "PYTHONPATH": str(ROOT / "src"),
            "SAMTIME_DATA": str(folder),
            "SAMTIME_BASE_URL": settings.BASE_URL,
        }
        worker = subprocess.Popen([sys.executable, "-m", "samtime", "worker"], env=environment)
        try:
            yield
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(PATIENCE / 1000)
            os.environ.pop("SAMTIME_SMTP_PORT", None)
            if before is not None:
                os.environ["SAMTIME_SMTP_PORT"] = before


def mail_to(folder, address):
    """The mail that came for an address; its worker has to start first."""
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        for path in (folder / "mail").glob("*.json"):
            mail = json.loads(path.read_text())
            if mail["to"] == address:
                return mail
        time.sleep(0.1)
    raise AssertionError(f"no mail for {address}")


def sign_in(page, base, email):
    page.goto(f"{base}/sign-in/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url(re.compile("/sign-in/"))


def import_file(page, base, kind, name, text):
    page.goto(f"{base}/o/aurora/imports/")
    page.get_by_label(kind).check()
    content = {"name": name, "mimeType": "text/csv", "buffer": text.encode("cp1252")}
    page.get_by_label("File", exact=True).set_input_files(content)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("applied", exact=False).first.wait_for()
    page.wait_for_load_state()


def invite(page, base):
    page.goto(f"{base}/o/aurora/partners/?new")
    form = page.get_by_role("region", name="Fields")
    for label, value in (
        ("Company name", "Nordvik Prøvekontor AS"),
        ("Registration number", "312319489"),
        ("Tax number", "312319489"),
        ("Name", "Kari Test Dahl"),
        ("E-mail", "kari@nordvik.example"),
    ):
        form.get_by_label(re.compile(f"^{label}")).last.fill(value)
    form.get_by_label("Company name").fill("Nordvik Prøvekontor AS")
    form.get_by_label("Country").first.select_option("NO")
    form.get_by_label("Aurora Centru").check()
    form.get_by_role("radio", name="Percentage").check()
    form.locator("[name='commission.rate']").fill("12,5")
    page.get_by_role("button", name="Save and send invitation").click()
    page.get_by_text("Nordvik Prøvekontor AS").first.wait_for()


def said(words):
    """The partner is Norwegian: its pages speak its language from the mail's link on."""
    with translation.override("nb"):
        return gettext(words)


def accept(page, link):
    page.goto(link)
    page.get_by_role("link", name=said("Read the general terms")).click()
    page.locator("[name=person_name]").fill("Kari Test Dahl")
    page.locator("[name=person_role]").fill("manager")
    page.locator("[name=authority]").check()
    page.get_by_role("button", name=said("Continue to sign-in")).click()
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name=said("Accept terms and start")).click()
    page.wait_for_url(re.compile(r"/account/second-step/|/o/"))


def tick(page, base):
    address = f"{base}/o/aurora/traffic-channels/?location=aurora-centru"
    page.goto(address)
    cell = page.get_by_role("checkbox", name=re.compile("Prøve røntgen.*Nordvik")).first
    cell.check()
    page.get_by_role("button", name="Review changes").click()
    # The bar saves too, without looking: here the panel of the review does.
    review = page.locator("#panel")
    review.get_by_text("1 added").first.wait_for()
    page.wait_for_load_state()
    review.get_by_role("button", name="Save changes").click()
    review.wait_for(state="detached")
    page.wait_for_load_state()
    page.goto(address)
    expect(cell).to_be_checked()


def book(page, base, slug, day):
    page.goto(f"{base}/o/{slug}/partner/book/calendars/")
    page.locator("[name=service]").select_option(label="Prøve røntgen")
    page.locator("input[name=day]").fill(day.isoformat())
    page.locator("button[name=show]").click()
    page.get_by_role("button", name=f"09:00 {said('Free')}").click()
    page.get_by_text(said("Held for you")).first.wait_for()
    page.wait_for_load_state()
    for name, value in PATIENT.items():
        page.locator(f"[name='patient.{name}']").fill(value)
    page.get_by_role("button", name=said("Confirm booking")).click()
    page.locator("#confirm").wait_for(state="detached")
    page.get_by_text("Probescu").first.wait_for()


def weekday_ahead():
    """A working day in Bucharest a few days from now."""
    day = timezone.now().astimezone(ZoneInfo("Europe/Bucharest")).date() + timedelta(days=3)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def prepare(town):
    """What is there before the story begins: general terms, and a password of the clinic's."""
    with transaction.atomic():
        TermsDocument.objects.create(
            version=4,
            language="en",
            title="General terms for partners",
            text="1 Who takes part\n\nOnly companies.",
            sha256="a" * 64,
            effective_from=timezone.now().date() - timedelta(days=2),
        )
        user = User.objects.get(id=town.admin.user_id)
        user.set_password(PASSWORD)
        user.save()


def test_from_files_to_statistics_in_a_browser(tmp_path, own_database, settings, lasting_town):
    """Issue 1c: the whole story by hand, in two browsers."""
    prepare(lasting_town)
    day, settings.DATA = weekday_ahead(), tmp_path
    with (
        served(StaticFilesHandler(application)) as base,
        started() as browser,
        windows(browser, base) as window,
    ):
        settings.BASE_URL = base
        settings.CSRF_TRUSTED_ORIGINS = [base]
        with mail_and_worker(tmp_path, own_database, settings):
            clinic = window({}, locale="en-GB")
            partner = window({}, locale="en-GB")
            sign_in(clinic, base, "admin@aurora.example")
            import_file(clinic, base, "Services and prices", "prices.csv", SERVICES)
            import_file(clinic, base, "Practitioners and working hours", "staff.csv", STAFF)
            invite(clinic, base)
            mail = mail_to(tmp_path, "kari@nordvik.example")
            accept(partner, next(link for link in mail["links"] if "/invite/" in link))
            slug = Organization.objects.latest("id").slug
            # The second factor has its own browser test; here it would only be repeated.
            Organization.objects.filter(slug=slug).update(second_factor_required=False)
            tick(clinic, base)
            book(partner, base, slug, day)
            clinic.goto(f"{base}/o/aurora/calendar/{day}/day/")
            clinic.get_by_text("Țestina Probescu").first.wait_for()
            assert axe_faults(clinic) == []
            clinic.goto(f"{base}/o/aurora/bookings/?from={day}&to={day}")
            row = clinic.get_by_role("row").filter(has_text="Probescu")
            expect(row).to_contain_text("Nordvik")
            report = f"from={day}&to={day}&group_by=source"
            clinic.goto(f"{base}/o/aurora/reports/statistics/?{report}")
            expect(clinic.get_by_role("row").filter(has_text="Nordvik")).to_contain_text("156.31")
            letter = mail_to(tmp_path, "testina@patient.example")
            assert letter["attachments"][0]["content_type"].startswith("text/calendar")
