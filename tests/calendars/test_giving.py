"""Who gives a service, saved as a whole."""

from datetime import timedelta

import pytest

from samtime.calendars.commands.giving import Giver, set_givers
from samtime.calendars.models import Offering, OfferingPrice
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.money import Money
from samtime.foundation.tenancy import set_viewer


@pytest.fixture
def aurora(town):
    """Aurora's administrator."""
    set_viewer(town.aurora.id)
    return town


def give(town, *givers, actor=None, from_on=None):
    """Who gives the MRI from today on."""
    return set_givers(
        actor=actor or town.admin,
        service_id=town.mri.public_id,
        givers=givers,
        from_on=from_on or town.today,
        today=town.today,
    )


def giving(town):
    """The calendars that give the MRI."""
    rows = Offering.objects.filter(service=town.mri, ended_on=None)
    return set(rows.values_list("calendar__public_id", flat=True))


def test_exactly_the_ticked_calendars_give_it(aurora):
    """G4: one that is left out ends, a new one begins, with its own duration and price."""
    nord = aurora.ana_nord.public_id
    give(aurora, Giver(nord, duration_minutes=45, price=Money(39900, "RON")))
    assert giving(aurora) == {nord}
    kept = Offering.objects.get(calendar=aurora.ana_nord, service=aurora.mri)
    assert kept.duration_minutes == 45
    assert kept.prices.get().amount == 39900


def test_the_same_again_changes_nothing_and_an_empty_price_follows_the_service(aurora):
    """D9: an own price ends from a day on with an empty field."""
    nord, later = aurora.ana_nord.public_id, aurora.today + timedelta(days=5)
    priced = Giver(nord, price=Money(39900, "RON"))
    give(aurora, priced)
    give(aurora, priced)
    assert OfferingPrice.objects.count() == 1
    give(aurora, Giver(nord), from_on=later)
    rows = OfferingPrice.objects.order_by("from_on").values_list("from_on", "amount")
    assert list(rows) == [(aurora.today, 39900), (later, None)]


def test_one_wrong_line_saves_nothing(aurora):
    """A duration of seven minutes is named at its line; the others are not saved either."""
    before = giving(aurora)
    nord, centru = aurora.ana_nord.public_id, aurora.ana_centru.public_id
    with pytest.raises(Invalid) as refused:
        give(aurora, Giver(nord), Giver(centru, duration_minutes=7))
    assert refused.value.errors[0].field == f"givers.{centru}.duration"
    assert giving(aurora) == before


def test_a_foreign_calendar_and_a_missing_right_are_refused(aurora):
    """P7: another clinic's calendar is not there; the desk does not edit the catalog."""
    before = giving(aurora)
    with pytest.raises(NotFound):
        give(aurora, Giver(aurora.ingrid_sentrum.public_id))
    with pytest.raises(RightMissing):
        give(aurora, actor=aurora.desk)
    assert giving(aurora) == before
