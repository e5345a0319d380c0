"""Statistics: sources, sums and files."""

import io
from datetime import datetime

import pytest
from openpyxl import load_workbook

from samtime.accounts.models import User
from samtime.bookings.commands.changes import cancel_booking, mark_no_show
from samtime.foundation.tenancy import set_viewer
from tests.town import NOW, at, book
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
JUNE = "from=2026-06-01&to=2026-06-30"


@pytest.fixture
def month(town, monkeypatch):
    """Two partner visits took place, one was cancelled, one nobody came to; one at the desk."""
    from django.utils import timezone

    kept = [book(town.agent, town.mri_ana, at(0, h)) for h in (9, 10)]
    gone = book(town.agent, town.mri_ana, at(3, 9))
    missed = book(town.agent, town.mri_ana, at(0, 11))
    book(town.desk, town.ecg_ana, at(0, 14))
    set_viewer(town.aurora.id)
    cancel_booking(actor=town.desk, booking=gone.public_id, reason="", now=NOW)
    mark_no_show(actor=town.desk, booking=missed.public_id, now=at(0, 12))
    monkeypatch.setattr(timezone, "now", lambda: at(4, 12))
    return kept


def test_the_partner_is_a_source_and_its_commission_counts_visits_that_took_place(town, month):
    """R1, R2, R8, R9: 2 x 56.25 of 2 x 450; cancelled and no-show count nothing."""
    page = texts(visitor(town.admin).get(f"/o/aurora/reports/statistics/?{JUNE}"))
    assert "Hello Calls SRL" in page
    assert "RON\u00a0112.50" in page
    assert "RON\u00a0900.00" in page


def test_only_what_partners_sent(town, month):
    """R3."""
    page = texts(visitor(town.admin).get(f"/o/aurora/reports/statistics/?{JUNE}&sent=partners"))
    table = page[page.index('id="statistics-caption"') :]
    assert "Hello Calls SRL" in table
    assert "Own desk" not in table


@pytest.mark.parametrize(
    ("field", "chosen", "kept"),
    [("location", "nord", 0), ("location", "centru", 5), ("service", "ecg", 1)],
)
def test_the_filters_narrow_table_and_charts(town, month, field, chosen, kept):
    """R1, SCREENS 4.11: places, services; the foot is the sum of what is shown."""
    ident = getattr(town, chosen).public_id
    address = f"/o/aurora/reports/statistics.csv?{JUNE}&{field}={ident}"
    rows = visitor(town.admin).get(address).content.decode("utf-8-sig").splitlines()
    assert sum(int(row.split(";")[1]) for row in rows[1:] if not row.startswith("Sum")) == kept


def test_charts_have_a_table_beside_them(town, month):
    """SCREENS 1.3: the same figures for those who see no picture."""
    page = texts(visitor(town.admin).get(f"/o/aurora/reports/statistics/?{JUNE}"))
    assert page.count("<canvas data-chart=") == 2
    assert page.count("Show as table") == 2
    assert "Mon 1 Jun" in page


@pytest.mark.parametrize(
    ("address", "narrow", "none"),
    [
        ("o/aurora/reports/statistics", "sent=partners", "location={0.nord.public_id}"),
        ("o/aurora/reports/partner-statistics", "outcome=noshow", "outcome=attended"),
        ("o/hello/partner/statistics", "provider={0.aurora.public_id}", "provider=nobody"),
    ],
)
def test_filters_fold_until_one_is_set_and_can_be_cleared(town, month, address, narrow, none):
    """SCREENS 1.2, 2.14: the days stand over folded filters; nothing found says which way out."""
    client = visitor(town.manager if "hello" in address else town.admin)
    plain = texts(client.get(f"/{address}/?{JUNE}"))
    assert '<details class="st-fold">' in plain
    assert "1 Jun 2026 – 30 Jun 2026" in plain[: plain.index("st-card-body")]
    for more in (narrow, "to=2026-05-01"):
        shown = texts(client.get(f"/{address}/?{JUNE}&{more.format(town)}"))
        assert '<details class="st-fold" open>' in shown
    empty = texts(client.get(f"/{address}/?{JUNE}&{none.format(town)}"))
    assert "No booking matches these filters." in empty
    assert 'href="?from=2026-06-01&amp;to=2026-06-30">Clear filters' in empty


@pytest.mark.parametrize("years", ["2020-01-01", "2019-06-01"])
def test_more_than_three_years_are_refused_politely(town, years):
    address = f"/o/aurora/reports/statistics/?from={years}&to=2026-06-01"
    answer = visitor(town.admin).get(address)
    assert answer.status_code == 422
    assert "at most three years" in texts(answer)


def test_a_constant_number_of_questions(town, month, django_assert_max_num_queries):
    """SPEED P1."""
    client = visitor(town.admin)
    for start in (9, 12):
        with django_assert_max_num_queries(24):
            client.get(f"/o/aurora/reports/statistics/?{JUNE}")
        book(town.agent, town.mri_ana, at(1, start))


def test_a_day_is_written_as_its_reader_writes_it(town, month):
    """SCREENS 2.9: in the table and under the bars, one for each day; a real day in the file."""
    address = f"/o/aurora/reports/statistics/?{JUNE}&group_by=day"
    page = texts(visitor(town.admin).get(address))
    assert '<th scope="row">1 Jun 2026</th>' in page
    assert '"labels": ["1 Jun 2026", "4 Jun 2026"]' in page
    file = visitor(town.admin).get(f"/o/aurora/reports/statistics.xlsx?{JUNE}&group_by=day")
    rows = list(load_workbook(io.BytesIO(file.content)).active.values)
    assert [row[0] for row in rows[1:]] == [datetime(2026, 6, 1), datetime(2026, 6, 4), "Sum"]


def test_the_file_holds_the_same_rows(town, month):
    """P16: XLSX without formulas."""
    answer = visitor(town.admin).get(f"/o/aurora/reports/statistics.xlsx?{JUNE}")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    line = next(row for row in rows if row[0] == "Hello Calls SRL")
    assert line[1:8] == (4, 0, 1, 1, 0, 900, 112.5)
    assert rows[-1][0] == "Sum"


def test_a_period_that_is_none_is_refused_at_its_field(town):
    address = "/o/aurora/reports/statistics/?from=2026-06-02&to=2026-06-01"
    answer = visitor(town.admin).get(address)
    assert answer.status_code == 422
    assert "The last day lies before the first." in texts(answer)


def test_who_may_not_see_statistics_gets_404(town):
    """P7."""
    for who in (town.outsider, town.desk):
        assert visitor(who).get("/o/aurora/reports/statistics/").status_code == 404


def test_the_own_desk_has_its_name_in_the_readers_language(town, month):
    """R2, R12: what is stored is a code word; a Romanian reads his own word."""
    address = f"/o/aurora/reports/statistics/?{JUNE}&group_by=source"
    User.objects.filter(id=town.admin.user_id).update(language="ro")
    page = texts(visitor(town.admin).get(address))
    assert "Recepția proprie" in page
    assert "Own desk" not in page
