"""Catalog and hours through the API: from nothing to a time that can be booked."""

import json
from datetime import date

import pytest

from samtime.catalog import queries
from samtime.catalog.models import Service
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.models import InboxItem
from tests.town import TODAY, at, book


@pytest.fixture
def admin(town, caller):
    return caller(town.admin)


def patch(who, path, body):
    """PATCH with the caller's key."""
    answer = who.client.patch(f"/api/v1/{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


SERVICE = {
    "code": "echo",
    "name": "Test echo",
    "duration_minutes": 30,
    "price": {"amount": "250.50", "currency": "RON"},
    "preparation": "Test",
}


def made(answer):
    """The new thing's id."""
    assert answer.status == 201, answer.body
    return answer.body["id"]


def test_a_clinic_builds_a_calendar_and_it_can_be_booked(town, admin):
    """INTERFACE 3: services, practitioners, roles, calendars, offerings, availability."""
    service = made(admin.post("services", SERVICE))
    person = made(admin.post("practitioners", {"given_name": "Test-Éva", "family_name": "Próba"}))
    role = made(
        admin.post(
            "practitioner-roles", {"practitioner": person, "location": str(town.centru.public_id)}
        )
    )
    calendar = made(admin.post("calendars", {"practitioner_role": role}))
    made(admin.post("offerings", {"service": service, "calendar": calendar}))
    assert admin.get(f"slots?service={service}&from={TODAY}&days=7").body["items"] == []
    rule = {"kind": "rule", "calendar": calendar, "weekday": 2, "start": "09:00", "end": "10:00"}
    ident = made(admin.post("availability", {**rule, "valid_from": str(TODAY)}))
    found = admin.get(f"slots?service={service}&from={TODAY}&days=7").body["items"]
    assert [slot["start"][:16] for slot in found] == [
        "2026-06-02T09:00",
        "2026-06-02T09:15",
        "2026-06-02T09:30",
    ]
    assert found[0]["price"] == {"amount": "250.50", "currency": "RON"}
    closed = {"kind": "exception", "calendar": calendar, "date": "2026-06-02", "closed": True}
    day = made(admin.post("availability", closed))
    assert admin.get(f"slots?service={service}&from={TODAY}&days=7").body["items"] == []
    assert admin.delete(f"availability/{day}").status_code == 204
    assert patch(admin, f"availability/{ident}", {"end": "09:30"})[0] == 200
    assert len(admin.get(f"slots?service={service}&from={TODAY}&days=7").body["items"]) == 1
    kinds = [i["kind"] for i in admin.get(f"availability?calendar={calendar}").body["items"]]
    assert kinds == ["rule"]
    assert service in [s["id"] for s in admin.get("services").body["items"]]


def test_whoever_loses_a_place_by_a_program_waits_in_the_inbox(town, admin):
    """DOMAIN invariant 9: a day closed through the API leaves no booking silently outside; opened
    again, nothing waits."""
    with viewing_as(town.aurora.id):
        booked = book(town.agent, town.mri_ana, at(1, 9))
        calendar = str(booked.calendar.public_id)
    closed = {"kind": "exception", "calendar": calendar, "date": "2026-06-02", "closed": True}
    day = made(admin.post("availability", closed))
    waiting = InboxItem.objects.filter(kind="booking_stranded", resolved_at=None)
    with viewing_as(town.aurora.id):
        assert waiting.get().object_id == booked.public_id
    assert admin.delete(f"availability/{day}").status_code == 204
    with viewing_as(town.aurora.id):
        assert not waiting.exists()


def test_a_service_changes_from_a_day_and_ends(town, admin):
    """D9: price and duration are dated; DELETE ends, it does not delete."""
    path = f"services/{town.mri.public_id}"
    body = {"price": {"amount": "500.00", "currency": "RON"}, "from": "2026-07-01"}
    status, found = patch(admin, path, {**body, "duration_minutes": 45})
    assert (status, found["duration_minutes"]) == (200, 30)
    assert queries.length_on(Service.objects.get(id=town.mri.id), date(2026, 7, 1)).duration == 45
    assert found["price"] == {"amount": "450.00", "currency": "RON"}
    assert admin.delete(path).status_code == 204
    assert admin.get(path).body["ended_on"] == str(TODAY)


def test_an_offering_has_its_own_price_and_duration(town, admin):
    """Null follows the service again."""
    path = f"offerings/{town.mri_ana.public_id}"
    body = {"price": {"amount": "999.00", "currency": "RON"}, "duration_minutes": 60}
    status, found = patch(admin, path, body)
    assert (status, found["duration_minutes"], found["price"]["amount"]) == (200, 60, "999.00")
    assert patch(admin, path, {"duration_minutes": None})[1]["duration_minutes"] == 30


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("services", {"code": "x", "name": "Test", "duration_minutes": 7}, 422, "duration_minutes"),
        ("services", {**SERVICE, "code": "MRI"}, 409, "code"),
        ("services", {**SERVICE, "code": "mri"}, 409, "code"),
        ("practitioners", {"given_name": "", "family_name": "Test"}, 422, "given_name"),
        ("availability", {"kind": "rule"}, 422, "calendar"),
    ],
)
def test_refusals_name_the_field(town, admin, path, body, status, field):
    """RFC 9457 with the field."""
    answer = admin.post(path, body)
    assert answer.status == status
    assert any(e["field"].endswith(field) for e in answer.body["errors"])


def test_strangers_find_nothing_and_agents_may_not(town, caller):
    """404 for foreign ids, 403 without the right."""
    stranger, agent = caller(town.outsider), caller(town.agent)
    for path in (f"services/{town.mri.public_id}", f"offerings/{town.mri_ana.public_id}"):
        assert patch(stranger, path, {"duration_minutes": 60})[0] == 404
        assert stranger.delete(path).status_code == 404
    foreign = {"service": str(town.mri.public_id), "calendar": str(town.ana_centru.public_id)}
    assert stranger.post("offerings", foreign).status == 404
    assert agent.post("services", SERVICE).status == 403
    rule = {"kind": "rule", "weekday": 1, "start": "18:00", "end": "19:00"}
    body = {**rule, "calendar": str(town.ana_centru.public_id)}
    assert stranger.post("availability", body).status == 404
    assert agent.post("availability", body).status == 403
