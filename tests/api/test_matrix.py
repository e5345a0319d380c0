"""The matrix over the API: reasons, differences, currencies."""

from tests.town import at


def cell(town, **more):
    """ECG at Centru on Hello's channel."""
    return {
        "channel": str(town.channel.public_id),
        "service": str(town.ecg.public_id),
        "location": str(town.centru.public_id),
        **more,
    }


def test_why_not_bookable_is_told_with_the_way_to_change_it(clock, town, caller):
    """P32, T7: a reason with code, sentence and link for the clinic; its own half for the agent."""
    address = f"channels/{town.channel.public_id}/why?offering={{}}&at=2026-06-02T10:00:00%2B03:00"
    answer = caller(town.admin).get(address.format(town.ecg_ana.public_id))
    assert answer.status == 200
    assert not answer.body["bookable"]
    [reason] = answer.body["reasons"]
    assert reason["code"] == "not_listed"
    assert reason["fix_url"].endswith("/o/aurora/traffic-channels/?location=aurora-centru&q=Ecg")
    own = caller(town.agent).get(address.format(town.ecg_ana.public_id)).body["reasons"]
    assert [(r["code"], r["fix_url"]) for r in own] == [("not_listed", None)]
    good = caller(town.agent).get(address.format(town.mri_ana.public_id)).body
    assert good == {"bookable": True, "reasons": []}


def test_why_is_not_there_for_strangers(clock, town, caller):
    """P7: another clinic's channel is not found; a time without offset is refused."""
    address = f"channels/{town.channel.public_id}/why?offering={town.mri_ana.public_id}&at="
    assert caller(town.outsider).get(f"{address}{at(1, 10):%Y-%m-%dT%H:%M:%SZ}").status == 404
    assert caller(town.admin).get(f"{address}2026-06-02T10:00:00").status == 422


def test_a_dry_run_answers_the_difference_only(clock, town, caller):
    """T5: what is the same already is left out; nothing is saved."""
    changes = [
        cell(town, open=True, price={"amount": "99.50", "currency": "RON"}),
        cell(town, service=str(town.mri.public_id), open=True),
    ]
    body = caller(town.admin).put("listings", {"changes": changes, "dry_run": True}).body
    [only] = body["changes"]
    assert only["index"] == 0
    assert only["open"] == {"before": False, "after": True}
    assert only["price"]["after"] == {"amount": "99.50", "currency": "RON"}
    again = caller(town.admin).put("listings", {"changes": changes, "dry_run": True}).body
    assert len(again["changes"]) == 1


def test_a_price_in_another_currency_is_refused(clock, town, caller):
    """T13, all or nothing: 10 euro are not 10 lei."""
    change = cell(town, open=True, price={"amount": "10.00", "currency": "EUR"})
    answer = caller(town.admin).put("listings", {"changes": [change]})
    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "changes.0.price"
    address = f"channels/{town.channel.public_id}/listings?location=aurora-centru"
    items = caller(town.admin).get(address).body["items"]
    assert not [i for i in items if i["service"] == str(town.ecg.public_id) and i["open"]]
