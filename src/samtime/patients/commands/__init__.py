"""Making patients known: at the own desk, and silently behind a partner's booking (D2, D14)."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.prepared import insert
from samtime.foundation.secrets import encrypt, keyed_hashes
from samtime.journal.commands import Access, Happening, record
from samtime.patients.models import Patient, PatientIdentifier
from samtime.patients.queries import name_keys
from samtime.patients.rules import (
    identifier_form,
    is_written,
    phone_key,
    same_name,
)

OLDEST = date(1890, 1, 1)
LANGUAGES = ("", "en", "nb", "nn", "ro", "hu", "sv", "da", "de")


@dataclass(frozen=True, slots=True)
class PatientGiven:
    """A person as somebody typed him: names, birth date, phone, e-mail, language, number."""

    given_name: str
    family_name: str
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    language: str = ""
    identifier: str = ""
    identifier_kind: str = "national"
    identifier_country: str = ""

    def as_given(self) -> dict[str, str]:
        """What the booking keeps and the booker's pages read; never the identifier."""
        born = self.birth_date.isoformat() if self.birth_date else ""
        return {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birth_date": born,
            "phone": self.phone,
            "email": self.email,
            "language": self.language,
        }


def checked(person: PatientGiven, *, today: date) -> PatientGiven:
    """The same, or Invalid with every fault at its field (`patient.<name>`)."""
    faults = [*_name_faults(person), *_contact_faults(person)]
    born = person.birth_date
    if born is not None and not OLDEST <= born <= today:
        faults.append(_fault("birth_date", _("This cannot be a birth date. Check the year.")))
    if person.language not in LANGUAGES:
        faults.append(_fault("language", _("This language is not offered.")))
    if faults:
        raise Invalid(*faults)
    return person


def _fault(field: str, sentence: object) -> FieldError:
    return FieldError(f"patient.{field}", field, str(sentence))


def _name_faults(person: PatientGiven) -> list[FieldError]:
    found = []
    for field, value in (("given_name", person.given_name), ("family_name", person.family_name)):
        if not value.strip():
            missing = _("Write the given name.")
            if field == "family_name":
                missing = _("Write the family name.")
            found.append(_fault(field, missing))
        elif len(value) > 100 or not is_written(value):
            found.append(_fault(field, _("A name has at most 100 letters, without line breaks.")))
    return found


def _contact_faults(person: PatientGiven) -> list[FieldError]:
    found = []
    digits = sum(c.isdigit() for c in person.phone)
    if person.phone and (not 5 <= digits <= 15 or len(person.phone) > 40):
        found.append(_fault("phone", _("A phone number has 5 to 15 digits.")))
    if person.email:
        try:
            validate_email(person.email)
        except ValidationError:
            found.append(_fault("email", _("This is not an e-mail address, like name@home.no.")))
    if len(person.identifier) > 40:
        found.append(_fault("identifier", _("This number is too long.")))
    return found


@transaction.atomic
def add_patient(*, actor: Actor, person: PatientGiven, today: date) -> Patient:
    """A new patient of the actor's own organization.

    Refuses: RightMissing, Invalid.
    """
    actor.require(Right.EDIT_PATIENTS)
    given = checked(person, today=today)
    patient = _create(actor.organization_id, given, channel_id=None, user_id=actor.user_id)
    _note(actor, patient, "patient.added")
    return patient


def patient_for_booking(
    *, actor: Actor, provider_id: int, channel_id: int, access: str, person: PatientGiven
) -> Patient:
    """Find or create the patient behind a booking; both look alike from outside (D14).

    The viewer must be the provider. `access` is the channel's level: `none` always creates,
    `confirm` and `search` link when names, birth date and phone (or identifier) are equal. The
    caller's command has judged the right and the channel.
    """
    known = _same_person(provider_id, person) if access in ("confirm", "search", "own") else None
    if known is None:
        patient = _create(provider_id, person, channel_id=channel_id)
    else:
        patient = _kept(known, person)
    # Known or new cost the same statements: how long it took tells nothing (invariant 4).
    seen = Access(provider_id, (patient.id,), "linked", "booking", channel_id)
    kind = "patient.added" if known is None else "patient.linked"
    _note(actor, patient, kind, channel_id=channel_id, access=seen)
    return patient


def _kept(known: Patient, person: PatientGiven) -> Patient:
    """Lock what is linked (and its numbers), so that no merge takes it away meanwhile."""
    locked: Patient = Patient.objects.select_for_update().get(id=known.id)
    while locked.merged_into_id is not None:
        locked = Patient.objects.select_for_update().get(id=locked.merged_into_id)
    if identifier_form(person.identifier):
        list(PatientIdentifier.objects.select_for_update().filter(patient_id=locked.id))
    return locked


def _same_person(provider_id: int, person: PatientGiven) -> Patient | None:
    if person.birth_date is None:
        return None
    rows = Patient.objects.filter(
        provider_id=provider_id, birth_date=person.birth_date, merged_into_id=None
    )
    number = identifier_form(person.identifier)
    if number:
        found = rows.filter(identifiers__keyed_hash__in=keyed_hashes(number))
    elif phone_key(person.phone):
        found = rows.filter(phone_key=phone_key(person.phone))
    else:
        return None
    names = (person.given_name, person.family_name)
    matches = [p for p in found.order_by("id") if same_name((p.given_name, p.family_name), names)]
    return matches[0] if matches else None


def _create(
    provider_id: int, person: PatientGiven, *, channel_id: int | None, user_id: int | None = None
) -> Patient:
    patient = Patient(
        provider_id=provider_id,
        given_name=person.given_name.strip(),
        family_name=person.family_name.strip(),
        birth_date=person.birth_date,
        phone=person.phone.strip(),
        email=person.email.strip(),
        language=person.language,
        name_keys=name_keys(provider_id, person.given_name, person.family_name),
        phone_key=phone_key(person.phone),
        created_channel_id=channel_id,
        created_user_id=user_id,
    )
    insert(patient)
    number = identifier_form(person.identifier)
    if number:
        store_identifier(patient, person.identifier_kind, person.identifier_country, number)
    return patient


def store_identifier(patient: Patient, kind: str, country: str, plain: str) -> None:
    """Encrypted, with its keyed hash for looking up."""
    PatientIdentifier.objects.create(
        patient=patient,
        provider_id=patient.provider_id,
        kind=kind,
        country=country,
        encrypted=encrypt(plain),
        keyed_hash=keyed_hashes(plain)[0],
        last_four=plain[-4:],
    )


def _note(
    actor: Actor,
    patient: Patient,
    kind: str,
    *,
    channel_id: int | None = None,
    access: Access | None = None,
) -> None:
    happening = Happening(
        kind=kind,
        object_kind="patient",
        object_id=patient.public_id,
        organization_id=patient.provider_id,
        channel_id=channel_id,
    )
    record(actor, happening, access=access)
