"""Call-backs: promised, opened by one, tried, closed, booked; counted; due ones in the inbox."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.accounts.actor import system_actor
from samtime.accounts.models import User
from samtime.bookings.commands import call_backs as commands
from samtime.bookings.commands.call_back_owners import (
    hand_over_call_backs,
    leave_call_backs,
)
from samtime.bookings.commands.call_backs import (
    Asked,
    CallBackDone,
    OpenElsewhere,
    TooManyCallBacks,
    close_by_booking,
    close_call_back,
    keep_call_back,
    not_reached,
    open_call_back,
)
from samtime.bookings.commands.due_call_backs import note_due_call_backs
from samtime.bookings.commands.forgetting import forget_called
from samtime.bookings.commands.holds import hold_slot
from samtime.bookings.models import CallBack, Hold
from samtime.bookings.queries.call_back_times import free_counts
from samtime.bookings.queries.call_backs import one_call_back, open_call_backs
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.bookings.rules import Caller, proposed_call_back
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.journal.models import AccessLogEntry, JournalEntry
from samtime.organizations.models import Membership
from tests.promises.test_races import as_actor, together
from tests.town import NOW, TODAY, at, book

pytestmark = pytest.mark.usefixtures("clock")
HOUR = timedelta(hours=1)
CALLER = Caller(phone="0040 555 012", given_name="Testine", family_name="Prøvesen")


def promised(actor, *, caller=CALLER, due=NOW + HOUR, **more):
    set_viewer(actor.organization_id)
    asked = Asked(caller, due, {"words": {"service": "MR knee"}}, **more)
    return keep_call_back(actor=actor, asked=asked, now=NOW)


def again(row):
    return CallBack.objects.get(pk=row.pk)


def test_is_kept_encrypted_and_lets_the_held_time_go(town):
    """B5: the person is nowhere in clear, neither in the row nor in the journal."""
    set_viewer(town.hello.id)
    held = hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(1, 9), now=NOW)
    row = promised(town.agent, hold=held.public_id)
    assert Hold.objects.get(pk=held.pk).expires_at <= NOW
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM bookings_callback t")
        stored = cursor.fetchone()[0]
    said = JournalEntry.objects.get(kind="call_back.kept")
    for secret in ("555 012", "Testine", "Prøvesen"):
        assert secret not in stored
        assert secret.encode().hex() not in stored
        assert secret not in json.dumps(said.data, ensure_ascii=False)
    found = open_call_backs(town.agent2, most=5)
    assert [(one.row, one.caller) for one in found] == [(row, CALLER)]
    logged = AccessLogEntry.objects.get(purpose="call_back")
    assert (logged.provider_id, logged.action, logged.hits) == (town.hello.id, "listed", 1)


@pytest.mark.parametrize(
    ("caller", "due", "field"),
    [
        (replace(CALLER, phone=""), NOW + HOUR, "patient.phone"),
        (replace(CALLER, phone="1" * 41), NOW + HOUR, "patient.phone"),
        (replace(CALLER, given_name="x" * 101), NOW + HOUR, "patient.given_name"),
        (replace(CALLER, note="x" * 2001), NOW + HOUR, "note"),
        (CALLER, NOW, "due_on"),
        (CALLER, None, "due_on"),
        (CALLER, NOW + timedelta(days=91), "due_on"),
    ],
)
def test_refuses_at_the_field_and_lets_nothing_go(town, caller, due, field):
    """B5: a past due time, no phone, too long: nothing is kept, the time stays held."""
    set_viewer(town.hello.id)
    held = hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(1, 9), now=NOW)
    with pytest.raises(Invalid) as refusal:
        promised(town.agent, caller=caller, due=due, hold=held.public_id)
    assert [error.field for error in refusal.value.errors] == [field]
    assert not CallBack.objects.exists()
    assert Hold.objects.get(pk=held.pk).expires_at > NOW


def test_has_limits_and_needs_the_right(town, monkeypatch):
    monkeypatch.setattr(commands, "MOST_OF_AGENT", 1)
    promised(town.agent)
    with pytest.raises(TooManyCallBacks):
        promised(town.agent)
    promised(town.agent2)
    monkeypatch.setattr(commands, "MOST_OF_AGENT", 100)
    monkeypatch.setattr(commands, "MOST_OF_ALL", 2)
    with pytest.raises(TooManyCallBacks):
        promised(town.agent)
    with pytest.raises(RightMissing):
        promised(replace(town.agent, rights=frozenset()))
    assert CallBack.objects.count() == 2


def test_one_agent_has_it_open_for_ten_minutes(town):
    """SCREENS 6.4: the colleague's name is told; then it is free again."""
    row = promised(town.agent)
    open_call_back(actor=town.agent, call_back=row.public_id, now=NOW)
    acts = {"actor": town.agent2, "call_back": row.public_id, "now": NOW + timedelta(minutes=9)}
    for act in (
        lambda: open_call_back(**acts),
        lambda: not_reached(**acts, due_at=NOW + HOUR),
        lambda: close_call_back(**acts, reason="no_wish", note=""),
        lambda: promised(town.agent2, again=row.public_id),
    ):
        with pytest.raises(OpenElsewhere) as refusal:
            act()
        assert "Test Agent has" in refusal.value.detail
    kept = again(row)
    assert (kept.opened_by_id, kept.state, kept.tries) == (town.agent.user_id, "open", 0)
    open_call_back(actor=town.agent2, call_back=row.public_id, now=NOW + timedelta(minutes=10))
    assert again(row).opened_by_id == town.agent2.user_id


def test_not_reached_counts_a_try_and_takes_a_later_time(town):
    row = promised(town.agent)
    open_call_back(actor=town.agent, call_back=row.public_id, now=NOW)
    with pytest.raises(Invalid) as refusal:
        not_reached(actor=town.agent, call_back=row.public_id, due_at=NOW, now=NOW)
    assert refusal.value.at_field == "due_on"
    assert again(row).tries == 0
    later = NOW + 3 * HOUR
    not_reached(actor=town.agent, call_back=row.public_id, due_at=later, now=NOW)
    tried = again(row)
    assert (tried.tries, tried.due_at, tried.opened_until) == (1, later, None)


def test_closes_with_a_reason_once(town):
    row = promised(town.agent)
    given = {"actor": town.agent, "call_back": row.public_id, "now": NOW}
    for reason, note in (("", ""), ("nonsense", ""), ("other", ""), ("no_wish", "x" * 501)):
        with pytest.raises(Invalid):
            close_call_back(**given, reason=reason, note=note)
    assert again(row).state == "open"
    close_call_back(**given, reason="other", note="Moved abroad")
    closed = again(row)
    assert (closed.state, closed.close_note, closed.closed_at) == ("closed", "Moved abroad", NOW)
    with pytest.raises(CallBackDone):
        open_call_back(**given)
    assert open_call_backs(town.agent, most=5) == []


def test_a_booking_closes_it(town):
    """B5: the booking made from it stands on it; only ours closes ours."""
    row = promised(town.agent)
    theirs = book(town.desk, town.mri_ana, at(2, 9))
    made = book(town.agent, town.mri_ana, at(2, 11))
    given = {"actor": town.agent, "call_back": row.public_id, "now": NOW}
    with pytest.raises(NotFound):
        close_by_booking(**given, booking=theirs)
    assert again(row).state == "open"
    close_by_booking(**given, booking=made)
    assert (again(row).state, again(row).booking_id) == ("booked", made.id)
    assert close_by_booking(**given, booking=made) is None


def test_nobody_else_finds_it(town):
    """P7, invariant 15: provider and stranger have no row and get one answer."""
    row = promised(town.agent)
    for stranger in (town.desk, town.admin, town.outsider):
        set_viewer(stranger.organization_id)
        assert not CallBack.objects.exists()
        for act in (
            lambda who: one_call_back(who, row.public_id),
            lambda who: close_call_back(
                actor=who, call_back=row.public_id, reason="no_wish", note="", now=NOW
            ),
            lambda who: not_reached(actor=who, call_back=row.public_id, due_at=NOW + HOUR, now=NOW),
        ):
            with pytest.raises(NotFound):
                act(stranger)
    set_viewer(town.hello.id)
    assert (again(row).state, again(row).tries) == ("open", 0)


def test_counts_are_those_of_the_search_and_cost_the_same_for_many(town):
    """SCREENS 6.4, «now free»: one wish or twenty, the same number of statements."""
    set_viewer(town.hello.id)
    plain = SlotSearch(start=TODAY, service=None, numbers=None)
    wishes = [
        replace(plain, location=town.nord.public_id),
        replace(plain, practitioner=town.ana.public_id, part="morning"),
        replace(plain, provider=town.aurora.public_id, start=TODAY + timedelta(days=3), days=2),
        replace(plain, near=(44.5, 26.07), radius_km=2.0, part="evening"),
    ]
    given = {"today": TODAY, "now": NOW, "most": 200}
    asked = [replace(wish, limit=1, count_to=200) for wish in wishes]
    searched = [min(find_slots(town.agent, wish, now=NOW).total, 200) for wish in asked]
    assert free_counts(town.agent, wishes, **given) == searched
    assert searched[0] > searched[1] > searched[3] == 0
    costs = []
    for many in (wishes, wishes * 5):
        with CaptureQueriesContext(connection) as seen:
            free_counts(town.agent, many, **given)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 6


def test_due_ones_nobody_took_wait_in_the_inbox_of_the_partner(town, monkeypatch):
    """P27: with owner, due time and link; once for a time; the result takes them out."""
    row, later = promised(town.agent), promised(town.agent, due=NOW + 3 * HOUR)
    opened = promised(town.agent)
    now = NOW + HOUR
    monkeypatch.setattr(timezone, "now", lambda: now)
    open_call_back(actor=town.agent, call_back=opened.public_id, now=now)
    actor = system_actor(town.hello.id)
    assert note_due_call_backs(actor=actor, now=now) == 1
    assert note_due_call_backs(actor=actor, now=now + timedelta(minutes=5)) == 0
    item = InboxItem.objects.get()
    assert (item.object_id, item.owner_id, item.due_at) == (
        row.public_id,
        town.agent.user_id,
        row.due_at,
    )
    assert item.link == f"partner/callbacks/{row.public_id}/"
    assert item.facts == {"service": "MR knee"}
    not_reached(actor=town.agent, call_back=row.public_id, due_at=now + HOUR, now=now)
    assert not InboxItem.objects.filter(resolved_at=None).exists()
    Membership.objects.filter(user_id=town.agent.user_id).update(ended_at=now)
    assert note_due_call_backs(actor=actor, now=NOW + 4 * HOUR) == 3
    waiting = InboxItem.objects.filter(resolved_at=None)
    assert {i.object_id for i in waiting} == {row.public_id, later.public_id, opened.public_id}
    assert set(waiting.values_list("owner_id", flat=True)) == {None}


def test_an_agent_who_is_gone_leaves_his_call_backs_to_a_colleague(town, monkeypatch):
    """P25, SCREENS 6.9: they are nobody's, the inbox says how many, and one is handed over."""
    due, later = promised(town.agent), promised(town.agent, due=NOW + 3 * HOUR)
    others = promised(town.agent2)
    now, actor = NOW + 2 * HOUR, system_actor(town.hello.id)
    monkeypatch.setattr(timezone, "now", lambda: now)
    note_due_call_backs(actor=actor, now=now)
    assert leave_call_backs(actor=actor, now=now) == 0
    Membership.objects.filter(user_id=town.agent.user_id).update(ended_at=now)
    assert leave_call_backs(actor=actor, now=now) == 2
    assert leave_call_backs(actor=actor, now=now) == 0
    assert [again(row).left_at for row in (due, later, others)] == [now, now, None]
    said = InboxItem.objects.get(kind="call_backs_left", resolved_at=None)
    assert (said.facts, said.owner_id, said.due_at) == ({"count": 2}, None, due.due_at)
    assert InboxItem.objects.get(object_id=due.public_id).owner_id is None
    to = User.objects.get(pk=town.agent2.user_id).public_id
    given = {"actor": town.agent2, "to": to, "now": now}
    assert hand_over_call_backs(call_back=due.public_id, **given) == 1
    assert InboxItem.objects.get(object_id=due.public_id).owner_id == town.agent2.user_id
    assert InboxItem.objects.get(kind="call_backs_left", resolved_at=None).facts == {"count": 1}
    assert hand_over_call_backs(call_back=None, **given) == 1
    assert (again(later).agent_id, again(later).left_at) == (town.agent2.user_id, None)
    assert not InboxItem.objects.filter(kind="call_backs_left", resolved_at=None).exists()
    noted = JournalEntry.objects.filter(kind__startswith="call_back.").order_by("id")
    assert [e.kind for e in noted][3:] == ["call_back.left"] * 2 + ["call_back.handed_over"] * 2


def test_only_somebody_who_may_book_gets_a_call_back(town):
    """B12: not whoever is gone, nor a stranger; whoever works on one nobody has takes it over."""
    row = promised(town.agent)
    for who in (town.desk, town.outsider):
        to = User.objects.get(pk=who.user_id).public_id
        with pytest.raises(Invalid) as refusal:
            hand_over_call_backs(actor=town.agent2, call_back=row.public_id, to=to, now=NOW)
        assert refusal.value.at_field == "agent"
    assert again(row).agent_id == town.agent.user_id
    CallBack.objects.update(left_at=NOW)
    open_call_back(actor=town.agent2, call_back=row.public_id, now=NOW)
    assert (again(row).agent_id, again(row).left_at) == (town.agent2.user_id, None)


def test_thirty_days_after_it_is_done_the_person_is_forgotten(town):
    """DOMAIN 1.4: the journal keeps who and when, never whom; one that waits is kept."""
    done, waiting = promised(town.agent), promised(town.agent)
    close_call_back(
        actor=town.agent, call_back=done.public_id, reason="other", note="Testine moved", now=NOW
    )
    actor, month = system_actor(town.hello.id), timedelta(days=30)
    assert forget_called(actor=actor, now=NOW + month - HOUR) == 0
    assert forget_called(actor=actor, now=NOW + month) == 1
    assert forget_called(actor=actor, now=NOW + month) == 0
    found = one_call_back(town.agent, done.public_id)
    assert (found.caller, found.row.wish, found.row.close_note) == (Caller(phone=""), {}, "")
    assert one_call_back(town.agent, waiting.public_id).caller == CALLER
    said = JournalEntry.objects.get(kind="call_back.closed")
    assert (said.object_id, said.user_id) == (done.public_id, town.agent.user_id)


@pytest.mark.parametrize(
    ("hour", "minute", "day", "proposed"),
    [(10, 0, 1, "11:00"), (10, 1, 1, "11:15"), (19, 50, 2, "09:00"), (23, 30, 2, "09:00"),
     (3, 0, 1, "09:00")],
)  # fmt: skip
def test_proposes_a_time_people_answer_at(hour, minute, day, proposed):
    found = proposed_call_back(at(0, hour, minute), "Europe/Bucharest").astimezone(
        at(0, 0).tzinfo
    ) + timedelta(hours=3)
    assert (found.day, f"{found:%H:%M}") == (day, proposed)


@pytest.mark.race
def test_two_agents_open_one_at_the_same_moment(lasting_town):
    """SCREENS 6.4: one has it, the other is told his name."""
    town = lasting_town
    with transaction.atomic():
        row = promised(town.agent)
    who = (town.agent, town.agent2)

    def opened(n):
        return as_actor(
            who[n], lambda: open_call_back(actor=who[n], call_back=row.public_id, now=NOW)
        )

    answers = [answer for answer, _seconds in together(2, opened)]
    refused = [a for a in answers if isinstance(a, OpenElsewhere)]
    [winner] = [a for a in answers if isinstance(a, CallBack)]
    assert len(refused) == 1
    with transaction.atomic(), viewing_as(town.hello.id):
        assert again(row).opened_by_id == winner.opened_by_id
        names = {town.agent.user_id: "Test Agent", town.agent2.user_id: "Test Agent2"}
    assert refused[0].facts["name"] == names[winner.opened_by_id]
