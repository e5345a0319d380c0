"""Services."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.calendars.models import Offering
from samtime.calendars.queries import own_length_on
from samtime.catalog.models import Service, ServiceLength, ServicePrice
from samtime.channels.queries.published import open_channel_counts
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import title_of
from samtime.jobs.tasks import react
from samtime.journal.models import AccessLogEntry, JournalEntry
from tests.town import NOW, at, book, person, service
from tests.web.provider.test_bookings import differing
from tests.web.visitors import texts, visitor

BASE = "/o/aurora/services/"
NEW = {
    "name": "Prøve ultralyd",
    "code": "UL1",
    "specialty": "Imaging",
    "duration_minutes": "20",
    "buffer_before_minutes": "0",
    "buffer_after_minutes": "5",
    "lead_minutes": "1,5",
    "horizon_days": "60",
    "cancel_limit_minutes": "48",
    "price": "1.250,50",
    "vat_rate": "0",
}


@pytest.fixture
def admin(town):
    """Aurora's administrator in a browser."""
    return visitor(town.admin)


def sheet(what, tab="details"):
    """The address of a tab."""
    return f"{BASE}{what.public_id}/{tab}/"


def test_a_service_is_made_priced_and_given(town, admin):
    """G4, T2: from the form to a service with a price that a practitioner gives."""
    answer = admin.post(f"{BASE}?new", NEW)
    assert answer.status_code == 302, texts(answer)
    made = Service.objects.get(code="UL1")
    assert (made.lead_minutes, made.horizon_days, made.cancel_limit_minutes) == (90, 60, 2880)
    assert made.prices.get().amount == 125050
    ana = str(town.ana_centru.public_id)
    given = {"calendar": [ana], f"givers.{ana}.duration": "25", "from": "2030-01-01"}
    assert admin.post(sheet(made, "practitioners"), given).status_code == 302
    assert made.offerings.get().duration_minutes == 25
    page = texts(admin.get(f"{BASE}?q=ul1"))
    assert "Prøve ultralyd" in page
    assert "1,250.50" in page


def test_every_fault_is_told_at_once_and_what_was_typed_stays(town, admin):
    """Bad input: code missing, seven minutes, a price of letters; nothing is made."""
    before = Service.objects.count()
    answer = admin.post(f"{BASE}?new", {**NEW, "code": "", "duration_minutes": "7", "price": "abc"})
    page = texts(answer)
    assert answer.status_code == 422
    assert "There are 3 things to correct" in page
    assert 'value="Prøve ultralyd"' in page
    assert 'value="abc"' in page
    assert Service.objects.count() == before


def test_a_code_that_is_taken_is_refused_at_its_field(town, admin):
    """One code, one service: the sentence stands at the field."""
    answer = admin.post(f"{BASE}?new", {**NEW, "code": "MRI"})
    assert answer.status_code == 422
    assert "Another service has this code" in texts(answer)


def test_a_later_price_keeps_todays(town, admin):
    """D9: the new price counts for appointments from its day on."""
    later = (NOW + timedelta(days=20_000)).date()
    given = {"price": "500", "vat_rate": "0", "from": later.isoformat()}
    assert admin.post(sheet(town.mri, "prices"), given).status_code == 302
    rows = ServicePrice.objects.filter(service=town.mri).order_by("from_on")
    assert [r.amount for r in rows] == [45000, 50000]
    late = admin.post(sheet(town.mri, "prices"), {**given, "from": "2020-01-01"})
    assert late.status_code == 422
    assert "days that have passed" in texts(late)


def test_ending_names_the_bookings_to_come_and_keeps_them(town, admin, monkeypatch):
    """T12: the question counts what is booked; the booking stays."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    made = book(town.agent, town.mri_ana, at(1, 9))
    page = texts(admin.get(f"{BASE}{town.mri.public_id}/end/"))
    assert "Bookings to come stay in the calendar: 1." in page
    assert admin.post(f"{BASE}{town.mri.public_id}/end/").status_code == 302
    town.mri.refresh_from_db()
    set_viewer(town.aurora.id)
    made.refresh_from_db()
    assert (town.mri.ended_on, made.state) == (NOW.date(), "booked")


def test_the_list_counts_channels_with_as_many_queries_for_many_services(town, admin):
    """T5: the MRI is open on Hello's channel, the ECG on none; the queries do not grow."""
    set_viewer(town.aurora.id)
    assert open_channel_counts(town.admin, town.today) == {town.mri.public_id: 1}
    admin.get(BASE)
    with CaptureQueriesContext(connection) as few:
        admin.get(BASE)
    for number in range(30):
        service(town.aurora, f"x{number}", 30, 1000)
    with CaptureQueriesContext(connection) as many:
        page = texts(admin.get(f"{BASE}?show=unpublished"))
    assert len(many) == len(few)
    assert "Ecg" in page
    assert "Mri" not in page


def test_a_stranger_and_the_desk(town):
    """P7: another clinic's service is not there; who may not edit sees no buttons."""
    other = visitor(town.outsider)
    assert other.get(BASE).status_code == 404
    assert other.get(f"/o/stranger/services/{town.mri.public_id}/details/").status_code == 404
    desk = visitor(town.desk)
    assert "New service" not in texts(desk.get(BASE))
    refused = desk.post(sheet(town.mri), {**NEW, "name": "Andet"})
    assert refused.status_code in (403, 422)
    town.mri.refresh_from_db()
    assert town.mri.name == "Mri"


DETAILS = {
    "name": "Mri",
    "code": "mri",
    "specialty": "Imaging",
    "duration_minutes": "60",
    "buffer_before_minutes": "0",
    "buffer_after_minutes": "5",
    "lead_minutes": "0",
    "horizon_days": "400",
    "cancel_limit_minutes": "24",
    "from": "2026-06-03",
}


def test_another_duration_shows_first_whom_it_concerns(town, admin, clock):
    """G15, D9, T14: who keeps his length, who would not fit, who is told; then it is saved."""
    book(town.agent, town.mri_ana, at(2, 9), person("Trang", "Plass"))
    book(town.desk, town.mri_ana, at(2, 9, 35), person("Neste", "Etter"))
    book(town.desk, town.mri_ana, at(2, 12), person("God", "Plass"))
    set_viewer(0)
    page = texts(admin.post(sheet(town.mri), DETAILS))
    assert "30 → 60 minutes" in page
    assert "for appointments from Wednesday 3 June 2026 on" in page
    assert "3 bookings made already keep their length." in page
    assert "Told at once: Hello Calls SRL." in page
    assert "1 of them would not fit" in page
    assert "Trang Plass" in page
    assert "Neste Etter" not in page
    assert not ServiceLength.objects.exists()
    set_viewer(town.aurora.id)
    assert AccessLogEntry.objects.filter(purpose="schedule").count() == 1
    set_viewer(0)
    assert admin.post(sheet(town.mri), {**DETAILS, "sure": "1"}).status_code == 302
    shown = texts(admin.get(sheet(town.mri)))
    assert "from 3 Jun 2026" in shown
    assert 'name="duration_minutes" type="text" value="30"' in shown
    assert admin.post(sheet(town.mri), {"drop": "2026-06-03"}).status_code == 302
    assert "from 3 Jun 2026" not in texts(admin.get(sheet(town.mri)))
    late = admin.post(sheet(town.mri), {**DETAILS, "from": "2026-05-01"})
    assert late.status_code == 422
    assert "A duration can change from today on" in texts(late)


def test_a_form_shows_what_holds_on_its_day_and_writes_no_other_days_values(town, admin, clock):
    """D9, SCREENS 1.8: 30 minutes today, 60 from the 3rd; the 10th chosen with today's 30 still in
    the field comes back with 60, saves nothing, and keeps what else was typed."""
    assert admin.post(sheet(town.mri), {**DETAILS, "sure": "1"}).status_code == 302
    later = texts(admin.get(f"{sheet(town.mri)}?on=2026-06-10"))
    assert 'name="duration_minutes" type="text" value="60"' in later
    assert "what holds on 10 Jun 2026, since 3 Jun 2026." in later
    stale = {**DETAILS, "duration_minutes": "30", "buffer_after_minutes": "0", "name": "Mri ny",
             "from": "2026-06-10", "shown": "2026-06-01"}  # fmt: skip
    page = texts(admin.post(sheet(town.mri), stale))
    assert "Nothing is saved yet: another duration or price holds on 10 Jun 2026." in page
    assert 'name="duration_minutes" type="text" value="60"' in page
    assert 'value="Mri ny"' in page
    town.mri.refresh_from_db()
    assert (town.mri.name, ServiceLength.objects.count()) == ("Mri", 2)
    back = {**stale, "shown": "2026-06-10", "sure": "1"}
    assert admin.post(sheet(town.mri), back).status_code == 302
    row = ServiceLength.objects.get(from_on="2026-06-10")
    assert (row.duration_minutes, row.buffer_after_minutes) == (30, 0)


def test_two_people_change_the_same_service(town, admin, clock):
    """SCREENS 1.9: the second sees both values, field by field; his own counts if he says so."""
    seen = re.search(r'name="version" value="(\w+)"', texts(admin.get(sheet(town.mri))))[1]
    same = {**DETAILS, "duration_minutes": "30", "version": seen, "sure": "1"}
    assert admin.post(sheet(town.mri), {**same, "name": "MR"}).status_code == 302
    answer = admin.post(sheet(town.mri), {**same, "name": "Magnet", "horizon_days": "90"})
    page = texts(answer)
    assert answer.status_code == 412
    assert differing(page) == [("Name", "Magnet", "MR"), ("Furthest ahead, days", "90", "400")]
    town.mri.refresh_from_db()
    assert town.mri.name == "MR"
    mine = {**same, "name": "Magnet", "horizon_days": "90"}
    mine["version"] = re.search(r'name="version" value="(\w+)"', page)[1]
    assert admin.post(sheet(town.mri), mine).status_code == 302
    town.mri.refresh_from_db()
    assert (town.mri.name, town.mri.horizon_days) == ("Magnet", 90)


def test_an_own_price_to_come_is_not_written_over_by_todays(town, admin, clock):
    """D9: the same for who gives it; a price typed on purpose counts from its day."""
    ana = str(town.ana_centru.public_id)
    price, length = f"givers.{ana}.price", f"givers.{ana}.duration"
    dearer = {"calendar": [ana], price: "700", length: "25", "from": "2026-06-08"}
    assert admin.post(sheet(town.mri, "practitioners"), dearer).status_code == 302
    page = texts(admin.get(f"{sheet(town.mri, 'practitioners')}?on=2026-06-15"))
    assert "Duration since 8 Jun 2026 · Price since 8 Jun 2026" in page
    stale = {"calendar": [ana], price: "", length: "40", "from": "2026-06-15"}
    page = texts(admin.post(sheet(town.mri, "practitioners"), {**stale, "shown": "2026-06-01"}))
    assert f'name="{price}" value="700.00"' in page
    assert f'name="{length}" value="40"' in page
    typed = {**stale, "shown": "2026-06-15"}
    assert admin.post(sheet(town.mri, "practitioners"), typed).status_code == 302
    set_viewer(town.aurora.id)
    offering = town.mri_ana
    prices = list(offering.prices.order_by("from_on").values_list("from_on", "amount"))
    assert [amount for _day, amount in prices][-2:] == [70000, None]
    assert own_length_on(Offering.objects.get(id=offering.id), prices[-1][0]) == 40


def test_a_duration_reaches_the_partner_by_itself(town, admin, clock):
    """G15: an item for information, once, however often the reaction runs."""
    assert admin.post(sheet(town.mri), {**DETAILS, "sure": "1"}).status_code == 302
    set_viewer(town.aurora.id)
    entry = JournalEntry.objects.get(kind="duration.changed")
    for _twice in range(2):
        react(entry_id=entry.id, organization_id=town.aurora.id)
    set_viewer(town.hello.id)
    item = InboxItem.objects.get()
    assert title_of(item) == (
        "Clinica Aurora SRL: Mri takes 60 minutes for appointments from 3 Jun 2026 on."
    )
