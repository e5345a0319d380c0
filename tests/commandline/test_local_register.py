"""The demo's company register speaks the true shapes: our own clients read it."""

import os

import pytest

from samtime.commandline.local_register import URLS, Desk, local_register
from samtime.connectors import outward
from samtime.connectors.anaf import connector as anaf
from samtime.connectors.registers import look_up
from samtime.demo.companies import COMPANIES
from samtime.partners.rules import check_digit_fails, registration_number_fault
from tests.connectors.servers import serving


@pytest.fixture
def desk(settings, monkeypatch):
    """The server, and the three clients pointed at it."""
    outward.breaker.forget()
    monkeypatch.setattr(anaf, "turns", anaf.Turns(0))
    with serving(Desk) as place:
        settings.OUTWARD_ALLOW = {place}
        for name, path in URLS.items():
            setattr(settings, name.removeprefix("SAMTIME_"), f"http://{place}{path}")
        yield


def test_every_number_passes_its_checksum():
    """INTERFACE section 2: invented companies, numbers that pass."""
    for country, number in COMPANIES:
        typed = number.removesuffix("01") if country == "SE" else number
        assert not check_digit_fails(country, typed), (country, number)
    for company in COMPANIES.values():
        if company.registration_number:
            assert not registration_number_fault(company.country, company.registration_number)


@pytest.mark.parametrize(
    ("country", "number", "name", "state"),
    [
        ("NO", "999100015", "FJORD FYSIO OG HELSE AS", "active"),
        ("NO", "999200044", "SOLVANG REHAB AS", "bankrupt"),
        ("NO", "999200052", "GAMLE KLINIKK AS", "winding_up"),
        ("RO", "99900028", "Hello Calls SRL", "active"),
        ("RO", "99901023", "CALL CENTER TEST SRL", "struck_off"),
        ("RO", "99901031", "CLINICA INACTIVA PROBA SRL", "inactive"),
        ("HU", "99910015", "Duna Medical Kft.", "active"),
        ("HU", "99920007", "TISZA PRÓBA RENDELŐ KFT.", "active"),
        ("SE", "559900000601", "Nordic Health Insurance AB", "active"),
    ],
)
def test_the_towns_companies_are_found(desk, country, number, name, state):
    """P9: each in its register."""
    found = look_up(country, number)
    assert (found.outcome, found.name, found.state) == ("found", name, state)


@pytest.mark.parametrize(
    ("country", "number", "outcome"),
    [
        ("NO", "999200060", "removed"),
        ("NO", "999199999", "unknown"),
        ("NO", "999200095", "unavailable"),
        ("RO", "99999999", "unknown"),
        ("HU", "99920021", "unavailable"),
        ("HU", "99999999", "unknown"),
    ],
)
def test_trouble_can_be_tried(desk, country, number, outcome):
    """P33: each kind of answer has a number."""
    assert look_up(country, number).outcome == outcome


def test_a_named_register_is_not_replaced(monkeypatch):
    """A demo told of real registers asks those."""
    monkeypatch.setenv("SAMTIME_BRREG_URL", "https://register.example")
    monkeypatch.delenv("SAMTIME_ANAF_URL", raising=False)
    with local_register():
        assert "SAMTIME_ANAF_URL" not in os.environ
