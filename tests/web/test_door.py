"""The door of signed-in pages: what it costs, and that what is taken away is gone at once."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.accounts.models import User
from samtime.organizations.models import Location, Membership
from samtime.organizations.queries.arrival import arrive
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/o/testklinikk/reports/statistics/"


@pytest.fixture
def member(person, clinic, join):
    return join(person, clinic, "admin")


def statements(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path)
    return answer.status_code, [s["sql"] for s in seen]


def test_the_door_and_the_frame_ask_five_statements(signed_in, member, centre, join, person):
    """P1 of SPEED: session, person, membership with the viewer; then where else, and the inbox."""
    few = statements(signed_in, PAGE)
    join(person, centre, "agent")
    many = statements(signed_in, PAGE)
    assert few[0] == 200
    assert [len(few[1])] == [len(many[1])]
    asked = " ".join(many[1])
    for table in ("django_session", "accounts_user WHERE id", "mfa_authenticator", "count(*)"):
        assert table in asked
    assert sum("organizations_membership" in sql for sql in many[1]) == 2
    assert sum("FROM accounts_user" in sql for sql in many[1]) == 1


def test_a_membership_that_ends_closes_the_page_at_once(signed_in, member):
    """P5: judged in the request's transaction."""
    assert signed_in.get(PAGE).status_code == 200
    Membership.objects.update(ended_at=timezone.now())
    assert signed_in.get(PAGE).status_code == 404


def test_a_last_day_is_the_organizations_own(signed_in, member, clinic):
    Location.objects.create(
        organization=clinic, slug="vest", name="Vest", time_zone="Pacific/Kiritimati"
    )
    there = timezone.now() + timedelta(hours=14)
    Membership.objects.update(ends_on=there.date())
    assert signed_in.get(PAGE).status_code == 200
    Membership.objects.update(ends_on=there.date() - timedelta(days=1))
    assert signed_in.get(PAGE).status_code == 404


def test_roles_taken_away_close_the_page_at_once(signed_in, member):
    Membership.objects.update(roles=["agent"])
    assert signed_in.get(PAGE).status_code == 404


@pytest.mark.parametrize("lost", ["session", "late", "password", "closed", "sign", "door"])
def test_who_is_no_longer_signed_in_is_sent_to_sign_in(signed_in, member, person, lost):
    """A session ended elsewhere, run out, or from before a new password; a closed account; a
    session without its sign or through a door that is no longer there."""
    assert signed_in.get(PAGE).status_code == 200
    if lost == "session":
        Session.objects.all().delete()
    elif lost == "late":
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    elif lost == "password":
        person.set_password("other test words")
        person.save()
    elif lost == "closed":
        User.objects.update(is_active=False)
    else:
        session = signed_in.session
        session["_auth_user_hash" if lost == "sign" else "_auth_user_backend"] = "x"
        session.save()
    answer = signed_in.get(PAGE)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_a_session_survives_a_change_of_the_secret_key(client, member, settings):
    """Django's fallback keys still open what the old key signed."""
    client.post("/sign-in/", {"login": "vera@prove.example", "password": PASSWORD})
    assert client.get(PAGE).status_code == 200
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-for-tests-only"
    assert client.get(PAGE).status_code == 200
    assert client.get(PAGE).status_code == 200


def test_a_second_factor_that_is_demanded_is_asked_for(signed_in, member, clinic):
    clinic.second_factor_required = True
    clinic.save()
    assert signed_in.get(PAGE)["Location"] == "/account/second-step/needed/"


def test_the_viewer_is_the_organization_of_the_address(person, member, clinic):
    """The walls stand where the door let him in, and nowhere for a stranger."""
    from samtime.foundation.errors import NotFound
    from samtime.foundation.tenancy import current_viewer

    with pytest.raises(NotFound):
        arrive(user=person, slug="elsewhere", language="en", request_id="")
    assert current_viewer() == 0
    arrive(user=person, slug=clinic.slug, language="en", request_id="")
    assert current_viewer() == clinic.id
