"""The inbox: what is stuck, taken by somebody, done; nobody else's (P30, X1)."""

import html

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.foundation.tenancy import set_viewer
from samtime.inbox.queries import title_of
from tests.rows import inbox_item
from tests.town import NOW
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
PAGE = "/o/aurora/inbox/"


@pytest.fixture
def item(town, monkeypatch):
    """A mail that will not arrive waits at Aurora."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    set_viewer(town.aurora.id)
    made = inbox_item(
        organization_id=town.aurora.id, facts={"name": "booking", "detail": "550 Nobody here"}
    )
    made.kind = "mail_failed"
    made.save()
    set_viewer(0)
    return made


def state_of(town, item):
    set_viewer(town.aurora.id)
    item.refresh_from_db()
    return item


def test_it_is_seen_taken_and_done(town, item):
    desk = visitor(town.desk)
    assert title_of(item) in html.unescape(texts(desk.get(PAGE)))
    assert desk.post(f"{PAGE}{item.public_id}/", {"act": "take"}).status_code == 302
    assert state_of(town, item).owner_id == town.desk.user_id
    assert "Test Desk" in texts(desk.get(PAGE))
    desk.post(f"{PAGE}{item.public_id}/", {"act": "done"})
    assert state_of(town, item).resolved_at is not None
    assert title_of(item) not in html.unescape(texts(desk.get(PAGE)))


def test_without_the_right_it_is_not_there(town, item):
    assert visitor(town.outsider).get(PAGE).status_code == 404


@pytest.mark.parametrize("act", ["take", "done"])
def test_a_stranger_changes_nothing(town, item, act):
    """P7: neither under Aurora's address nor under his own."""
    stranger = visitor(town.outsider)
    for slug in ("aurora", "stranger"):
        answer = stranger.post(f"/o/{slug}/inbox/{item.public_id}/", {"act": act})
        assert answer.status_code == 404
    kept = state_of(town, item)
    assert (kept.owner_id, kept.resolved_at) == (None, None)


def test_the_list_costs_the_same_whatever_waits(town, item):
    desk = visitor(town.desk)
    desk.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        desk.get(PAGE)
    set_viewer(town.aurora.id)
    for _more in range(30):
        inbox_item(organization_id=town.aurora.id)
    set_viewer(0)
    with CaptureQueriesContext(connection) as many:
        desk.get(PAGE)
    assert len(many) == len(few)
