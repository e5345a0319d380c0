"""Ticks and prices of the matrix."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.channels.commands import (
    Change,
    close_all_listings,
    close_listing,
    ensure_own_desk,
    open_listing,
    set_listings,
    set_prices,
)
from samtime.channels.commands.cells import changed_rows
from samtime.channels.models import Channel, Listing, ListingPrice
from samtime.channels.queries import NotListed, terms_for
from samtime.foundation.errors import Invalid, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from tests.town import TODAY

pytestmark = pytest.mark.usefixtures("clock")
LATER = TODAY + timedelta(days=30)


@pytest.fixture
def aurora(town):
    """Aurora's administrator at the table."""
    set_viewer(town.aurora.id)
    return town


def cell(town, **more):
    """ECG at Centru for Hello: nothing is ticked there."""
    given = {"channel": town.channel.public_id, "service": town.ecg.public_id}
    if "offering" in more:
        given.pop("service")
    else:
        given["location"] = town.centru.public_id
    return Change(**{**given, **more})


def rows(town, model=Listing, name="open"):
    """The dated rows of ECG, by offering and day."""
    found = model.objects.filter(channel=town.channel, service=town.ecg)
    return {(r.offering_id, r.from_on): getattr(r, name) for r in found}


def test_a_tick_makes_the_service_bookable_and_only_there(aurora):
    """T5, T7, T8, P32: a tick opens one service at one location."""
    open_listing(actor=aurora.admin, change=cell(aurora))
    now = timezone.now()
    set_viewer(aurora.hello.id)
    terms = terms_for(aurora.agent, at=now, offering_id=aurora.ecg_ana.public_id)
    assert terms.channel_kind == "partner"
    ecg_nord = aurora.dan_nord.offers["ecg"]
    with pytest.raises(NotListed):
        terms_for(aurora.agent, at=now, offering_id=ecg_nord.public_id)


def test_unticking_revokes_at_once(aurora):
    """T6, P9: the next request is refused."""
    set_viewer(aurora.hello.id)
    now = timezone.now()
    assert terms_for(aurora.agent, at=now, offering_id=aurora.mri_ana.public_id)
    set_viewer(aurora.aurora.id)
    close_listing(actor=aurora.admin, change=cell(aurora, service=aurora.mri.public_id))
    set_viewer(aurora.hello.id)
    with pytest.raises(NotListed):
        terms_for(aurora.agent, at=now, offering_id=aurora.mri_ana.public_id)


def test_one_practitioner_may_differ_and_a_later_tick_of_the_service_is_for_all(aurora):
    """D8: the offering's row wins; a change of the service is one for all its practitioners."""
    open_listing(actor=aurora.admin, change=cell(aurora))
    close_listing(actor=aurora.admin, change=cell(aurora, offering=aurora.ecg_ana.public_id))
    assert rows(aurora) == {(None, TODAY): True, (aurora.ecg_ana.id, TODAY): False}
    open_listing(actor=aurora.admin, change=cell(aurora))
    assert rows(aurora) == {(None, TODAY): True}


def test_a_change_of_the_same_day_replaces(aurora):
    """T5: ticking and unticking on one day leaves no rows behind."""
    open_listing(actor=aurora.admin, change=cell(aurora))
    close_listing(actor=aurora.admin, change=cell(aurora))
    assert rows(aurora) == {}


def test_a_dated_tick_counts_from_its_day(aurora):
    """D9: from is the appointment's day; today stays closed."""
    answer = open_listing(actor=aurora.admin, change=cell(aurora, from_on=LATER))
    assert (answer.open_before, answer.open_after, answer.from_on) == (False, True, LATER)
    assert rows(aurora) == {(None, LATER): True}


def test_prices_of_the_channel_and_back_to_base(aurora):
    """T13, P31: the channel has its own price; null follows the base again."""
    set_prices(
        actor=aurora.admin, changes=[cell(aurora, service=aurora.mri.public_id, price=39900)]
    )
    now = timezone.now()
    set_viewer(aurora.hello.id)
    assert terms_for(aurora.agent, at=now, offering_id=aurora.mri_ana.public_id).price == 39900
    set_viewer(aurora.aurora.id)
    set_prices(actor=aurora.admin, changes=[cell(aurora, service=aurora.mri.public_id, price=None)])
    assert not ListingPrice.objects.exists()


def test_all_or_nothing_with_an_answer_for_each(aurora):
    """T5: one refused change keeps all the others from being saved, and says which."""
    fjord_channel = Channel(public_id=aurora.fjord.public_id)
    wrong = [
        cell(aurora),
        cell(aurora, channel=fjord_channel.public_id),
        cell(aurora, from_on=TODAY - timedelta(days=2)),
        cell(aurora, price=-1),
    ]
    with pytest.raises(Invalid) as refused:
        set_listings(actor=aurora.admin, changes=wrong)
    assert {(e.field, e.code) for e in refused.value.errors} == {
        ("changes.1", "not_found"),
        ("changes.2", "past_date"),
        ("changes.3", "invalid"),
    }
    assert rows(aurora) == {}


def test_a_location_outside_the_agreement_is_refused(aurora):
    """P12, P35, invariant 11: the agreement's locations are the upper bound."""
    aurora.channel.channellocation_set.filter(location=aurora.centru).delete()
    with pytest.raises(Invalid) as refused:
        open_listing(actor=aurora.admin, change=cell(aurora))
    assert refused.value.errors[0].code == "not_in_agreement"


def test_a_dry_run_only_tells(aurora):
    """T5: the review shows the difference and saves nothing."""
    [answer] = set_listings(
        actor=aurora.admin, changes=[cell(aurora, open=True, price=100)], dry_run=True
    )
    assert answer.changed
    assert (answer.price_before, answer.price_after) == (None, 100)
    assert rows(aurora) == {}


def test_the_desk_may_look_but_not_tick(aurora):
    """T5: rights; and nothing happened."""
    with pytest.raises(RightMissing):
        open_listing(actor=aurora.desk, change=cell(aurora))
    assert rows(aurora) == {}


def test_a_stranger_finds_no_cell(town):
    """P7: another clinic's channel is not there."""
    set_viewer(town.stranger.id)
    with pytest.raises(Invalid) as refused:
        open_listing(actor=town.outsider, change=cell(town))
    assert refused.value.errors[0].code == "not_found"


def test_what_changed_stands_in_the_journal(aurora):
    """P36: one row per channel and kind, with its cells."""
    set_listings(
        actor=aurora.admin,
        changes=[
            cell(aurora, open=True, price=11100),
            cell(aurora, service=aurora.mri.public_id, open=False),
        ],
    )
    kinds = JournalEntry.objects.filter(object_id=aurora.channel.public_id)
    assert sorted(kinds.values_list("kind", flat=True)) == [
        "listing.closed",
        "listing.opened",
        "price.changed",
    ]


def test_everything_closes_with_one_call(aurora):
    """P28: what was ticked is unticked from the day on."""
    open_listing(actor=aurora.admin, change=cell(aurora, from_on=LATER))
    assert close_all_listings(actor=aurora.admin, channel=aurora.channel, from_on=TODAY) == 2
    now = timezone.now() + timedelta(days=40)
    set_viewer(aurora.hello.id)
    for offering in (aurora.ecg_ana, aurora.mri_ana):
        with pytest.raises(NotListed):
            terms_for(aurora.agent, at=now, offering_id=offering.public_id)


def test_the_own_desk_is_made_once(town):
    """T2: a provider has one own desk, open for everything."""
    first = ensure_own_desk(town.fjord.id)
    assert first == ensure_own_desk(town.fjord.id)
    assert (first.kind, first.state) == ("own_desk", "open")


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ({}, True, {1: True}),
        ({}, False, {}),
        ({0: True}, True, {0: True}),
        ({0: True}, False, {0: True, 1: False}),
        ({1: True}, False, {}),
        ({3: True}, True, {1: True}),
        ({3: False}, True, {1: True, 3: False}),
        ({0: True, 1: False, 3: True}, True, {0: True}),
    ],
)
def test_dated_rows_stay_tidy(before, value, after):
    """D9: a row that says nothing new is left out; later plans stay."""
    day = {n: TODAY + timedelta(days=n) for n in range(4)}
    found = changed_rows({day[d]: v for d, v in before.items()}, day[1], value, False)
    assert found == {day[d]: v for d, v in after.items()}
