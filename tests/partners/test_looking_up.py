"""Looking a company up: kept question, limits, answer. P7, P9, P19."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.connectors.registers import RegisterAnswer
from samtime.foundation.errors import Invalid, NotFound, RateLimited, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from samtime.partners.commands import (
    CompanyAsked,
    NoRegister,
    begin_look_up,
    keep_register_answer,
)
from samtime.partners.models import RegisterCheck
from samtime.partners.queries import latest_check
from tests.partners.conftest import NUMBER

NORDVIK = CompanyAsked("NO", NUMBER)


def begin(town, company=NORDVIK, actor=None):
    """Aurora's administrator asks."""
    set_viewer(town.aurora.id)
    return begin_look_up(actor=actor or town.admin, company=company)


def found(**more):
    """What a register says."""
    given = {"name": "NORDVIK AS", "registration_number": NUMBER, "state": "active"}
    return RegisterAnswer("found", "brreg", timezone.now(), **{**given, **more})


def test_a_question_and_its_answer_are_kept(town):
    """P9: source, day and data, for the data sheet's line."""
    check = begin(town)
    assert (check.outcome, check.number, check.source) == ("asked", NUMBER, "brreg")
    kept = keep_register_answer(actor=town.admin, check=check, answer=found())
    assert (kept.outcome, kept.told["name"]) == ("found", "NORDVIK AS")
    seen = latest_check(town.admin, country="NO", registration_number=NUMBER, tax_number="")
    assert seen == kept
    kinds = list(JournalEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["register.asked", "register.answered"]


def test_an_answer_of_the_last_minutes_is_not_asked_again(town):
    """P9: the same number twice is one question; after ten minutes it is a new one."""
    check = begin(town)
    keep_register_answer(actor=town.admin, check=check, answer=found())
    assert begin(town).outcome == "found"
    RegisterCheck.objects.update(fetched_at=timezone.now() - timedelta(minutes=11))
    assert begin(town).outcome == "asked"


def test_a_failure_is_asked_again(town):
    """P33: that a register was away is no answer to keep."""
    check = begin(town)
    away = RegisterAnswer("unavailable", "brreg", timezone.now())
    keep_register_answer(actor=town.admin, check=check, answer=away)
    assert begin(town).outcome == "asked"


@pytest.mark.parametrize(
    ("company", "field", "code"),
    [
        (CompanyAsked("NO"), "company.registration_number", "required"),
        (CompanyAsked("RO", "J40/99901/2020"), "company.tax_number", "required"),
        (CompanyAsked("NO", "12345678"), "company.registration_number", "digits"),
        (CompanyAsked("NO", "15108695088"), "company.registration_number", "person_not_company"),
        (CompanyAsked("RO", "", "1800101221144"), "company.tax_number", "person_not_company"),
    ],
)
def test_what_is_no_companys_number_is_not_asked(town, company, field, code):
    """P7, P9: a person's number never leaves the house."""
    with pytest.raises(Invalid) as refused:
        begin(town, company)
    assert [(e.field, e.code) for e in refused.value.errors] == [(field, code)]
    assert not RegisterCheck.objects.exists()


def test_a_country_without_a_register(town):
    """P9: said in words."""
    with pytest.raises(NoRegister):
        begin(town, CompanyAsked("IS", "5402696009"))


def test_ten_a_minute_and_no_more(town):
    """P19: by user; nothing is kept of the eleventh."""
    for number in range(10):
        begin(town, CompanyAsked("NO", f"99920{number:04d}"))
    with pytest.raises(RateLimited):
        begin(town, CompanyAsked("NO", "999300001"))
    assert RegisterCheck.objects.count() == 10
    RegisterCheck.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
    assert begin(town, CompanyAsked("NO", "999300001")).outcome == "asked"


def test_the_desk_asks_nothing(town):
    """P36: rights."""
    with pytest.raises(RightMissing):
        begin(town, actor=town.desk)


def test_another_clinics_question_is_not_there(town):
    """P7 (promise): neither to read nor to answer."""
    check = begin(town)
    set_viewer(town.fjord.id)
    args = {"country": "NO", "registration_number": NUMBER, "tax_number": ""}
    assert latest_check(town.fjord_admin, **args) is None
    with pytest.raises(NotFound):
        keep_register_answer(actor=town.fjord_admin, check=check, answer=found())
