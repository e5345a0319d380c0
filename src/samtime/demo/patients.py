"""Patients nobody can take for real ones: names that say «test» in every alphabet of the house."""

import random
from datetime import date, timedelta

from samtime.patients.models import Patient
from samtime.patients.queries import name_keys
from samtime.patients.rules import phone_key

GIVEN = {
    "nb": ("Test-Ola", "Prøve-Kari", "Test-Åse", "Prøve-Bjørn", "Test-Øystein", "Prøve-Sølvi",
           "Test-Ærlig", "Prøve-Håkon", "Test-Marte", "Prøve-Jørgen"),
    "ro": ("Test-Ștefan", "Proba-Țuța", "Test-Ioana", "Proba-Mihai", "Test-Ană", "Proba-Gheorghiță",
           "Test-Luminița", "Proba-Încă", "Test-Andrei", "Proba-Mădălina"),
    "hu": ("Teszt-Őszike", "Próba-Ödön", "Teszt-Gyöngyvér", "Próba-Ürsula", "Teszt-Áron",
           "Próba-Éva", "Teszt-Íris", "Próba-Tünde"),
    "en": ("Test-Zoë", "Trial-Siân", "Test-Łukasz", "Trial-Ðorđe", "Test-Þóra", "Trial-Noël"),
}  # fmt: skip
FAMILY = {
    "nb": ("Prøvesen", "Testesen", "Eksempelrud", "Øvingsås", "Demostad", "Væretest", "Prøvebø"),
    "ro": ("Probescu", "Testeanu", "Exempluș", "Încercățel", "Demoiu", "Fictivăț", "Mostrariu"),
    "hu": ("Próbaházi", "Tesztelő", "Mintafű", "Példaűző", "Kísérletőr", "Bemutatóné"),
    "en": ("Testington", "Sampleson", "Müller-Test", "Exemplarsdóttir", "Dvořák-Test"),
}  # fmt: skip
PHONE = {"nb": "+47 555 {:05d}", "ro": "+40 721 555 {:03d}", "hu": "+36 20 555 {:04d}",
         "en": "+44 7700 900{:03d}"}  # fmt: skip


def make_patients(
    provider_id: int, language: str, count: int, dice: random.Random, today: date
) -> list[Patient]:
    """Known patients of a provider, four in five with names of its country. One insert.

    A few have no e-mail address: about them somebody is called.
    """
    rows = []
    for number in range(count):
        own = language if dice.random() < 0.8 else dice.choice(sorted(GIVEN))
        given, family = dice.choice(GIVEN[own]), dice.choice(FAMILY[own])
        phone = PHONE[own].format(number)
        rows.append(
            Patient(
                provider_id=provider_id,
                given_name=given,
                family_name=family,
                birth_date=today - timedelta(days=dice.randint(900, 32_000)),
                phone=phone,
                email=f"patient{number}@pasient.example" if dice.random() < 0.88 else "",
                language=own,
                name_keys=name_keys(provider_id, given, family),
                phone_key=phone_key(phone),
            )
        )
    made: list[Patient] = Patient.objects.bulk_create(rows)
    return made
