"""Inbox: filters, owner, put off with a reason, comment, next one; its own organization's (P30)."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from samtime.accounts.actor import system_actor
from samtime.accounts.models import User
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox import queries
from samtime.inbox.commands import raise_item, resolve_by_cause, take_next_unowned
from samtime.inbox.models import InboxItem
from samtime.web.provider.inbox_words import SIGNS
from tests.web.visitors import texts, visitor

BASE = "/o/aurora/inbox/"


@pytest.fixture
def item(town):
    with viewing_as(town.aurora.id):
        return raise_item(
            system_actor(town.aurora.id),
            kind="invitation_undelivered",
            object_kind="partnership",
            object_id=uuid.uuid4(),
            facts={"name": "Nordvik", "email": "a@b.example", "detail": "550 5.1.1 nobody"},
            link="partners/",
            due_at=timezone.now() - timedelta(hours=1),
        )


def again(town, item):
    with viewing_as(town.aurora.id):
        item.refresh_from_db()
    return item


def act(client, item, **given):
    return client.post(f"{BASE}{item.public_id}/", given)


def test_the_list_and_the_item_say_what_to_do(town, item):
    """P30: overdue, the server's words, the advice of company data and spam folder."""
    client = visitor(town.admin)
    assert "Overdue" in texts(client.get(BASE))
    page = texts(client.get(f"{BASE}?open={item.public_id}"))
    for words in ("550 5.1.1 nobody", "spam folder", "Correct and send again"):
        assert words in page


@pytest.mark.parametrize(
    ("show", "there"),
    [("mine", False), ("unowned", True), ("overdue", True), ("snoozed", False)],
)
def test_filters(town, item, show, there):
    """P30."""
    page = texts(visitor(town.admin).get(f"{BASE}?show={show}"))
    assert ("Nordvik" in page) == there


def test_taken_given_commented_and_done(town, item):
    """P30: each act is noted with its person."""
    client = visitor(town.admin)
    act(client, item, act="take")
    assert again(town, item).owner_id == town.admin.user_id
    other = User.objects.get(id=town.desk.user_id)
    act(client, item, act="assign", owner=str(other.public_id))
    assert again(town, item).owner_id == other.id
    stranger = User.objects.get(id=town.outsider.user_id)
    assert act(client, item, act="assign", owner=str(stranger.public_id)).status_code == 404
    act(client, item, act="comment", comment="I called them")
    page = texts(client.get(f"{BASE}?open={item.public_id}"))
    assert "I called them" in page
    assert "Taken by Test Admin" in page
    act(client, item, act="done")
    assert again(town, item).resolved_by_id == town.admin.user_id


def test_put_off_at_most_fourteen_days_with_a_reason(town, item):
    """P30."""
    client, today = visitor(town.admin), timezone.now().date()
    for days, reason in ((3, ""), (20, "later"), (-1, "later")):
        answer = act(
            client, item, act="snooze", until=str(today + timedelta(days=days)), reason=reason
        )
        assert answer.status_code == 422
        assert again(town, item).snoozed_until is None
    act(client, item, act="snooze", until=str(today + timedelta(days=3)), reason="on holiday")
    assert "Nordvik" not in texts(client.get(BASE))
    assert "Nordvik" in texts(client.get(f"{BASE}?show=snoozed"))
    act(client, item, act="wake")
    assert "Nordvik" in texts(client.get(BASE))


def test_the_next_without_owner(town, item):
    """P30: once; then everything has an owner."""
    set_viewer(town.aurora.id)
    assert take_next_unowned(doer=town.admin, now=timezone.now()).id == item.id
    assert take_next_unowned(doer=town.desk, now=timezone.now()) is None


def test_who_may_not_go_there_is_led_nowhere(town, item):
    """P30, P33: the desk has no partners' page: no button into a 404, not the next one for it."""
    with viewing_as(town.aurora.id):
        item.link = "statements/"
        item.save()
    desk = visitor(town.desk)
    page = texts(desk.get(f"{BASE}?open={item.public_id}"))
    assert "Assign it to a colleague who may" in page
    assert 'href="/o/aurora/statements/' not in page
    assert f'value="{User.objects.get(id=town.desk.user_id).public_id}"' not in page
    assert "Nordvik" not in texts(desk.get("/o/aurora/"))
    desk.post(f"{BASE}next/")
    assert again(town, item).owner_id is None
    admin = visitor(town.admin)
    assert "Nordvik" in texts(admin.get("/o/aurora/"))
    admin.post(f"{BASE}next/")
    assert again(town, item).owner_id == town.admin.user_id


def test_it_closes_itself(town, item):
    """P30: the cause is gone."""
    with viewing_as(town.aurora.id):
        resolve_by_cause(
            organization_id=town.aurora.id,
            kind=item.kind,
            object_id=item.object_id,
            now=timezone.now(),
        )
    client = visitor(town.admin)
    assert "Solved by itself" in texts(client.get(f"{BASE}?open={item.public_id}"))
    assert act(client, item, act="take").status_code == 404


def test_a_stranger_opens_nothing(town, item):
    """P30."""
    client = visitor(town.outsider)
    assert client.get(f"/o/stranger/inbox/?open={item.public_id}").status_code == 404
    assert client.post(f"/o/stranger/inbox/{item.public_id}/", {"act": "done"}).status_code == 404
    assert again(town, item).resolved_at is None
    with viewing_as(town.stranger.id):
        assert not InboxItem.objects.exists()


def test_statements_have_their_button_and_a_month_its_name():
    """P30: «Other, Open» says nothing to anybody, and «2026-10» is no month to people."""
    kinds = ("statement_due", "statement_waiting", "statement_disputed", "statement_accepted")
    assert {str(SIGNS[kind].fix) for kind in kinds} == {"Open the statement"}
    item = InboxItem(kind="statement_disputed", facts={"name": "Hello", "month": "2026-10"})
    with translation.override("ro"):
        assert queries.title_of(item).endswith("octombrie 2026.")
