"""Names survive (P21): every alphabet comes back as it was written and is found without accents."""

import html
import unicodedata

import pytest
from django.utils import timezone

from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer
from samtime.patients.commands import PatientGiven, add_patient
from samtime.patients.models import Patient
from samtime.patients.queries import PatientSearch, search_patients
from tests.api.conftest import Caller
from tests.town import NOW, at
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.django_db
PATIENT = {"birth_date": "1980-02-03", "phone": "+40555010199", "given_name": "Testine"}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def alphabets():
    """Two hundred names: comma below, stroke, double acute, both normal forms, right to left."""
    seeds = (
        "Ștefania Țuțuianu",
        "Åse Bjørnøy Ærlig",
        "Őrsi Fűzfa Győző",
        "Zoë O’Brien-Nuñez",
        "Łukasz Żółć",
        "Müller-Weiß",
        "Søren Kjærgård",
        "Иван Щербаков",
        "Νίκος Παπαδάκης",
        "محمد علي",
        "משה כהן",
        "张伟",
        "さくら 山田",
        "김민준",
        "Nguyễn Thị Ánh",
        "D'Angelo l'Étoile",
        "Đorđe Šćepanović",
        "Þórður Guðmundsson",
        "Ağaoğlu İpek",
        "Jean\u200bClaude Zero",
    )
    for number in range(200):
        given, _space, family = seeds[number % len(seeds)].partition(" ")
        form = ("NFC", "NFD")[number // len(seeds) % 2]
        tail = "abcdefghij"[number // len(seeds)] * 2
        yield (
            unicodedata.normalize(form, given),
            unicodedata.normalize(form, f"{family}{tail}"),
        )


def plain(text):
    """Without accents, as somebody types it who has another keyboard."""
    for sign, typed in (("æ", "ae"), ("Æ", "Ae"), ("ß", "ss"), ("þ", "th"), ("Þ", "Th")):
        text = text.replace(sign, typed)
    swapped = text.translate(str.maketrans("łŁøØđĐıð", "lLoOdDid")).replace("\u200b", "")
    apart = unicodedata.normalize("NFKD", swapped)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def test_two_hundred_names_survive_and_are_found(town):
    """P21: every name comes back as it was written and is found by a search without accents."""
    set_viewer(town.aurora.id)
    for given, family in alphabets():
        made = add_patient(
            actor=town.desk, person=PatientGiven(given, family), today=NOW.date()
        ).public_id
        read = Patient.objects.get(public_id=made)
        assert (read.given_name, read.family_name) == (given, family)
        typed = plain(f"{given} {family}")
        found = search_patients(town.desk, PatientSearch(name=typed))
        assert made in [p.public_id for p in found], (given, family)
    assert Patient.objects.count() == 200


def test_names_come_through_the_whole_door(town):
    """P21: JSON in, JSON out, the page shows them."""
    agent, desk = Caller(town.agent), visitor(town.desk)
    for number, (given, family) in enumerate(list(alphabets())[:20]):
        patient = {**PATIENT, "given_name": given, "family_name": family}
        wish = {"offering": str(town.mri_ana.public_id), "patient": patient}
        day, slot = divmod(number, 8)
        answer = agent.post("bookings", {**wish, "start": at(day + 1, 8 + slot).isoformat()})
        assert answer.status == 201, answer.body
        assert answer.body["patient"]["family_name"] == family
        page = texts(desk.get(f"/o/aurora/bookings/{answer.body['id']}/"))
        assert html.escape(family) in page


@pytest.mark.parametrize("sign", ["\n", "\u202e", "\u2028", "\x1b"])
def test_signs_that_are_in_no_name(town, sign):
    """P21 does not go as far as line breaks and turned directions."""
    patient = {**PATIENT, "family_name": f"Prøve{sign}sen"}
    wish = {"offering": str(town.mri_ana.public_id), "start": at(1, 9).isoformat()}
    answer = Caller(town.agent).post("bookings", {**wish, "patient": patient})
    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "patient.family_name"
    assert not Booking.objects.exists()
