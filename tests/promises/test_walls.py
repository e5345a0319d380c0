"""Every address x every role x foreign ids: no canary of another organization (P7, P8)."""

import json
import uuid
from unittest import mock

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from samtime.foundation.tenancy import Scoped, set_viewer
from samtime.partners.models import Partnership
from tests.api.conftest import Caller
from tests.town import NOW, at, book, person
from tests.web.visitors import visitor

pytestmark = pytest.mark.django_db
CANARY = "Kanarifugl"


def addresses(resolver=None, prefix=""):
    """Every route of the product as a template with its parameters."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def filled(route, slug, ident):
    """The route with a slug and a foreign id in all its places."""
    import re

    route = route.replace("<slug:slug>", slug)
    route = re.sub(r"<uuid:\w+>", str(ident), route)
    route = route.replace("<str:day>", "2026-06-01").replace("<str:kind>", "csv")
    route = re.sub(r"<slug:\w+>", "company", route)
    return "/" + re.sub(r"<\w+:\w+>", "x", route).replace("\\Z", "").replace("^", "")


@pytest.fixture
def secrets(town, monkeypatch):
    """Aurora's own booking, patient, partnership and inbox, all named after a bird."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    booking = book(town.desk, town.mri_ana, at(0, 9), person(CANARY, CANARY))
    set_viewer(town.aurora.id)
    ids = [booking.public_id, *Partnership.objects.values_list("public_id", flat=True)]
    set_viewer(0)
    return ids


def routes():
    return sorted({r for r in addresses() if "<slug:slug>" in r})


@pytest.mark.parametrize("who", ["outsider", "agent", "insurer", "fjord_desk"])
def test_no_page_of_another_organization_opens(town, secrets, who):
    """P7: 404 for everybody who does not belong, whatever the address and id."""
    client = visitor(getattr(town, who))
    assert len(routes()) > 20
    for route in routes():
        for ident in secrets[:1]:
            answer = client.get(filled(route, "aurora", ident))
            assert answer.status_code == 404, route
            assert CANARY not in answer.content.decode(errors="replace"), route


@pytest.mark.parametrize("who", ["outsider", "agent"])
def test_foreign_ids_under_ones_own_organization_open_nothing(town, secrets, who):
    """P7: the id in the address counts for nothing; POST changes nothing either."""
    actor = getattr(town, who)
    slug = {"outsider": "stranger", "agent": "hello"}[who]
    client = visitor(actor)
    for route in routes():
        if "<uuid:" not in route:
            continue
        for verb in (client.get, client.post):
            answer = verb(filled(route, slug, secrets[0]))
            assert answer.status_code in (302, 404, 409, 422), (route, answer.status_code)
            assert CANARY not in answer.content.decode(errors="replace"), route


def everything(rows, viewer):
    """Query scoping switched off, as if every programmer had forgotten it."""
    return rows.all()


@pytest.mark.parametrize("who", ["outsider", "agent"])
def test_row_policies_alone_keep_the_wall(town, secrets, who):
    """P8: with query scoping switched off the database still shows no foreign row."""
    actor = getattr(town, who)
    slug = {"outsider": "stranger", "agent": "hello"}[who]
    client, caller = visitor(actor), Caller(actor)
    with mock.patch.object(Scoped, "visible_to", everything):
        for route in routes():
            answer = client.get(filled(route, slug, secrets[0]))
            assert CANARY not in answer.content.decode(errors="replace"), route
        for path in ("bookings", f"bookings/{secrets[0]}", "partnerships", "inbox", "channels"):
            answer = caller.get(path)
            assert CANARY not in json.dumps(answer.body), path


def test_an_id_that_never_was_and_a_foreign_one_are_one_answer(town, secrets):
    """P7: the same text, so that nobody learns what exists."""
    client = visitor(town.outsider)
    known = client.get(f"/o/stranger/bookings/{secrets[0]}/").content.decode()
    never = client.get(f"/o/stranger/bookings/{uuid.uuid4()}/").content.decode()

    def plain(text):
        import re

        text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text)
        text = re.sub(r"\b[0-9a-f]{12}\b", "N", text)
        return re.sub(r'(csrfmiddlewaretoken" value|data-csrf)="[^"]+"', "T", text)

    assert plain(known) == plain(never)
