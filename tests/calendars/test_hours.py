"""Calendars, offerings, weekly rules, days that differ, rooms: commands and their refusals."""

import uuid
from datetime import date, time, timedelta

import pytest

from samtime.calendars import masks, queries
from samtime.calendars.commands.calendars import (
    CalendarExists,
    OfferedAlready,
    add_calendar,
    add_offering,
    change_offering,
    end_calendar,
    end_offering,
    set_offering_price,
)
from samtime.calendars.commands.hours import (
    ExceptionGiven,
    RuleGiven,
    RuleOverlap,
    add_exception,
    add_rule,
    change_rule,
    end_rule,
    remove_exception,
    replace_week,
)
from samtime.calendars.commands.rooms import RoomGroupGiven, add_room_group
from samtime.calendars.models import AvailabilityRule, Calendar, ResourceGroup
from samtime.calendars.rules import cells_inside
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.money import Money
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from samtime.organizations.commands.practitioners import (
    PractitionerGiven,
    add_practitioner,
    add_practitioner_role,
)
from tests.town import NOW, TODAY, at

MONDAY = RuleGiven(1, time(18), time(20), TODAY)


@pytest.fixture
def admin(town):
    set_viewer(town.aurora.id)
    return town.admin


@pytest.fixture
def new_calendar(town, admin):
    """A practitioner of today, with a calendar that has no hours yet."""
    person = add_practitioner(
        actor=admin, given=PractitionerGiven("Eva-Test", "Ștefănescu", languages=("ro", "hu"))
    )
    role = add_practitioner_role(
        actor=admin, practitioner_id=person.public_id, location_id=town.centru.public_id
    )
    return add_calendar(actor=admin, role_id=role.public_id, now=NOW)


def opened(calendar, day=TODAY):
    """The open mask of a day."""
    return masks.lock_days([calendar.mask_id], [day])[(calendar.mask_id, day)].open


def test_a_calendar_has_mask_rows_and_opens_with_its_rule(admin, new_calendar):
    """D25: rows reach 400 days; the rule opens Monday evening, Bucharest time."""
    assert opened(new_calendar) == 0
    assert masks.check_all(today=TODAY) == [] or all(
        mask != new_calendar.mask_id for mask, _day in masks.check_all(today=TODAY)
    )
    add_rule(actor=admin, calendar_id=new_calendar.public_id, given=MONDAY, now=NOW)
    assert opened(new_calendar) == cells_inside(TODAY, at(0, 18), at(0, 20))
    assert opened(new_calendar, TODAY + timedelta(days=1)) == 0


def test_changed_and_ended_rules_rebuild_the_masks(admin, new_calendar):
    """A rule ends on a day: before it holds, after it does not."""
    rule = add_rule(actor=admin, calendar_id=new_calendar.public_id, given=MONDAY, now=NOW)
    earlier = RuleGiven(1, time(17), time(18, 30), TODAY)
    change_rule(actor=admin, rule_id=rule.public_id, given=earlier, now=NOW)
    assert opened(new_calendar) == cells_inside(TODAY, at(0, 17), at(0, 18, 30))
    later = TODAY + timedelta(days=7)
    end_rule(actor=admin, rule_id=rule.public_id, from_on=later, now=NOW)
    assert opened(new_calendar) != 0
    assert opened(new_calendar, later) == 0
    end_rule(actor=admin, rule_id=rule.public_id, from_on=TODAY, now=NOW)
    assert not AvailabilityRule.objects.filter(calendar=new_calendar).exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (RuleGiven(1, time(9), time(9), TODAY), "end"),
        (RuleGiven(1, time(10), time(9), TODAY), "end"),
        (RuleGiven(1, time(9, 3), time(10), TODAY), "start"),
        (RuleGiven(8, time(9), time(10), TODAY), "weekday"),
        (RuleGiven(1, time(9), time(10), TODAY, TODAY - timedelta(days=1)), "valid_to"),
        (RuleGiven(1, time(9), time(10), TODAY, kind="maybe"), "kind"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(admin, new_calendar, given, field):
    """Ends before it starts, not in steps of 5 minutes, unknown weekday."""
    with pytest.raises(Invalid) as caught:
        add_rule(actor=admin, calendar_id=new_calendar.public_id, given=given, now=NOW)
    assert [error.field for error in caught.value.errors] == [field]
    assert not new_calendar.rules.exists()


def test_overlapping_rules_are_refused_and_a_break_is_not(admin, new_calendar):
    """The sentence says what is there."""
    asked = {"actor": admin, "calendar_id": new_calendar.public_id, "now": NOW}
    add_rule(**asked, given=MONDAY)
    with pytest.raises(RuleOverlap) as caught:
        add_rule(**asked, given=RuleGiven(1, time(19), time(21), TODAY + timedelta(days=70)))
    assert "18:00–20:00" in caught.value.detail
    add_rule(**asked, given=RuleGiven(1, time(19), time(19, 30), TODAY, kind="break"))
    add_rule(**asked, given=RuleGiven(1, time(20), time(21), TODAY))
    expected = cells_inside(TODAY, at(0, 18), at(0, 19)) | cells_inside(
        TODAY, at(0, 19, 30), at(0, 21)
    )
    assert opened(new_calendar) == expected


def test_a_day_that_differs(admin, town):
    """Closed, then open again; extra time beyond the rule."""
    calendar, open_before = town.ana_centru, opened(town.ana_centru)
    asked = {"actor": admin, "calendar_id": calendar.public_id, "now": NOW}
    closed = add_exception(**asked, given=ExceptionGiven(TODAY, closed=True, reason="Test"))
    assert opened(calendar) == 0
    remove_exception(actor=admin, exception_id=closed.public_id, now=NOW)
    assert opened(calendar) == open_before
    add_exception(**asked, given=ExceptionGiven(TODAY, False, time(17), time(18)))
    assert opened(calendar) == open_before | cells_inside(TODAY, at(0, 17), at(0, 18))
    with pytest.raises(Invalid):
        add_exception(**asked, given=ExceptionGiven(TODAY, False))


def test_a_week_is_replaced_from_a_day_on(admin, town):
    """Old rules end the day before, new ones begin."""
    from_on = TODAY + timedelta(days=7)
    week = [RuleGiven(1, time(10), time(12), from_on)]
    replace_week(actor=admin, calendar_id=town.ana_centru.public_id, week=week, now=NOW)
    assert opened(town.ana_centru) == cells_inside(TODAY, at(0, 8), at(0, 16))
    assert opened(town.ana_centru, from_on) == cells_inside(from_on, at(7, 10), at(7, 12))
    assert opened(town.ana_centru, from_on + timedelta(days=1)) == 0


def test_offerings_are_added_changed_priced_and_ended(admin, town, new_calendar):
    """Own duration, own price from a day on; an ended one lives again."""
    made = add_offering(
        actor=admin, calendar_id=new_calendar.public_id, service_id=town.mri.public_id
    )
    with pytest.raises(OfferedAlready):
        add_offering(actor=admin, calendar_id=new_calendar.public_id, service_id=town.mri.public_id)
    changed = change_offering(actor=admin, offering_id=made.public_id, duration_minutes=45)
    assert changed.duration_minutes == 45
    with pytest.raises(Invalid):
        change_offering(actor=admin, offering_id=made.public_id, duration_minutes=7)
    asked = {"actor": admin, "offering_id": made.public_id, "today": TODAY}
    set_offering_price(**asked, price=Money(99900, "RON"), from_on=TODAY)
    assert queries.offering_price_on(made, TODAY).amount == 99900
    with pytest.raises(Invalid):
        set_offering_price(**asked, price=Money(1, "NOK"), from_on=TODAY)
    with pytest.raises(Invalid):
        set_offering_price(**asked, price=None, from_on=TODAY - timedelta(days=1))
    end_offering(actor=admin, offering_id=made.public_id, today=TODAY)
    again = add_offering(
        actor=admin, calendar_id=new_calendar.public_id, service_id=town.mri.public_id
    )
    assert (again.pk, again.ended_on, again.duration_minutes) == (made.pk, None, None)
    kinds = set(JournalEntry.objects.values_list("kind", flat=True))
    assert {"offering.added", "duration.changed", "price.changed", "offering.ended"} <= kinds


def test_a_second_calendar_at_the_same_place_is_refused_and_an_ended_one_closes(admin, town):
    """One calendar per practitioner and place."""
    with pytest.raises(CalendarExists):
        add_calendar(actor=admin, role_id=town.ana_centru.role.public_id, now=NOW)
    end_calendar(actor=admin, calendar_id=town.ana_centru.public_id, now=NOW)
    assert opened(town.ana_centru) != 0
    assert opened(town.ana_centru, TODAY + timedelta(days=1)) == 0
    assert town.ana_centru not in queries.calendars(admin)


def test_rooms_of_which_any_will_do(admin, town):
    """D20: members are resources with busy bits only, and services need one of them."""
    given = RoomGroupGiven(
        town.centru.public_id, "Test MR rooms", ("Room 1", "Room 2"), (town.mri.public_id,)
    )
    group = add_room_group(actor=admin, given=given, now=NOW)
    assert group.members.count() == 2
    assert group.resourceneed_set.get().service == town.mri
    foreign = RoomGroupGiven(town.sentrum.public_id, "Test", ("Room 1",), ())
    with pytest.raises(NotFound):
        add_room_group(actor=admin, given=foreign, now=NOW)
    with pytest.raises(Invalid):
        add_room_group(
            actor=admin, given=RoomGroupGiven(town.centru.public_id, "Test", (), ()), now=NOW
        )
    assert ResourceGroup.objects.count() == 1


def test_strangers_find_nothing_and_roles_are_asked(town):
    """Foreign ids are NotFound; an agent may not; a receptionist sets hours, not calendars."""
    calendar = town.ana_centru
    rule = calendar.rules.first()
    for actor, refusal in ((town.outsider, NotFound), (town.agent, RightMissing)):
        set_viewer(actor.organization_id)
        with pytest.raises(refusal):
            add_rule(actor=actor, calendar_id=calendar.public_id, given=MONDAY, now=NOW)
        with pytest.raises(refusal):
            end_rule(actor=actor, rule_id=rule.public_id, from_on=TODAY, now=NOW)
        with pytest.raises(refusal):
            end_offering(actor=actor, offering_id=town.mri_ana.public_id, today=TODAY)
        with pytest.raises(refusal):
            add_calendar(actor=actor, role_id=calendar.role.public_id, now=NOW)
    set_viewer(town.aurora.id)
    add_rule(actor=town.desk, calendar_id=calendar.public_id, given=MONDAY, now=NOW)
    with pytest.raises(RightMissing):
        end_calendar(actor=town.desk, calendar_id=calendar.public_id, now=NOW)
    with pytest.raises(NotFound):
        end_rule(actor=town.desk, rule_id=uuid.uuid4(), from_on=date(2026, 6, 9), now=NOW)
    assert Calendar.objects.filter(ended_on=None).count() == 4
