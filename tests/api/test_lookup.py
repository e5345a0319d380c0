"""`GET /organizations/lookup`, warnings and history of partnerships (INTERFACE section 3)."""

import json

import pytest

from samtime.accounts.models import User
from samtime.connectors import outward
from samtime.partners.models import RegisterCheck
from tests.connectors.servers import hang, listening, reply
from tests.connectors.test_registers import UNIT
from tests.partners.conftest import invite

PATH = "organizations/lookup?country=NO&number="


@pytest.fixture
def at(settings):
    """`at(place)`: where the register is."""
    outward.breaker.forget()

    def set_place(place):
        settings.OUTWARD_ALLOW = {place}
        settings.BRREG_URL = f"http://{place}"

    return set_place


def test_a_company_as_the_register_tells_it(town, caller, at):
    """P9, P10: name, address, flags, when and where from."""
    with listening(lambda h: reply(h, 200, json.dumps(UNIT).encode())) as (place, asked):
        at(place)
        admin = caller(town.admin)
        answer = admin.get(f"{PATH}312%20319%20489")
        assert admin.get(f"{PATH}312319489").body == answer.body
    assert len(asked) == 1
    assert answer.status == 200
    assert (answer.body["name"], answer.body["source"]) == (UNIT["navn"], "brreg")
    assert answer.body["address"]["postal_code"] == "5003"
    assert answer.body["registered"]["vat"] is False
    assert answer.body["registered"]["trade_register"] is True
    assert answer.body["fetched_at"]


@pytest.mark.parametrize(
    ("status", "told", "code"),
    [
        (404, 404, "not_in_register"),
        (410, 404, "not_in_register"),
        (500, 503, "register_unavailable"),
    ],
)
def test_no_company_and_no_answer_are_two_things(town, caller, at, status, told, code):
    """P9: 404 for unknown, 503 for away."""
    with listening(lambda h: reply(h, status)) as (place, _asked):
        at(place)
        answer = caller(town.admin).get(f"{PATH}312319489")
    assert (answer.status, answer.body["code"]) == (told, code)


def test_a_register_that_hangs_costs_two_seconds(town, caller, at, monkeypatch):
    """P33: 503 in time, and the question is kept with its outcome."""
    from samtime.api.v1 import lookup
    from samtime.connectors.registers import look_up

    monkeypatch.setattr(lookup, "look_up", lambda c, n: look_up(c, n, seconds=0.2))
    with listening(hang) as (place, _asked):
        at(place)
        assert caller(town.admin).get(f"{PATH}312319489").status == 503
    assert RegisterCheck.objects.get().outcome == "slow"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("country=NO&number=12345678", "invalid"),
        ("country=NO&number=15108695088", "invalid"),
        ("country=IS&number=5402696009", "no_register"),
        ("country=XX&number=1", "no_register"),
    ],
)
def test_what_cannot_be_asked(town, caller, at, query, code):
    """P7, P9: 422 at the field `number`; nothing is asked."""
    answer = caller(town.admin).get(f"organizations/lookup?{query}")
    assert (answer.status, answer.body["code"]) == (422, code)
    assert not RegisterCheck.objects.exists()


def test_a_desk_may_not_ask(town, caller):
    """P36."""
    assert caller(town.desk).get(f"{PATH}312319489").status == 403


def test_history_and_warnings_of_a_partnership(town, caller):
    """P27, P29: who, when, old and new; a failing check digit is told, not refused."""
    made = invite(town, registration_number="312319480", tax_number="")
    admin = caller(town.admin)
    shown = admin.get(f"partnerships/{made.public_id}").body
    assert {w["code"] for w in shown["warnings"]} == {"check"}
    changed = admin.client.patch(
        f"/api/v1/partnerships/{made.public_id}",
        json.dumps({"patient_access": "search", "from": "2027-01-01"}),
        content_type="application/json",
    )
    assert changed.status_code == 200
    items = admin.get(f"partnerships/{made.public_id}/history").body["items"]
    newest = items[0]
    assert newest["user"] == str(User.objects.get(email="admin@aurora.example"))
    assert newest["from"] == "2027-01-01"
    change = {"field": "patient_access", "old": "none", "new": "search"}
    assert newest["changes"] == [change]
    assert caller(town.outsider).get(f"partnerships/{made.public_id}/history").status == 404


def test_a_change_keeps_what_is_planned(town, caller):
    """P29: 10 % now and 8 % later; a change of the place of payment touches neither."""
    made = invite(town, terms={"rate": "10"})
    admin = caller(town.admin)

    def patch(body):
        address = f"/api/v1/partnerships/{made.public_id}"
        answer = admin.client.patch(address, json.dumps(body), content_type="application/json")
        assert answer.status_code == 200

    patch({"commission": {"kind": "percentage", "rate": "8"}, "from": "2027-01-01"})
    patch({"payment_place": "partner"})
    rows = made.channel.terms.order_by("from_on")
    assert [(r.commission_rate, r.payment_place) for r in rows] == [
        (1000, "partner"),
        (800, "partner"),
    ]
