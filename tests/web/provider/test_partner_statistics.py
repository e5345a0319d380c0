"""Statistics sent to partner: the list, the panel's acts, the file (R4 to R7)."""

import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.jobs.reactions import REACTIONS
from samtime.journal.models import AccessLogEntry, JournalEntry
from tests.town import NOW, at, book, member, person
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
PAGE = "/o/aurora/reports/partner-statistics/?from=2026-06-01&to=2026-06-30"
FILE = "/o/aurora/reports/partner-statistics.xlsx?from=2026-06-01&to=2026-06-30"


@pytest.fixture
def listed(town, monkeypatch):
    """One booking by the partner on Tuesday, one by the desk."""
    town.booking = book(town.agent, town.mri_ana, at(1, 9), person("Klara-Test", "Prøvekvinne"))
    book(town.desk, town.ecg_ana, at(1, 14), person("Desk-Test", "Mannen"))
    town.finance = member(town.aurora, "finance@aurora.example", "finance")
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    set_viewer(town.aurora.id)
    return town


def seen(action):
    return AccessLogEntry.objects.filter(action=action, purpose="partner_statistics").count()


def test_the_list_has_the_partners_bookings_with_details_and_is_logged(listed):
    """R4, R5, R6, P36, P12."""
    page = texts(visitor(listed.admin).get(PAGE))
    for word in ("Klara-Test", "Hello Calls SRL", "Test Agent", "RON\u00a0450.00", "Booked"):
        assert word in page
    assert "Desk-Test" not in page
    set_viewer(listed.aurora.id)
    assert seen("listed") == 1
    empty = texts(visitor(listed.admin).get(PAGE.replace("2026-06", "2026-09")))
    assert "No partner bookings in this period." in empty


def test_finance_reads_no_names(listed):
    """DOMAIN 1.4: money without the patient; so nothing is logged either."""
    client = visitor(listed.finance)
    page = texts(client.get(f"{PAGE}&open={listed.booking.public_id}"))
    assert "Prøvekvinne" not in page
    assert "RON\u00a056.25" in page
    rows = list(load_workbook(io.BytesIO(client.get(FILE).content)).active.values)
    assert "Client" not in rows[0]
    set_viewer(listed.aurora.id)
    assert not AccessLogEntry.objects.filter(purpose="partner_statistics").exists()


def test_the_file_with_names_is_logged_as_an_export(listed):
    """P16, P12."""
    rows = list(load_workbook(io.BytesIO(visitor(listed.admin).get(FILE).content)).active.values)
    assert rows[0][3] == "Client"
    assert rows[1][3] == "Klara-Test Prøvekvinne"
    assert len(rows) == 2
    set_viewer(listed.aurora.id)
    assert seen("exported") == 1


def react(kind):
    """What the worker would do after the commit."""
    from samtime.accounts.actor import system_actor

    entry = JournalEntry.objects.filter(kind=kind).latest("id")
    set_viewer(entry.organization_id)
    for reaction in REACTIONS[kind]:
        reaction(system_actor(entry.organization_id), entry)


def test_cancelling_from_the_report_tells_partner_and_client(listed):
    """R7."""
    form = {"act": "cancel", "booking": listed.booking.public_id, "reason": "Test: ill"}
    answer = visitor(listed.admin).post(PAGE, form)
    assert answer.status_code == 302
    set_viewer(listed.aurora.id)
    assert Booking.objects.get(pk=listed.booking.pk).state == "cancelled"
    react("booking.cancelled")
    set_viewer(listed.hello.id)
    item = InboxItem.objects.get(kind="booking_cancelled_by_institution")
    assert item.link == f"partner/bookings/{listed.booking.public_id}/"


def test_moving_from_the_report(listed):
    """R7; a wrong time is refused in the panel and stays typed."""
    client = visitor(listed.admin)
    form = {"act": "move", "booking": listed.booking.public_id, "day": "2026-06-03", "time": "25"}
    wrong = client.post(PAGE, form)
    assert wrong.status_code == 422
    assert 'value="2026-06-03"' in texts(wrong)
    assert client.post(PAGE, {**form, "time": "10:00"}).status_code == 302
    set_viewer(listed.aurora.id)
    assert Booking.objects.get(pk=listed.booking.pk).starts_at == at(2, 10)
    taken = client.post(PAGE, {**form, "day": "2026-06-06", "time": "10:00"})
    assert taken.status_code in (404, 409, 422)


def test_a_stranger_and_the_desk_get_404(listed):
    """P7: also with the booking's own id."""
    for who in (listed.outsider, listed.desk, listed.manager):
        assert visitor(who).get(PAGE).status_code == 404
    other = PAGE.replace("aurora", "stranger")
    client = visitor(listed.outsider)
    assert client.get(f"{other}&open={listed.booking.public_id}").status_code == 404
    form = {"act": "cancel", "booking": listed.booking.public_id}
    assert client.post(other, form).status_code == 404
    set_viewer(listed.aurora.id)
    assert Booking.objects.get(pk=listed.booking.pk).state == "booked"


def test_a_constant_number_of_questions(listed, django_assert_max_num_queries):
    """SPEED P1."""
    client = visitor(listed.admin)
    for hour in (10, 11):
        with django_assert_max_num_queries(26):
            client.get(PAGE)
        book(listed.agent, listed.mri_ana, at(1, hour))
