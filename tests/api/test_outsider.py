"""What an outside integrator found when he followed the contract (INTERFACE.md section 3)."""

import pytest

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
