"""Undo, conflicts between colleagues, copying."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.channels.commands import (
    Change,
    ChangedMeanwhile,
    ChangedSince,
    Spot,
    TooLateToUndo,
    close_listing,
    copy_listings,
    open_listing,
    set_listings,
    undo_listings,
)
from samtime.channels.models import Listing, ListingPrice
from samtime.channels.queries.matrix import matrix
from samtime.channels.queries.saved import last_saved, who_changed
from samtime.foundation.errors import NotFound
from samtime.foundation.tenancy import set_viewer
from tests.town import NOW, TODAY, member, organization, partner_channel

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def aurora(town):
    """Aurora's administrator at the table."""
    set_viewer(town.aurora.id)
    return town


def cell(town, what, **more):
    """A service at Centru for Hello."""
    given = {"location": town.centru.public_id, "service": what.public_id}
    return Change(channel=town.channel.public_id, **{**given, **more})


def rows():
    """Every dated row of ticks and prices."""
    ticks = Listing.objects.order_by("id").values_list(
        "channel_id", "location_id", "service_id", "offering_id", "from_on", "open"
    )
    prices = ListingPrice.objects.values_list("channel_id", "service_id", "from_on", "amount")
    return sorted(ticks, key=str), sorted(prices, key=str)


def test_undo_brings_back_exactly_what_was(aurora):
    """T5, SCREENS 4.3: ticks and prices, added and removed, in one step; only once."""
    before = rows()
    set_listings(
        actor=aurora.admin,
        changes=[
            cell(aurora, aurora.ecg, open=True, price=100),
            cell(aurora, aurora.mri, open=False),
            Change(aurora.channel.public_id, offering=aurora.ecg_ana.public_id, open=False),
        ],
    )
    assert rows() != before
    saved = last_saved(aurora.admin, now=NOW)
    assert undo_listings(actor=aurora.admin, batch=saved.batch, now=NOW) == saved.cells
    assert rows() == before
    assert last_saved(aurora.admin, now=NOW) is None
    with pytest.raises(TooLateToUndo):
        undo_listings(actor=aurora.admin, batch=saved.batch, now=NOW)


def test_undo_ends_after_ten_minutes(aurora):
    """SCREENS 4.3: ten minutes, then the ticks are changed by hand; nothing happens."""
    open_listing(actor=aurora.admin, change=cell(aurora, aurora.ecg))
    saved, after = last_saved(aurora.admin, now=NOW), rows()
    late = NOW + timedelta(minutes=10, seconds=1)
    assert last_saved(aurora.admin, now=late) is None
    with pytest.raises(TooLateToUndo):
        undo_listings(actor=aurora.admin, batch=saved.batch, now=late)
    assert rows() == after


def test_undo_refuses_when_a_colleague_changed_the_same_cell(aurora):
    """SCREENS 1.9: never over somebody else's change; and nobody undoes another's save."""
    colleague = member(aurora.aurora, "second@aurora.example", "admin")
    open_listing(actor=aurora.admin, change=cell(aurora, aurora.ecg))
    saved = last_saved(aurora.admin, now=NOW)
    with pytest.raises(NotFound):
        undo_listings(actor=colleague, batch=saved.batch, now=NOW)
    close_listing(actor=colleague, change=cell(aurora, aurora.ecg))
    after = rows()
    with pytest.raises(ChangedSince):
        undo_listings(actor=aurora.admin, batch=saved.batch, now=NOW)
    assert rows() == after


def test_a_colleagues_change_is_not_overwritten(aurora):
    """SCREENS 1.9, T5: what was seen is no more; nothing is saved, the state now is told."""
    colleague = member(aurora.aurora, "second@aurora.example", "admin")
    close_listing(actor=colleague, change=cell(aurora, aurora.mri))
    open_listing(actor=colleague, change=cell(aurora, aurora.ecg))
    after = rows()
    mine = [
        cell(aurora, aurora.ecg, open=False, seen="some"),
        cell(aurora, aurora.mri, open=False, seen="all"),
    ]
    with pytest.raises(ChangedMeanwhile) as refused:
        set_listings(actor=aurora.admin, changes=mine)
    assert refused.value.facts["now"] == {0: "all"}
    assert rows() == after
    who, _at = who_changed(aurora.admin, aurora.channel.public_id, aurora.ecg.public_id)
    assert who == "Test Second"


def test_a_practitioner_who_differs_now_is_seen_too(aurora):
    """SCREENS 1.9, D8: the service was all, one practitioner was unticked meanwhile."""
    nord = {"location": aurora.nord.public_id}
    one = Change(aurora.channel.public_id, offering=aurora.dan_nord.offers["mri"].public_id)
    close_listing(actor=aurora.admin, change=one)
    with pytest.raises(ChangedMeanwhile) as refused:
        set_listings(
            actor=aurora.admin, changes=[cell(aurora, aurora.mri, open=False, seen="all", **nord)]
        )
    assert refused.value.facts["now"] == {0: "some"}


@pytest.fixture
def other(aurora):
    """A second partner with nothing ticked."""
    made = organization("first", "Aa First SRL", "RO", "RON", "partner")
    channel = partner_channel(aurora.aurora, made, [aurora.centru, aurora.nord])
    set_viewer(aurora.aurora.id)
    return channel


def states(town, channel, place):
    """Service and practitioner states and prices of a column."""
    found = matrix(town.admin, location=place, on=TODAY)
    number = [c.channel for c in found.columns].index(channel.public_id)
    cells = [[r.cells[number], *(p.cells[number] for p in r.practitioners)] for r in found.rows]
    return [[(c.state, c.price) for c in line] for line in cells]


@pytest.mark.parametrize("prices", [True, False])
def test_copying_makes_two_columns_alike(aurora, other, prices):
    """SCREENS 4.3: practitioners who differ too; with or without prices; a preview only shows."""
    one = Change(aurora.channel.public_id, offering=aurora.dan_nord.offers["mri"].public_id)
    close_listing(actor=aurora.admin, change=one)
    nord = {"location": aurora.nord.public_id}
    set_listings(actor=aurora.admin, changes=[cell(aurora, aurora.mri, price=900, **nord)])
    open_listing(
        actor=aurora.admin,
        change=Change(other.public_id, service=aurora.ecg.public_id, **nord),
    )
    spots = [Spot(c.public_id, aurora.nord.public_id) for c in (aurora.channel, other)]
    more = {"source": spots[0], "target": spots[1], "prices": prices, "from_on": TODAY}
    before = rows()
    shown = copy_listings(actor=aurora.admin, dry_run=True, **more)
    assert rows() == before
    assert any(a.open_after for a in shown)
    assert any(a.open_before and not a.open_after for a in shown)
    copy_listings(actor=aurora.admin, **more)
    source, target = (states(aurora, c, aurora.nord) for c in (aurora.channel, other))
    if not prices:
        source = [[(state, None) for state, _p in line] for line in source]
    assert target == source
    assert copy_listings(actor=aurora.admin, **more) == []


def test_copying_to_another_location_is_by_service(aurora, other):
    """T8: settings are per location; another partner's column at another place."""
    source = Spot(aurora.channel.public_id, aurora.centru.public_id)
    target = Spot(other.public_id, aurora.nord.public_id)
    copy_listings(actor=aurora.admin, source=source, target=target, prices=False, from_on=TODAY)
    assert [line[0][0] for line in states(aurora, other, aurora.nord)] == ["none", "all"]


def test_a_strangers_column_is_not_there(aurora, other):
    """P7: copying from what is not ours; nothing happens."""
    before = rows()
    set_viewer(aurora.stranger.id)
    spot = Spot(aurora.channel.public_id, aurora.centru.public_id)
    with pytest.raises(NotFound):
        copy_listings(actor=aurora.outsider, source=spot, target=spot, prices=True, from_on=TODAY)
    set_viewer(aurora.aurora.id)
    assert rows() == before
    assert timezone.now() == NOW
