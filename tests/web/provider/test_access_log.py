"""The access log of the house."""

import re
from pathlib import Path

import pytest

import samtime
from samtime.web.provider import client_words
from samtime.web.public import patient_access
from tests.web.provider.conftest import LIST, log
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_the_access_log_of_the_house(town, known):
    """P18, P36: by person, organization and period; odd patterns in words; the export is logged."""
    desk, admin = visitor(town.desk), visitor(town.admin)
    for _n in range(21):
        desk.post(LIST, {"name": "probaescu"})
    page = texts(admin.get("/o/aurora/access-log/"))
    assert "21 searches, 0 bookings" in page
    assert "Ștefan-Test Probăescu" in page
    assert visitor(town.desk).get("/o/aurora/access-log/").status_code == 404
    hello = admin.get(f"/o/aurora/access-log/?organization={town.hello.public_id}")
    assert "21 searches" not in texts(hello)
    assert admin.get("/o/aurora/access-log/?from=2.6.2026&to=1.6.2026").status_code == 422
    one = texts(admin.get(f"/o/aurora/access-log/?client={known.public_id}"))
    assert "Only Ștefan-Test Probăescu." in one
    file = admin.get("/o/aurora/access-log.csv")
    assert "Probăescu" in file.content.decode()
    assert [e.patient_ids for e in log(town, action="exported")] == [[known.id]]


def test_whoever_sees_the_log_but_no_clients_reads_it_without_names(town, known):
    """P12: a partner's manager has the log in the menu; it opens, and names nobody."""
    visitor(town.desk).post(LIST, {"name": "probaescu"})
    for path in ("/o/hello/access-log/", "/o/hello/access-log.csv"):
        answer = visitor(town.manager).get(path)
        assert answer.status_code == 200
        assert "Probăescu" not in texts(answer)


def test_every_act_and_reason_of_the_log_has_words():
    """P36: «who saw this patient and why» is read by people; no code of a command stands there."""
    written = re.compile(r'Access\((?:[^()]|\([^()]*\))*?"([a-z_]+)",\s*"([a-z_]+)"')
    sources = Path(samtime.__file__).parent.rglob("*.py")
    found = {pair for source in sources for pair in written.findall(source.read_text("utf-8"))}
    assert len(found) > 15
    assert {act for act, _why in found} <= set(client_words.acts())
    assert set(client_words.acts()) == set(patient_access.ACTS)
    assert {why for _act, why in found} <= set(client_words.purposes())
