"""Interrupted calls: encrypted, their agent's alone, for half an hour, until booked or dropped."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from samtime.accounts.actor import system_actor
from samtime.bookings.commands import drafts as commands
from samtime.bookings.commands.drafts import Typed, drop_draft, keep_draft
from samtime.bookings.commands.forgetting import forget_drafts
from samtime.bookings.models import CallDraft
from samtime.bookings.queries.drafts import begun, one_draft
from samtime.bookings.rules import Caller
from samtime.foundation.errors import Invalid, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import AccessLogEntry
from tests.town import NOW, at, book

pytestmark = pytest.mark.usefixtures("clock")
CALLER = Caller(phone="0040 555 012", given_name="Testine", family_name="Prøvesen")
CALL = UUID(int=7)


def typed(actor, *, now=NOW, **more):
    set_viewer(actor.organization_id)
    keep_draft(actor=actor, typed=Typed(**{"call": CALL, "caller": CALLER, **more}), now=now)


def calls(actor, now=NOW):
    return [draft.call for draft in begun(actor, now=now)[1]]


def test_waits_encrypted_for_its_agent_alone(town):
    """SCREENS 6.1, P12: nowhere in clear, no colleague's, each reading logged."""
    typed(town.agent, wish={"q": "mri"})
    typed(town.agent, wish={"q": "mri kn"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM bookings_calldraft t")
        [(stored,)] = cursor.fetchall()
    for secret in ("555 012", "Testine", "mri"):
        assert secret not in stored
        assert secret.encode().hex() not in stored
    [draft] = begun(town.agent, now=NOW)[1]
    assert (draft.caller, draft.wish) == (CALLER, {"q": "mri kn"})
    assert one_draft(town.agent, CALL, now=NOW) == draft
    logged = AccessLogEntry.objects.filter(purpose="call_draft").order_by("id")
    assert list(logged.values_list("action", "hits")) == [("listed", 1), ("opened", None)]
    assert calls(town.agent2) == []
    assert one_draft(town.agent2, CALL, now=NOW) is None
    drop_draft(actor=town.agent2, call=CALL)
    assert calls(town.agent) == [CALL]
    for stranger in (town.desk, town.outsider):
        set_viewer(stranger.organization_id)
        assert not CallDraft.objects.exists()


def test_is_forgotten_after_half_an_hour(town):
    """SCREENS 6.1: and when it is dropped."""
    typed(town.agent)
    typed(town.agent, call=uuid4(), now=NOW + timedelta(minutes=10))
    late, actor = NOW + timedelta(minutes=30), system_actor(town.hello.id)
    assert len(calls(town.agent, late)) == 1
    assert one_draft(town.agent, CALL, now=late) is None
    assert forget_drafts(actor=actor, now=late) == 1
    drop_draft(actor=town.agent, call=calls(town.agent, late)[0])
    assert not CallDraft.objects.exists()


def test_what_was_booked_is_not_interrupted(town):
    """D3: a booking has its hold's id, so nothing needs to be written when it is made."""
    made = book(town.agent, town.mri_ana, at(2, 11))
    typed(town.agent, hold=made.public_id)
    typed(town.agent, call=UUID(int=8), hold=uuid4())
    assert calls(town.agent) == [UUID(int=8)]


def test_has_limits_and_needs_the_right(town, monkeypatch):
    """Nothing is kept that is too long, nor of somebody who may not book; the oldest goes."""
    for refused in (replace(CALLER, phone="1" * 41), replace(CALLER, note="x" * 2001)):
        with pytest.raises(Invalid):
            typed(town.agent, caller=refused)
    with pytest.raises(RightMissing):
        typed(replace(town.agent, rights=frozenset()))
    assert not CallDraft.objects.exists()
    monkeypatch.setattr(commands, "MOST_OF_AGENT", 2)
    for number in range(3):
        typed(town.agent, call=UUID(int=number), now=NOW + timedelta(seconds=number))
    assert calls(town.agent) == [UUID(int=2), UUID(int=1)]
