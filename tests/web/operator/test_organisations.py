"""Organisations: module by contract, company confirmed (P5, P7)."""

from samtime.foundation.tenancy import viewing_as
from samtime.inbox.models import InboxItem
from samtime.organizations.models import Organization
from tests.town import organization
from tests.web.operator.conftest import BASE
from tests.web.visitors import texts, visitor


def module(town):
    return Organization.objects.get(id=town.aurora.id).partner_module


def test_what_was_asked_waits_and_is_switched_on(town, operator, asked):
    """P5: one item, who asked, contract and day; the clinic reads the state."""
    client = visitor(operator)
    assert "Clinica Aurora SRL" in texts(client.get(BASE))
    with viewing_as(operator.organization_id):
        assert InboxItem.objects.filter(resolved_at=None).count() == 1
    sheet = texts(client.get(f"{BASE}organisations/?open={town.aurora.public_id}"))
    assert "Test Admin" in sheet
    address = f"{BASE}organisations/{town.aurora.public_id}/on/"
    assert client.post(address, {"contract": "", "since": ""}).status_code == 422
    assert module(town) == "asked"
    given = {"contract": "C-7", "since": "2026-06-01"}
    assert client.post(address, given).status_code == 302
    assert module(town) == "on"
    assert "C-7" in texts(visitor(town.admin).get("/o/aurora/modules/"))
    with viewing_as(operator.organization_id):
        assert not InboxItem.objects.filter(resolved_at=None).exists()


def test_a_company_is_confirmed(town, operator):
    """P7, D17."""
    visitor(operator).post(f"{BASE}organisations/{town.aurora.public_id}/confirm/")
    assert Organization.objects.get(id=town.aurora.id).verified_at is not None


def test_the_list_takes_the_same_questions_whatever_its_length(
    town, operator, django_assert_max_num_queries
):
    """SPEED: constant."""
    for number in range(30):
        organization(f"more-{number}", f"More {number}", "NO", "NOK", "partner")
    client = visitor(operator)
    with django_assert_max_num_queries(16):
        client.get(f"{BASE}organisations/")
