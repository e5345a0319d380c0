"""What people do at the wrong moment: a clear no, and nothing half done (P3, P9, P20)."""

import re
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from samtime.bookings.models import Booking
from samtime.catalog.models import Service
from samtime.channels.models import Channel
from samtime.foundation.tenancy import set_viewer
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.models import Organization
from tests.api.conftest import Caller
from tests.town import NOW, at
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


def test_a_dead_link_says_so_and_does_nothing(town):
    """A wrong, a used up and an ended invitation are one kind page, never a fault."""
    for token in ("x", "A" * 43, "%F0%9F%98%80", "..%2f..", "0" * 3000):
        answer = Client(raise_request_exception=False).get(f"/invite/{token}")
        assert answer.status_code in (404, 410), token


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
    assert (unticked.status, unticked.body["code"]) == (409, "not_listed")
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
