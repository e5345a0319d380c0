"""Settings > Keys for programs, for every desk (INTERFACE 3: shown once, stored hashed)."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.accounts.models import User
from samtime.api.v1 import api
from samtime.journal.models import IdempotencyKey, JournalEntry
from samtime.organizations.commands.keys import SCOPES
from samtime.organizations.models import ApiKey, Membership
from samtime.web.provider.keys import THINGS
from tests.api.conftest import Caller
from tests.town import member
from tests.web.provider.test_users import ident
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
BASE = "/o/aurora/keys/"


@pytest.fixture
def admin(town):
    """Aurora's administrator in a browser."""
    return visitor(town.admin)


def wish(actor, **more):
    """The form as filled in."""
    return {
        "name": "Telefonsentral Test",
        "member": str(ident(actor)),
        "limit": "some",
        "scopes": ["slots.read"],
        **more,
    }


def secret_in(page):
    """The secret that an answer shows."""
    return re.search(r"st_[\w-]{40,}", page)[0]


def test_a_key_is_shown_once_works_and_ends_when_revoked(town, admin):
    """P9: the secret opens what was ticked, stands nowhere afterwards, is dead when revoked."""
    page = texts(admin.post(f"{BASE}?new", wish(town.desk)))
    secret = secret_in(page)
    key = ApiKey.objects.get()
    assert (key.membership.user_id, key.scopes) == (town.desk.user_id, ["slots.read"])
    listed = texts(admin.get(BASE))
    assert secret not in listed
    assert "Telefonsentral Test" in listed
    assert "Free times" in listed

    call = Caller(town.desk).client
    call.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    assert call.get("/api/v1/slots").status_code == 200
    assert call.get("/api/v1/bookings").status_code == 403
    key.refresh_from_db()
    assert key.last_used_on is not None
    asked = texts(admin.get(f"{BASE}{key.public_id}/revoke/"))
    assert "The next call with it is refused." in asked
    assert call.get("/api/v1/slots").status_code == 200
    assert "is dead" in texts(admin.post(f"{BASE}{key.public_id}/revoke/", follow=True))
    assert call.get("/api/v1/slots").status_code == 401
    assert "Telefonsentral Test" not in texts(admin.get(BASE))
    assert "Telefonsentral Test" in texts(admin.get(f"{BASE}?state=all"))


def test_the_secret_is_kept_nowhere(town, admin):
    """Neither the row, nor the repeatable answer, nor the journal, nor the session holds it."""
    first = texts(admin.get(f"{BASE}?new"))
    once = re.search(r'name="once" value="(\w+)"', first)[1]
    secret = secret_in(texts(admin.post(f"{BASE}?new", wish(town.desk, once=once))))
    kept = [
        *ApiKey.objects.values_list("hash", "hint"),
        *IdempotencyKey.objects.values_list("answer"),
    ]
    kept += [*JournalEntry.objects.values_list("data"), str(dict(admin.session))]
    assert secret not in str(kept)


def test_the_form_sent_twice_makes_one_key(town, admin):
    """The second answer cannot show the secret again; it says what to do."""
    once = re.search(r'name="once" value="(\w+)"', texts(admin.get(f"{BASE}?new")))[1]
    given = wish(town.desk, once=once)
    assert admin.post(f"{BASE}?new", given).status_code == 200
    again = admin.post(f"{BASE}?new", given)
    assert again.status_code == 409
    assert "This form was sent twice." in texts(again)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Give the key a name"),
        ({"name": "x" * 101}, "Give the key a name"),
        ({"scopes": []}, "Choose at least one scope"),
        ({"scopes": ["slots.read", "moon.read"]}, "There is no scope «moon.read»"),
        ({"limit": "all"}, "Boxes are ticked below"),
        ({"member": "nobody"}, "Choose a person."),
        ({"member": "6d3e2f0a-8a5c-4d8a-9a54-111111111111"}, "This person has no access any more"),
        ({"expires_at": "soon"}, "Write the day"),
        ({"expires_at": "2001-01-01"}, "The end lies in the past."),
    ],
)
def test_a_refused_form_keeps_what_was_typed(town, admin, change, sentence):
    """SCREENS 2.8: the fault in words at its field; no key is made."""
    answer = admin.post(f"{BASE}?new", wish(town.desk, **change))
    page = texts(answer)
    assert 400 <= answer.status_code < 500
    assert sentence in page
    assert 'class="st-error"' in page
    if "name" not in change:
        assert 'value="Telefonsentral Test"' in page
    if change.get("scopes") is None:
        assert 'value="slots.read" checked' in page
    assert not ApiKey.objects.exists()


def test_nobody_makes_a_key_that_opens_more_than_he_may(town):
    """A manager of agreements cannot take an administrator's key."""
    boss = member(town.aurora, "boss@aurora.example", "partner_manager")
    answer = visitor(boss).post(f"{BASE}?new", wish(town.admin))
    assert answer.status_code == 403
    assert "This person may more than you" in texts(answer)
    assert not ApiKey.objects.exists()


def test_a_stranger_and_a_receptionist_get_404(town, admin):
    admin.post(f"{BASE}?new", wish(town.desk))
    key = ApiKey.objects.get()
    for who, slug in (
        (town.outsider, "aurora"),
        (town.desk, "aurora"),
        (town.outsider, "stranger"),
    ):
        address = f"/o/{slug}/keys/{key.public_id}/revoke/"
        assert visitor(who).get(address).status_code == 404
        assert visitor(who).post(address).status_code == 404
    assert visitor(town.desk).get(BASE).status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


def test_each_state_has_its_word(town, admin):
    """A key whose day is over, and one whose person has no access, do not look alive."""
    for name in ("Alfa Test", "Beta Test", "Gamma Test"):
        admin.post(f"{BASE}?new", wish(town.desk, name=name))
    alfa, beta, _gamma = ApiKey.objects.order_by("id")
    ApiKey.objects.filter(id=alfa.id).update(expires_at=timezone.now() - timedelta(minutes=1))
    other = member(town.aurora, "gone@aurora.example", "receptionist")
    Membership.objects.filter(user_id=other.user_id).update(
        ends_on=timezone.now().date() - timedelta(days=3)
    )
    gone = Membership.objects.get(user_id=other.user_id)
    ApiKey.objects.filter(id=beta.id).update(membership=gone)
    rows = re.findall(r"<tr data-row>.*?</tr>", texts(admin.get(BASE)), re.S)
    assert [re.search(r"(Expired|Access ended|Works)", row)[1] for row in rows] == [
        "Expired",
        "Access ended",
        "Works",
    ]


def test_every_scope_that_a_call_asks_for_has_its_box(town, admin):
    """INTERFACE 3: what can be asked for can be ticked, and nothing else."""
    folder = Path(api.__file__).parent
    source = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    asked = set(re.findall(r'"([a-z]+\.(?:read|write))"', source)) & set(SCOPES)
    page = texts(admin.get(f"{BASE}?new"))
    assert set(re.findall(r'name="scopes" value="([\w.]+)"', page)) == asked
    assert {f"{thing}.{act}" for thing, (_word, acts) in THINGS.items() for act in acts} == asked


def test_everybody_who_makes_keys_finds_the_page(town):
    """SCREENS 3: the menu's entry leads there, also where the organization is no provider."""
    page = texts(visitor(town.manager).get("/o/hello/keys/"))
    assert 'href="/o/hello/keys/"' in page
    assert "Keys for programs" in page
    sheet = texts(visitor(town.manager).get(f"/o/hello/partner/users/{ident(town.agent)}/"))
    address = re.search(r'href="(/o/hello/keys/\?new[^"]+)"', sheet)[1].replace("&amp;", "&")
    form = texts(visitor(town.manager).get(address))
    assert f'<option value="{ident(town.agent)}" selected>' in form


def test_the_list_costs_the_same_for_many(town, admin):
    """Constant queries."""
    admin.post(f"{BASE}?new", wish(town.desk))
    admin.get(BASE)
    with CaptureQueriesContext(connection) as few:
        admin.get(BASE)
    for number in range(12):
        user = member(town.aurora, f"key{number}@aurora.example", "receptionist")
        admin.post(f"{BASE}?new", wish(user, name=f"Nøkkel Test {number}"))
    with CaptureQueriesContext(connection) as many:
        page = texts(admin.get(BASE))
    assert len(many) == len(few)
    assert "Nøkkel Test 11" in page
    assert User.objects.filter(email="key11@aurora.example").exists()
