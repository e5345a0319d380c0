"""Settlements as both sides see them: lists, the statement, its files (SCREENS 4.10, 6.8)."""

import io
import re

import pytest
from openpyxl import load_workbook

from samtime.billing.models import LineDispute, SettlementStatement, StatementLine
from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer
from tests.billing.conftest import billed, compute, day, july, row, save, send
from tests.web.visitors import texts, visitor

__all__ = ["billed", "july"]
pytestmark = pytest.mark.django_db
OWN, THEIRS = "/o/aurora/statements/", "/o/hello/partner/statements/"


@pytest.fixture
def sent(billed, july):
    """June was sent."""
    billed.statement = send(billed)
    return billed


def line_of(town, **wanted):
    set_viewer(town.aurora.id)
    return StatementLine.objects.filter(statement=town.statement, **wanted).first()


def disputed(town):
    """The manager disputes the no-show by the form in its row."""
    line = line_of(town, outcome="noshow")
    form = {
        "line": line.public_id,
        "reason": "wrong_outcome",
        "wanted": "56,25",
        "text": "She came at ten.",
    }
    answer = visitor(town.manager).post(f"{THEIRS}{town.statement.public_id}/", form)
    assert answer.status_code == 302
    return line


def test_the_month_goes_from_open_to_closed_by_its_buttons(billed, july):
    """P4, R8: compute, review, send, accept, close; what is typed wrong stops the close."""
    admin, manager = visitor(billed.admin), visitor(billed.manager)
    listed = texts(admin.get(OWN))
    address = re.search(rf"{OWN}[0-9a-f-]{{36}}/", listed[listed.index("June 2026</a>") - 80 :])[0]
    assert "Open period" in listed
    assert "Compute" in texts(admin.get(address))
    for act in ("compute", "review"):
        assert admin.post(address, {"act": act}).status_code == 302
    assert "14 days to accept" in texts(admin.get(f"{address}send/"))
    assert admin.post(f"{address}send/").status_code == 302
    theirs = address.replace("/o/aurora/", "/o/hello/partner/")
    assert "You answer next" in texts(manager.get(theirs))
    assert manager.post(f"{theirs}accept/").status_code == 302
    assert admin.post(f"{address}close/", {"name": "Somebody"}).status_code == 422
    assert admin.post(f"{address}close/", {"name": "hello calls srl"}).status_code == 302
    set_viewer(billed.aurora.id)
    assert SettlementStatement.objects.get().state == "closed"
    assert "Nobody: this month is settled" in texts(admin.get(address))


def test_both_sides_read_one_total_and_both_rates(sent):
    """R8, P29: «12.5% to 10 Jun, then 10%»; the same sums, the same lines."""
    own = texts(visitor(sent.admin).get(f"{OWN}{sent.statement.public_id}/"))
    other = texts(visitor(sent.manager).get(f"{THEIRS}{sent.statement.public_id}/"))
    for page in (own, other):
        assert "RON\u00a0191.25" in page
        assert "12.5% to 2 Jun 2026, then 10%" in page
        assert "2 cancelled, 1 no-show" in page
        assert page.count('<tr id="line-') == 7
    assert "Testine" not in own + other


def test_a_dispute_stands_in_its_row_and_is_answered_there(sent):
    """SCREENS 4.10: who, when, what; declining without a reason keeps the page and says why."""
    disputed(sent)
    admin, address = visitor(sent.admin), f"{OWN}{sent.statement.public_id}/"
    page = texts(admin.get(address))
    assert "Disputed, 1 line" in page
    assert "“She came at ten.”" in page
    assert "Accept: +56.25" in page
    set_viewer(sent.aurora.id)
    ident = LineDispute.objects.get().public_id
    empty = admin.post(address, {"act": "decline", "dispute": ident, "answer": ""})
    assert empty.status_code == 422
    assert texts(empty).count("Say why the line stays as it is.") == 2
    assert admin.post(f"{address}close/", {"name": "Hello Calls SRL"}).status_code == 409
    assert admin.post(address, {"act": "accept", "dispute": ident}).status_code == 302
    set_viewer(sent.aurora.id)
    assert LineDispute.objects.get().agreed_amount == 5625


def test_what_was_typed_into_a_dispute_stays(sent):
    line = line_of(sent, outcome="noshow")
    form = {"line": line.public_id, "reason": "wrong_outcome", "wanted": "much", "text": "Late."}
    answer = visitor(sent.manager).post(f"{THEIRS}{sent.statement.public_id}/", form)
    assert answer.status_code == 422
    assert "Late.</textarea>" in texts(answer)
    assert 'value="much"' in texts(answer)
    assert not LineDispute.objects.exists()


def test_a_missing_booking_is_added_by_its_number(sent):
    (late,) = save(sent, row(sent, day(6, 21)))
    client, address = visitor(sent.manager), f"{THEIRS}{sent.statement.public_id}/"
    assert "Booking number" in texts(client.get(f"{address}?missing"))
    form = {"act": "missing", "reference": "00000000", "wanted": "50", "text": "Where is it?"}
    wrong = client.post(address, form)
    assert wrong.status_code == 422
    assert "has this number" in texts(wrong)
    assert client.post(address, {**form, "reference": late.reference}).status_code == 302
    page = texts(visitor(sent.admin).get(f"{OWN}{sent.statement.public_id}/"))
    assert "misses booking" in page


def test_an_open_month_shows_bookings_as_they_stand_to_both(billed, july):
    """R9: what is to come is expected and in no sum; nothing is stored by looking."""
    save(billed, row(billed, day(7, 20), state="booked"))
    page = texts(visitor(billed.manager).get(THEIRS))
    address = re.search(rf"{THEIRS}[0-9a-f-]{{36}}/", page)[0]
    opened = texts(visitor(billed.manager).get(address))
    assert "1 booking is still to come" in opened
    assert "not computed yet" in opened
    set_viewer(billed.aurora.id)
    assert not SettlementStatement.objects.exists()


def test_the_partner_does_not_see_what_is_not_sent(billed, july):
    """A computed statement is open for the partner, without frozen lines."""
    made = compute(billed)
    page = texts(visitor(billed.manager).get(f"{THEIRS}{made.public_id}/"))
    assert "Open period" in page
    assert "Accept statement" not in page


@pytest.mark.parametrize("side", ["own", "theirs"])
def test_files_hold_every_line_and_the_sum(sent, side):
    """P16, R8: CSV, XLSX and a PDF; bookings by number, nobody by name."""
    who, base = (sent.admin, OWN) if side == "own" else (sent.manager, THEIRS)
    client = visitor(who)
    sheet = client.get(f"{base}{sent.statement.public_id}.xlsx")
    rows = list(load_workbook(io.BytesIO(sheet.content)).active.values)
    assert len(rows) == 9
    assert rows[-1][8] == 191.25
    text = client.get(f"{base}{sent.statement.public_id}.csv").content.decode("utf-8-sig")
    assert text.splitlines()[-1].split(";")[8] == "191.25"
    assert "Prøvesen" not in text
    pdf = client.get(f"{base}{sent.statement.public_id}.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert client.get(f"{base}{sent.statement.public_id}.doc").status_code == 404


def test_strangers_agents_and_the_desk_get_404(sent):
    """P7, DOMAIN 1.4."""
    ident = sent.statement.public_id
    for who, base in (
        (sent.desk, OWN),
        (sent.agent, THEIRS),
        (sent.outsider, "/o/stranger/statements/"),
        (sent.admin, "/o/aurora/partner/statements/"),
        (sent.manager, "/o/hello/statements/"),
    ):
        assert visitor(who).get(f"{base}{ident}/").status_code == 404
        assert visitor(who).get(f"{base}{ident}.csv").status_code == 404


def test_a_manager_cannot_do_the_institutions_part(sent):
    for path in ("send/", "close/"):
        address = f"/o/hello/statements/{sent.statement.public_id}/{path}"
        assert visitor(sent.manager).post(address, {"name": "x"}).status_code == 404
    set_viewer(sent.aurora.id)
    assert SettlementStatement.objects.get().state == "sent"


def test_a_list_and_a_statement_ask_a_constant_number_of_questions(
    sent, django_assert_max_num_queries
):
    """SPEED P1."""
    admin = visitor(sent.admin)
    admin.get(OWN)  # the menu is read once and kept
    with django_assert_max_num_queries(36):
        admin.get(OWN)
    save(sent, *(row(sent, day(7, 1, 6), state="booked") for n in range(40)))
    with django_assert_max_num_queries(36):
        admin.get(OWN)
    with django_assert_max_num_queries(30):
        admin.get(f"{OWN}{sent.statement.public_id}/")


def test_a_correction_of_a_sent_month_is_on_the_list_and_on_both_statements(sent, july):
    """R9, P35: the sent statement says that a booking changed, the list has «next period: one
    correction», and its page goes from open to computed with that line alone."""
    set_viewer(sent.aurora.id)
    Booking.objects.filter(pk=sent.june[0].pk).update(state="noshow")
    admin = visitor(sent.admin)
    page = texts(admin.get(OWN))
    assert "Next period: one correction, RON\u00a0\u221256.25" in page
    old = texts(admin.get(f"{OWN}{sent.statement.public_id}/"))
    assert (
        "One booking changed after sending: RON\u00a0\u221256.25. The statement of July 2026" in old
    )
    address = re.search(rf"{OWN}[0-9a-f-]{{36}}/", page)[0]
    assert "Changed after sending" in texts(admin.get(address))
    assert admin.post(address, {"act": "compute"}).status_code == 302
    assert "Changed after sending" in texts(admin.get(address))
    set_viewer(sent.aurora.id)
    Booking.objects.filter(pk=sent.june[0].pk).update(state="fulfilled")
    assert "Recompute it and look again" in texts(admin.get(address))
