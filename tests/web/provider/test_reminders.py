"""The page of reminders: the clinic's time and each service's own."""

import pytest

from samtime.catalog.models import Service
from samtime.foundation.tenancy import viewing_as
from samtime.journal.models import JournalEntry
from samtime.organizations.models import Organization
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/o/aurora/reminders/"


def test_one_time_for_all_and_one_for_a_service(town):
    """Saved together; the same again writes nothing into the journal."""
    assert "1 day before" in texts(visitor(town.admin).get(PAGE))
    own = f"service-{town.mri.public_id}"
    for _twice in range(2):
        assert visitor(town.admin).post(PAGE, {"hours": "48", own: "0"}).status_code == 302
    assert Organization.objects.get(id=town.aurora.id).reminder_hours == 48
    assert Service.objects.get(id=town.mri.id).reminder_hours == 0
    assert Service.objects.get(id=town.ecg.id).reminder_hours is None
    with viewing_as(town.aurora.id):
        kinds = JournalEntry.objects.values_list("kind", flat=True)
        assert sorted(kinds) == ["organization.changed", "service.changed"]


def test_another_number_changes_nothing(town):
    own = f"service-{town.mri.public_id}"
    for given in ({"hours": "5"}, {"hours": "x"}, {"hours": "12", own: "99999"}):
        refused = visitor(town.admin).post(PAGE, given)
        assert refused.status_code == 422
        assert "Choose one of the times." in texts(refused)
    assert Organization.objects.get(id=town.aurora.id).reminder_hours == 24


def test_a_stranger_and_the_desk_find_nothing(town):
    for who in (town.outsider, town.desk):
        assert visitor(who).get(PAGE).status_code == 404
    foreign = f"service-{town.mri.public_id}"
    visitor(town.fjord_admin).post("/o/fjord/reminders/", {"hours": "12", foreign: "2"})
    assert Service.objects.get(id=town.mri.id).reminder_hours is None
