"""Institution and locations."""

import pytest

from samtime.calendars.models import ResourceGroup, ResourceNeed
from samtime.organizations.commands.company import CompanyGiven
from samtime.organizations.models import Location, Organization
from tests.web.visitors import texts, visitor

BASE = "/o/aurora/institution/"


@pytest.fixture
def admin(town):
    """Aurora's administrator in a browser."""
    return visitor(town.admin)


def card(town, **changed):
    """The form of the card: what was seen, and what is typed."""
    own = Organization.objects.get(id=town.aurora.id)
    known = {name: getattr(own, name) for name in CompanyGiven.__slots__}
    return {**known, **{f"seen.{k}": v for k, v in known.items()}, **changed}


def test_the_card_is_changed_and_an_empty_invoice_address_is_named(town, admin):
    """N5, N6: the warning goes when the address is there."""
    assert "notices go to the administrator" in texts(admin.get(BASE))
    given = card(town, invoice_email="faktura@aurora.example", phone="+40 555 0100")
    assert admin.post(f"{BASE}company/", given).status_code == 302
    page = texts(admin.get(BASE))
    assert "faktura@aurora.example" in page
    assert "missing: notices" not in page


def test_a_colleagues_change_is_shown_and_not_overwritten(town, admin):
    """SCREENS 1.9: both values stand there; saving again is knowing."""
    stale = card(town, phone="+40 555 0101")
    Organization.objects.filter(id=town.aurora.id).update(phone="+40 555 0999")
    answer = admin.post(f"{BASE}company/", stale)
    assert answer.status_code == 412
    assert "+40 555 0999" in texts(answer)
    assert Organization.objects.get(id=town.aurora.id).phone == "+40 555 0999"
    again = card(town, phone="+40 555 0101")
    assert admin.post(f"{BASE}company/", again).status_code == 302


def test_wrong_addresses_are_told_at_their_fields_and_kept(town, admin):
    """Bad input: e-mail and web address; nothing is saved."""
    answer = admin.post(f"{BASE}company/", card(town, email="nobody", website="javascript:1"))
    page = texts(answer)
    assert answer.status_code == 422
    assert "An e-mail address looks like" in page
    assert "A web address looks like" in page
    assert 'value="nobody"' in page
    assert Organization.objects.get(id=town.aurora.id).email == ""


def test_a_location_with_rooms_that_services_need(town, admin):
    """D20: rooms by name, one per line; a line taken away ends that room."""
    given = {"name": "Aurora Sud", "time_zone": "Europe/Bucharest", "latitude": "44,4"}
    refused = admin.post(f"{BASE}locations/new/", given)
    assert refused.status_code == 422
    assert "Give both latitude" in texts(refused)
    answer = admin.post(f"{BASE}locations/new/", {**given, "longitude": "26.1"})
    assert answer.status_code == 302, texts(answer)
    place = Location.objects.get(name="Aurora Sud")
    rooms = {"name": "MR", "members": "MR 1\nMR 2\n", "services": [str(town.mri.public_id)]}
    address = f"{BASE}locations/{place.public_id}/rooms/"
    assert admin.post(address, rooms).status_code == 302
    group = ResourceGroup.objects.get(location=place)
    assert ResourceNeed.objects.get(group=group).service_id == town.mri.id
    page = texts(admin.get(f"{BASE}locations/{place.public_id}/"))
    assert "MR 1, MR 2" in page
    twice = admin.post(f"{BASE}rooms/{group.public_id}/", {**rooms, "members": "A\nA"})
    assert twice.status_code == 422
    one = {**rooms, "members": "MR 2", "services": []}
    assert admin.post(f"{BASE}rooms/{group.public_id}/", one).status_code == 302
    assert list(group.members.filter(ended_on=None).values_list("name", flat=True)) == ["MR 2"]
    assert not ResourceNeed.objects.filter(group=group).exists()


def test_a_location_where_somebody_works_cannot_end(town, admin):
    """The refusal says what to do first."""
    answer = admin.post(f"{BASE}locations/{town.centru.public_id}/", {"act": "end"})
    assert answer.status_code == 422
    assert "Practitioners still work at this location" in texts(answer)
    town.centru.refresh_from_db()
    assert town.centru.ended_on is None


def test_a_stranger_and_the_desk(town):
    """P7: foreign places are not there; the desk reads and does not change."""
    other = visitor(town.outsider)
    assert other.get(BASE).status_code == 404
    foreign = f"/o/stranger/institution/locations/{town.centru.public_id}/"
    assert other.get(foreign).status_code == 404
    desk = visitor(town.desk)
    assert "Add location" not in texts(desk.get(BASE))
    assert desk.get(f"{BASE}company/").status_code == 404
    assert texts(visitor(town.manager).get("/o/hello/institution/")).count("Add location") == 0
