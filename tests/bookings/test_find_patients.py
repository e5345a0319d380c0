"""The partner's search for patients: two criteria, masked, logged, limited; else no oracle."""

import string
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.finding import Where, find_patients
from samtime.bookings.models import Booking
from samtime.channels.models import ChannelTerms
from samtime.foundation.errors import Invalid, NotFound, RateLimited, RightMissing
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import AccessLogEntry
from samtime.patients.commands import PatientGiven, add_patient
from samtime.patients.models import Patient
from samtime.patients.queries import PatientSearch, TwoNeeded, name_keys
from samtime.patients.rules import phone_key
from tests.town import NOW, TODAY, at, book, person

pytestmark = pytest.mark.django_db
BORN = date(1961, 3, 14)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The log is written at the town's time."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def known(town):
    """Aurora knows Astrid-Test; its partner does not."""
    set_viewer(town.aurora.id)
    given = PatientGiven("Astrid-Test", "Vestprøve", BORN, "+40 555 010 187", "astrid@test.example")
    made = add_patient(actor=town.desk, person=given, today=TODAY)
    set_viewer(town.hello.id)
    return made


def level(town, access):
    """The channel's patient access becomes this."""
    with viewing_as(town.aurora.id):
        ChannelTerms.objects.update(patient_access=access)


def search(town, who=None, now=NOW, **given):
    set_viewer(town.hello.id)
    where = Where(TODAY, channel=town.channel.public_id)
    return find_patients(actor=who or town.agent, wish=PatientSearch(**given), where=where, now=now)


def log(town):
    """The clinic's log of searches."""
    with viewing_as(town.aurora.id):
        return list(AccessLogEntry.objects.filter(action="searched"))


def test_two_criteria_find_a_masked_person_and_the_clinic_sees_it(town, known):
    """P19, P11, P12: part of the name and the birth date; masked; logged with the channel."""
    level(town, "search")
    (hit,) = search(town, name="vest", birth_date=BORN)
    assert (hit.name, hit.phone) == ("Astrid-Test Vest•••••", "•• •• 01 87")
    (entry,) = log(town)
    assert (entry.organization_id, entry.user_id) == (town.hello.id, town.agent.user_id)
    assert (entry.patient_ids, entry.channel_id) == ([known.id], town.channel.id)


def test_accents_and_one_slip_are_forgiven(town, known):
    """P21."""
    level(town, "search")
    assert search(town, name="vestprove", birth_date=BORN)
    assert search(town, name="Vestpröwe", phone="0555 010187")
    assert search(town, name="vest", birth_date=BORN + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "given",
    [
        {"name": "vestprøve"},
        {"birth_date": BORN},
        {"name": "ve", "birth_date": BORN},
        {"name": "v e s t", "birth_date": BORN},
        {"name": "***", "birth_date": BORN},
        {"name": "%%%", "phone": "1"},
        {"name": "vestprøve", "identifier": " .-/ "},
    ],
)
def test_refuses_one_criterion_and_wildcards(town, known, given):
    """P11: it finds, it never lists; nothing is logged because nothing was asked."""
    level(town, "search")
    with pytest.raises(TwoNeeded):
        search(town, **given)
    assert log(town) == []


@pytest.mark.parametrize("access", ["none", "confirm"])
def test_where_the_terms_do_not_say_search_it_is_403_before_anybody_is_looked_for(
    town, known, access
):
    """P10, P20: same answer and same statements, whether the person is known or not."""
    level(town, access)
    counts = []
    for name in ("vestprøve", "unbekannt"):
        with CaptureQueriesContext(connection) as seen, pytest.raises(RightMissing) as refusal:
            search(town, name=name, birth_date=BORN)
        assert (refusal.value.status, refusal.value.code) == (403, "right_missing")
        assert not any("patients_patient" in q["sql"] for q in seen.captured_queries)
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert log(town) == []


def test_thirty_in_ten_minutes_a_user_and_three_hundred_a_day_a_partner(town, known, monkeypatch):
    """P11."""
    level(town, "search")
    for _n in range(30):
        search(town, name="vest", birth_date=BORN)
    with pytest.raises(RateLimited):
        search(town, name="vest", birth_date=BORN)
    assert search(town, who=town.agent2, name="vest", birth_date=BORN)
    later = NOW + timedelta(minutes=11)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert search(town, now=later, name="vest", birth_date=BORN)
    with viewing_as(town.hello.id):
        row = AccessLogEntry.objects.filter(action="searched").values().first()
        del row["id"], row["at"]
        AccessLogEntry.objects.bulk_create(AccessLogEntry(**row) for _n in range(270))
    hour = later + timedelta(hours=1)
    with pytest.raises(RateLimited):
        search(town, who=town.agent2, now=hour, name="vest", birth_date=BORN)


def test_a_hit_can_be_booked_and_tells_no_contact_data(town, known):
    """B10, P19, D14: the clinic's own record is used; the partner reads what he typed himself."""
    level(town, "search")
    (hit,) = search(town, name="vest", birth_date=BORN)
    wish = Wish(
        offering=town.mri_ana.public_id,
        start=at(0, 9),
        patient_id=hit.patient,
        phone="+40 555 099 000",
    )
    made = book_slot(actor=town.agent, wish=wish, now=NOW)
    assert made.patient_id == known.id
    assert made.patient_as_given["phone"] == "+40 555 099 000"
    assert "astrid@test.example" not in str(made.patient_as_given)


def test_a_hit_needs_the_search_level_and_an_existing_person(town, known):
    """D14: below «search» a known and an invented id answer alike; nothing is booked."""
    wish = {"offering": town.mri_ana.public_id, "start": at(0, 9)}
    for access in ("none", "confirm"):
        level(town, access)
        for ident in (known.public_id, uuid.uuid4()):
            with pytest.raises(RightMissing):
                book_slot(actor=town.agent, wish=Wish(**wish, patient_id=ident), now=NOW)
    level(town, "search")
    with pytest.raises(NotFound):
        book_slot(actor=town.agent, wish=Wish(**wish, patient_id=uuid.uuid4()), now=NOW)
    with pytest.raises(Invalid):
        book_slot(
            actor=town.agent, wish=Wish(**wish, patient_id=known.public_id, phone="1"), now=NOW
        )
    assert not Booking.objects.exists()


@pytest.mark.parametrize("access", ["none", "confirm"])
def test_booking_a_known_and_an_unknown_person_is_the_same_to_the_partner(town, access):
    """Scenario 6 of DOMAIN 1.5, P20: same answer, same number of statements."""
    level(town, access)
    set_viewer(town.aurora.id)
    add_patient(actor=town.desk, person=person("Testine", "Kjent"), today=TODAY)
    book(town.agent, town.mri_ana, at(0, 8), person("Testine", "Warm"))
    answers, counts = [], []
    for n, family in enumerate(("Kjent", "Ukjent")):
        with CaptureQueriesContext(connection) as seen:
            made = book(town.agent, town.mri_ana, at(0, 10 + n), person("Testine", family))
        counts.append(len(seen))
        answers.append(
            {k: v for k, v in vars(made).items() if k in ("state", "payment_state", "version")}
        )
        assert made.patient_as_given["family_name"] == family
    assert counts[0] == counts[1]
    assert answers[0] == answers[1]
    with viewing_as(town.aurora.id):
        expected = {"none": 2, "confirm": 1}[access]
        assert Patient.objects.filter(family_name="Kjent").count() == expected


def test_a_day_of_guessing_harvests_less_than_one_percent(town):
    """P11, short form: 2,000 patients, all the guesses of a day, with the commonest name."""
    level(town, "search")
    names = [a + b for a in string.ascii_lowercase[:20] for b in ("opescu", "onescu")]
    with viewing_as(town.aurora.id):
        Patient.objects.bulk_create(
            Patient(
                provider=town.aurora,
                given_name=f"Test{names[n % 20]}",
                family_name=names[n % 40],
                birth_date=date(1940, 1, 1) + timedelta(days=(n * 7919) % 25000),
                phone=f"+40 555 {n:06d}",
                name_keys=name_keys(town.aurora.id, f"Test{names[n % 20]}", names[n % 40]),
                phone_key=phone_key(f"+40555{n:06d}"),
            )
            for n in range(2000)
        )
    seen, tried, now, day = set(), 0, NOW, date(1975, 1, 1)
    for _window in range(2):
        for who in (town.agent, town.agent2):
            try:
                while True:
                    found = search(town, who=who, name=f"test{names[0]}", birth_date=day, now=now)
                    seen |= {hit.patient for hit in found}
                    day, tried = day + timedelta(days=1), tried + 1
            except RateLimited:
                pass
        now += timedelta(hours=1)
    assert tried == 300
    assert len(seen) < 20
