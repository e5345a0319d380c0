"""Services and their dated base prices, one by one."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest

from samtime.catalog import queries
from samtime.catalog.commands.services import (
    CodeTaken,
    PriceInThePast,
    add_service,
    change_service,
    end_service,
    set_service_price,
)
from samtime.catalog.models import Service, ServicePrice
from samtime.catalog.rules import PriceGiven, ServiceGiven
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from tests.town import TODAY

GIVEN = ServiceGiven(code="echo", name="Test echo", duration_minutes=30)


@pytest.fixture
def admin(town):
    set_viewer(town.aurora.id)
    return town.admin


def kinds():
    """What was written down, in order."""
    return list(JournalEntry.objects.order_by("id").values_list("kind", flat=True))


def test_a_service_is_added_changed_and_ended(admin):
    """Journal: service.added, duration.changed, service.ended; ending twice is once."""
    made = add_service(actor=admin, given=GIVEN)
    longer = replace(queries.given_of(made), duration_minutes=45, names={"ro": "Ecografie test"})
    changed = change_service(actor=admin, service_id=made.public_id, given=longer)
    assert (changed.duration_minutes, changed.name_in("ro")) == (45, "Ecografie test")
    end_service(actor=admin, service_id=made.public_id, today=TODAY)
    end_service(actor=admin, service_id=made.public_id, today=TODAY + timedelta(days=3))
    assert Service.objects.get(pk=made.pk).ended_on == TODAY
    assert kinds() == ["service.added", "duration.changed", "service.changed", "service.ended"]
    assert made not in queries.services(admin)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": " "}, "code"),
        ({"code": "x" * 41}, "code"),
        ({"name": "x" * 201}, "name"),
        ({"duration_minutes": 17}, "duration_minutes"),
        ({"duration_minutes": 725}, "duration_minutes"),
        ({"buffer_after_minutes": 3}, "buffer_after_minutes"),
    ],
)
def test_bad_fields_are_named(admin, wrong, field):
    """Invalid names the field, and nothing is made."""
    before = Service.objects.count()
    with pytest.raises(Invalid) as caught:
        add_service(actor=admin, given=replace(GIVEN, **wrong))
    assert [error.field for error in caught.value.errors] == [field]
    assert Service.objects.count() == before


def test_a_code_is_used_once(admin, town):
    """The transaction goes on after the refusal."""
    with pytest.raises(CodeTaken):
        add_service(actor=admin, given=replace(GIVEN, code="mri"))
    assert queries.service_by_code(admin, "MRI") == town.mri


def test_a_price_is_dated_and_the_old_one_stands(admin, town):
    """D9: by the day of the appointment; corrected on its own day, never in the past."""
    soon = TODAY + timedelta(days=7)
    price = PriceGiven(amount=50000, currency="RON")
    asked = {"actor": admin, "service_id": town.mri.public_id, "today": TODAY}
    set_service_price(**asked, price=price, from_on=soon)
    assert queries.price_on(town.mri, TODAY).amount == 45000
    assert queries.price_on(town.mri, soon).amount == 50000
    set_service_price(**asked, price=replace(price, amount=51000), from_on=soon)
    assert queries.prices_on(admin, soon)[town.mri.id].amount == 51000
    with pytest.raises(PriceInThePast):
        set_service_price(**asked, price=price, from_on=TODAY - timedelta(days=1))
    assert ServicePrice.objects.filter(service=town.mri).count() == 2
    assert kinds() == ["price.changed", "price.changed"]


def test_the_same_price_changes_nothing(admin, town):
    """No new version without a change."""
    price = PriceGiven(amount=45000, currency="RON")
    set_service_price(
        actor=admin, service_id=town.mri.public_id, price=price, from_on=TODAY, today=TODAY
    )
    assert ServicePrice.objects.filter(service=town.mri).count() == 1
    assert kinds() == []


def test_a_first_price_may_begin_in_the_past(admin):
    """A service without any price."""
    made = add_service(actor=admin, given=GIVEN)
    price = PriceGiven(amount=0, currency="RON")
    early = date(2026, 1, 1)
    set_service_price(
        actor=admin, service_id=made.public_id, price=price, from_on=early, today=TODAY
    )
    assert queries.price_on(made, TODAY).amount == 0


@pytest.mark.parametrize("price", [PriceGiven(1, "NOK"), PriceGiven(-1, "RON")])
def test_a_wrong_price_is_refused(admin, town, price):
    """D12: one currency per organization; never below zero."""
    with pytest.raises(Invalid):
        set_service_price(
            actor=admin, service_id=town.mri.public_id, price=price, from_on=TODAY, today=TODAY
        )


def test_a_stranger_finds_nothing_and_the_desk_may_not(town):
    """Not yours is not there; the receptionist's role does not include it."""
    for actor, refusal in ((town.outsider, NotFound), (town.desk, RightMissing)):
        set_viewer(actor.organization_id)
        with pytest.raises(refusal):
            change_service(actor=actor, service_id=town.mri.public_id, given=GIVEN)
        with pytest.raises(refusal):
            end_service(actor=actor, service_id=town.mri.public_id, today=TODAY)
    with pytest.raises(NotFound):
        end_service(actor=town.admin, service_id=uuid.uuid4(), today=TODAY)
    assert not Service.objects.exclude(ended_on=None).exists()
