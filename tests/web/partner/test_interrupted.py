"""An interrupted call over HTTP: kept, shown, gone on with, forgotten."""

from uuid import uuid4

import pytest

from samtime.bookings.models import CallDraft
from tests.town import at
from tests.web.partner.test_cockpit import HOME, confirm, take, the_hold
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
CALL = str(uuid4())
TYPED = {
    "call": CALL,
    "q": "mri",
    "part": "afternoon",
    "patient.given_name": "Testine",
    "patient.phone": "0040 555 012",
    "patient.identifier": "1800203123456",
    "note": "Prefers Ana",
}


@pytest.fixture
def agent(town):
    return visitor(town.agent)


def test_what_was_typed_is_gone_on_with(town, agent):
    """SCREENS 6.1: under «Interrupted», by a number that names nobody; the search, the person and
    the time that is still held come back, the identity number does not."""
    take(agent, town, at(0, 9))
    hold = the_hold(town)
    kept = agent.post(f"{HOME}draft/", {**TYPED, "hold": str(hold.public_id)})
    assert kept.status_code == 204
    page = texts(agent.get(HOME))
    assert "Interrupted" in page
    assert f'href="{HOME}?call={CALL}"' in page
    page = texts(agent.get(HOME, {"call": CALL}))
    assert 'name="patient.phone" value="0040 555 012"' in page
    assert 'name="part" value="afternoon"' in page
    assert f'data-number="{CALL}" data-kept' in page
    assert f'data-resume="{HOME}held/{hold.public_id}/"' in page
    assert "1800203123456" not in page
    assert confirm(agent, town).status_code == 200
    for address in ({}, {"call": CALL}):
        assert "Testine" not in texts(agent.get(HOME, address))


def test_it_is_forgotten_when_nobody_wants_it(town, agent):
    """SCREENS 6.1: nothing stays of it; a broken number is nobody's."""
    agent.post(f"{HOME}draft/", TYPED)
    assert "The time is no longer held." not in texts(agent.get(HOME, {"call": CALL}))
    assert agent.post(f"{HOME}draft/", {"call": CALL, "act": "drop"}).status_code == 204
    assert not CallDraft.objects.exists()
    assert agent.post(f"{HOME}draft/", {**TYPED, "call": "x"}).status_code == 404
    assert "Interrupted" not in texts(agent.get(HOME, {"call": "x"}))


def test_nobody_else_goes_on_with_it(town, agent):
    """P7, B12: a colleague sees his own alone; who may not book gets 404; too long is refused."""
    agent.post(f"{HOME}draft/", TYPED)
    for address in ({}, {"call": CALL}):
        assert "Testine" not in texts(visitor(town.agent2).get(HOME, address))
    for who in (town.desk, town.outsider):
        assert visitor(who).post(f"{HOME}draft/", TYPED).status_code == 404
    assert agent.post(f"{HOME}draft/", {**TYPED, "note": "x" * 2001}).status_code == 422
    assert CallDraft.objects.count() == 1
