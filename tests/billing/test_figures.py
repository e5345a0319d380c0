"""A month's sums in the database against the same rows added up one by one (W7, D10, R9)."""

from collections import Counter
from dataclasses import astuple
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from samtime.billing.queries.figures import month_figures
from samtime.billing.queries.sources import settled_channels, settled_keys
from samtime.bookings.models import Booking
from samtime.channels.models import Channel, ChannelTerms
from samtime.organizations.models import Location
from tests.billing.conftest import JULY_BEGAN, JUNE, day, row, save

pytestmark = pytest.mark.django_db


def added_up(channel, now):
    """By currency what `Figures` says, of the rows themselves."""
    sums: dict[str, Counter] = {}
    for one in Booking.objects.filter(channel=channel).select_related("location"):
        local = one.starts_at.astimezone(ZoneInfo(one.location.time_zone))
        if local.date().replace(day=1) != JUNE:
            continue
        so_far = sums.setdefault(one.currency, Counter())
        if one.state in ("cancelled", "noshow"):
            so_far.update(["bookings", one.state])
        elif one.starts_at > now:
            so_far.update(["expected"])
            so_far["would_be"] += one.commission_amount
        else:
            so_far.update(["bookings", "attended"])
            so_far["base"] += one.net_amount
            so_far["commission"] += one.commission_amount
    names = ("bookings", "attended", "cancelled", "noshow", "expected", "base", "commission")
    return [
        (channel.id, currency, *(found[name] for name in (*names, "would_be")))
        for currency, found in sorted(sums.items())
    ]


def figures(town, now, **more):
    return [astuple(one) for one in month_figures(town.admin, JUNE, now=now, **more)]


@pytest.mark.parametrize("now", [day(5, 1), day(6, 16), day(6, 12), JULY_BEGAN])
def test_a_months_sums_are_its_rows_added_up(billed, now):
    """W7, R9: before, at the very start of a visit, in the midst of the month, and after it."""
    assert figures(billed, now) == added_up(billed.channel, now) != []
    assert figures(billed, now, channel=billed.channel) == added_up(billed.channel, now)


def test_a_channel_with_two_currencies_has_two_lines(billed):
    """W7: sums of one currency hold nothing of another, though most channels have but one."""
    save(billed, *(row(billed, day(6, n), currency="EUR", price=9000 + n) for n in (5, 20, 25)))
    for now in (day(6, 22), JULY_BEGAN):
        expected = added_up(billed.channel, now)
        assert [line[1] for line in expected] == ["EUR", "RON"]
        assert figures(billed, now) == figures(billed, now, channel=billed.channel) == expected


def test_each_place_has_its_own_month(billed):
    """D10: of one instant it is still May in Lisbon and already June in Bucharest."""
    Location.objects.filter(id=billed.nord.id).update(time_zone="Europe/Lisbon")
    instants = [day(6, 1, 0) + timedelta(minutes=30), day(7, 1, 0) + timedelta(minutes=30)]
    save(
        billed, *(row(billed, at, place=p) for at in instants for p in (billed.centru, billed.nord))
    )
    assert figures(billed, JULY_BEGAN) == added_up(billed.channel, JULY_BEGAN)
    assert added_up(billed.channel, JULY_BEGAN)[0][2] == 7 + 2


def test_sums_are_of_the_channels_that_settle(billed):
    """D13: the own desk, a channel in preparation and one without statistics have no month."""
    for actor in (billed.admin, billed.manager):
        known = [(c.id, c.provider_id, c.provider.currency) for c in settled_channels(actor)]
        assert known == settled_keys(actor) != []
    Channel.objects.filter(id=billed.channel.id).update(state="preparing")
    assert settled_keys(billed.admin) == list(settled_channels(billed.admin)) == []
    Channel.objects.filter(id=billed.channel.id).update(state="paused")
    assert len(settled_keys(billed.admin)) == len(settled_channels(billed.admin)) == 1
    ChannelTerms.objects.filter(channel=billed.channel).update(statistics=False)
    assert settled_keys(billed.admin) == list(settled_channels(billed.admin)) == []
