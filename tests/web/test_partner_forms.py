"""Every form of the partner module, on both sides, found by walking its pages (D22, P7, P36, R8).

Sent twice it is carried out once; filled with garbage it says so and loses nothing.
"""

import re
import uuid
from collections import Counter
from urllib.parse import parse_qs, urldefrag, urljoin

import pytest
from django.db import transaction
from django.urls import resolve

from samtime.bookings.models import Booking
from samtime.connectors.registers import without_data
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.journal.models import JournalEntry
from samtime.mailbox.models import OutgoingMail
from tests.billing.conftest import JULY_BEGAN, billed, day, row, save, send  # noqa: F401
from tests.partners.conftest import invite
from tests.partners.test_notice import bond  # noqa: F401
from tests.web.forms import forms_of
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.prove]
SIDES = {
    "provider": (
        "partners/ partners/?new traffic-channels/ traffic-channels/copy/ statements/ why/"
        " modules/ reports/partner-statistics/ reports/statistics/"
    ),
    "partner": (
        "partner/agreements/ partner/terms/ partner/catalogue/ partner/bookings/ partner/why/"
        " partner/statements/ partner/statistics/ partner/book/calendars/"
    ),
}
ROOMS = re.compile(
    r"/o/(aurora|hello)/(partners|traffic-channels|statements|why|modules|reports|"
    r"partner/(agreements|terms|catalogue|bookings|why|statements|statistics))"
)
GARBAGE = "12345 <b>&\"'"
# What a person would write where a page leaves a field empty.
SAID = {
    "company.name": "Prøveselskap AS",
    "company.registration_number": "J40/1234/2010",
    "company.tax_number": "12345",
    "representative.name": "Kari Test Dahl",
    "representative.email": "kari@ny.example",
    "reason": "wrong_outcome",
    "text": "Because it was so.",
    "message": "So it is.",
    "name": "Hello Calls SRL",
    "wanted": "10,00",
}


@pytest.fixture
def module(billed, bond, monkeypatch):  # noqa: F811
    """Aurora and Hello after June: a statement sent, a booking to come, another company invited."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: JULY_BEGAN)
    for page in ("partners", "partner_new"):
        monkeypatch.setattr(f"samtime.web.provider.{page}.look_up", no_such_company)
    billed.bond, billed.other = bond, invite(billed)
    save(billed, row(billed, day(7, 6), state="booked"))
    billed.statement = send(billed)
    return billed


def no_such_company(country, number):
    """What a register says about a number it does not know."""
    return without_data("unknown", "test")


def walk(client, slug, side):
    """Each page once by its kind, and the forms on it that differ."""
    todo = [f"/o/{slug}/{path}" for path in SIDES[side].split()]
    seen, found, often = set(), {}, Counter()
    while todo:
        address = todo.pop(0)
        answer = client.get(address)
        if "html" not in answer.headers.get("Content-Type", ""):
            continue
        assert answer.status_code in (200, 302), address
        forms, links = forms_of(texts(answer), address)
        for form in forms:
            path = form.action.split("?")[0]
            if not ROOMS.match(path):
                continue
            for button in form.buttons or [None]:
                kind = (resolve(path).url_name, *acts(path), button, tuple(sorted(form.sends)))
                found.setdefault(kind, (address, form, button))
        for link in (urldefrag(urljoin(address, link)).url for link in links):
            path = link.split("?")[0]
            if not ROOMS.match(path):
                continue
            place = resolve(path)
            asked = tuple(sorted(parse_qs(link.partition("?")[2], keep_blank_values=True)))
            kind = (place.url_name, place.kwargs.get("tab"), asked)
            if "." not in path and link not in seen and often[kind] < 2:
                often[kind] += 1
                seen.add(link)
                todo.append(link)
    return list(found.values())


def acts(path):
    return [str(v) for n, v in resolve(path).kwargs.items() if n in ("act", "tab")]


def filled(form, button, say, town):
    """What a browser sends, with a key of its own; a new partner may book somewhere."""
    given = {n: (v if v or n not in form.typed else say(n)) for n, v in form.sends.items()}
    if "company.name" in given:
        given.setdefault("locations", [str(town.centru.public_id)])
    if "once" in given:
        given["once"] = uuid.uuid4().hex
    return {**given, **({button[0]: button[1]} if button else {})}


def work_done(town):
    """All that doing something leaves behind, on both sides."""
    counts = []
    for house in (town.aurora, town.hello):
        with viewing_as(house.id):
            rows = Booking.objects.values_list("id", "version", "state").order_by("id")
            counts += [
                JournalEntry.objects.count(),
                OutgoingMail.objects.count(),
                InboxItem.objects.count(),
                list(rows),
            ]
    return counts


class Undone(Exception):
    pass


def in_a_try(work):
    """Run and take back, so that every form finds the same world."""
    try:
        with transaction.atomic():
            work()
            raise Undone
    except Undone:
        set_viewer(0)


@pytest.mark.parametrize("side", ["provider", "partner"])
def test_every_form_sent_twice_is_carried_out_once(module, side):
    """D22, P14, P36, R8: the second click leads to the same place, or is refused; nothing more
    is written, mailed or told."""
    town = module
    slug, person = ("aurora", town.admin) if side == "provider" else ("hello", town.manager)
    client, done = visitor(person), []
    forms = walk(client, slug, side)

    def twice(address, form, button):
        given = filled(form, button, lambda name: SAID.get(name, ""), town)
        first = client.post(form.action, given, HTTP_REFERER=address)
        assert first.status_code < 500, (form.action, button)
        after = work_done(town)
        second = client.post(form.action, given, HTTP_REFERER=address)
        assert second.status_code < 500, (form.action, button)
        assert work_done(town) == after, (form.action, button)
        if first.status_code == 302:
            done.append((form.action, button))
            assert second.status_code in (302, 404, 409, 422), (form.action, button)
            if second.status_code == 302:
                assert second.headers["Location"] == first.headers["Location"]

    for address, form, button in forms:
        in_a_try(lambda a=address, f=form, b=button: twice(a, f, b))
    assert len(done) >= {"provider": 12, "partner": 5}[side], (done, forms)


@pytest.mark.parametrize("side", ["provider", "partner"])
def test_garbage_in_every_form_is_answered_and_nothing_typed_is_lost(module, side):
    """P7, P36: five digits and markup in every field, a foreign id, nothing at all: no fault; a
    refused page still holds what was typed."""
    town = module
    slug, person = ("aurora", town.admin) if side == "provider" else ("hello", town.manager)
    client, refused = visitor(person), 0
    forms = walk(client, slug, side)

    def wrong(address, form, button):
        nonlocal refused
        given = filled(form, button, lambda name: "", town)
        typed = dict.fromkeys(form.typed, GARBAGE)
        answer = client.post(form.action, {**given, **typed})
        assert answer.status_code < 500, (form.action, button)
        if answer.status_code == 422 and typed:
            refused += 1
            page = texts(answer)
            kept = page.count("12345 &lt;b&gt;&amp;&quot;&#x27;")
            assert kept >= len(typed), (form.action, button, kept, typed)
            assert "<b>&\"'" not in page
        for bad in ({}, dict.fromkeys(given, "x" * 3000), dict.fromkeys(given, "")):
            assert client.post(form.action, bad).status_code < 500, (form.action, button)

    for address, form, button in forms:
        in_a_try(lambda a=address, f=form, b=button: wrong(a, f, b))
    assert refused >= {"provider": 4, "partner": 1}[side]
