"""Traffic channels."""

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from samtime.accounts.models import User
from samtime.bookings.models import Booking
from samtime.bookings.rules import shown_reference
from samtime.calendars import masks
from samtime.catalog.models import ServicePrice
from samtime.channels.commands import Change, set_listings
from samtime.channels.models import Channel, Listing
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from tests.partners.conftest import invite
from tests.town import TODAY, at, book, listing, member, service
from tests.web.visitors import texts

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
    """T5: never in the past, never nonsense; said at the field, of the copy too."""
    answer = admin.post(BASE, {"on": [key(town, town.ecg)], "was": "", "from": day})
    assert answer.status_code == 422
    assert 'id="from-error"' in answer.content.decode()
    assert rows(town, town.ecg) == []
    copied = admin.get(f"{BASE}copy/", {"from": day})
    assert copied.status_code == 422
    assert 'id="id_from_error"' in copied.content.decode()


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
    """T14: the review lists them; saving keeps them, or cancels them in one step. Undo brings
    ticks back, never a cancelled booking, and says so."""
    day = TODAY + timedelta(days=21 - TODAY.weekday())
    masks.rebuild([town.ana_centru.mask_id], [day - timedelta(days=1), day])
    start = datetime.combine(day, time(8), tzinfo=UTC)
    made = book(town.agent, town.mri_ana, start, now=timezone.now())
    set_viewer(0)
    posted = {"was": key(town, town.mri), "from": TODAY.isoformat()}
    address = f"{BASE}?location=aurora-centru"
    review = admin.post(address, {**posted, "review": "1"}).content.decode()
    assert "1 booking to come lies on what is removed" in review
    assert shown_reference(made.reference) in review
    page = texts(admin.post(address, {**posted, "bookings": choice}, follow=True))
    stays = "The 1 booking cancelled with it stays cancelled."
    assert (stays in page) == (choice == "cancel")
    undo = re.search(r'action="([^"]+/undo/[^"?]+)', page)[1]
    undone = texts(admin.post(undo, follow=True))
    assert "Undone: 1 cell." in undone
    told = "1 booking that was cancelled with that save stays cancelled: the patient was told"
    assert (told in undone) == (choice == "cancel")
    assert (f"bookings/?state=cancelled&amp;from={start.date()}" in undone) == (choice == "cancel")
    with viewing_as(town.aurora.id):
        assert Booking.objects.get(id=made.id).state == after


def test_all_locations_in_one_table(town, admin):
    """T8, SCREENS 4.3: a dash where they differ; a tick is for every location of the agreement."""
    page = admin.get(f"{BASE}?location=all").content.decode()
    assert "Ecg for Hello Calls SRL at all locations" in page
    with viewing_as(town.aurora.id):
        town.channel.listings.filter(location=town.nord).delete()
    page = admin.get(f"{BASE}?location=all").content.decode()
    assert f'value="{key(town, town.mri)}" data-was="some"' in page
    admin.post(f"{BASE}?location=all", {"on": key(town, town.ecg), "from": TODAY.isoformat()})
    with viewing_as(town.aurora.id):
        found = Listing.objects.filter(service=town.ecg, open=True)
        assert {row.location_id for row in found} == {town.centru.id, town.nord.id}


def test_practitioners_come_when_a_service_is_opened(town, admin):
    """T5: not in the page, but behind the fold button; another clinic's service is not there."""
    page = admin.get(f"{BASE}?location=aurora-nord").content.decode()
    assert "Mri, Dan-Test Popescu for" not in page
    rows_of = admin.get(f"{BASE}people/{town.mri.public_id}/?location=aurora-nord")
    assert "Mri, Dan-Test Popescu for Hello Calls SRL at Aurora Nord" in rows_of.content.decode()
    assert admin.get(f"{BASE}people/{town.physio.public_id}/").status_code == 404


def test_the_page_asks_the_same_number_of_questions_for_more_rows(
    town, admin, django_assert_max_num_queries
):
    """T2, SPEED: services and practitioners do not add queries."""
    with viewing_as(town.aurora.id):
        for number in range(30):
            made = service(town.aurora, f"s{number}", 30, 100)
            listing(town.channel, town.centru, made)
    with django_assert_max_num_queries(36):
        assert "S29" in admin.get(BASE).content.decode()


def test_a_form_without_scripts_sends_what_was_seen(town, admin):
    """T5: every ticked box and how the table was shown; only the difference is saved."""
    page = admin.get(f"{BASE}?location=aurora-centru").content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    desk = re.findall(r'value="([^"]+/s/[^"]+)" data-was="all"', page)
    kept = [one for one in desk if one != key(town, town.mri)]
    posted = {"on": [*kept, key(town, town.ecg)], "seen": seen, "from": TODAY.isoformat()}
    assert admin.post(f"{BASE}?location=aurora-centru", posted).status_code == 302
    assert rows(town, town.ecg) == [(None, TODAY, True)]
    assert rows(town, town.mri) == [(None, TODAY, False)]


def test_filters_show_what_differs_what_is_new_and_what_cannot_be_booked(town, admin):
    """SCREENS 4.3: the triangle and its filter; never published; a specialty; nothing fits."""
    found = admin.get(f"{BASE}?only=new").content.decode()
    assert "Ecg for" in found
    assert "Mri for" not in found
    assert "Mri for" not in admin.get(f"{BASE}?only=fault").content.decode()
    with viewing_as(town.aurora.id):
        ServicePrice.objects.filter(service=town.mri).delete()
    found = admin.get(f"{BASE}?only=fault").content.decode()
    assert "Ticked but not bookable: no price" in found
    assert "Mri for" not in admin.get(f"{BASE}?group=Cardiology").content.decode()
    assert "No service matches these filters." in admin.get(f"{BASE}?q=zzz").content.decode()


def test_a_colleagues_change_stands_beside_mine(town, admin):
    """SCREENS 1.9: nothing is saved; then mine counts, or theirs."""
    colleague = member(town.aurora, "second@aurora.example", "admin")
    change = Change(
        town.channel.public_id,
        service=town.mri.public_id,
        location=town.centru.public_id,
        open=False,
    )
    with viewing_as(town.aurora.id):
        set_listings(actor=colleague, changes=[change])
        set_listings(actor=colleague, changes=[replace(change, open=True)])
        set_listings(actor=colleague, changes=[replace(change, open=False)])
    set_viewer(0)
    mine = {"on": key(town, town.mri), "some": key(town, town.mri), "from": TODAY.isoformat()}
    answer = admin.post(f"{BASE}?location=aurora-centru", mine)
    assert answer.status_code == 409
    for words in ("Changed meanwhile", "Test Second", "Keep mine", "Take theirs"):
        assert words in answer.content.decode()
    assert rows(town, town.mri) == [(None, TODAY, False)]
    more = {**mine, "contested": key(town, town.mri)}
    admin.post(f"{BASE}?location=aurora-centru", {**more, "meanwhile": "theirs"})
    assert rows(town, town.mri) == [(None, TODAY, False)]
    admin.post(f"{BASE}?location=aurora-centru", {**more, "meanwhile": "mine"})
    assert rows(town, town.mri) == []


def test_the_others_are_saved_without_what_was_refused(town, admin):
    """SCREENS 4.3: «Save the other n» leaves out the refused cells."""
    desk = Channel.objects.visible_to(town.admin)
    with viewing_as(town.aurora.id):
        own = desk.get(kind="own_desk").public_id
        town.channel.channellocation_set.filter(location=town.centru).delete()
    closed = f"{own}/s/{town.mri.public_id}"
    posted = {"on": key(town, town.ecg), "was": closed, "from": TODAY.isoformat()}
    answer = admin.post(f"{BASE}?location=aurora-centru", posted)
    assert answer.status_code == 422
    assert "Save the other 1" in answer.content.decode()
    more = {**posted, "drop": key(town, town.ecg), "others": "1"}
    assert admin.post(f"{BASE}?location=aurora-centru", more).status_code == 302
    assert rows(town, town.ecg) == []
    with viewing_as(town.aurora.id):
        assert not Listing.objects.get(channel__kind="own_desk", service=town.mri).open


def test_undo_stands_on_the_page_and_works_once(town, admin):
    """SCREENS 4.3: ten minutes; a stranger's save is not there."""
    admin.post(f"{BASE}?location=aurora-centru", {"on": key(town, town.ecg), "from": str(TODAY)})
    page = admin.get(f"{BASE}?location=aurora-centru").content.decode()
    address = re.search(r'action="([^"]+/undo/[^"]+)"', page)[1]
    stranger = Client()
    stranger.force_login(User.objects.get(email="admin@stranger.example"))
    assert stranger.post(address).status_code == 404
    assert rows(town, town.ecg) != []
    admin.post(address)
    assert rows(town, town.ecg) == []
    assert "/undo/" not in admin.get(BASE).content.decode()


def test_copying_shows_the_difference_first(town, admin):
    """SCREENS 4.3: preview, then copy; from one location to the other."""
    channel = town.channel.public_id
    asked = {
        "source": channel,
        "source_at": town.centru.public_id,
        "target": channel,
        "target_at": town.nord.public_id,
        "from": TODAY.isoformat(),
    }
    assert "They are the same already." in admin.get(f"{BASE}copy/", asked).content.decode()
    with viewing_as(town.aurora.id):
        Listing.objects.filter(channel=town.channel, location=town.nord).delete()
    page = admin.get(f"{BASE}copy/", asked).content.decode()
    assert "1 added, 0 removed" in page
    with viewing_as(town.aurora.id):
        assert not Listing.objects.filter(location=town.nord).exists()
    assert admin.post(f"{BASE}copy/", asked).status_code == 302
    with viewing_as(town.aurora.id):
        assert Listing.objects.get(location=town.nord).service_id == town.mri.id
    hostile = {**asked, "source": town.fjord.public_id}
    assert admin.get(f"{BASE}copy/", hostile).status_code == 404


@pytest.mark.parametrize("choice", ["inbox", "some"])
def test_bookings_are_put_into_the_inbox_or_cancelled_one_by_one(town, admin, choice):
    """T14: per booking if wanted; or somebody looks at them later."""
    made = [book(town.agent, town.mri_ana, at(1, hour)) for hour in (9, 11)]
    set_viewer(0)
    posted = {"was": key(town, town.mri), "from": TODAY.isoformat(), "bookings": choice}
    admin.post(f"{BASE}?location=aurora-centru", {**posted, "cancel": str(made[0].public_id)})
    with viewing_as(town.aurora.id):
        states = [Booking.objects.get(id=b.id).state for b in made]
        items = InboxItem.objects.filter(kind="bookings_stranded").count()
    expected = (["booked", "booked"], 1) if choice == "inbox" else (["cancelled", "booked"], 0)
    assert (states, items) == expected


def test_a_columns_panel_has_its_acts(town, admin):
    """T3, SCREENS 4.3: tick all, copy, data sheet; loaded alone beside unsaved ticks."""
    address = f"{BASE}?column={town.channel.public_id}"
    alone = admin.get(address, headers={"HX-Request": "true"}).content.decode()
    for words in ("Tick all shown", "Untick all", "Copy from another partner"):
        assert words in alone
    assert "st-matrix" not in alone
    assert (
        "Tick for all channels"
        in admin.get(f"{BASE}?service={town.mri.public_id}").content.decode()
    )
