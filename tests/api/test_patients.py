"""Patients and a calendar's day over the JSON API, on both sides of the agreement."""

import json
import uuid
from datetime import date

import pytest

from samtime.channels.models import ChannelTerms
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import AccessLogEntry
from samtime.patients.commands import add_patient
from samtime.patients.models import Patient
from tests.town import TODAY, at, book, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
GIVEN = {"name": "vest", "birth_date": "1961-03-14"}


@pytest.fixture
def known(town):
    set_viewer(town.aurora.id)
    given = person("Astrid-Test", "Vestprøve", birth_date=date(1961, 3, 14))
    made = add_patient(actor=town.desk, person=given, today=TODAY)
    set_viewer(0)
    return made


def level(town, access):
    with viewing_as(town.aurora.id):
        ChannelTerms.objects.update(patient_access=access)


def test_a_partner_finds_masked_and_books_the_hit(town, known, caller):
    """P18, P19, B10: one open channel is implied; the hit's id books."""
    level(town, "search")
    agent = caller(town.agent)
    found = agent.post("patients/search", GIVEN)
    (hit,) = found.body["items"]
    assert (hit["name"], hit["birth_date"]) == ("Astrid-Test Vest•••••", "1961-03-14")
    assert "email" not in hit
    same = agent.get(f"patients?name=vest&birth_date=1961-03-14&provider={town.aurora.public_id}")
    assert [h["id"] for h in same.body["items"]] == [hit["id"]]
    made = agent.post(
        "bookings",
        {
            "offering": str(town.mri_ana.public_id),
            "start": at(0, 9).isoformat(),
            "patient_id": hit["id"],
        },
    )
    assert made.status == 201
    assert made.body["patient"]["phone"] == ""


def patched(who, path, body, version=None):
    headers = {"If-Match": str(version)} if version else {}
    answer = who.client.patch(
        f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers
    )
    return who._shaped(answer)


def test_one_client_is_read_and_corrected_with_its_version(town, known, caller):
    """INTERFACE 3: GET and PATCH; the version guards, a merged or foreign one is 404."""
    desk = caller(town.desk)
    path = f"patients/{known.public_id}"
    read = desk.get(path).body
    assert (read["family_name"], read["version"], read["identifiers"]) == ("Vestprøve", 1, [])
    change = {"phone": "+40 721 555 002", "address": {"street": "Strada 1", "protected": True}}
    assert patched(desk, path, change).status == 422
    made = patched(desk, path, change, version=1)
    assert (made.status, made.body["phone"], made.body["version"]) == (200, "+40 721 555 002", 2)
    assert made.body["address"] is None
    assert patched(desk, path, {"phone": "+40 721 1"}, version=1).status == 412
    assert caller(town.outsider).get(path).status == 404
    assert caller(town.agent).get(path).status == 403
    with viewing_as(town.aurora.id):
        row = Patient.objects.get(id=known.id)
        assert (row.given_name, row.street) == ("Astrid-Test", "Strada 1")
        assert AccessLogEntry.objects.filter(action="changed", patient_ids=[row.id]).exists()


@pytest.mark.parametrize("access", ["none", "confirm"])
def test_a_partner_without_search_gets_403_either_way(town, known, caller, access):
    """P10, P20, D21: the same problem for a known and an unknown person, and nothing is logged."""
    level(town, access)
    agent = caller(town.agent)
    answers = [agent.post("patients/search", {**GIVEN, "name": name}) for name in ("vest", "ingen")]
    assert {(a.status, a.body["code"]) for a in answers} == {(403, "right_missing")}
    assert answers[0].body == answers[1].body
    bookings = [
        agent.post(
            "bookings",
            {
                "offering": str(town.mri_ana.public_id),
                "start": at(0, 9).isoformat(),
                "patient_id": ident,
            },
        )
        for ident in (str(known.public_id), str(uuid.uuid4()))
    ]
    assert bookings[0].status == bookings[1].status == 403
    assert bookings[0].body == bookings[1].body
    with viewing_as(town.aurora.id):
        assert not AccessLogEntry.objects.filter(action="searched").exists()


def test_one_criterion_is_422_and_strangers_get_404(town, known, caller):
    """P11, P7."""
    level(town, "search")
    refused = caller(town.agent).post("patients/search", {"name": "vestprøve"})
    assert (refused.status, refused.body["code"]) == (422, "too_little_given")
    stranger = caller(town.outsider)
    assert stranger.get(f"patients/{known.public_id}/access-log").status == 404
    asked = stranger.post("patients/search", {**GIVEN, "provider": str(town.aurora.public_id)})
    assert asked.status == 403


def test_the_own_desk_searches_adds_and_reads_the_log(town, known, caller):
    """P12: whoever asked stands in the log, the partner by its organization."""
    level(town, "search")
    caller(town.agent).post("patients/search", GIVEN)
    desk = caller(town.desk)
    (mine,) = desk.get("patients?name=vestprøve").body["items"]
    assert (mine["family_name"], mine["id"]) == ("Vestprøve", str(known.public_id))
    log = desk.get(f"patients/{known.public_id}/access-log").body["items"]
    assert {"Hello Calls SRL", "Clinica Aurora SRL"} == {e["organization"] for e in log}
    partner = next(e for e in log if not e["own"])
    assert (partner["action"], partner["user"], partner["hits"]) == ("searched", "", 1)
    added = desk.post("patients", {"given_name": "Testine", "family_name": "Ny"})
    assert added.status == 201
    with viewing_as(town.aurora.id):
        assert Patient.objects.filter(public_id=added.body["id"]).exists()
    assert (
        caller(town.agent).post("patients", {"given_name": "A", "family_name": "B"}).status == 403
    )


def test_a_calendars_day_is_full_inside_and_merged_outside(town, caller):
    """D27, B6, invariant 5: the partner sees free starts, taken runs and its own."""
    book(town.desk, town.mri_ana, at(0, 9), person("Geheim", "Hemmelig"))
    book(town.agent, town.mri_ana, at(0, 11))
    set_viewer(0)
    path = f"calendars/{town.ana_centru.public_id}/day?date=2026-06-01"
    inside = caller(town.desk).get(path).body
    assert "Geheim Hemmelig" in {b["patient"] for b in inside["blocks"]}
    outside = caller(town.agent).get(path)
    assert "Hemmelig" not in str(outside.body)
    assert [b["patient"] for b in outside.body["own"]] == ["Testine Prøvesen"]
    assert {"start": "2026-06-01T08:45:00+03:00", "end": "2026-06-01T09:45:00+03:00"} in (
        outside.body["taken"]
    )
    assert outside.body["free"][0]["offering"] == str(town.mri_ana.public_id)
    with viewing_as(town.aurora.id):
        read = AccessLogEntry.objects.filter(action="listed", purpose="api")
        assert set(read.values_list("organization_id", "channel_id")) == {
            (town.aurora.id, None),
            (town.hello.id, town.channel.id),
        }
    assert caller(town.outsider).get(path).status == 404
    assert caller(town.agent).get(f"calendars/{uuid.uuid4()}/day?date=2026-06-01").status == 404
