"""The operator's desk; no patient and no booking is his (P5, D5)."""

import pytest

from samtime.bookings.models import Booking
from samtime.foundation.tenancy import viewing_as
from samtime.patients.models import Patient
from tests.town import at, book, person
from tests.web.operator.conftest import BASE
from tests.web.visitors import texts, visitor

PAGES = ("", "organisations/", "terms/", "terms/new/")


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
