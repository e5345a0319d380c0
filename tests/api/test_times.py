"""Find, hold, book, move, cancel over the JSON API."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from samtime.bookings.models import Booking
from samtime.calendars.models import Allocation
from samtime.foundation.tenancy import set_viewer
from tests.town import NOW, at

pytestmark = pytest.mark.django_db
PATIENT = {
    "given_name": "Testine",
    "family_name": "Prøvesen",
    "birth_date": "1980-02-03",
    "phone": "+47 555 01 234",
}


def booking_of(town, hour=9, day=0, **more):
    start = at(day, hour).isoformat()
    return {
        "offering": str(town.mri_ana.public_id),
        "start": start,
        "patient": PATIENT,
        **more,
    }


def test_the_whole_way_from_search_to_cancellation(town, caller):
    """B5, B7, B8, B9: the partner's booking carries its source and commission."""
    agent = caller(town.agent)
    slot = agent.get(f"slots?from=2026-06-04&days=3&limit=2&service={town.mri.public_id}").body
    first = slot["items"][0]
    assert first["price"] == {"amount": "450.00", "currency": "RON"}
    hold = agent.post("holds", {"offering": first["offering"], "start": first["start"]})
    assert hold.status == 201
    made = agent.post("bookings", {"hold": hold.body["id"], "patient": PATIENT})
    assert made.status == 201
    assert made.body["commission"] == {"amount": "56.25", "currency": "RON"}
    assert made.body["source"]["organization_name"] == "Hello Calls SRL"
    moved = agent.post(
        f"bookings/{made.body['id']}/move",
        {"start": at(4, 11).isoformat()},
        **{"If-Match": str(made.body["version"])},
    )
    assert (moved.status, moved.body["reference"]) == (200, made.body["reference"])
    gone = agent.post(f"bookings/{made.body['id']}/cancel", {"reason": "ill"})
    assert gone.body["state"] == "cancelled"
    listed = caller(town.admin).get("bookings?source=partner")
    assert [b["id"] for b in listed.body["items"]] == [made.body["id"]]


def test_a_taken_slot_answers_409_with_three_alternatives(town, caller):
    """B13, P4."""
    caller(town.desk).post("bookings", booking_of(town))
    lost = caller(town.agent).post("bookings", booking_of(town))
    assert (lost.status, lost.body["code"]) == (409, "slot_taken")
    assert len(lost.body["alternatives"]) == 3
    assert lost.raw["Content-Type"] == "application/problem+json"


def test_the_same_key_answers_the_same_and_books_once(town, caller):
    """P3: byte for byte; another body is 422."""
    agent = caller(town.agent)
    one = agent.post("bookings", booking_of(town), key="a")
    two = agent.post("bookings", booking_of(town), key="a")
    assert one.raw.content == two.raw.content
    other = agent.post("bookings", booking_of(town, hour=10), key="a")
    assert (other.status, other.body["code"]) == (422, "idempotency_mismatch")
    set_viewer(town.aurora.id)
    assert Booking.objects.count() == 1


def test_a_refusal_is_not_kept(town, caller, monkeypatch):
    """D22: judged anew with the same key."""
    desk, agent = caller(town.desk), caller(town.agent)
    taken = desk.post("bookings", booking_of(town, day=3)).body
    assert agent.post("bookings", booking_of(town, day=3), key="k").status == 409
    desk.post(f"bookings/{taken['id']}/cancel", {})
    assert agent.post("bookings", booking_of(town, day=3), key="k").status == 201


def test_without_a_key_a_booking_is_400(town, caller):
    agent = caller(town.agent)
    answer = agent.client.post(
        "/api/v1/bookings", json.dumps(booking_of(town)), content_type="application/json"
    )
    assert answer.status_code == 400
    assert json.loads(answer.content)["code"] == "idempotency_key_missing"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"patient": {**PATIENT, "given_name": ""}}, "patient.given_name"),
        ({"patient": {**PATIENT, "birth_date": "1980-13-03"}}, "patient.birth_date"),
        ({"patient": {**PATIENT, "phone": "1"}}, "patient.phone"),
        ({"start": "2026-06-01T09:00:00"}, "start"),
        ({"offering": "x"}, "offering"),
    ],
)
def test_faults_name_their_field_and_nothing_happens(town, caller, change, field):
    """P20."""
    answer = caller(town.agent).post("bookings", {**booking_of(town), **change})
    assert answer.status == 422
    assert any(e["field"].endswith(field) for e in answer.body["errors"])
    assert not Allocation.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"{", b"[" * 1000 + b"]" * 1000, b'"\xed\xa0\x80"', b'{"start": 1e999}', b"null", b"\x00"],
)
def test_strange_bodies_are_4xx(town, caller, body):
    """P20: never 500."""
    agent = caller(town.agent)
    answer = agent.client.post(
        "/api/v1/bookings",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "x"},
    )
    assert 400 <= answer.status_code < 500


def test_a_wrong_content_type_is_415(town, caller):
    agent = caller(town.agent)
    answer = agent.client.post("/api/v1/holds", "x", content_type="text/plain")
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "query", ["from=9999-12-31", "days=0", "limit=9999", "near=x", "near=nan,1", "cursor=zzz"]
)
def test_strange_queries_are_422(town, caller, query):
    """P20."""
    path = "bookings" if "cursor" in query else "slots"
    assert caller(town.agent).get(f"{path}?{query}").status == 422


def test_no_key_a_wrong_key_a_revoked_key_are_401(town, caller):
    """P9: dead at once."""
    assert Client().get("/api/v1/me").status_code == 401
    assert Client(headers={"Authorization": "Bearer x"}).get("/api/v1/me").status_code == 401
    agent = caller(town.agent)
    agent.key.revoked_at = NOW
    agent.key.save()
    assert agent.get("me").status == 401


def test_an_ended_member_is_out_at_once(town, caller):
    """P9."""
    agent = caller(town.agent)
    assert agent.get("me").status == 200
    agent.key.membership.ended_at = NOW
    agent.key.membership.save()
    assert agent.get("slots").status == 401


def test_a_scope_limits_the_key(town, caller):
    agent = caller(town.agent, scopes=["slots.read"])
    assert agent.get("slots").status == 200
    refused = agent.post("bookings", booking_of(town))
    assert (refused.status, refused.body["code"]) == (403, "right_missing")


def test_strangers_get_404_for_everything_of_others(town, caller):
    """P7: read, move, cancel, mark, pay."""
    made = caller(town.agent).post("bookings", booking_of(town, day=3)).body["id"]
    outsider = caller(town.outsider)
    assert outsider.get(f"bookings/{made}").status == 404
    for verb, body in (
        ("move", {"start": at(4, 9).isoformat()}),
        ("cancel", {}),
        ("arrive", {}),
        ("pay", {"method": "card", "amount": {"amount": "1.00", "currency": "NOK"}}),
    ):
        assert outsider.post(f"bookings/{made}/{verb}", body).status == 404
    assert outsider.post("bookings", booking_of(town)).status == 404


def test_a_hold_is_extended_once_and_let_go(town, caller):
    agent = caller(town.agent)
    body = {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat()}
    hold = agent.post("holds", body).body["id"]
    assert agent.post(f"holds/{hold}/extend").status == 200
    assert agent.post(f"holds/{hold}/extend").body["code"] == "already_extended"
    assert agent.delete(f"holds/{hold}").status_code == 204
    assert agent.post("holds", body).status == 201


def test_lists_have_pages_without_gaps(town, caller):
    desk = caller(town.desk)
    for hour in (9, 10, 11):
        desk.post("bookings", booking_of(town, hour))
    first = desk.get("bookings?limit=2")
    assert 'rel="next"' in first.raw["Link"]
    second = desk.get(f"bookings?limit=2&cursor={first.body['next']}")
    ids = [b["id"] for b in [*first.body["items"], *second.body["items"]]]
    assert len(set(ids)) == 3
    assert second.body["next"] is None


def test_the_hold_expires(town, caller, monkeypatch):
    agent = caller(town.agent)
    body = {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat()}
    hold = agent.post("holds", body).body["id"]
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=5))
    answer = agent.post("bookings", {"hold": hold, "patient": PATIENT})
    assert (answer.status, answer.body["code"]) == (409, "hold_expired")
