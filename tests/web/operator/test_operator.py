"""The operator's desk, organisations and terms; no patient and no booking is his (P5, P24, D5)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.organizations.commands import ask_for_partner_module
from samtime.organizations.models import Organization, TermsDocument
from samtime.patients.models import Patient
from tests.town import at, book, member, organization, person
from tests.web.visitors import texts, visitor

BASE = "/o/network/operator/"
PAGES = ("", "organisations/", "terms/", "terms/new/")


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


def test_switched_off_and_asked_again(town, operator):
    """P5: the page says so, asking twice keeps the first request."""
    visitor(operator).post(f"{BASE}organisations/{town.aurora.public_id}/off/")
    client = visitor(town.admin)
    assert "Ask to activate" in texts(client.get("/o/aurora/modules/"))
    client.post("/o/aurora/modules/")
    first = Organization.objects.get(id=town.aurora.id).module_asked_at
    client.post("/o/aurora/modules/")
    assert Organization.objects.get(id=town.aurora.id).module_asked_at == first
    assert "Customer service will answer" in texts(client.get("/o/aurora/modules/"))


def test_a_company_is_confirmed(town, operator):
    """P7, D17."""
    visitor(operator).post(f"{BASE}organisations/{town.aurora.public_id}/confirm/")
    assert Organization.objects.get(id=town.aurora.id).verified_at is not None


def test_terms_are_previewed_then_published(town, operator):
    """P24: the preview publishes nothing."""
    client, day = visitor(operator), timezone.now().date() + timedelta(days=20)
    form = {
        "title_en": "General terms",
        "text_en": "1 One\r\n2 Two",
        "effective_from": day.isoformat(),
        "accept_by": day.isoformat(),
        "again": "everybody",
        "newest": "0",
    }
    page = texts(client.post(f"{BASE}terms/new/", {**form, "act": "preview"}))
    assert "nothing is published yet" in page
    assert not TermsDocument.objects.exists()
    assert client.post(f"{BASE}terms/new/", {**form, "act": "publish"}).status_code == 302
    assert TermsDocument.objects.get().text == "1 One\n2 Two"
    assert client.post(f"{BASE}terms/new/", {**form, "act": "publish"}).status_code == 412
    assert "Planned" in texts(client.get(f"{BASE}terms/"))


def test_the_operator_sees_no_patient_and_no_booking(town, operator):
    """D5: no page shows one, the clinic's addresses are not there, the tables are empty."""
    book(town.desk, town.mri_ana, at(0, 9), person("Kanarifugl", "Kanarifugl"))
    client = visitor(operator)
    for path in PAGES:
        page = client.get(BASE + path)
        assert page.status_code == 200
        assert "Kanarifugl" not in texts(page)
    for path in ("bookings/", "calendar/", "inbox/", "partners/"):
        assert client.get(f"/o/aurora/{path}").status_code == 404
        assert "Kanarifugl" not in texts(client.get(f"/o/network/{path}"))
    with viewing_as(operator.organization_id):
        assert not Booking.objects.exists()
        assert not Booking.objects.visible_to(operator).exists()
        assert not Patient.objects.visible_to(operator).exists()


@pytest.mark.parametrize("path", PAGES)
def test_strangers_get_404(town, operator, path):
    """P5."""
    assert visitor(town.admin).get(BASE + path).status_code == 404
    assert visitor(town.admin).get(f"/o/aurora/operator/{path}").status_code == 404


def test_the_list_takes_the_same_questions_whatever_its_length(
    town, operator, django_assert_max_num_queries
):
    """SPEED: constant."""
    for number in range(30):
        organization(f"more-{number}", f"More {number}", "NO", "NOK", "partner")
    client = visitor(operator)
    with django_assert_max_num_queries(16):
        client.get(f"{BASE}organisations/")
