"""A staff list becomes practitioners, calendars, offerings and hours."""

from datetime import time, timedelta

import pytest

from samtime.bookings.commands.imports import ImportHasErrors, apply_import, start_import
from samtime.bookings.models import Booking
from samtime.calendars import masks
from samtime.calendars.commands.staff import import_practitioners
from samtime.calendars.commands.week_words import DayHours, day_hours, week_hours, weekday
from samtime.calendars.models import AvailabilityRule, Calendar, Offering
from samtime.documents.commands import Upload
from samtime.documents.models import ImportRun
from samtime.documents.queries import import_run
from samtime.foundation.cells import BadCell
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.journal.models import JournalEntry
from samtime.organizations.models import Practitioner
from tests.town import NOW, TODAY, at, book

STAFF = """Medic;Titlu;Cod parafă;Limbi;Locație;Servicii;Program
Țăranu, Ștefania-Test;Dr.;T1234;ro, engleză;Aurora Centru;mri;"luni-joi 8-16, pauză 12:00-12:30;
vineri 9-13"
Țăranu, Ștefania-Test;Dr.;T1234;;aurora-nord;"ECG; mri";sâmbătă 9–13
"""
DAYS = """Behandler;Lokasjon;Ukedag;Fra;Til;Pause;Tjenester
Test Ødegård;Fjord Sentrum;mandag;08.00;16.00;12.00-12.30;physio
Test Ødegård;Fjord Sentrum;tirsdag;9;15;;
Test Ødegård;Fjord Sentrum;onsdag;;;;
"""
COLUMNS = """Etternavn;Fornavn;Lokasjon;Mandag;Tirsdag;Lørdag;Tjenester
Blåfjell;Test-Åse;Fjord Vest;08:00-16:00, lunsj 12:00-12:30;fri;;alle
"""


@pytest.fixture
def admin(town):
    set_viewer(town.aurora.id)
    return town.admin


@pytest.fixture
def fjord_admin(town):
    set_viewer(town.fjord.id)
    return town.fjord_admin


def run(actor, text, encoding="utf-8", now=NOW):
    """Import, and the plan."""
    return import_practitioners(actor=actor, content=text.encode(encoding), now=now)


def hours(calendar):
    """Rules as (weekday, kind, start, end)."""
    rows = calendar.rules.order_by("weekday", "start")
    return [(r.weekday, r.kind, f"{r.start:%H:%M}", f"{r.end:%H:%M}") for r in rows]


def counts():
    """Everything an import could leave behind."""
    return (
        Practitioner.objects.count(),
        Calendar.objects.count(),
        Offering.objects.count(),
        AvailabilityRule.objects.count(),
        JournalEntry.objects.count(),
    )


def test_a_romanian_staff_list_becomes_calendars_that_can_be_booked(town, admin):
    """Issue 1c: one person at two places, hours with breaks, and a time is booked in them."""
    plan = run(admin, STAFF)
    assert [(row.row, row.action) for row in plan.planned] == [(2, "create"), (3, "create")]
    person = Practitioner.objects.get(licence_number="T1234")
    assert (person.given_name, person.family_name) == ("Ștefania-Test", "Țăranu")
    assert person.languages == ["ro", "en"]
    centru = Calendar.objects.get(role__practitioner=person, location=town.centru)
    assert hours(centru)[:3] == [
        (1, "open", "08:00", "16:00"),
        (1, "break", "12:00", "12:30"),
        (2, "open", "08:00", "16:00"),
    ]
    assert hours(centru)[-1] == (5, "open", "09:00", "13:00")
    offering = Offering.objects.get(calendar=centru)
    assert book(town.desk, offering, at(1, 9)).practitioner == person
    assert Booking.objects.count() == 1
    nord = Calendar.objects.get(role__practitioner=person, location=town.nord)
    assert nord.practitioner_resource_id == centru.practitioner_resource_id
    assert {mask for mask, _day in masks.check_all(today=TODAY)}.isdisjoint(
        {centru.mask_id, nord.mask_id}
    )


def test_the_same_file_twice_changes_nothing(admin):
    """Issue 1c: idempotent, also on a later day."""
    run(admin, STAFF)
    before = counts()
    plan = run(admin, STAFF, now=NOW + timedelta(days=10))
    assert [row.action for row in plan.planned] == ["unchanged", "unchanged"]
    assert counts() == before


def test_one_row_per_weekday(fjord_admin):
    """Issue 1c: rows of one person and place are joined; a day without times is closed."""
    plan = run(fjord_admin, DAYS, encoding="cp1252")
    assert [row.action for row in plan.planned] == ["create"]
    calendar = Calendar.objects.get(role__practitioner__family_name="Ødegård")
    assert hours(calendar) == [
        (1, "open", "08:00", "16:00"),
        (1, "break", "12:00", "12:30"),
        (2, "open", "09:00", "15:00"),
    ]
    assert run(fjord_admin, DAYS).planned[0].action == "unchanged"


def test_a_column_per_weekday_and_all_services(town, fjord_admin):
    """Issue 1c: weekday columns."""
    run(fjord_admin, COLUMNS)
    calendar = Calendar.objects.get(role__practitioner__family_name="Blåfjell")
    assert hours(calendar) == [(1, "open", "08:00", "16:00"), (1, "break", "12:00", "12:30")]
    assert [o.service for o in calendar.offerings.all()] == [town.physio]


def test_what_the_file_says_replaces_and_what_it_does_not_say_stays(town, admin):
    """Ana keeps her licence and hours; her ECG ends, because the file gives MRI only."""
    plan = run(admin, "name;location;services\nAna-Test Ionescu;Aurora Centru;mri\n")
    assert [change.field for change in plan.planned[0].changes] == ["Services"]
    given = town.ana_centru.offerings.filter(ended_on=None)
    assert [offering.service for offering in given] == [town.mri]
    assert town.ana_centru.rules.count() == 5


GARBAGE = """name;location;languages;services;hours
Testperson;Aurora Centru;ro;mri;Mon 8-16
Test One;Mars;ro;mri;Mon 8-16
Test Two;Aurora Centru;klingon;mri;Mon 8-16
Test Three;Aurora Centru;ro;surgery;Mon 8-16
Test Four;Aurora Centru;ro;mri;whenever
Test Five;Aurora Centru;ro;mri;Mon 16-8
Test Six;Aurora Centru;ro;mri;Mon 8-16, break 17-18
Test Seven;;ro;mri;Mon 8-16
Test Eight;Aurora Centru;ro;mri;Mon 8-16
Test Eight;Aurora Centru;ro;mri;Mon 9-12
Test Eight;Aurora Nord;hu;mri;Mon 9-12
"""


def test_every_fault_is_told_by_row_and_column_and_nothing_is_done(admin):
    """All or nothing."""
    before = counts()
    plan = run(admin, GARBAGE)
    places = [(fault["row"], fault["column"]) for fault in plan.errors()]
    assert places == [
        (2, "A"),
        (3, "B"),
        (4, "C"),
        (5, "D"),
        (6, "E"),
        (7, "E"),
        (8, "E"),
        (9, "B"),
        (11, ""),
        (12, "C"),
    ]
    assert counts() == before


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("08:00-16:00", (((8, 0), (16, 0)),)),
        ("8–12, 13–16", (((8, 0), (12, 0)), ((13, 0), (16, 0)))),
        ("kl. 08.30 til 15.30", (((8, 30), (15, 30)),)),
        ("0800-1600", (((8, 0), (16, 0)),)),
        ("închis", ()),
        ("-", ()),
    ],
)
def test_hours_of_a_day(words, expected):
    """As people write them."""
    assert day_hours(words).open == tuple((time(*a), time(*b)) for a, b in expected)


def test_breaks_in_four_languages():
    """Break, lunsj, pauză, ebédszünet, in brackets or after a comma."""
    whole = DayHours(((time(8), time(16)),), ((time(12), time(12, 30)),))
    for words in (
        "08:00-16:00 (lunch 12:00-12:30)",
        "8-16, lunsj 12-12.30",
        "08:00-16:00; pauză: 12:00-12:30",
        "8:00–16:00, ebédszünet 12:00–12:30",
    ):
        assert day_hours(words) == whole


def test_a_week_in_words():
    """Ranges and lists of weekdays."""
    week = week_hours("man–ons, fre 8–16, lunsj 12–12.30; lør 9-12")
    assert sorted(week) == [1, 2, 3, 5, 6]
    assert week[5].breaks == ((time(12), time(12, 30)),)
    assert week_hours("hétfő 8-12, kedd 9-13")[2].open == ((time(9), time(13)),)
    for wrong in ("always", "Mon 8-16, Mon 9-10", "Mon 8-16 and so on", "8-16 Mon"):
        with pytest.raises(BadCell):
            week_hours(wrong)
    assert [weekday(w) for w in ("Lørdag", "szombat", "6", "sâmbătă", "")] == [6, 6, 6, 6, None]


def upload(text, kind="practitioners"):
    """A file as handed in."""
    return Upload(kind, "C:\\Users\\test\\staff.csv", text.encode())


def test_a_run_is_previewed_then_applied_once(town, admin):
    """INTERFACE 3: run with state, rows, errors; Apply twice is once; the file is let go."""
    run_ = start_import(actor=admin, upload=upload(STAFF), now=NOW)
    assert (run_.state, run_.rows, run_.errors, run_.file_name) == ("previewed", 2, [], "staff.csv")
    assert not Practitioner.objects.filter(licence_number="T1234").exists()
    for _again in range(2):
        done = apply_import(actor=admin, run_id=run_.public_id, now=NOW)
        assert done.state == "applied"
    assert Practitioner.objects.filter(licence_number="T1234").count() == 1
    assert JournalEntry.objects.filter(kind="import.applied").count() == 1
    assert bytes(ImportRun.objects.get().content) == b""


def test_a_refused_run_cannot_be_applied(admin):
    """Errors are kept with row and column."""
    run_ = start_import(actor=admin, upload=upload(GARBAGE), now=NOW)
    assert run_.state == "refused"
    assert run_.errors[0]["row"] == 2
    with pytest.raises(ImportHasErrors):
        apply_import(actor=admin, run_id=run_.public_id, now=NOW)


def test_imports_are_the_organizations_own(town, admin):
    """A stranger finds no run; the desk may not; an unknown kind is told."""
    run_ = start_import(actor=admin, upload=upload(STAFF), now=NOW)
    with pytest.raises(RightMissing):
        start_import(actor=town.desk, upload=upload(STAFF), now=NOW)
    with pytest.raises(Invalid):
        start_import(actor=admin, upload=upload(STAFF, "weather"), now=NOW)
    set_viewer(town.stranger.id)
    with pytest.raises(NotFound):
        import_run(town.outsider, run_.public_id)
    with pytest.raises(NotFound):
        apply_import(actor=town.outsider, run_id=run_.public_id, now=NOW)
