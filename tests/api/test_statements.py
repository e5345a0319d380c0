"""Settlement through the API: one shape for both sides (INTERFACE section 3, R8)."""

import pytest
from django.utils import timezone

from samtime.billing.models import SettlementStatement
from samtime.foundation.tenancy import set_viewer
from tests.api.conftest import Caller
from tests.billing.conftest import AUGUST_BEGAN, billed, july

__all__ = ["billed", "july"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def sides(billed, july):
    """The institution's and the partner's manager's keys, and the address of June."""
    query = f"statements?channel={billed.channel.public_id}&period=2026-06"
    return Caller(billed.admin), Caller(billed.manager), query


def test_a_month_from_open_to_corrected(billed, sides, monkeypatch):
    """R8, R9, D10: both read one total; a disputed line is corrected in July."""
    own, other, query = sides
    (june,) = own.get(query).body["items"]
    assert (june["state"], june["period"]) == ("open", "2026-06")
    assert june["total"] == {"amount": "191.25", "currency": "RON"}
    assert other.get(query).body["items"][0]["id"] == june["id"]
    sent = own.post(f"statements/{june['id']}/send")
    assert (sent.status, sent.body["state"]) == (200, "sent")
    seen = other.get(f"statements/{june['id']}").body
    assert seen["total"] == june["total"]
    assert seen["lines"] == sent.body["lines"]
    line = next(x for x in seen["lines"] if x["state"] == "noshow")
    assert line["commission"]["amount"] == "0.00"
    wish = {
        "reason": "wrong_outcome",
        "wanted": {"amount": "56.25", "currency": "RON"},
        "text": "She was seen.",
    }
    disputed = other.post(f"statements/{june['id']}/lines/{line['id']}/dispute", wish)
    assert (disputed.status, disputed.body["state"]) == (200, "disputed")
    assert [x["disputed"] for x in disputed.body["lines"] if x["id"] == line["id"]] == [True]
    refused = own.post(f"statements/{june['id']}/close")
    assert (refused.status, refused.body["code"]) == (409, "disputes_open")
    ident = disputed.body["disputes"][0]["id"]
    assert other.post(f"statements/disputes/{ident}/accept").status == 403
    answered = own.post(f"statements/disputes/{ident}/accept")
    assert answered.body["state"] == "corrected"
    assert own.post(f"statements/{june['id']}/close").body["state"] == "closed"
    monkeypatch.setattr(timezone, "now", lambda: AUGUST_BEGAN)
    july = own.get(query.replace("2026-06", "2026-07")).body["items"][0]
    computed = own.post(f"statements/{july['id']}/compute").body
    assert [(x["kind"], x["commission"]["amount"]) for x in computed["lines"]] == [
        ("correction", "56.25")
    ]
    assert computed["total"]["amount"] == "56.25"


def test_the_same_key_sends_once(billed, sides):
    """D22: repeated with its key, one letter; with another key it is refused."""
    own, _other, query = sides
    ident = own.get(query).body["items"][0]["id"]
    first = own.post(f"statements/{ident}/send", key="k1")
    assert own.post(f"statements/{ident}/send", key="k1").body == first.body
    again = own.post(f"statements/{ident}/send", key="k2")
    assert (again.status, again.body["code"]) == (409, "statement_frozen")


def test_a_reason_alone_is_enough_for_a_dispute(billed, sides):
    own, other, query = sides
    ident = own.get(query).body["items"][0]["id"]
    lines = own.post(f"statements/{ident}/send").body["lines"]
    line = next(x for x in lines if x["state"] == "noshow")
    address = f"statements/{ident}/lines/{line['id']}/dispute"
    body = other.post(address, {"reason": "She came."}).body
    assert body["disputes"][0]["wanted"]["amount"] == "56.25"


def test_strangers_and_wrong_months(billed, sides):
    """P7: foreign statements are not there; a month that is none is named."""
    own, _other, query = sides
    ident = own.get(query).body["items"][0]["id"]
    stranger = Caller(billed.outsider)
    assert stranger.get(f"statements/{ident}").status == 404
    assert stranger.post(f"statements/{ident}/send").status == 404
    assert stranger.get(query).status == 404
    assert Caller(billed.agent).get(query).status == 403
    wrong = own.get(query.replace("2026-06", "June"))
    assert (wrong.status, wrong.body["errors"][0]["field"]) == (422, "period")
    set_viewer(billed.aurora.id)
    assert not SettlementStatement.objects.exists()
