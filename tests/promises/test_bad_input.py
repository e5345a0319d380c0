"""Malformed input is a clear 4xx, nothing is half done (P20), and names survive (P21).

Generated from the OpenAPI document, so a new call is tried without anybody thinking of it; the long
form (`make prove`) puts every hostile value into every place and lets schemathesis loose.
"""

import itertools
import json
import re
import uuid
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from samtime.bookings.models import Booking, Hold
from samtime.foundation.tenancy import set_viewer
from tests.api.conftest import Caller
from tests.promises.hostile import (
    BIG,
    RAW_BODIES,
    VALUES,
    Sample,
    as_json,
    operations,
    places,
    replaced,
    turns,
)
from tests.promises.walls import addresses
from tests.promises.walls import filled as filled_route
from tests.town import NOW, at, book, person
from tests.web.visitors import visitor

pytestmark = pytest.mark.django_db
PATIENT = {
    "given_name": "Testine",
    "family_name": "Prøvesen",
    "birth_date": "1980-02-03",
    "phone": "+40555010199",
}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def document():
    return json.loads(Client().get("/api/v1/openapi.json").content)


@pytest.fixture
def known(town):
    """Values by field name that lead past the first checks, deep into the commands."""
    booking = book(town.desk, town.mri_ana, at(0, 9), person())
    set_viewer(0)
    return {
        "offering": str(town.mri_ana.public_id),
        "service": str(town.mri.public_id),
        "location": str(town.centru.public_id),
        "calendar": str(town.ana_centru.public_id),
        "channel": str(town.channel.public_id),
        "start": at(1, 9).isoformat(),
        "birth_date": "1980-02-03",
        "phone": "+40555010199",
        "country": "RO",
        "currency": "RON",
        "booking_id": str(booking.public_id),
        "channel_id": str(town.channel.public_id),
        "service_id": str(town.mri.public_id),
        "offering_id": str(town.mri_ana.public_id),
        "calendar_id": str(town.ana_centru.public_id),
    }


class Prober:
    """Sends what nobody should, and judges that the answer is a clear one."""

    def __init__(self, actor):
        self.client = Caller(actor).client
        self.client.raise_request_exception = False
        self.faults, self.sent = [], 0

    def send(self, verb, path, raw=b"", kind="application/json"):
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = self.client.generic(verb.upper(), path, raw, kind, headers=headers)
        self.sent += 1
        if answer.status_code >= 500:
            self.faults.append((answer.status_code, verb, path[:90], raw[:160]))
        elif answer.status_code >= 400 and answer.status_code != 405:
            self._judge_problem(answer, verb, path)
        return answer

    def _judge_problem(self, answer, verb, path):
        said = json.loads(answer.content) if "problem+json" in answer["Content-Type"] else {}
        missing = {"type", "title", "status", "code", "detail", "errors"} - set(said)
        if missing:
            self.faults.append((answer.status_code, verb, path[:90], f"no {missing}"))


def filled(path, known):
    """The address with known ids, else fresh ones."""
    return re.sub(r"{(\w+)}", lambda m: known.get(m.group(1), str(uuid.uuid4())), path)


def run_bodies(prober, document, known, each):
    """Every place of every body gets hostile values; the whole body gets broken JSON."""
    sample, hostile = Sample(document, known), turns(each)
    for verb, path, operation in operations(document):
        body = sample.body(operation)
        if body is None:
            continue
        address = filled(path, known)
        for place in places(body):
            for value in next(hostile):
                prober.send(verb, address, as_json(replaced(body, place, value)))


def run_addresses(prober, document, known, values, each):
    """Every parameter of path and query gets hostile values, `each` of them in turn."""
    ring = itertools.cycle(values)
    for verb, path, operation in operations(document):
        for given in operation.get("parameters", []):
            for value in itertools.islice(ring, each):
                text = quote(str(value).encode("utf-8", "surrogatepass")[:3000], safe="")
                if given["in"] == "path":
                    prober.send(verb, filled(path, {**known, given["name"]: text}))
                else:
                    prober.send(verb, f"{filled(path, known)}?{given['name']}={text}")


def test_hostile_values_in_every_body(town, document, known):
    """P20: no answer of 500 or more; every refusal is a problem with code and sentence."""
    prober = Prober(town.admin)
    run_bodies(prober, document, known, each=2)
    assert prober.faults == []
    assert prober.sent > 200


def test_hostile_values_in_every_address(town, document, known):
    """P20: negative limits, year 9999, NUL, broken ids and cursors."""
    prober = Prober(town.admin)
    values = ("\x00", "-1", "9" * 400, "9999-12-31", "0001-01-01", "x" * 3000, "\ud800", "NaN", "")
    run_addresses(prober, document, known, values, each=2)
    assert prober.faults == []
    assert prober.sent > 200


@pytest.mark.prove
def test_every_hostile_value_in_every_place(town, document, known, record_property):
    """P20, long form, as the clinic's administrator and as the partner's agent."""
    for actor in (town.admin, town.manager):
        prober = Prober(actor)
        run_bodies(prober, document, known, each=len(VALUES))
        fitting = [v for v in VALUES if v != BIG]
        run_addresses(prober, document, known, fitting, each=len(fitting))
        assert prober.faults == []
        record_property("figure", f"{prober.sent} hostile requests, 0 answers of 500 or more")


@pytest.mark.parametrize("raw", RAW_BODIES, ids=lambda raw: repr(raw[:12]))
def test_broken_json(town, raw):
    """P20: depth 1,000, 5,000 digits, lone surrogates, no JSON at all."""
    prober = Prober(town.agent)
    for path in ("holds", "bookings"):
        assert prober.send("post", f"/api/v1/{path}", raw).status_code in (400, 422)
    assert prober.faults == []
    assert not Hold.objects.exists()


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/json; x=y"])
def test_another_kind_of_body_is_refused(town, kind):
    """INTERFACE section 3: 415."""
    start = {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat()}
    answer = Prober(town.agent).send("post", "/api/v1/holds", as_json(start), kind)
    wanted = 201 if kind.startswith("application/json") else 415
    assert answer.status_code == wanted


def test_a_field_nobody_knows_is_named_not_swallowed(town):
    """P20: what was meant by it would be lost silently."""
    agent = Caller(town.agent)
    body = {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat(), "strat": "x"}
    answer = agent.post("holds", body)
    assert answer.status == 422
    assert [e["field"] for e in answer.body["errors"]] == ["strat"]
    assert not Hold.objects.exists()


def test_every_body_names_what_it_does_not_know(document):
    """P20: the same for every call, by its schema."""
    used = json.dumps(
        [o.get("requestBody", {}) for _v, _p, o in operations(document) if "requestBody" in o]
    )
    waiting, seen = re.findall(r"schemas/(\w+)", used), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += re.findall(r"schemas/(\w+)", json.dumps(document["components"]["schemas"][name]))
    loose = [
        name
        for name in sorted(seen)
        if document["components"]["schemas"][name].get("type") == "object"
        and document["components"]["schemas"][name].get("additionalProperties") is not False
        and not name.endswith("Params")
    ]
    assert loose == []


def test_a_megabyte_of_name(town):
    """P20: 413 before anything is parsed."""
    body = {
        "offering": str(town.mri_ana.public_id),
        "start": at(0, 9).isoformat(),
        "patient": {**PATIENT, "given_name": "x" * 1_100_000},
    }
    answer = Caller(town.agent).post("bookings", body)
    assert (answer.status, answer.body["code"]) == (413, "too_large")
    body["patient"]["given_name"] = "x" * 100_000
    answer = Caller(town.agent).post("bookings", body)
    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "patient.given_name"
    assert not Booking.objects.exists()


def texts(answer):
    """The page as text, a file too."""
    return answer.content.decode(errors="replace")


def pages(slug):
    """Every page under an organization's address: its own ones, or a partner's."""
    mine = "partner/" if slug == "hello" else ""
    return sorted({r for r in addresses() if r.startswith(f"o/<slug:slug>/{mine}")})


GARBAGE = ("\x00", "9999-12-31", "x" * 50_000, "٣")
BROKEN = ("%00", "9999-12-31", "-1", "%ed%a0%80")


# One value a page in turn, or every value on every page.
EACH = [1, pytest.param(4, marks=pytest.mark.prove)]


@pytest.mark.parametrize("each", EACH)
def test_hostile_forms_on_every_page(town, known, each):
    """P20: pages answer POSTs of garbage with a sentence, never with a fault."""
    faults, count, ring = [], 0, itertools.cycle(GARBAGE)
    for actor, slug in ((town.admin, "aurora"), (town.manager, "hello")):
        client = visitor(actor)
        client.raise_request_exception = False
        for route in pages(slug):
            address = filled_route(route, slug, known["booking_id"])
            fields = set(re.findall(r'name="([\w.\[\]-]+)"', texts(client.get(address))))
            for value in itertools.islice(ring, each):
                form = dict.fromkeys(fields | {"act", "start", "day", "version", "key"}, value)
                answer = client.post(address, form)
                count += 1
                if answer.status_code >= 500:
                    faults.append((answer.status_code, address, value[:10]))
    assert faults == []
    assert count > 100


@pytest.mark.parametrize("each", EACH)
def test_hostile_addresses_on_every_page(town, known, each):
    """P20: query strings and path parts of garbage are 404, 4xx or ignored."""
    faults, ring = [], itertools.cycle(BROKEN)
    client = visitor(town.admin)
    client.raise_request_exception = False
    for route in pages("aurora"):
        address = filled_route(route, "aurora", known["booking_id"])
        names = set(re.findall(r'name="([\w.-]+)"', texts(client.get(address))))
        for value in itertools.islice(ring, each):
            query = "&".join(f"{name}={value}" for name in sorted(names | {"day", "from", "to"}))
            answer = client.get(f"{address}?{query}")
            if answer.status_code >= 500:
                faults.append((answer.status_code, address, value))
    for path in (
        "/o/aurora/calendar/9999-12-31/day/",
        "/o/%00/",
        "/invite/%00",
        "/o/aurora/x" * 900,
    ):
        if client.get(path).status_code >= 500:
            faults.append(path)
    assert faults == []
