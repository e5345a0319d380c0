"""What an outside integrator found when he followed the contract (INTERFACE.md section 3)."""

import pytest

from samtime.foundation.tenancy import set_viewer
from samtime.partners.models import Partnership
from tests.town import at, person


@pytest.mark.parametrize("path", ["services", "offerings", "channels"])
def test_every_list_is_paged(caller, town, path):
    """INTERFACE: limit, cursor, Link; the pages together are the whole, in order, none twice."""
    desk, cursor, seen = caller(town.admin), "", []
    whole = [item["id"] for item in desk.get(path).body["items"]]
    assert len(whole) > 1
    while cursor is not None:
        page = desk.get(f"{path}?limit=1&cursor={cursor}")
        seen += [item["id"] for item in page.body["items"]]
        assert len(page.body["items"]) == 1
        assert ('rel="next"' in page.raw.get("Link", "")) == (page.body["next"] is not None)
        cursor = page.body["next"]
    assert seen == whole
    assert desk.get(f"{path}?cursor=zzz").status == 422
    assert desk.get(f"{path}?limit=201").status == 422


def test_a_provider_is_named_by_id_or_slug(caller, town):
    """D7: filters accept slugs of organizations and locations."""
    agent = caller(town.agent)
    by_slug = agent.get("slots?provider=aurora&from=2026-06-02&days=1").body["items"]
    by_id = agent.get(f"slots?provider={town.aurora.public_id}&from=2026-06-02&days=1")
    assert by_slug == by_id.body["items"] != []
    assert agent.get("slots?provider=fjord&from=2026-06-02&days=1").body["items"] == []


def test_a_state_that_does_not_exist_is_said(caller, town):
    """422 at its field: an empty list would look like an answer."""
    refused = caller(town.desk).get("bookings?state=lost")
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "state")


def test_who_booked_is_found_among_the_users(caller, town):
    """The same id in /me, in a booking's source and beside a user."""
    agent, manager = caller(town.agent), caller(town.manager)
    given = person()
    patient = {
        "given_name": given.given_name,
        "family_name": given.family_name,
        "birth_date": given.birth_date.isoformat(),
        "phone": given.phone,
    }
    wish = {"offering": str(town.mri_ana.public_id), "start": at(1, 9).isoformat()}
    made = agent.post("bookings", {**wish, "patient": patient}).body
    assert made["source"]["user"] == agent.get("me").body["user"]["id"]
    users = {u["user"]: u["email"] for u in manager.get("users").body["items"]}
    assert users[made["source"]["user"]] == "agent@hello.example"


def test_the_partner_reads_its_own_partnerships(caller, town):
    """INTERFACE: GET /partnerships on both sides; the inviter's card and his mail stay his, a
    stranger finds nothing, and the partner changes nothing here."""
    set_viewer(town.aurora.id)
    made = Partnership.objects.create(
        provider=town.aurora,
        partner=town.hello,
        channel=town.channel,
        state="active",
        company_name="Hello Calls SRL",
        registration_number="J40/1234/2010",
        country="RO",
        representative_name="Test",
        representative_email="contact@hello.example",
    )
    path = f"partnerships/{made.public_id}"
    (theirs,) = caller(town.manager).get("partnerships").body["items"]
    (own,) = caller(town.admin).get("partnerships").body["items"]
    assert theirs["provider"]["name"] == own["provider"]["name"] == town.aurora.name
    assert theirs["commission"] == own["commission"]
    assert (own["representative"]["email"], theirs["representative"]) == (
        "contact@hello.example",
        None,
    )
    assert caller(town.manager).get(path).body == theirs
    assert caller(town.outsider).get(path).status == 404
    assert caller(town.manager).post(f"{path}/end", {"future_bookings": "honour"}).status in (
        403,
        404,
    )
    set_viewer(town.aurora.id)
    assert Partnership.objects.get().state == "active"


def test_own_services_and_offerings_have_their_price(caller, town):
    """INTERFACE: what POST takes GET gives; another's base price is not ours to read."""
    admin = caller(town.admin)
    prices = {s["code"]: s["price"] for s in admin.get("services").body["items"]}
    assert prices["mri"]["currency"] == "RON"
    assert all("price" in o for o in admin.get("offerings").body["items"])


def test_a_hold_and_its_alternatives_have_the_offset_of_the_place(caller, town):
    """D24: every time of a visit is told in the location's zone, as slots are."""
    wish = {"offering": str(town.mri_ana.public_id), "start": at(1, 9).isoformat()}
    held = caller(town.agent).post("holds", wish)
    assert held.status == 201
    assert {held.body[name][-6:] for name in ("start", "end", "expires_at")} == {"+03:00"}
    lost = caller(town.admin).post("holds", wish).body["alternatives"]
    assert {one["start"][-6:] for one in lost} == {"+03:00"}


def test_a_wrong_method_is_a_problem_too(caller, town):
    """RFC 9457 and 9110: 405 says which methods the address takes."""
    answer = caller(town.admin).put("me", {})
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")
    assert answer.raw["Content-Type"] == "application/problem+json"
    assert "GET" in answer.raw["Allow"]
