"""A price list becomes services: preview, faults by row and column, all or nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.catalog import queries
from samtime.catalog.commands.importing import import_services, plan_services
from samtime.catalog.commands.services import change_service, set_service_price
from samtime.catalog.models import Service, ServicePrice
from samtime.catalog.rules import PriceGiven
from samtime.foundation.errors import RightMissing
from samtime.foundation.headings import HeadingMissing
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from tests.town import TODAY

LIST = """Prisliste Testklinikk;;;;;;
;;;;;;
Kode;Navn;Name (en);Fagområde;Varighet (min);Pause etter;Pris (NOK);MVA;Forberedelse
F1;Fysioterapi, første gang;Physiotherapy, first visit;Fysio;60;10;1 250,00;0 %;Ta med henvisning
F2;Fysioterapi, øvelser;;Fysio;30 min;;kr 590,-;fritatt;
F3;Attest æøå;;;0:20;;450;25 %;
"""


@pytest.fixture
def admin(town):
    set_viewer(town.fjord.id)
    return town.fjord_admin


def run(actor, text, today=TODAY, encoding="cp1252"):
    """Import, and the plan as (row, action)."""
    plan = import_services(actor=actor, content=text.encode(encoding), today=today)
    return plan, [(row.row, row.action) for row in plan.planned]


def counts():
    """Everything an import could leave behind."""
    return Service.objects.count(), ServicePrice.objects.count(), JournalEntry.objects.count()


def test_a_norwegian_price_list_becomes_services(admin):
    """Issue 1c: semicolons, decimal comma, Windows-1252, a title above the heading."""
    _plan, actions = run(admin, LIST)
    assert actions == [(4, "create"), (5, "create"), (6, "create")]
    first = queries.service_by_code(admin, "f1")
    assert (first.duration_minutes, first.buffer_after_minutes) == (60, 10)
    assert first.name_in("en") == "Physiotherapy, first visit"
    assert first.preparation == {admin_language(admin): "Ta med henvisning"}
    third = queries.price_on(queries.service_by_code(admin, "F3"), TODAY)
    assert (third.amount, third.vat_rate, third.vat_category) == (45000, 2500, "S")


def admin_language(actor):
    """The organization's own language."""
    return queries.services(actor).first().provider.language


def test_the_same_file_twice_changes_nothing(admin):
    """Issue 1c: idempotent."""
    run(admin, LIST)
    before = counts()
    plan, actions = run(admin, LIST, today=TODAY + timedelta(days=9))
    assert {action for _row, action in actions} == {"unchanged"}
    assert not plan.changes_something
    assert counts() == before


def test_planning_writes_nothing(admin):
    """A preview is only a preview."""
    before = counts()
    plan = plan_services(actor=admin, content=LIST.encode(), today=TODAY)
    assert plan.rows == 3
    assert counts() == before


def test_a_price_change_is_dated(admin):
    """Issue 1c: price changes dated; columns that are not there leave what is."""
    run(admin, LIST)
    later = TODAY + timedelta(days=30)
    plan, actions = run(admin, f"Kode;Navn;Pris;Gjelder fra\nF1;Fysio ny;1300;{later}\n")
    assert actions == [(2, "change")]
    assert [change.after for change in plan.planned[0].changes] == ["Fysio ny", "NOK\u00a01,300.00"]
    service = queries.service_by_code(admin, "F1")
    assert service.duration_minutes == 60
    assert queries.price_on(service, later - timedelta(days=1)).amount == 125000
    assert queries.price_on(service, later).amount == 130000


def traces(actor, code):
    """What stands of a service and what is told of it, without its own names."""
    service = queries.service_by_code(actor, code)
    lengths = [(x.from_on, queries.length_in(x)) for x in service.lengths.order_by("from_on")]
    prices = list(service.prices.order_by("from_on").values_list("from_on", "amount", "vat_rate"))
    told = JournalEntry.objects.filter(object_id=service.public_id).order_by("id")
    told = [(e.kind, {**e.data, "code": ""}) for e in told]
    given = replace(queries.given_of(service), code="")
    return given, service.lengths_dated, lengths, prices, sorted(told, key=str)


def alone(actor, code, *, price, price_from, length_from=TODAY, **changes):
    """One service changed by the two commands of its sheet."""
    service = queries.service_by_code(actor, code)
    given = replace(queries.given_of(service), **changes)
    change_service(actor=actor, service_id=service.public_id, given=given, from_on=length_from)
    wanted = PriceGiven(price, "NOK")
    set_service_price(
        actor=actor, service_id=service.public_id, price=wanted, from_on=price_from, today=TODAY
    )


@pytest.mark.usefixtures("clock")
def test_a_list_leaves_what_each_change_alone_would(admin):
    """T13: names, lengths and prices, also where a length and a price are to come already."""
    lines = "".join(f"{row}{n};Test;30;450\n" for row in "AB" for n in range(3))
    run(admin, f"code;name;duration;price\n{lines}")
    later = TODAY + timedelta(days=30)
    for code in ("A1", "B1"):
        alone(admin, code, price=90000, price_from=later, length_from=later, duration_minutes=60)
    asked = [(f"Test {n}", 45 if n else 30, 500 + n, TODAY + timedelta(days=9 * n))
             for n in range(3)]  # fmt: skip
    lines = "".join(f"A{n};{a};{b};{c};{d}\n" for n, (a, b, c, d) in enumerate(asked))
    run(admin, f"code;name;duration;price;price from\n{lines}")
    for n, (name, minutes, price, day) in enumerate(asked):
        changes = {"name": name, "duration_minutes": minutes}
        alone(admin, f"B{n}", price=price * 100, price_from=day, **changes)
    assert [traces(admin, f"A{n}") for n in range(3)] == [traces(admin, f"B{n}") for n in range(3)]


def test_a_long_list_asks_as_often_as_a_short_one(admin):
    """T13: the number of questions does not grow with the rows."""
    asked = []
    for count in (2, 60):
        for minutes, price in ((30, 450), (45, 500)):
            lines = "".join(f"Q{count}.{n};Test;{minutes};{price}\n" for n in range(count))
            with CaptureQueriesContext(connection) as seen:
                run(admin, f"code;name;duration;price\n{lines}")
        asked.append(len(seen))
    assert asked[0] == asked[1]
    assert queries.service_by_code(admin, "Q60.59").duration_minutes == 45


GARBAGE = """code;name;duration;price;vat;from
A1;Test one;30;450;0;
A2;;30;450;0;
A3;Test three;half an hour;450;0;
A4;Test four;33;450;0;
A5;Test five;30;four hundred;0;
A6;Test six;30;450 lei;0;
A1;Test seven;30;450;0;
A8;Test eight;30;450;150;
;Test nine;30;450;0;
A10;Test ten;30;450;0;31.02.2026
"""


def test_every_fault_is_told_by_row_and_column_and_nothing_is_done(admin):
    """Issue 1: a price file with garbage; all or nothing."""
    before = counts()
    plan, actions = run(admin, GARBAGE)
    assert [(f["row"], f["column"]) for f in plan.errors()] == [
        (3, "B"),
        (4, "C"),
        (5, "C"),
        (6, "D"),
        (7, "D"),
        (8, "A"),
        (9, "E"),
        (10, "A"),
        (11, "F"),
    ]
    assert all(len(f["detail"]) > 10 for f in plan.errors())
    assert actions == []
    assert counts() == before


def test_an_ended_code_is_not_used_again(town, admin):
    """Invariant 13: identifiers are never reused."""
    Service.objects.filter(pk=town.physio.pk).update(ended_on=TODAY)
    plan, _actions = run(admin, "code;name;duration\nPHYSIO;Test;30\n")
    assert [(f.row, f.column) for f in plan.faults] == [(2, "A")]


def test_a_past_day_for_a_price_that_exists_is_refused(town, admin):
    """Prices of days gone by stand."""
    plan, _actions = run(admin, "code;name;price;price from\nphysio;Physio;950;2026-01-15\n")
    assert [(f.row, f.column) for f in plan.faults] == [(2, "D")]


def test_columns_nobody_knows_are_named(admin):
    """Nothing is lost silently."""
    plan, _actions = run(admin, "code;name;duration;colour\nA1;Test;30;red\n")
    assert plan.notes == ("Column D «colour» is not used.",)


def test_names_in_every_alphabet(admin):
    """Latin with all marks, and others, in UTF-8."""
    names = ["Ștergere țesut", "Őrült űrhajó", "Blåbærsyltetøy", "Ελληνικά", "Тест", "测试"]
    rows = "\n".join(f"N{n};{name};30" for n, name in enumerate(names))
    run(admin, f"code;name;duration\n{rows}\n", encoding="utf-8")
    kept = Service.objects.filter(code__startswith="N").order_by("code")
    assert [service.name for service in kept] == names


def test_the_desk_may_not_and_a_file_without_codes_is_refused(town, admin):
    """Right first, then the heading."""
    with pytest.raises(RightMissing):
        run(town.fjord_desk, LIST)
    with pytest.raises(HeadingMissing):
        run(admin, "price\n450\n")


def test_another_organizations_services_are_not_touched(town, admin):
    """The same code at two providers is two services."""
    run(admin, "code;name;duration\nmri;Test MR;30\n")
    assert Service.objects.filter(code__iexact="mri").count() == 2
    assert Service.objects.get(pk=town.mri.pk).name == "Mri"
