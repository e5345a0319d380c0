"""DOMAIN.md 1.4, «Calendars and absences: own»: a practitioner keeps his own, and nobody else's."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.test import Client

from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.models import User
from samtime.accounts.rights import rights_of
from samtime.bookings.commands.blocks import (
    BlockGiven,
    BlockOfOthers,
    Fate,
    add_block,
    change_block,
    propose_block,
    remove_block,
)
from samtime.bookings.commands.schedule import ScheduleChange, commit_schedule, propose_schedule
from samtime.bookings.models import BlockedTime
from samtime.calendars.commands.days import DaysGiven
from samtime.calendars.commands.weeks import Stretch, WeekGiven
from samtime.calendars.models import AvailabilityException, AvailabilityRule
from samtime.foundation.errors import NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.organizations.models import Membership
from tests.town import NOW, TODAY, at, book

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ana(town):
    """Ana, who works at Aurora and has an account."""
    user = User.objects.create(email="ana@aurora.example", name="Ana-Test Ionescu", language="en")
    Membership.objects.create(
        user=user,
        organization=town.aurora,
        roles=["practitioner"],
        practitioner=town.ana,
    )
    set_viewer(town.aurora.id)
    return Actor(
        ActorKind.MEMBER,
        town.aurora.id,
        rights_of(["practitioner"], can_book_at_partner=False),
        user_id=user.id,
        practitioner_id=town.ana.id,
    )


def away(*calendars):
    return ScheduleChange(tuple(c.public_id for c in calendars), days=DaysGiven(TODAY, TODAY))


def test_her_own_absence_is_proposed_then_committed(town, ana):
    """Propose-then-commit; who stays waits in the reception's inbox."""
    kept = book(town.agent, town.mri_ana, at(0, 9))
    set_viewer(town.aurora.id)
    lost = propose_schedule(actor=ana, change=away(town.ana_centru), now=NOW)
    assert [b.id for b in lost] == [kept.id]
    assert not AvailabilityException.objects.exists()
    commit_schedule(actor=ana, change=away(town.ana_centru), fate="keep", reason="", now=NOW)
    assert AvailabilityException.objects.get().calendar_id == town.ana_centru.id
    assert InboxItem.objects.get(kind="booking_stranded").object_id == kept.public_id
    week = WeekGiven((Stretch(1, time(12), time(18)),), TODAY + timedelta(days=30))
    change = ScheduleChange((town.ana_centru.public_id,), week=week)
    commit_schedule(actor=ana, change=change, fate="keep", reason="", now=NOW)
    assert AvailabilityRule.objects.filter(start=time(12)).exists()


def test_a_colleagues_calendar_is_not_there_and_nothing_happens(town, ana):
    """Own only, also beside one's own; public holidays of a place are the reception's."""
    for change in (away(town.dan_nord), away(town.ana_centru, town.dan_nord)):
        with pytest.raises(NotFound):
            commit_schedule(actor=ana, change=change, fate="keep", reason="", now=NOW)
    holidays = ScheduleChange(holidays=(town.centru.public_id, TODAY.year))
    with pytest.raises(RightMissing):
        propose_schedule(actor=ana, change=holidays, now=NOW)
    finance = replace(ana, rights=rights_of(["finance"], can_book_at_partner=False))
    with pytest.raises(RightMissing):
        propose_schedule(actor=finance, change=away(town.ana_centru), now=NOW)
    nobody = replace(ana, practitioner_id=None)
    with pytest.raises(NotFound):
        propose_schedule(actor=nobody, change=away(town.ana_centru), now=NOW)
    assert not AvailabilityException.objects.exists()


def test_her_own_meeting_is_hers_and_a_common_one_is_not(town, ana):
    """What keeps a colleague too is changed by the reception; a refusal leaves it as it was."""
    mine = BlockGiven("meeting", at(0, 12), at(0, 13), (town.ana_centru.public_id,), "Test")
    assert propose_block(actor=ana, given=mine, now=NOW) == []
    made = add_block(actor=ana, given=mine, now=NOW)
    later = replace(mine, end=at(0, 14))
    change_block(actor=ana, block=made.public_id, given=later, version=1, fate=Fate(), now=NOW)
    remove_block(actor=ana, block=made.public_id)
    both = replace(mine, who=(town.ana_centru.public_id, town.dan_nord.public_id))
    with pytest.raises(NotFound):
        add_block(actor=ana, given=both, now=NOW)
    common = add_block(actor=town.desk, given=both, now=NOW)
    with pytest.raises(BlockOfOthers):
        change_block(
            actor=ana, block=common.public_id, given=later, version=1, fate=Fate(), now=NOW
        )
    with pytest.raises(BlockOfOthers):
        remove_block(actor=ana, block=common.public_id)
    assert BlockedTime.objects.get().ends_at == at(0, 13)


def test_the_pages_show_her_own_and_take_it(town, ana):
    """Medical calendars: her row and sheet, no public holidays; a colleague's is not there."""
    client = Client()
    client.force_login(User.objects.get(id=ana.user_id))
    page = client.get("/o/aurora/calendars/").content.decode()
    assert "Ana-Test Ionescu" in page
    assert "Dan-Test Popescu" not in page
    assert "calendars/holidays" not in page
    assert client.get("/o/aurora/calendars/holidays/").status_code == 404
    sheet = f"/o/aurora/calendars/{town.ana_centru.public_id}/days/"
    given = {"kind": "closed", "first": "2026-06-05", "last": "2026-06-05", "reason": "Test course"}
    assert client.post(sheet, given).status_code == 302
    assert "Test course" in client.get(sheet).content.decode()
    foreign = sheet.replace(str(town.ana_centru.public_id), str(town.dan_nord.public_id))
    assert client.get(foreign).status_code == 404
    assert client.post(foreign, given).status_code == 404
    set_viewer(town.aurora.id)
    assert AvailabilityException.objects.count() == 1
