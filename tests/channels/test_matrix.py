"""The table of ticks as people see it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.channels.commands import Change, close_listing, open_listing, set_listings
from samtime.channels.models import Channel, ChannelLocation
from samtime.channels.queries.matrix import matrix
from samtime.foundation.errors import RightMissing
from samtime.foundation.tenancy import set_viewer
from tests.town import TODAY, calendar, organization, partner_channel, practitioner, service

pytestmark = pytest.mark.usefixtures("clock")
QUERIES = 11


@pytest.fixture
def aurora(town):
    """Aurora's administrator at the table."""
    set_viewer(town.aurora.id)
    return town


def table(town, place=None, on=TODAY):
    """The table of a location."""
    return matrix(town.admin, location=place or town.centru, on=on)


def states(found, name):
    """The cells' states of a service, by column."""
    row = next(r for g in found.groups for r in g.rows if r.name == name)
    return {c.name: cell.state for c, cell in zip(found.columns, row.cells, strict=True)}


def test_rows_are_examinations_and_columns_channels(aurora):
    """T1, T2: own desk is open for everything, the partner for what is ticked."""
    found = table(aurora)
    assert [c.name for c in found.columns] == ["Own desk", "Hello Calls SRL"]
    assert [g.name for g in found.groups] == ["Cardiology", "Imaging"]
    assert states(found, "Mri") == {"Own desk": "all", "Hello Calls SRL": "all"}
    assert states(found, "Ecg") == {"Own desk": "all", "Hello Calls SRL": "none"}
    assert [(c.ticked, c.total) for c in found.columns] == [(2, 2), (1, 2)]


def test_new_partners_stand_last_and_only_from_acceptance_on(aurora):
    """T3, T4: in order of acceptance; the invited one has no column."""
    first = organization("first", "Aa First SRL", "RO", "RON", "partner")
    invited = organization("invited", "Bb Invited SRL", "RO", "RON", "partner")
    late = partner_channel(aurora.aurora, first, [aurora.centru])
    waiting = partner_channel(aurora.aurora, invited, [aurora.centru])
    set_viewer(aurora.aurora.id)
    Channel.objects.filter(id=late.id).update(opened_at=timezone.now())
    Channel.objects.filter(id=waiting.id).update(state="preparing", opened_at=None)
    found = table(aurora)
    assert [c.short_name for c in found.columns] == ["Own desk", "Hello Calls", "Aa First"]


def test_a_location_outside_the_agreement_is_marked(aurora):
    """T8, P12: settings are per location, the agreement is the bound."""
    ChannelLocation.objects.filter(channel=aurora.channel, location=aurora.nord).delete()
    found = table(aurora, aurora.nord)
    assert states(found, "Mri")["Hello Calls SRL"] == "out"
    assert states(table(aurora), "Mri")["Hello Calls SRL"] == "all"


def test_some_practitioners_make_a_dash(aurora):
    """T5: the service's tick is all, a dash is some; each practitioner has his own."""
    nord = aurora.nord
    close_listing(
        actor=aurora.admin,
        change=Change(
            channel=aurora.channel.public_id, offering=aurora.dan_nord.offers["mri"].public_id
        ),
    )
    found = table(aurora, nord)
    assert states(found, "Mri")["Hello Calls SRL"] == "some"
    row = next(r for g in found.groups for r in g.rows if r.name == "Mri")
    assert [(p.name, p.cells[1].state) for p in row.practitioners] == [
        ("Ana-Test Ionescu", "all"),
        ("Dan-Test Popescu", "none"),
    ]


def test_a_planned_change_shows_its_day(aurora):
    """D9: today it is open, a clock says when it closes; on that day it is closed."""
    later = TODAY + timedelta(days=10)
    close_listing(
        actor=aurora.admin,
        change=Change(
            channel=aurora.channel.public_id,
            service=aurora.mri.public_id,
            location=aurora.centru.public_id,
            from_on=later,
        ),
    )
    row = next(r for g in table(aurora).groups for r in g.rows if r.name == "Mri")
    cell = row.cells[1]
    assert (cell.state, cell.next_on, cell.next_open) == ("all", later, False)
    assert states(table(aurora, on=later), "Mri")["Hello Calls SRL"] == "none"


def test_the_channels_own_price_stands_in_the_cell(aurora):
    """T13: each channel has its own prices."""
    given = {
        "channel": aurora.channel.public_id,
        "service": aurora.mri.public_id,
        "location": aurora.centru.public_id,
    }
    set_listings(actor=aurora.admin, changes=[Change(**given, price=39900)])
    row = next(r for g in table(aurora).groups for r in g.rows if r.name == "Mri")
    assert [cell.price for cell in row.cells] == [None, 39900]


def test_the_number_of_queries_does_not_grow(aurora, django_assert_num_queries):
    """T2: forty services and six more channels cost as many queries as two and two."""
    with django_assert_num_queries(QUERIES):
        table(aurora)
    for number in range(40):
        made = service(aurora.aurora, f"s{number}", 30, 10000)
        if number % 10 == 0:
            calendar(practitioner(aurora.aurora, "Test", f"No{number}"), aurora.centru, made)
        open_listing(
            actor=aurora.admin,
            change=Change(
                channel=aurora.channel.public_id,
                service=made.public_id,
                location=aurora.centru.public_id,
            ),
        )
    for number in range(6):
        other = organization(f"more-{number}", f"More {number} SRL", "RO", "RON", "partner")
        partner_channel(aurora.aurora, other, [aurora.centru])
    set_viewer(aurora.aurora.id)
    with django_assert_num_queries(QUERIES):
        assert len(table(aurora).columns) == 8


def test_a_partner_has_no_table(town):
    """T7: rights."""
    set_viewer(town.hello.id)
    with pytest.raises(RightMissing):
        matrix(town.agent, location=town.centru, on=TODAY)
