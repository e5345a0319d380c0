"""People, keys, places, journal and inbox over the JSON API."""

import uuid

import pytest
from django.test import Client

from samtime.foundation.tenancy import set_viewer
from samtime.inbox.commands import raise_item
from samtime.organizations.models import ApiKey, Location, Membership, UserInvitation
from tests.organizations.conftest import joined, mailed_secret

pytestmark = pytest.mark.django_db
NEW = {"email": "nora@prove.example", "name": "Nora Test", "roles": ["receptionist"]}


def test_a_user_from_the_invitation_to_the_end(town, caller):
    """P34, P33, P9: one id through the whole life."""
    admin = caller(town.admin)
    made = admin.post("users", {**NEW, "can_book_at_partner": True})
    assert (made.status, made.body["state"]) == (201, "invited")
    assert made.body["invitation"]["state"] == "queued"
    ident = made.body["id"]
    again = admin.post(f"users/{ident}/resend", {"email": "nora2@prove.example"})
    assert (again.status, again.body["email"]) == (200, "nora2@prove.example")
    joined(mailed_secret("nora2@prove.example"))
    place = str(town.nord.public_id)
    changed = admin.client.patch(
        f"/api/v1/users/{ident}",
        f'{{"roles": ["finance"], "locations": ["{place}"]}}',
        content_type="application/json",
    ).json()
    assert (changed["id"], changed["state"], changed["roles"]) == (ident, "active", ["finance"])
    assert (changed["locations"], changed["can_book_at_partner"]) == ([place], True)
    assert admin.post(f"users/{ident}/end").body["state"] == "ended"
    assert ident not in [u["id"] for u in admin.get("users").body["items"]]
    assert ident in [u["id"] for u in admin.get("users?ended=true").body["items"]]


def test_the_list_is_paged_and_costs_the_same(town, caller, django_assert_max_num_queries):
    """INTERFACE: limit, cursor, Link; P25: a hundred users cost as many queries as two."""
    manager = caller(town.manager)
    for n in range(3):
        manager.post("users", {"email": f"agent{n}@prove.example", "role": "agent"})
    manager.get("me")
    with django_assert_max_num_queries(9):
        first = manager.get("users?limit=2")
    assert 'rel="next"' in first.raw["Link"]
    rest = manager.get(f"users?limit=200&cursor={first.body['next']}").body
    seen = [u["email"] for u in first.body["items"] + rest["items"]]
    assert len(seen) == len(set(seen)) == 6
    assert rest["next"] is None
    assert all(u["can_book_at_partner"] for u in rest["items"] if u["email"].startswith("agent0"))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**NEW, "email": "x"}, 422, "invalid"),
        ({**NEW, "roles": ["agent"]}, 422, "invalid"),
        ({**NEW, "email": "desk@aurora.example"}, 409, "already_member"),
        ({"name": "No address"}, 422, "invalid"),
    ],
)
def test_refuses_an_invitation(town, caller, body, status, code):
    answer = caller(town.admin).post("users", body)
    assert (answer.status, answer.body["code"]) == (status, code)
    set_viewer(town.aurora.id)
    assert not UserInvitation.objects.exists()


def test_the_fourth_mail_in_an_hour_is_too_many(town, caller):
    """P19: 429 with Retry-After."""
    admin = caller(town.admin)
    ident = admin.post("users", NEW).body["id"]
    statuses = [admin.post(f"users/{ident}/resend").status for _n in range(3)]
    assert statuses == [200, 200, 429]
    assert admin.post(f"users/{ident}/resend").raw["Retry-After"] == "3600"


def test_rights_and_scopes_are_both_needed(town, caller):
    """INTERFACE: effective = scope and the user's right."""
    assert caller(town.desk).post("users", NEW).status == 403
    assert caller(town.admin, scopes=["users.read"]).post("users", NEW).status == 403
    assert caller(town.admin, scopes=["users.read"]).get("users").status == 200
    me = Membership.objects.get(user_id=town.desk.user_id)
    assert caller(town.fjord_admin).get(f"users/{me.public_id}").status == 404
    assert caller(town.admin).client.delete(f"/api/v1/users/{uuid.uuid4()}").status_code == 404
    set_viewer(town.aurora.id)
    assert not UserInvitation.objects.exists()


def test_a_key_is_shown_once_works_and_is_revoked(town, caller):
    """INTERFACE: POST /keys; P9."""
    admin = caller(town.admin)
    desk = str(Membership.objects.get(user_id=town.desk.user_id).public_id)
    made = admin.post("keys", {"name": "robot", "user": desk, "scopes": ["slots.read"]})
    assert made.status == 201
    robot = Client(headers={"Authorization": f"Bearer {made.body['key']}"})
    assert robot.get("/api/v1/me").json()["user"]["email"] == "desk@aurora.example"
    listed = admin.get("keys").body["items"]
    assert made.body["key"] not in str(listed)
    assert [k["name"] for k in listed if k["user"] == desk] == ["robot"]
    assert admin.delete(f"keys/{made.body['id']}").status_code == 204
    assert robot.get("/api/v1/me").status_code == 401
    assert caller(town.fjord_admin).delete(f"keys/{admin.key.public_id}").status_code == 404
    assert ApiKey.objects.get(id=admin.key.id).revoked_at is None


def test_ending_somebody_kills_his_keys(town, caller):
    """P9: the next request."""
    desk = caller(town.desk)
    assert desk.get("me").status == 200
    ident = Membership.objects.get(user_id=town.desk.user_id).public_id
    assert caller(town.admin).delete(f"users/{ident}").status_code == 204
    assert desk.get("me").status == 401


def test_a_place_from_its_making_to_its_end(town, caller):
    """INTERFACE: POST /locations; E of D: ending is refused while somebody works there."""
    admin = caller(town.admin)
    body = {
        "name": "Aurora Test Vest",
        "address": {"street": "Str. Probei 9", "postal_code": "010102", "city": "București"},
        "time_zone": "Europe/Bucharest",
        "phone": "+40 21 555 0103",
        "latitude": 44.4,
        "longitude": 26.0,
    }
    made = admin.post("locations", body)
    assert made.status == 201
    assert made.body["slug"] == "aurora-aurora-test-vest"
    assert made.body["address"]["country"] == town.aurora.country
    path = f"/api/v1/locations/{made.body['id']}"
    changed = admin.client.patch(
        path, '{"phone": "1", "address": {"city": "Cluj"}}', content_type="application/json"
    ).json()
    assert (changed["phone"], changed["address"]["city"]) == ("1", "Cluj")
    assert changed["address"]["street"] == "Str. Probei 9"
    assert admin.delete(f"locations/{town.nord.public_id}").status_code == 409
    assert admin.client.delete(path).status_code == 204
    assert made.body["id"] not in [x["id"] for x in admin.get("locations").body["items"]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"time_zone": "Mars/Base"},
        {"slug": "Not good"},
        {"slug": "fjord-vest"},
        {"latitude": 91.0, "longitude": 1.0},
        {"latitude": 1.0},
        {"address": {"country": "XX"}},
    ],
)
def test_refuses_a_wrong_place(town, caller, wrong):
    body = {"name": "Nou Test", "time_zone": "Europe/Bucharest", **wrong}
    before = Location.objects.count()
    assert caller(town.admin).post("locations", body).status == 422
    assert Location.objects.count() == before


def test_only_administrators_make_places(town, caller):
    """N7 too: a company that only invoices has none."""
    body = {"name": "Nou Test", "time_zone": "Europe/Bucharest"}
    assert caller(town.desk).post("locations", body).status == 403
    town.stranger.company_type = "invoicing_only"
    town.stranger.save()
    assert caller(town.outsider).post("locations", body).body["code"] == "invoicing_only"
    assert not Location.objects.filter(name="Nou Test").exists()


def test_a_practitioner_leaves_a_place_and_comes_back(town, caller):
    """N11, N12: the calendar closes at once; history stays; a return opens it again."""
    admin = caller(town.admin)
    mine = f"practitioner-roles?practitioner={town.dan.public_id}"
    role = admin.get(mine).body["items"][0]
    search = f"slots?from=2026-06-02&practitioner={town.dan.public_id}"
    assert admin.get(search).body["items"]
    assert admin.delete(f"practitioner-roles/{role['id']}").status_code == 204
    assert admin.get(mine).body["items"] == []
    assert admin.get(search).body["items"] == []
    back = admin.post(
        "practitioner-roles", {"practitioner": role["practitioner"], "location": role["location"]}
    )
    assert back.body["id"] == role["id"]
    assert admin.post("calendars", {"practitioner_role": role["id"]}).status == 201
    assert admin.get(search).body["items"]


def test_a_practitioner_is_changed_and_leaves(town, caller):
    admin = caller(town.admin)
    path = f"/api/v1/practitioners/{town.dan.public_id}"
    changed = admin.client.patch(path, '{"title": "Dr."}', content_type="application/json").json()
    assert (changed["title"], changed["family_name"]) == ("Dr.", "Popescu")
    assert caller(town.fjord_admin).client.delete(path).status_code == 404
    assert admin.client.delete(path).status_code == 204
    assert admin.client.delete(path).status_code == 404
    assert admin.get(f"slots?from=2026-06-02&practitioner={town.dan.public_id}").body["items"] == []


def test_a_calendar_s_grid(town, caller):
    admin = caller(town.admin)
    path = f"/api/v1/calendars/{town.dan_nord.public_id}"
    patch = {"content_type": "application/json"}
    assert admin.client.patch(path, '{"step_minutes": 30}', **patch).json()["step_minutes"] == 30
    assert admin.client.patch(path, '{"step_minutes": 7}', **patch).status_code == 422


def test_the_journal_of_one_object(town, caller):
    """INTERFACE: GET /journal?object=&from=; own organization, with the right."""
    admin = caller(town.admin)
    ident = admin.post("users", NEW).body["id"]
    admin.post(f"users/{ident}/end")
    found = admin.get(f"journal?object={ident}&from=2020-01-01").body["items"]
    assert [e["kind"] for e in found] == ["user.withdrawn", "user.invited"]
    me = Membership.objects.get(user_id=town.admin.user_id).public_id
    assert found[0]["user"] == str(me)
    assert "nora" not in str(found).lower()
    first = admin.get("journal?limit=1&kind=user").body
    second = admin.get(f"journal?limit=1&kind=user&cursor={first['next']}").body
    assert first["items"][0]["id"] != second["items"][0]["id"]
    assert caller(town.desk).get("journal").status == 403
    assert caller(town.fjord_admin).get(f"journal?object={ident}").body["items"] == []


def test_an_inbox_item_gets_an_owner_and_is_done(town, caller):
    """INTERFACE: POST /inbox/{id}/assign, /resolve."""
    set_viewer(town.aurora.id)
    item = raise_item(town.admin, kind="test", object_kind="test", object_id=uuid.uuid4(), facts={})
    admin = caller(town.admin)
    desk = str(Membership.objects.get(user_id=town.desk.user_id).public_id)
    path = f"inbox/{item.public_id}"
    assert caller(town.fjord_admin).post(f"{path}/assign").status == 404
    assert admin.post(f"{path}/assign", {"user": desk}).body["owner"] == desk
    assert admin.post(f"{path}/assign").body["owner"] != desk
    assert admin.post(f"{path}/resolve").body["resolved_at"]
    assert admin.post(f"{path}/resolve").status == 404
    assert admin.get("inbox").body["items"] == []
