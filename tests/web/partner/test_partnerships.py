"""Agreements and invitations of the partner's side."""

import pytest

from samtime.accounts.models import User
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.partners.commands import invite_partner
from samtime.partners.models import Partnership
from tests.partners.conftest import proposal, terms

__all__ = ["terms"]
BASE = "/o/hello/partner/agreements/"
SIGNED = {
    "terms_version": "4",
    "person_name": "Test Admin",
    "person_role": "manager",
    "authority": "1",
}


@pytest.fixture
def waiting(town, terms):
    """Fjord's invitation waits for Hello."""
    town.hello.registration_number, town.hello.country = "312319489", "NO"
    town.hello.save()
    set_viewer(town.fjord.id)
    wish = proposal(town, terms={"location_ids": (town.sentrum.public_id,)})
    made = invite_partner(actor=town.fjord_admin, proposal=wish)
    set_viewer(0)
    return made


@pytest.fixture
def manager(town, client):
    """Hello's administrator in a browser."""
    client.force_login(User.objects.get(email="admin@hello.example"))
    return client


def state(town):
    """The partnership's state."""
    with viewing_as(town.fjord.id):
        return Partnership.objects.get().state


def test_the_invitation_waits_with_its_terms(town, waiting, manager):
    """P22, P23, P24, P15, P18: institution, commission, payment, patient data, general terms."""
    page = manager.get(f"{BASE}?open={waiting.public_id}").content.decode()
    for words in (
        "Fjord Fysio og Helse AS",
        "Fjord Sentrum",
        "12.5% of attended bookings",
        "You type each person",
        "General terms for partners",
        "Approve cooperation",
    ):
        assert words in page


def test_approving(town, waiting, manager):
    """P23, P24: with name, role and authority; then active."""
    address = f"{BASE}{waiting.public_id}/approve/"
    refused = manager.post(address, {**SIGNED, "authority": ""})
    assert refused.status_code == 422
    assert state(town) == "invited"
    answer = manager.post(address, SIGNED)
    assert answer.headers["Location"] == f"{BASE}?open={waiting.public_id}"
    assert state(town) == "active"
    assert "Active" in manager.get(BASE).content.decode()
    assert manager.post(address, SIGNED).status_code == 404


def test_declining(town, waiting, manager):
    """P22: with a reason."""
    manager.post(f"{BASE}{waiting.public_id}/decline/", {"reason": "Not now"})
    assert state(town) == "declined"


def test_an_agent_and_a_stranger_get_404(town, waiting, client):
    """P7, P24."""
    for email, base in (
        ("agent@hello.example", BASE),
        ("admin@stranger.example", BASE),
        ("admin@stranger.example", "/o/stranger/partner/agreements/"),
    ):
        client.force_login(User.objects.get(email=email))
        assert client.post(f"{base}{waiting.public_id}/approve/", SIGNED).status_code == 404
        assert client.get(f"{base}?open={waiting.public_id}").status_code == 404
    assert state(town) == "invited"
