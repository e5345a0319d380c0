"""A week from a day on, days that differ, public holidays."""

from datetime import date, time, timedelta

import pytest

from samtime.calendars import masks
from samtime.calendars.commands.days import DaysGiven, close_on_holidays, public_holidays, set_days
from samtime.calendars.commands.weeks import Stretch, WeekGiven, set_week
from samtime.calendars.models import AvailabilityException, AvailabilityRule
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from tests.town import NOW, TODAY

DAY = timedelta(days=1)


@pytest.fixture
def aurora(town):
    """Aurora's desk, who keeps the calendars."""
    set_viewer(town.aurora.id)
    return town


def monday(start, end):
    """One stretch."""
    return Stretch(1, time(start), time(end))


def week(town, *stretches, first=TODAY, last=None, actor=None):
    """Ana's week at Centru."""
    return set_week(
        actor=actor or town.desk,
        calendar_id=town.ana_centru.public_id,
        given=WeekGiven(stretches, first, last),
        now=NOW,
    )


def mondays(town):
    """The Monday rules: from, to, hours."""
    rows = AvailabilityRule.objects.filter(calendar=town.ana_centru, weekday=1)
    return [
        (r.valid_from, r.valid_to, r.start.hour, r.end.hour)
        for r in rows.order_by("valid_from", "start")
    ]


def is_true_to_rules(town):
    """Masks equal truth."""
    ids = [town.ana_centru.mask_id]
    days = [TODAY + n * DAY for n in range(20)]
    rows = masks.lock_days(ids, days)
    return all(rows[m, d].open == o for m, d, o, _busy, _run in masks._truth(ids, days))


def test_a_week_with_a_last_day_lets_the_earlier_hours_come_back(aurora):
    """Summer hours: before and after stay what they were; the masks follow."""
    first, last = TODAY + 7 * DAY, TODAY + 13 * DAY
    before = mondays(aurora)
    week(aurora, monday(9, 12), monday(13, 15), first=first, last=last)
    (since, _to, start, end), *_rest = before
    assert mondays(aurora) == [
        (since, first - DAY, start, end),
        (first, last, 9, 12),
        (first, last, 13, 15),
        (last + DAY, None, start, end),
    ]
    assert is_true_to_rules(aurora)


def test_the_same_week_twice_is_the_same_week(aurora):
    """Saving again changes nothing that counts."""
    week(aurora, monday(9, 12))
    once = mondays(aurora)
    week(aurora, monday(9, 12))
    assert mondays(aurora) == once
    assert is_true_to_rules(aurora)


@pytest.mark.parametrize(
    ("stretches", "last"),
    [
        ((monday(9, 12), monday(11, 13)), None),
        ((Stretch(1, time(9, 2), time(12)),), None),
        ((monday(12, 9),), None),
        ((monday(9, 12),), TODAY - DAY),
    ],
)
def test_hours_that_cannot_be_are_refused_and_nothing_changes(aurora, stretches, last):
    """Overlaps, odd minutes, ends before starts: at the day, and the old week stays."""
    before = mondays(aurora)
    with pytest.raises(Invalid):
        week(aurora, *stretches, last=last)
    assert mondays(aurora) == before


def test_who_may_not_edit_is_refused(aurora):
    """A partner's agent and another clinic's administrator find nothing to change."""
    with pytest.raises(RightMissing):
        week(aurora, actor=aurora.agent)
    with pytest.raises(NotFound):
        week(aurora, actor=aurora.outsider)


def test_an_absence_over_days_at_both_places(aurora):
    """One practitioner away: all calendars, every day, once."""
    ids = [aurora.ana_centru.public_id, aurora.ana_nord.public_id]
    given = DaysGiven(TODAY, TODAY + 4 * DAY, reason="Course")
    made = set_days(actor=aurora.desk, calendar_ids=ids, given=given, now=NOW)
    again = set_days(actor=aurora.desk, calendar_ids=ids, given=given, now=NOW)
    assert (len(made), len(again)) == (10, 0)
    assert is_true_to_rules(aurora)
    too_long = DaysGiven(TODAY, TODAY + 3 * 366 * DAY)
    with pytest.raises(Invalid):
        set_days(actor=aurora.desk, calendar_ids=ids, given=too_long, now=NOW)
    assert AvailabilityException.objects.count() == 10


def test_public_holidays_close_the_location_from_today_on(aurora):
    """Romania's list, in Romanian; past days stay as they were; twice changes nothing."""
    names = dict(public_holidays(aurora.centru, 2026))
    assert names[date(2026, 12, 1)].startswith("Ziua Națională")
    place = aurora.centru.public_id
    made = close_on_holidays(actor=aurora.desk, location_id=place, year=2026, now=NOW)
    assert {e.calendar_id for e in made} == {aurora.ana_centru.id}
    assert min(e.date for e in made) >= TODAY
    assert not close_on_holidays(actor=aurora.desk, location_id=place, year=2026, now=NOW)
    with pytest.raises(Invalid):
        close_on_holidays(actor=aurora.desk, location_id=place, year=9999, now=NOW)
