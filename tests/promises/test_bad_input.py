"""Malformed input is a clear 4xx, nothing is half done (P20), and names survive (P21).

Generated from the OpenAPI document, so a new call is tried without anybody thinking of it; the long
form (`make prove`) puts every hostile value into every place and lets schemathesis loose.
"""

import html
import json
import re
import threading
import tracemalloc
import unicodedata
import uuid
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from samtime.bookings.models import Booking, Hold
from samtime.catalog.models import Service
from samtime.channels.models import Channel
from samtime.foundation.tenancy import set_viewer
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.models import Organization
from samtime.patients.commands import PatientGiven, add_patient
from samtime.patients.models import Patient
from samtime.patients.queries import PatientSearch, search_patients
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
from tests.promises.test_walls import addresses
from tests.promises.test_walls import filled as filled_route
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


def run_addresses(prober, document, known, values):
    """Every parameter of path and query gets hostile values."""
    for verb, path, operation in operations(document):
        for given in operation.get("parameters", []):
            for value in values:
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
    run_addresses(prober, document, known, values)
    assert prober.faults == []
    assert prober.sent > 300


@pytest.mark.prove
def test_every_hostile_value_in_every_place(town, document, known):
    """P20, long form, as the clinic's administrator and as the partner's agent."""
    for actor in (town.admin, town.manager):
        prober = Prober(actor)
        run_bodies(prober, document, known, each=len(VALUES))
        run_addresses(prober, document, known, [v for v in VALUES if v != BIG])
        assert prober.faults == []
        print(f"{prober.sent} hostile requests, 0 answers of 500 or more")


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


def alphabets():
    """Two hundred names: comma below, stroke, double acute, both normal forms, right to left."""
    seeds = (
        "Ștefania Țuțuianu",
        "Åse Bjørnøy Ærlig",
        "Őrsi Fűzfa Győző",
        "Zoë O’Brien-Nuñez",
        "Łukasz Żółć",
        "Müller-Weiß",
        "Søren Kjærgård",
        "Иван Щербаков",
        "Νίκος Παπαδάκης",
        "محمد علي",
        "משה כהן",
        "张伟",
        "さくら 山田",
        "김민준",
        "Nguyễn Thị Ánh",
        "D'Angelo l'Étoile",
        "Đorđe Šćepanović",
        "Þórður Guðmundsson",
        "Ağaoğlu İpek",
        "Jean\u200bClaude Zero",
    )
    for number in range(200):
        given, _space, family = seeds[number % len(seeds)].partition(" ")
        form = ("NFC", "NFD")[number // len(seeds) % 2]
        tail = "abcdefghij"[number // len(seeds)] * 2
        yield (
            unicodedata.normalize(form, given),
            unicodedata.normalize(form, f"{family}{tail}"),
        )


def plain(text):
    """Without accents, as somebody types it who has another keyboard."""
    for sign, typed in (("æ", "ae"), ("Æ", "Ae"), ("ß", "ss"), ("þ", "th"), ("Þ", "Th")):
        text = text.replace(sign, typed)
    swapped = text.translate(str.maketrans("łŁøØđĐıð", "lLoOdDid")).replace("\u200b", "")
    apart = unicodedata.normalize("NFKD", swapped)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def test_two_hundred_names_survive_and_are_found(town):
    """P21: every name comes back as it was written and is found by a search without accents."""
    set_viewer(town.aurora.id)
    for given, family in alphabets():
        made = add_patient(
            actor=town.desk, person=PatientGiven(given, family), today=NOW.date()
        ).public_id
        read = Patient.objects.get(public_id=made)
        assert (read.given_name, read.family_name) == (given, family)
        typed = plain(f"{given} {family}")
        found = search_patients(town.desk, PatientSearch(name=typed))
        assert made in [p.public_id for p in found], (given, family)
    assert Patient.objects.count() == 200


def test_names_come_through_the_whole_door(town):
    """P21: JSON in, JSON out, the page shows them."""
    agent, desk = Caller(town.agent), visitor(town.desk)
    for number, (given, family) in enumerate(list(alphabets())[:20]):
        patient = {**PATIENT, "given_name": given, "family_name": family}
        wish = {"offering": str(town.mri_ana.public_id), "patient": patient}
        day, slot = divmod(number, 8)
        answer = agent.post("bookings", {**wish, "start": at(day + 1, 8 + slot).isoformat()})
        assert answer.status == 201, answer.body
        assert answer.body["patient"]["family_name"] == family
        page = texts(desk.get(f"/o/aurora/bookings/{answer.body['id']}/"))
        assert html.escape(family) in page


@pytest.mark.parametrize("sign", ["\n", "\x00", "\u202e", "\u2028", "\x1b"])
def test_signs_that_are_in_no_name(town, sign):
    """P21 does not go as far as line breaks and turned directions."""
    patient = {**PATIENT, "family_name": f"Prøve{sign}sen"}
    wish = {"offering": str(town.mri_ana.public_id), "start": at(1, 9).isoformat()}
    answer = Caller(town.agent).post("bookings", {**wish, "patient": patient})
    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "patient.family_name"
    assert not Booking.objects.exists()


def texts(answer):
    """The page as text, a file too."""
    return answer.content.decode(errors="replace")


def pages(slug):
    """Every page under an organization's address: its own ones, or a partner's."""
    mine = "partner/" if slug == "hello" else ""
    return sorted({r for r in addresses() if r.startswith(f"o/<slug:slug>/{mine}")})


def test_hostile_forms_on_every_page(town, known):
    """P20: pages answer POSTs of garbage with a sentence, never with a fault."""
    faults, count = [], 0
    for actor, slug in ((town.admin, "aurora"), (town.manager, "hello")):
        client = visitor(actor)
        client.raise_request_exception = False
        for route in pages(slug):
            address = filled_route(route, slug, known["booking_id"])
            fields = set(re.findall(r'name="([\w.\[\]-]+)"', texts(client.get(address))))
            for value in ("\x00", "x" * 50_000, "9999-12-31", "-1", "٣", "9" * 500):
                form = dict.fromkeys(fields | {"act", "start", "day", "version", "key"}, value)
                answer = client.post(address, form)
                count += 1
                if answer.status_code >= 500:
                    faults.append((answer.status_code, address, value[:10]))
    assert faults == []
    assert count > 100


def test_hostile_addresses_on_every_page(town, known):
    """P20: query strings and path parts of garbage are 404, 4xx or ignored."""
    faults = []
    client = visitor(town.admin)
    client.raise_request_exception = False
    for route in pages("aurora"):
        address = filled_route(route, "aurora", known["booking_id"])
        names = set(re.findall(r'name="([\w.-]+)"', texts(client.get(address))))
        for value in ("%00", "9999-12-31", "0001-01-01", "-1", "9" * 30, "%ed%a0%80", "NaN"):
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


def test_a_dead_link_says_so_and_does_nothing(town):
    """A wrong, a used up and an ended invitation are one kind page, never a fault."""
    for token in ("x", "A" * 43, "%F0%9F%98%80", "..%2f..", "0" * 3000):
        answer = Client(raise_request_exception=False).get(f"/invite/{token}")
        assert answer.status_code in (404, 410), token


def test_the_same_key_twice_at_once_is_one_booking(lasting_town):
    """P3: two identical calls at the same moment: one executes, the other repeats or waits."""
    town = lasting_town
    agent, key = Caller(town.agent), uuid.uuid4().hex
    start = at(0, 9).isoformat()
    body = {"offering": str(town.mri_ana.public_id), "start": start, "patient": PATIENT}
    answers, gate = [], threading.Barrier(6)

    def call():
        gate.wait(10)
        answers.append(agent.post("bookings", body, key=key))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    statuses = sorted(a.status for a in answers)
    assert set(statuses) <= {201, 409}
    assert {a.body["code"] for a in answers if a.status == 409} <= {"request_in_progress"}
    done = {a.raw.content for a in answers if a.status == 201}
    assert len(done) == 1
    assert agent.post("bookings", body, key=key).raw.content == done.pop()
    with transaction.atomic():
        set_viewer(town.aurora.id)
        assert Booking.objects.count() == 1


def test_the_same_form_twice_is_one_booking(town):
    """A double click: the second answer leads to the same booking."""
    client = visitor(town.agent)
    calendars = "/o/hello/partner/book/calendars/"
    day = {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat()}
    held = client.post(f"{calendars}hold/", day)
    hold = re.search(r"hold=([0-9a-f-]+)", held.url).group(1)
    form = {"act": "confirm", **{f"patient.{name}": value for name, value in PATIENT.items()}}
    form["patient.birth_date"] = "03.02.1980"
    first, second = (client.post(f"{calendars}held/{hold}/", form) for _ in range(2))
    assert first.status_code == 302
    assert second.status_code < 500
    set_viewer(town.aurora.id)
    assert Booking.objects.count() == 1


def test_a_taken_an_unticked_and_an_ended_thing_are_refused_by_name(town):
    """B3, P9: each has its code; nothing is booked."""
    agent = Caller(town.agent)
    wish = {"start": at(0, 9).isoformat(), "patient": PATIENT}
    taken = {**wish, "offering": str(town.mri_ana.public_id)}
    assert agent.post("bookings", taken).status == 201
    again = agent.post("bookings", taken)
    assert (again.status, again.body["code"]) == (409, "slot_taken")
    assert len(again.body["alternatives"]) == 3
    unticked = agent.post("bookings", {**wish, "offering": str(town.ecg_ana.public_id)})
    assert (unticked.status, unticked.body["code"]) == (404, "not_found")
    set_viewer(town.aurora.id)
    Channel.objects.filter(id=town.channel.id).update(state="ended")
    set_viewer(0)
    ended = agent.post("bookings", {**taken, "start": at(1, 9).isoformat()})
    assert ended.status in (404, 409)
    set_viewer(town.aurora.id)
    assert Booking.objects.count() == 1


@pytest.mark.parametrize(
    ("number", "fine"), [("12345", False), ("x" * 200, False), ("", False), ("RO 18547290", True)]
)
def test_a_tax_number_of_five_digits(town, number, fine):
    """P4: refused at its field, before a company or mail exists."""
    body = {
        "company": {
            "name": "Prøve Partner SRL",
            "tax_number": number,
            "registration_number": "J40/1/2020",
            "country": "RO",
            "headquarters": {
                "street": "Str. Test 1",
                "postal_code": "010101",
                "city": "Bucuresti",
                "country": "RO",
            },
        },
        "representative": {
            "name": "Test Person",
            "email": "test@partner.example",
            "phone": "+40555010101",
        },
        "locations": [str(town.centru.public_id)],
        "commission": {"statistics": False, "kind": "none"},
        "payment_place": "institution",
        "patient_access": "none",
    }
    before = Organization.objects.count()
    answer = Caller(town.admin).post("partnerships", body)
    if fine:
        assert answer.status == 201, answer.body
        return
    assert answer.status == 422
    assert any("tax_number" in e["field"] for e in answer.body["errors"])
    assert Organization.objects.count() == before
    set_viewer(town.aurora.id)
    assert not OutgoingMail.objects.exists()


GARBAGE = [
    b"",
    b"\x00" * 5000,
    b"PK\x03\x04broken",
    b"\xff\xfe\x00",
    b"a;b\n" * 3,
    bytes(range(256)),
]


@pytest.mark.parametrize("content", GARBAGE, ids=lambda c: repr(c[:6]))
@pytest.mark.parametrize("name", ["prices.csv", "prices.xlsx", "prices.exe"])
def test_a_price_file_of_garbage(town, content, name):
    """T2: a sentence, and not one service changed."""
    before = list(Service.objects.order_by("id").values_list("code", "name"))
    client = visitor(town.admin)
    client.raise_request_exception = False
    form = {"kind": "services", "file": SimpleUploadedFile(name, content)}
    answer = client.post("/o/aurora/imports/", form, follow=True)
    assert answer.status_code < 500
    through = Caller(town.admin).client.post(
        "/api/v1/imports", {"kind": "services", "file": SimpleUploadedFile(name, content)}
    )
    assert through.status_code in (201, 422)
    if through.status_code == 201:
        assert through.json()["state"] == "refused"
        assert through.json()["errors"]
    assert list(Service.objects.order_by("id").values_list("code", "name")) == before


class Flood:
    """A hundred megabytes that never lie anywhere; counts what was read of it."""

    def __init__(self, head, size, tail):
        self.parts, self.left, self.tail, self.read_bytes = head, size, tail, 0

    def readline(self, size=-1):
        raise AssertionError("nobody reads this by lines")

    def read(self, size=-1):
        size = 65536 if size < 0 else min(size, 65536)
        if self.parts:
            piece, self.parts = self.parts[:size], self.parts[size:]
        elif self.left:
            piece = b"x" * min(size, self.left)
            self.left -= len(piece)
        else:
            piece, self.tail = self.tail[:size], self.tail[size:]
        self.read_bytes += len(piece)
        return piece


@pytest.mark.parametrize(
    ("path", "declared"), [("/o/aurora/imports/", True), ("/api/v1/imports", True)]
)
def test_a_hundred_megabytes_are_refused_early(town, path, declared):
    """P20: 413; what was read and what was kept in memory stay small."""
    size = 100 * 1024 * 1024
    head = (
        b'--edge\r\nContent-Disposition: form-data; name="kind"\r\n\r\nservices\r\n--edge\r\n'
        b'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    )
    tail = b"\r\n--edge--\r\n"
    flood = Flood(head, size, tail)
    client = visitor(town.admin) if path.startswith("/o/") else Caller(town.admin).client
    client.raise_request_exception = False
    tracemalloc.start()
    try:
        answer = client.generic(
            "POST",
            path,
            b"",
            "multipart/form-data; boundary=edge",
            **{"CONTENT_LENGTH": str(len(head) + size + len(tail)), "wsgi.input": flood},
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == 413
    assert peak < 60 * 1024 * 1024
