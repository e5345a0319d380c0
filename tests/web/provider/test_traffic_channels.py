"""Traffic channels."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from samtime.accounts.models import User
from samtime.bookings.models import Booking
from samtime.calendars import masks
from samtime.channels.models import Listing
from samtime.foundation.tenancy import set_viewer, viewing_as
from tests.partners.conftest import invite
from tests.town import TODAY, book

BASE = "/o/aurora/traffic-channels/"
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def admin(town, client):
    """Aurora's administrator in a browser."""
    client.force_login(User.objects.get(email="admin@aurora.example"))
    return client


def key(town, service=None, offering=None):
    """The name of a cell in the form."""
    if offering:
        return f"{town.channel.public_id}/o/{offering.public_id}"
    return f"{town.channel.public_id}/s/{service.public_id}"


def rows(town, service):
    """The dated rows of a service on Hello's channel at Centru."""
    with viewing_as(town.aurora.id):
        found = Listing.objects.filter(
            channel=town.channel, service=service, location=town.centru, from_on__gte=TODAY
        )
        return [(r.offering_id, r.from_on, r.open) for r in found]


def test_the_table_shows_examinations_and_partners(town, admin):
    """T1, T2, T3, T8: one tab per location, a column for each accepted partner."""
    page = admin.get(BASE).content.decode()
    for words in ("Own desk", "Hello Calls", "Mri", "Ecg", "Imaging", "Aurora Nord", "1 of 2"):
        assert words in page
    assert "Mri for Hello Calls SRL at Aurora Centru" in page


def test_an_invited_partner_has_no_column_yet(town, admin):
    """T4: the column appears with acceptance; a line counts those who have not."""
    invite(town)
    page = admin.get(BASE).content.decode()
    assert "1 invited partner has not accepted yet" in page
    assert "Nordvik" not in page


def test_ticks_are_saved_with_one_post(town, admin):
    """T5, T6: one added, one removed; what was not touched stays."""
    answer = admin.post(
        f"{BASE}?location=aurora-centru",
        {"on": [key(town, town.ecg)], "was": key(town, town.mri), "from": TODAY.isoformat()},
    )
    assert answer.status_code == 302
    assert rows(town, town.ecg) == [(None, TODAY, True)]
    assert rows(town, town.mri) == [(None, TODAY, False)]
    with viewing_as(town.aurora.id):
        assert not Listing.objects.filter(location=town.nord, from_on=TODAY).exists()


def test_one_practitioner_is_unticked(town, admin):
    """T5, T6: the cell of a practitioner alone."""
    admin.post(
        f"{BASE}?location=aurora-centru",
        {"was": key(town, offering=town.mri_ana), "from": TODAY.isoformat()},
    )
    assert rows(town, town.mri) == [(town.mri_ana.id, TODAY, False)]


def test_the_review_saves_nothing(town, admin):
    """T5, T14: what would change, per channel, from which day."""
    answer = admin.post(
        f"{BASE}?location=aurora-centru",
        {"on": [key(town, town.ecg)], "was": "", "from": TODAY.isoformat(), "review": "1"},
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "1 added, 0 removed" in page
    assert rows(town, town.ecg) == []


def test_a_refused_cell_saves_nothing_and_keeps_the_ticks(town, admin):
    """T5: a location outside the agreement; the other tick is not saved either."""
    with viewing_as(town.aurora.id):
        town.channel.channellocation_set.filter(location=town.centru).delete()
    answer = admin.post(
        f"{BASE}?location=aurora-centru",
        {"on": [key(town, town.ecg)], "was": "", "from": TODAY.isoformat()},
    )
    assert answer.status_code == 422
    assert "is not in the agreement" in answer.content.decode()
    assert rows(town, town.ecg) == []


@pytest.mark.parametrize("day", ["2020-01-01", "gestern", "9999-99-99"])
def test_a_wrong_day_is_told(town, admin, day):
    """T5: never in the past, never nonsense."""
    answer = admin.post(BASE, {"on": [key(town, town.ecg)], "was": "", "from": day})
    assert answer.status_code == 422
    assert rows(town, town.ecg) == []


@pytest.mark.parametrize("hostile", ["x", "a/b/c", "//", "\x00", "é" * 9000])
def test_hostile_keys_change_nothing(town, admin, hostile):
    """P20: names that are no cells."""
    answer = admin.post(BASE, {"on": [hostile], "was": hostile[:3], "from": TODAY.isoformat()})
    assert answer.status_code < 500
    assert rows(town, town.ecg) == []


def test_who_may_look_and_who_may_tick(town, client):
    """P36: the desk looks, a stranger finds nothing, a partner has no table."""
    client.force_login(User.objects.get(email="desk@aurora.example"))
    page = client.get(BASE).content.decode()
    assert "Save changes" not in page
    posted = {"on": [key(town, town.ecg)], "was": "", "from": TODAY.isoformat()}
    assert client.post(BASE, posted).status_code == 403
    for email in ("admin@stranger.example", "agent@hello.example"):
        client.force_login(User.objects.get(email=email))
        assert client.get(BASE).status_code == 404
    set_viewer(0)
    assert rows(town, town.ecg) == []


@pytest.mark.parametrize(("choice", "after"), [("keep", "booked"), ("cancel", "cancelled")])
def test_bookings_on_what_is_closed_are_listed_and_kept_or_cancelled(town, admin, choice, after):
    """T14: the review lists them; saving keeps them, or cancels them in one step."""
    day = TODAY + timedelta(days=21 - TODAY.weekday())
    masks.rebuild([town.ana_centru.mask_id], [day - timedelta(days=1), day])
    start = datetime.combine(day, time(8), tzinfo=UTC)
    made = book(town.agent, town.mri_ana, start, now=timezone.now())
    set_viewer(0)
    posted = {"was": key(town, town.mri), "from": TODAY.isoformat()}
    address = f"{BASE}?location=aurora-centru"
    review = admin.post(address, {**posted, "review": "1"}).content.decode()
    assert "1 booking to come lies on what is removed" in review
    assert made.reference in review
    admin.post(address, {**posted, "bookings": choice})
    with viewing_as(town.aurora.id):
        assert Booking.objects.get(id=made.id).state == after
