"""A day is the place's own: half past eleven in London is tomorrow in Bucharest already."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.calendars.commands.calendars import end_calendar
from samtime.calendars.models import AvailabilityRule
from samtime.catalog.models import Service, ServicePrice
from samtime.channels.queries.catalogue import closed_cells
from samtime.foundation.errors import NotFound
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import Location, Membership
from samtime.organizations.queries import (
    actor_for_member,
    bookers_of,
    count_who_may,
    home_day,
    memberships_of,
)
from samtime.organizations.queries.people import live_members, people
from samtime.organizations.queries.terms import people_who_may
from tests.api.conftest import Caller
from tests.town import listing, member

LATE = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
LAST, NEXT = date(2026, 6, 1), date(2026, 6, 2)


@pytest.fixture
def late(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: LATE)


def opens(who, slug):
    """Whether the person gets in."""
    user = User.objects.get(id=who.user_id)
    try:
        actor_for_member(user=user, slug=slug, language="en", request_id="test")
    except NotFound:
        return False
    return True


def test_the_last_day_of_access_ends_at_the_clinics_midnight(town, monkeypatch):
    """P33: open until 23:59 in Bucharest, shut half an hour later, in every list and count."""
    leaver = member(town.aurora, "leaver@aurora.example", "network_manager")
    user = User.objects.get(id=leaver.user_id)
    Membership.objects.filter(user=user).update(ends_on=LAST)
    before = datetime(2026, 6, 1, 20, 59, tzinfo=UTC)
    for now, live in ((before, True), (LATE, False)):
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert opens(leaver, "aurora") is live
        assert bool(memberships_of(user)) is live
        assert live_members(town.aurora.id, now).filter(user=user).exists() is live
        assert (user in people_who_may(town.aurora.id, Right.SEE_PARTNERS)) is live
        set_viewer(town.aurora.id)
        shown = {p.email for p in people(town.admin, now=now)}
        assert ("leaver@aurora.example" in shown) is live
    with_leaver = count_who_may(town.aurora.id, Right.SEE_PARTNERS)
    Membership.objects.filter(user=user).update(ends_on=None)
    assert count_who_may(town.aurora.id, Right.SEE_PARTNERS) == with_leaver + 1


def test_west_of_greenwich_the_last_day_is_longer(town, monkeypatch):
    """P33: two in the morning UTC is still the evening of the last day."""
    Location.objects.filter(organization=town.aurora).update(time_zone="America/New_York")
    leaver = member(town.aurora, "leaver@aurora.example", "receptionist")
    Membership.objects.filter(user_id=leaver.user_id).update(ends_on=LAST)
    for hour, live in ((2, True), (5, False)):
        now = datetime(2026, 6, 2, hour, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert opens(leaver, "aurora") is live
        assert live_members(town.aurora.id, now).filter(user_id=leaver.user_id).exists() is live


def test_a_key_ends_with_its_person(town, late):
    """P33: the same midnight for programs; without a place of its own it is the country's."""
    Membership.objects.filter(user_id=town.admin.user_id).update(ends_on=NEXT)
    caller = Caller(town.admin)
    assert caller.get("partnerships").status == 200
    Membership.objects.filter(user_id=town.admin.user_id).update(ends_on=LAST)
    assert caller.get("partnerships").status == 401
    before = bookers_of(town.hello.id)
    Membership.objects.filter(user_id=town.agent.user_id).update(ends_on=NEXT)
    assert bookers_of(town.hello.id) == before
    assert opens(town.agent, "hello")
    Membership.objects.filter(user_id=town.agent.user_id).update(ends_on=LAST)
    assert bookers_of(town.hello.id) == before - 1
    assert not opens(town.agent, "hello")


def test_what_programs_change_today_counts_from_the_places_own_day(town, late):
    """T2, D9: prices, hours and ends are dated in the zone of the place."""
    caller = Caller(town.admin)
    given = {"code": "echo", "name": "Test echo", "duration_minutes": 30}
    price = {"amount": "250.50", "currency": "RON"}
    made = caller.post("services", {**given, "price": price}).body
    assert made["price"]["amount"] == "250.50"
    service = Service.objects.get(public_id=made["id"])
    assert ServicePrice.objects.get(service=service).from_on == NEXT
    rule = {"kind": "rule", "calendar": str(town.ana_centru.public_id), "weekday": 6}
    assert caller.post("availability", {**rule, "start": "09:00", "end": "10:00"}).status == 201
    assert AvailabilityRule.objects.get(calendar=town.ana_centru, weekday=6).valid_from == NEXT
    assert caller.client.delete(f"/api/v1/services/{made['id']}").status_code == 204
    service.refresh_from_db()
    assert service.ended_on == NEXT
    set_viewer(town.aurora.id)
    end_calendar(actor=town.admin, calendar_id=town.ana_centru.public_id, now=LATE)
    town.ana_centru.refresh_from_db()
    assert town.ana_centru.ended_on == NEXT == home_day(town.admin, LATE)


def test_a_tick_ends_at_the_clinics_midnight(town, late):
    """T7: what is closed from the second of June on can be asked for from then on."""
    set_viewer(town.aurora.id)
    listing(town.channel, town.centru, town.mri, from_on=NEXT, is_open=False)
    before = closed_cells(town.channel, today=LAST)
    after = closed_cells(town.channel, today=home_day(town.admin, LATE))
    assert (town.centru, town.mri) not in before
    assert (town.centru, town.mri) in after
