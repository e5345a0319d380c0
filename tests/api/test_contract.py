"""The document, the partner's calls, and the matrix."""

import json

import pytest
from django.test import Client
from openapi_spec_validator import validate

from tests.town import at

pytestmark = pytest.mark.django_db


def test_the_openapi_document_is_valid():
    """INTERFACE section 3."""
    document = json.loads(Client().get("/api/v1/openapi.json").content)
    assert document["openapi"].startswith("3.1")
    validate(document)
    assert "/api/v1/bookings" in document["paths"]


def test_me_says_who_and_where(town, caller):
    body = caller(town.desk).get("me").body
    assert body["organization"]["slug"] == "aurora"
    assert {place["slug"] for place in body["locations"]} == {"aurora-centru", "aurora-nord"}


def test_ticks_are_all_or_nothing_and_count_at_once(town, caller):
    """T5, T6, P9: unticked, the next search finds nothing."""
    admin, agent = caller(town.admin), caller(town.agent)
    cell = {
        "channel": str(town.channel.public_id),
        "service": str(town.ecg.public_id),
        "location": str(town.centru.public_id),
    }
    answer = admin.put("listings", {"changes": [{**cell, "open": True, "from": "2026-06-01"}]})
    assert answer.status == 200
    assert answer.body["changes"][0]["changed"]
    search = f"slots?from=2026-06-01&service={town.ecg.public_id}"
    assert agent.get(search).body["items"]
    bad = admin.put(
        "listings",
        {
            "changes": [
                {**cell, "open": False, "from": "2026-06-01"},
                {**cell, "service": cell["channel"], "open": True},
            ]
        },
    )
    assert bad.status == 422
    assert agent.get(search).body["items"]


def test_an_agent_may_not_tick(town, caller):
    cell = {"channel": str(town.channel.public_id), "offering": str(town.ecg_ana.public_id)}
    answer = caller(town.agent).put("listings", {"changes": [{**cell, "open": True}]})
    assert (answer.status, answer.body["code"]) == (403, "right_missing")


def test_statistics_are_the_same_on_both_sides(town, caller):
    """R1, R8: provider and partner read one figure."""
    from tests.town import book

    book(town.agent, town.mri_ana, at(0, 9))
    query = "statistics/bookings?from=2026-06-01&to=2026-06-30&group_by=source"
    own = caller(town.admin).get(query).body["items"]
    other = caller(town.manager).get(query).body["items"]
    assert [line for line in own if line["label"] == "Hello Calls SRL"] == other


def test_unknown_addresses_are_problems(town, caller):
    answer = caller(town.agent).get("nothing")
    assert answer.status == 404
