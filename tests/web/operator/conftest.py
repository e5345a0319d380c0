"""The network operator, and a clinic that asks for the module."""

import pytest

from samtime.foundation.tenancy import set_viewer
from samtime.organizations.commands import ask_for_partner_module
from samtime.organizations.models import Organization
from tests.town import member, organization

BASE = "/o/network/operator/"


@pytest.fixture
def operator(town):
    made = organization("network", "Network Operator", "NO", "NOK", "operator")
    return member(made, "operator@network.example", "operator")


@pytest.fixture
def asked(town, operator):
    """Aurora asks for the module."""
    Organization.objects.filter(id=town.aurora.id).update(partner_module="off")
    set_viewer(town.aurora.id)
    ask_for_partner_module(actor=town.admin)
    ask_for_partner_module(actor=town.admin)
    set_viewer(0)
