"""Those who have access: changed, ended at once (P9, P33), seen once a day."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.foundation.errors import Invalid, NotFound
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from samtime.organizations.commands import keys, members
from samtime.organizations.commands.grants import Grant, MoreThanOwn
from samtime.organizations.commands.keys import KeyWish
from samtime.organizations.commands.members import AccessEnded, LastManager, note_seen
from samtime.organizations.models import ApiKey, Membership
from samtime.organizations.queries.arrival import actor_for_key
from tests.town import actor as acting
from tests.town import member
from tests.web.visitors import visitor

pytestmark = pytest.mark.django_db


def as_its_own(command):
    """The command as a door runs it: with the actor's organization as the viewer."""

    def run(*, actor, **given):
        set_viewer(actor.organization_id)
        return command(actor=actor, **given)

    return run


change_member, end_access = as_its_own(members.change_member), as_its_own(members.end_access)
create_key, revoke_key = as_its_own(keys.create_key), as_its_own(keys.revoke_key)


def of(actor):
    """The membership behind an actor."""
    return Membership.objects.get(user_id=actor.user_id, organization_id=actor.organization_id)


def test_permissions_count_at_the_next_request(town):
    """P33, B12: «can book at partner institution», and places."""
    desk = of(town.desk)
    grant = Grant(("receptionist",), (town.nord.public_id,), can_book_at_partner=True)
    change_member(actor=town.admin, member_id=desk.public_id, grant=grant)
    now = acting(desk.user, town.aurora)
    assert now.may(Right.BOOK_AT_PARTNER)
    assert now.location_ids == {town.nord.id}
    entry = JournalEntry.objects.get(kind="user.changed")
    assert entry.data["changed"] == ["can_book_at_partner", "location_ids"]


def test_a_practitioner_sees_his_own_calendar_only(town):
    """DOMAIN 1.4: «own»."""
    grant = Grant(("practitioner",), practitioner_id=town.ana.public_id)
    change_member(actor=town.admin, member_id=of(town.desk).public_id, grant=grant)
    assert acting(of(town.desk).user, town.aurora).practitioner_id == town.ana.id
    strange = Grant(("practitioner",), practitioner_id=town.ingrid.public_id)
    with pytest.raises(Invalid):
        change_member(actor=town.admin, member_id=of(town.desk).public_id, grant=strange)


def test_ended_access_is_dead_at_the_next_request(town):
    """P9: open sessions and API keys."""
    desk, browser = of(town.desk), visitor(town.desk)
    _key, secret = create_key(actor=town.admin, wish=KeyWish("test", desk.public_id))
    assert browser.get("/o/aurora/inbox/").status_code == 200
    assert actor_for_key(secret=secret, language="en", request_id="")
    end_access(actor=town.admin, member_id=desk.public_id)
    assert actor_for_key(secret=secret, language="en", request_id="") is None
    assert browser.get("/o/aurora/inbox/").status_code != 200
    assert not ApiKey.objects.filter(membership=desk, revoked_at=None).exists()
    with pytest.raises(AccessEnded):
        change_member(actor=town.admin, member_id=desk.public_id, grant=Grant(("admin",)))


def test_somebody_elsewhere_too_stays_signed_in_there(town):
    """Sessions end when no organization is left."""
    user = User.objects.get(id=town.desk.user_id)
    user.set_password("three test words")
    user.save()
    elsewhere = member_of_both(town, user)
    browser = Client()
    browser.post("/sign-in/", {"login": user.email, "password": "three test words"})
    end_access(actor=town.admin, member_id=of(town.desk).public_id)
    assert browser.get("/o/aurora/").status_code == 404
    assert browser.get("/o/fjord/inbox/").status_code == 200
    end_access(actor=town.fjord_admin, member_id=elsewhere.public_id)
    assert browser.get("/o/fjord/inbox/").status_code == 302


def member_of_both(town, user):
    return Membership.objects.create(
        organization=town.fjord, user=user, roles=["receptionist"], joined_at=timezone.now()
    )


def test_the_last_administrator_stays(town):
    """SCREENS 4.19: refused to end, to demote and to give an end date."""
    me = of(town.admin).public_id
    soon = timezone.now().date() + timedelta(days=30)
    with pytest.raises(LastManager):
        end_access(actor=town.admin, member_id=me)
    for grant in (Grant(("receptionist",)), Grant(("admin",), ends_on=soon)):
        with pytest.raises(LastManager):
            change_member(actor=town.admin, member_id=me, grant=grant)
    assert of(town.admin).roles == ["admin"]
    assert of(town.admin).ended_at is None


def test_with_a_second_administrator_the_first_may_go(town):
    other = member(town.aurora, "admin2@aurora.example", "admin")
    end_access(actor=other, member_id=of(town.admin).public_id)
    assert of(town.admin).ended_at
    with pytest.raises(LastManager):
        end_access(actor=other, member_id=of(other).public_id)


def test_a_manager_cannot_touch_somebody_stronger(town):
    """P33: nor end nor change an administrator."""
    town.hello.capabilities = ["partner", "provider"]
    town.hello.save()
    strong = member(town.hello, "boss@hello.example", "admin")
    member(town.hello, "boss2@hello.example", "admin")
    with pytest.raises(MoreThanOwn):
        end_access(actor=town.manager, member_id=of(strong).public_id)
    with pytest.raises(MoreThanOwn):
        change_member(actor=town.manager, member_id=of(strong).public_id, grant=Grant(("agent",)))
    assert of(strong).ended_at is None


def test_a_stranger_s_member_is_not_there(town):
    with pytest.raises(NotFound):
        end_access(actor=town.fjord_admin, member_id=of(town.desk).public_id)
    assert of(town.desk).ended_at is None


def test_last_seen_is_noted_once_a_day(town):
    """SCREENS 4.19: one write on the first request of a day, none after."""
    today = timezone.now().date()
    assert of(town.desk).last_seen_on is None
    browser = visitor(town.desk)
    browser.get("/o/aurora/inbox/")
    assert of(town.desk).last_seen_on == today
    assert acting(of(town.desk).user, town.aurora).seen_on == today
    note_seen(actor=town.desk, today=today + timedelta(days=1))
    assert of(town.desk).last_seen_on == today + timedelta(days=1)


def test_a_key_is_shown_once_and_kept_as_a_hash(town):
    """INTERFACE section 3: scopes, expiry, revocation."""
    soon = timezone.now() + timedelta(days=1)
    wish = KeyWish("Booking robot", scopes=("slots.read",), expires_at=soon)
    key, secret = create_key(actor=town.admin, wish=wish)
    assert secret.encode() not in bytes(key.hash)
    assert actor_for_key(secret=secret, language="en", request_id="").scopes == {"slots.read"}
    revoke_key(actor=town.admin, key_id=key.public_id)
    assert actor_for_key(secret=secret, language="en", request_id="") is None
    with pytest.raises(NotFound):
        revoke_key(actor=town.admin, key_id=key.public_id)


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"scopes": ("all.read",)}, {"scopes": ()}, {"expires_at": "past"}],
)
def test_refuses_a_wrong_key(town, wrong):
    if wrong.get("expires_at"):
        wrong = {"expires_at": timezone.now() - timedelta(seconds=1)}
    with pytest.raises(Invalid):
        create_key(actor=town.admin, wish=KeyWish(**{"name": "x", **wrong}))
    assert not ApiKey.objects.exists()


def test_a_key_never_opens_more_than_its_maker_may_give(town):
    """P33: nor by another person's key, nor by a narrower key's."""
    town.hello.capabilities = ["partner", "provider"]
    town.hello.save()
    strong = member(town.hello, "boss@hello.example", "admin")
    with pytest.raises(MoreThanOwn):
        create_key(actor=town.manager, wish=KeyWish("x", of(strong).public_id))
    _key, secret = create_key(actor=town.admin, wish=KeyWish("x", scopes=("users.write",)))
    narrow = actor_for_key(secret=secret, language="en", request_id="")
    with pytest.raises(MoreThanOwn):
        create_key(actor=narrow, wish=KeyWish("wider"))
    with pytest.raises(NotFound):
        create_key(actor=town.admin, wish=KeyWish("x", of(town.fjord_desk).public_id))
    assert ApiKey.objects.count() == 1
