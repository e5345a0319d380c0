"""Adding a partner by company number: the register, the worked example, the notification kinds."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.accounts.models import User
from samtime.bookings.models import Booking
from samtime.commandline.local_register import COMPANIES, Desk, norwegian
from samtime.connectors import outward
from samtime.connectors.anaf import connector as anaf
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.partners.models import Partnership, RegisterCheck
from samtime.web.provider import partner_new
from tests.connectors.servers import listening, reply
from tests.partners.conftest import invite
from tests.town import at, book
from tests.web.provider.test_partners import BASE, active, form, found

LOOK_UP = f"{BASE}look-up/"
EXAMPLE = f"{BASE}example/"


@pytest.fixture
def admin(town, client):
    """Aurora's administrator in a browser."""
    client.force_login(User.objects.get(email="admin@aurora.example"))
    return client


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    outward.breaker.forget()
    monkeypatch.setattr(anaf, "turns", anaf.Turns(0))


def at_register(settings, place):
    """All registers at one local place."""
    settings.OUTWARD_ALLOW = {place}
    settings.BRREG_URL = settings.ANAF_URL = settings.VIES_URL = f"http://{place}"


@pytest.fixture
def register(settings):
    """The demo's own register: true shapes, invented companies."""

    def answer(handler):
        Desk._say(handler, *said(handler))

    def said(handler):
        resource, _slash, number = handler.path.rpartition("/")
        branch = resource.endswith("underenheter")
        return norwegian(COMPANIES.get(("NO", number)), branch=branch)

    with listening(answer) as (place, asked):
        at_register(settings, place)
        yield asked


def value(page, name):
    """What stands in a field of the answer."""
    tag = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', page)[0]
    return re.search(r'value="([^"]*)"', tag)[1]


def typed(town, **more):
    """Only country and number."""
    blank = dict.fromkeys(form(town), "")
    return {**blank, "company.country": "NO", "company.registration_number": "999 200 001", **more}


def test_the_number_fills_the_form(town, admin, register):
    """P9, P10, P23: name, tax number, address; when it was found; which letter will go."""
    answer = admin.post(LOOK_UP, typed(town))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert value(page, "company.name") == "NORDVIK LEGEKONTOR AS"
    assert value(page, "company.tax_number") == "999200001"
    assert value(page, "company.headquarters.street") == "Prøvekaien 3"
    assert value(page, "company.headquarters.city") == "BERGEN"
    assert "Found in the company register" in page
    assert "not VAT registered" in page
    assert "partner registration" in page
    assert len(register) == 1
    with viewing_as(town.aurora.id):
        assert RegisterCheck.objects.get().outcome == "found"
        assert not Partnership.objects.exists()


def test_what_was_typed_is_kept_and_the_difference_shown(town, admin, register):
    """P9: nothing is overwritten silently; the register's values come when they are asked for."""
    mine = typed(town, **{"company.name": "Nordvik", "representative.name": "Kari Test Dahl"})
    page = admin.post(LOOK_UP, mine).content.decode()
    assert value(page, "company.name") == "Nordvik"
    assert "The register says: NORDVIK LEGEKONTOR AS" in page
    assert value(page, "representative.name") == "Kari Test Dahl"
    taken = admin.post(LOOK_UP, {**mine, "take": "1"}).content.decode()
    assert value(taken, "company.name") == "NORDVIK LEGEKONTOR AS"
    assert len(register) == 1


def test_a_wrong_number_first_leaves_nothing_behind(town, admin, register):
    """P9: what the register filled in for another company makes way; what was typed stays."""
    admin.post(LOOK_UP, typed(town, **{"company.registration_number": "999200028"}))
    ring = {
        "company.name": "RINGEPUNKT AS",
        "company.tax_number": "999200028MVA",
        "company.headquarters.street": "Testgata 14",
        "company.headquarters.city": "My own city",
    }
    page = admin.post(LOOK_UP, typed(town, **ring)).content.decode()
    assert value(page, "company.name") == "NORDVIK LEGEKONTOR AS"
    assert value(page, "company.tax_number") == "999200001"
    assert value(page, "company.headquarters.street") == "Prøvekaien 3"
    assert value(page, "company.headquarters.city") == "My own city"
    assert "The register says: BERGEN" in page


def test_two_norwegian_numbers_that_differ_are_amber(town, admin):
    """P9: Norway has one number; a warning, never a refusal."""
    odd = form(town, **{"company.tax_number": "999200028"})
    assert "In Norway both numbers are the same." in admin.post(EXAMPLE, odd).content.decode()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("999200044", "The register says: bankrupt."),
        ("999200060", "Removed from the register."),
        ("999200079", "Its company has the number 999 200 028."),
        ("999200095", "The register does not answer now."),
        ("999199999", "Not in the register."),
    ],
)
def test_every_answer_in_words(town, admin, register, number, words):
    """P9: and the form stays usable."""
    answer = admin.post(LOOK_UP, typed(town, **{"company.registration_number": number}))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert "Save and send invitation" in answer.content.decode()


def test_with_the_register_down_the_form_does_all_it_does(town, admin, settings):
    """P33, P9, P21: the look-up says so, and saving sends the invitation."""
    with listening(lambda h: reply(h, 500)) as (place, asked):
        at_register(settings, place)
        page = admin.post(LOOK_UP, form(town)).content.decode()
        assert "The register does not answer now." in page
        assert value(page, "company.name") == "Nordvik Prøvekontor AS"
        assert admin.post(f"{BASE}?new", form(town)).status_code == 302
        assert len(asked) == 1
    assert found().state == "invited"


def test_a_persons_number_is_refused_and_not_asked(town, admin, register):
    """P7: the sentence at the field; the register hears nothing."""
    answer = admin.post(LOOK_UP, typed(town, **{"company.registration_number": "15108695088"}))
    assert answer.status_code == 422
    assert "A partner must be a company or registered practice." in answer.content.decode()
    assert register == []


def test_a_short_number_in_words(town, admin, register):
    """P9: what is wrong and what to do."""
    answer = admin.post(LOOK_UP, typed(town, **{"company.registration_number": "99920000"}))
    assert "The organisation number has 8 digits; it needs 9." in answer.content.decode()
    assert register == []


def test_a_failing_check_digit_warns_and_saves(town, admin):
    """P9, DOMAIN 3.1: amber at the field, never a refusal."""
    odd = form(town, **{"company.registration_number": "312319480", "company.tax_number": ""})
    page = admin.post(EXAMPLE, odd).content.decode()
    assert "This number fails its check digit." in page
    assert admin.post(f"{BASE}?new", odd).status_code == 302
    sheet = admin.get(f"{BASE}{found().public_id}/company/").content.decode()
    assert "Not checked." in sheet
    assert "This number fails its check digit." in sheet


def test_a_company_that_is_here_gets_a_notification(town, admin, register):
    """P23, P24: said before it is sent, by name."""
    town.hello.registration_number, town.hello.country = "999200028", "NO"
    town.hello.save()
    answer = admin.post(LOOK_UP, typed(town, **{"company.registration_number": "999200028"}))
    page = answer.content.decode()
    assert "Hello Calls SRL is here already." in page
    assert "They get a partner notification" in page


def chosen_kind(page):
    """What the select of kinds stands on."""
    options = page.partition('name="company.kind"')[2].partition("</select>")[0]
    return re.search(r'value="(\w+)" selected', options)[1]


def test_the_kind_is_proposed_by_who_is_here_or_the_register(town, admin, register):
    """P6, P9: what the organization is, else what the register says; a choice stays."""
    page = admin.post(
        LOOK_UP, typed(town, **{"company.registration_number": "999200028"})
    ).content.decode()
    assert chosen_kind(page) == "call_centre"
    town.hello.registration_number, town.hello.country = "999200001", "NO"
    town.hello.kind = "assistance_company"
    town.hello.save()
    seen = {"company.kind": "call_centre", "kind_proposed": "call_centre"}
    page = admin.post(LOOK_UP, typed(town, **seen)).content.decode()
    assert chosen_kind(page) == "assistance"
    page = admin.post(LOOK_UP, typed(town, **{**seen, "company.kind": "insurer"})).content.decode()
    assert chosen_kind(page) == "insurer"


def test_a_partner_already_is_said_at_the_look_up(town, admin, register):
    """P26: with the way to its data sheet."""
    made = invite(town, registration_number="999200001", tax_number="999200001")
    page = admin.post(LOOK_UP, typed(town)).content.decode()
    assert "is already your partner." in page
    assert f"?open={made.public_id}" in page


def test_too_many_look_ups_in_a_minute(town, admin, register):
    """P19: the eleventh waits, and what was typed is still there."""
    for number in range(10):
        admin.post(LOOK_UP, typed(town, **{"company.registration_number": f"99930000{number}"}))
    answer = admin.post(LOOK_UP, typed(town, **{"company.name": "Nordvik"}))
    assert answer.status_code == 429
    assert "Too many tries" in answer.content.decode()
    assert value(answer.content.decode(), "company.name") == "Nordvik"


def test_the_look_up_is_not_there_for_the_desk(town, client):
    """P36: 404, as for everything that is not one's own."""
    client.force_login(User.objects.get(email="desk@aurora.example"))
    assert client.post(LOOK_UP, typed(town)).status_code == 404


def test_the_worked_example_is_last_months_real_bookings(town, admin, monkeypatch):
    """P29: 12.5 % of the net of what took place; a cancelled one does not count."""
    for hour in (9, 10, 11):
        book(town.agent, town.mri_ana, at(0, hour))
    with viewing_as(town.aurora.id):
        Booking.objects.filter(starts_at=at(0, 11)).update(state="cancelled")
    monkeypatch.setattr(partner_new, "today_of", lambda actor: date(2026, 7, 10))
    page = admin.post(EXAMPLE, form(town), headers={"HX-Request": "true"}).content.decode()
    assert "12.5% of past bookings neither cancelled nor no-show, net of VAT." in page
    assert "2 bookings at these locations that would be RON" in page
    assert "112.50" in page
    assert "<html" not in page
    none = admin.post(EXAMPLE, form(town, **{"commission.kind": "none"})).content.decode()
    assert "that would be" not in none


def test_the_example_of_a_partner_counts_its_own_bookings(town, admin, monkeypatch):
    """P29: a fixed amount for each booking of this partner."""
    made = active(town)
    book(town.agent, town.mri_ana, at(0, 9))
    book(town.admin, town.mri_ana, at(0, 12))
    monkeypatch.setattr(partner_new, "today_of", lambda actor: date(2026, 7, 10))
    terms = form(town, **{"commission.kind": "fixed", "commission.amount": "60"})
    address = f"{BASE}{made.public_id}/example/"
    page = admin.post(address, terms, headers={"HX-Request": "true"}).content.decode()
    assert "partner&#x27;s 1 booking of last month that would be RON" in page
    assert "60.00" in page


def test_the_sheet_says_when_the_register_was_asked(town, admin, register):
    """P9: not checked, then found, with the day."""
    made = invite(town, registration_number="999200001", tax_number="999200001")
    address = f"{BASE}{made.public_id}/company/"
    assert "Not checked." in admin.get(address).content.decode()
    answer = admin.post(f"{BASE}{made.public_id}/check/")
    assert answer.headers["Location"] == address
    assert "Found in company register" in admin.get(address).content.decode()


def test_the_users_tab_counts_and_names_nobody(town, admin):
    """P25: how many may book, when the last booking was made."""
    made = active(town)
    address = f"{BASE}{made.public_id}/users/"
    assert "after it has accepted" in admin.get(address).content.decode()
    with viewing_as(town.aurora.id):
        Partnership.objects.update(accepted_at=at(0, 1))
    assert "None yet" in admin.get(address).content.decode()
    book(town.agent, town.mri_ana, at(0, 9))
    page = admin.get(address).content.decode()
    assert "<dd>3</dd>" in page
    assert "None yet" not in page
    assert "Agent" not in page


def test_the_history_tells_old_and_new(town, admin):
    """P27, P29: of the terms and of the company; of a person only that it changed."""
    made = invite(town)
    admin.post(f"{BASE}{made.public_id}/terms/", form(town, **{"commission.rate": "8"}))
    card = {"company.name": "Nordvik Ny AS", "representative.name": "Per Hemmelig"}
    admin.post(f"{BASE}{made.public_id}/company/", form(town, **card))
    page = admin.get(f"{BASE}{made.public_id}/history/").content.decode()
    assert "Percentage: 12.5% → 8%" in page
    assert "Company name: Nordvik Prøvekontor AS → Nordvik Ny AS" in page
    assert "May book at: Aurora Centru → Aurora Centru, Aurora Nord" in page
    assert "Representative changed" in page
    assert "Per Hemmelig" not in page


def test_the_list_tells_and_filters(town, admin):
    """P8, P15, P32, SCREENS 4.2: services, bookings to come, who takes the money; any spelling."""
    invite(town, terms={"payment_place": "partner"})
    active(town)
    book(town.agent, town.mri_ana, at(0, 9))
    later = timezone.now() + timedelta(days=3)
    with viewing_as(town.aurora.id):
        Booking.objects.update(starts_at=later, ends_at=later + timedelta(minutes=30))
        rows = {r.partnership.company_name: r for r in rows_for(admin, "")}
    hello = rows["Hello Calls SRL"]
    assert (hello.services, hello.coming, hello.places) == (1, 1, "2 of 2")
    assert rows["Nordvik Prøvekontor AS"].coming == 0
    for query, name in (
        ("q=312 319 489", "Nordvik Prøvekontor AS"),
        ("q=j40-1234-2010", "Hello Calls SRL"),
        ("kind=call_centre", "Hello Calls SRL"),
        ("pays=partner", "Nordvik Prøvekontor AS"),
    ):
        assert [r.partnership.company_name for r in rows_for(admin, query)] == [name]


def rows_for(admin, query):
    """The lines of the list."""
    return admin.get(f"{BASE}?{query}").context["rows"]


def test_the_list_costs_the_same_for_many(town, admin, django_assert_max_num_queries):
    """P8: the number of partners does not change the number of queries."""
    invite(town)
    with CaptureQueriesContext(connection) as one:
        admin.get(BASE)
    for number in ("999200001", "999200028", "999200036"):
        email = f"post@{number}.example"
        invite(town, registration_number=number, tax_number=number, representative_email=email)
    with django_assert_max_num_queries(len(one)):
        assert admin.get(BASE).context["active"] == 0


def test_two_people_change_the_terms(town, admin):
    """P27, SCREENS 1.9: the slower one is told, and nothing of the faster one is lost."""
    made = invite(town)
    address = f"{BASE}{made.public_id}/terms/"
    version = re.search(
        r'name="version" value="(\d+)"', admin.get(f"{address}?edit").content.decode()
    )
    mine = {"version": version[1], "from": "", "patient_access": "search"}
    assert admin.post(address, form(town, **mine)).status_code == 302
    slower = admin.post(address, form(town, **{**mine, "patient_access": "none"}))
    assert slower.status_code == 422
    assert "Somebody changed this in the meantime." in slower.content.decode()
    with viewing_as(town.aurora.id):
        assert made.channel.terms.latest("from_on").patient_access == "search"


def test_the_end_lists_what_is_still_to_come(town, admin):
    """P28: numbers and times, no patient."""
    made = active(town)
    book(town.agent, town.mri_ana, at(0, 9))
    later = timezone.now() + timedelta(days=3)
    with viewing_as(town.aurora.id):
        Booking.objects.update(starts_at=later, ends_at=later + timedelta(minutes=30))
    page = admin.get(f"{BASE}{made.public_id}/end/").content.decode()
    assert "1 future booking" in page
    assert "3 users there cannot book" in page
    assert town.mri.name in page
    assert "Prøvesen" not in page


def test_a_strangers_partner_is_not_there(town, client):
    """P7 (promise): example and check of another clinic's partner."""
    made = invite(town)
    set_viewer(0)
    client.force_login(User.objects.get(email="admin@fjord.example"))
    for what in ("example", "check", "users"):
        address = f"/o/fjord/partners/{made.public_id}/{what}/"
        send = client.get if what == "users" else client.post
        assert send(address).status_code == 404
