"""The partner's own figures (R8): the manager's for all, an agent's own count."""

import pytest
from django.utils import timezone

from samtime.foundation.tenancy import set_viewer
from tests.town import at, book
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
PAGE = "/o/hello/partner/statistics/?from=2026-06-01&to=2026-06-30"


@pytest.fixture
def sent(town, monkeypatch):
    """Two by one agent, one by the other, one of the clinic's own."""
    for who, hour in ((town.agent, 9), (town.agent, 10), (town.agent2, 11)):
        book(who, town.mri_ana, at(0, hour))
    book(town.desk, town.ecg_ana, at(0, 14))
    set_viewer(0)
    monkeypatch.setattr(timezone, "now", lambda: at(4, 12))
    return town


def figures(client, query=""):
    """The first row of the file: label, bookings, and so on."""
    address = PAGE.replace("statistics/?", "statistics.csv?") + query
    return client.get(address).content.decode("utf-8-sig").splitlines()[1].split(";")


def test_the_partner_reads_what_the_institution_reads(sent):
    """R8, P4: bookings, value and commission are the same on both sides."""
    own = "/o/aurora/reports/statistics.csv?from=2026-06-01&to=2026-06-30&sent=partners"
    other = visitor(sent.admin).get(own).content.decode("utf-8-sig").splitlines()[1].split(";")
    mine = figures(visitor(sent.manager))
    assert mine[0] == "Clinica Aurora SRL"
    assert mine[1:] == other[1:]
    assert mine[1] == "3"


def test_an_agent_counts_his_own(sent):
    """DOMAIN 1.4: own count."""
    assert figures(visitor(sent.agent))[1] == "2"
    assert figures(visitor(sent.agent2))[1] == "1"
    page = texts(visitor(sent.agent).get(PAGE))
    assert "What you booked yourself" in page
    assert "All agents" not in page
    everybody = visitor(sent.manager).get(PAGE).content.decode()
    colleague = everybody.split("Test Agent2</option>")[0].rsplit('value="', 1)[1].split('"')[0]
    foreign = texts(visitor(sent.agent).get(f"{PAGE}&booker_user={colleague}"))
    assert "No booking matches these filters." in foreign


def test_the_manager_narrows_to_an_agent(sent):
    page = texts(visitor(sent.manager).get(f"{PAGE}&group_by=agent"))
    assert "Test Agent2" in page


def test_a_wrong_period_is_refused_and_strangers_get_404(sent):
    wrong = visitor(sent.manager).get(PAGE.replace("to=2026-06-30", "to=2026-05-01"))
    assert wrong.status_code == 422
    assert visitor(sent.outsider).get(PAGE).status_code == 404
    assert visitor(sent.desk).get(PAGE.replace("hello", "aurora")).status_code == 404
