"""Clients: the search, whom I saw today, a new client."""

from dataclasses import replace
from datetime import date

import pytest

from samtime.accounts.rights import Right
from samtime.bookings.queries.clients import treated_by
from samtime.foundation.errors import RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import Membership
from samtime.patients.models import Patient
from samtime.patients.queries import PatientSearch, search_patients
from tests.town import at, book, member, person
from tests.web.provider.conftest import LIST, act, log, page_of
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_nobody_is_listed_before_a_search(town, known):
    """SCREENS 4.7: privacy first; the empty page says why."""
    page = texts(visitor(town.desk).get(LIST))
    assert "Probăescu" not in page
    assert "not listed before a search" in page


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "stefan probaescu"},
        {"name": "Probaescu Stefan"},
        {"name": "stfan-test probaesku"},
        {"name": "prob"},
        {"name": "proba", "birth_date": "14.03.1961"},
        {"phone": "0721 555 187"},
    ],
)
def test_a_search_forgives_and_is_logged(town, known, typed):
    """P12, P18, P21: any order, no accents, a typing error in each word, a beginning, a phone."""
    answer = visitor(town.desk).post(LIST, typed)
    assert "Probăescu, Ștefan-Test" in texts(answer)
    assert answer["Cache-Control"] == "no-store"
    (entry,) = log(town, action="searched")
    assert entry.patient_ids == [known.id]
    assert entry.user_id == town.desk.user_id


@pytest.mark.parametrize("typed", [{}, {"name": "st"}, {"birth_date": "31.02.1961"}])
def test_too_little_says_what_is_missing_and_keeps_what_was_typed(town, known, typed):
    answer = visitor(town.desk).post(LIST, typed)
    assert answer.status_code == 422
    assert "Probăescu" not in texts(answer)
    assert all(f'value="{text}"' in texts(answer) for text in typed.values())
    assert not log(town, action="searched")


def test_no_match_brings_what_was_typed_into_the_new_client(town, known):
    answer = visitor(town.desk).post(LIST, {"name": "Nemo Nimeni"})
    assert "No client matches" in texts(answer)
    form = {"from": "search", "name": "Nemo Nimeni", "birth_date": "1.2.1990"}
    page = texts(visitor(town.desk).post(f"{LIST}?new", form))
    assert 'value="Nemo"' in page
    assert 'value="Nimeni"' in page
    made = {"patient.given_name": "Nemo-Test", "patient.family_name": "Nimeni"}
    answer = visitor(town.desk).post(f"{LIST}?new", made)
    assert answer.status_code == 302
    assert "Nemo-Test Nimeni" in texts(visitor(town.desk).get(answer["Location"]))


def test_a_form_sent_twice_makes_one_client(town):
    """D22: a double click, or a lost answer sent again."""
    desk = visitor(town.desk)
    form = {"patient.given_name": "Nemo-Test", "patient.family_name": "Nimeni", "once": "k1"}
    first, second = (desk.post(f"{LIST}?new", form) for _n in (1, 2))
    assert first["Location"] == second["Location"]
    set_viewer(town.aurora.id)
    assert Patient.objects.count() == 1


def test_opened_today_stands_on_the_page(town, known):
    desk = visitor(town.desk)
    desk.get(page_of(known))
    assert "Probăescu" in texts(desk.get(LIST))
    assert "Probăescu" not in texts(visitor(town.admin).get(LIST))


def test_a_stranger_gets_404(town, known):
    """P7: other houses, partners, and roles without the right."""
    finance = member(town.aurora, "finance@aurora.example", "finance")
    for who, slug in ((town.outsider, "stranger"), (town.agent, "hello"), (finance, "aurora")):
        for slug_ in {slug, "aurora"}:
            address = page_of(known).replace("aurora", slug_)
            assert visitor(who).get(address).status_code == 404
    assert visitor(finance).get(LIST).status_code == 404


def test_a_practitioner_sees_whom_he_treats(town, known):
    """DOMAIN 1.4: own patients are those with a booking with him, and whom he entered."""
    who = member(town.aurora, "ana@aurora.example", "practitioner", practitioner=town.ana)
    ana = visitor(who)
    assert ana.get(page_of(known)).status_code == 404
    assert "Probăescu, " not in texts(ana.post(LIST, {"name": "probaescu"}))
    wish = person("Ștefan-Test", "Probăescu", birth_date=date(1961, 3, 14), phone="+40721555187")
    book(town.desk, town.mri_ana, at(1, 9), wish)
    set_viewer(0)
    assert "Probăescu, " in texts(ana.post(LIST, {"name": "probaesku"}))
    assert ana.get(page_of(known, "bookings")).status_code == 200
    dan = member(town.aurora, "dan@aurora.example", "practitioner", practitioner=town.dan)
    assert visitor(dan).get(page_of(known)).status_code == 404
    set_viewer(town.aurora.id)
    assert search_patients(who, PatientSearch(name="probaescu")) == [known]
    assert search_patients(dan, PatientSearch(name="probaescu")) == []
    assert list(treated_by(who)) == [known.id]


def test_rights_are_judged_by_the_command(town, known):
    """A person whose right was taken away while the form was open."""
    set_viewer(town.aurora.id)
    blind = replace(town.desk, rights=town.desk.rights - {Right.SEE_PATIENTS})
    with pytest.raises(RightMissing):
        search_patients(blind, PatientSearch(name="probaescu"))
    Membership.objects.filter(user_id=town.desk.user_id).update(roles=["finance"])
    set_viewer(0)
    assert visitor(town.desk).post(act(known, "checked")).status_code == 404
