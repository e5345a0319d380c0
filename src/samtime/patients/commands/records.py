"""Keeping a patient's record: contact data, numbers, people beside him."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, NotFound, VersionConflict
from samtime.foundation.secrets import keyed_hashes
from samtime.journal.commands import Access, Happening, log_access, record
from samtime.patients.commands import PatientGiven, checked, store_identifier
from samtime.patients.models import CONTACT_KINDS, Patient, PatientContact, PatientIdentifier
from samtime.patients.queries import name_keys
from samtime.patients.queries.own import limited
from samtime.patients.rules import identifier_form, phone_key
from samtime.patients.rules.identifiers import KINDS, is_doubtful, kind_of

MOST_IDENTIFIERS, MOST_CONTACTS = 20, 20


@dataclass(frozen=True, slots=True)
class AddressGiven:
    """Where the person lives, and whether that is protected; a note for the desk."""

    street: str = ""
    postal_code: str = ""
    city: str = ""
    protected_address: bool = False
    note: str = ""


@transaction.atomic
def change_patient(
    *,
    actor: Actor,
    patient_id: UUID,
    person: PatientGiven,
    address: AddressGiven | None,
    version: int,
    today: date,
) -> Patient:
    """Correct the record; bookings keep what was given for them. `address` None leaves it.

    Refuses: RightMissing, NotFound, VersionConflict, Invalid.
    """
    actor.require(Right.EDIT_PATIENTS)
    patient = locked(actor, patient_id)
    if patient.version != version:
        raise VersionConflict()
    checked(person, today=today)
    before = _values(patient)
    _take(patient, person, address)
    changed = sorted(name for name, value in _values(patient).items() if before[name] != value)
    if not changed:
        return patient
    patient.version += 1
    patient.save()
    log_access(actor, Access(actor.organization_id, (patient.id,), "changed", "record"))
    note_patient(actor, patient, "patient.changed", fields=changed)
    return patient


WRITTEN = (
    "given_name", "family_name", "birth_date", "phone", "email", "language", "street",
    "postal_code", "city", "protected_address", "note",
)  # fmt: skip


def _values(patient: Patient) -> dict[str, object]:
    return {name: getattr(patient, name) for name in WRITTEN}


def _take(patient: Patient, person: PatientGiven, address: AddressGiven | None) -> None:
    patient.given_name = person.given_name.strip()
    patient.family_name = person.family_name.strip()
    patient.birth_date = person.birth_date
    patient.phone = person.phone.strip()
    patient.email = person.email.strip()
    patient.language = person.language
    follow(patient)
    if address is None:
        return
    for field in fields(address):
        value = getattr(address, field.name)
        longest = {"street": 200, "postal_code": 20, "city": 100, "note": 5000}.get(field.name)
        if longest and len(value) > longest:
            raise Invalid(FieldError(f"patient.{field.name}", "too_long", _("This is too long.")))
        setattr(patient, field.name, value.strip() if longest else value)


def follow(patient: Patient) -> None:
    """The search keys follow the names and the phone."""
    patient.name_keys = name_keys(patient.provider_id, patient.given_name, patient.family_name)
    patient.phone_key = phone_key(patient.phone)


@transaction.atomic
def confirm_contact(*, actor: Actor, patient_id: UUID, now: datetime) -> Patient:
    """Somebody checked the contact data that came with a partner's booking.

    Refuses: RightMissing, NotFound.
    """
    actor.require(Right.EDIT_PATIENTS)
    patient = locked(actor, patient_id)
    patient.contact_checked_at = now
    patient.save(update_fields=["contact_checked_at"])
    note_patient(actor, patient, "patient.checked")
    return patient


@transaction.atomic
def add_identifier(*, actor: Actor, patient_id: UUID, kind: str, country: str, number: str) -> bool:
    """Note a number; answers whether it fails its country's check (a warning, never a refusal).

    The same number of the same patient is noted once. Refuses: RightMissing, NotFound, Invalid.
    """
    actor.require(Right.EDIT_PATIENTS)
    patient = locked(actor, patient_id)
    kind, country, plain = _checked_number(kind, country, number)
    known = PatientIdentifier.objects.filter(patient=patient)
    if known.count() >= MOST_IDENTIFIERS:
        sentence = _("A client has at most 20 numbers.")
        raise Invalid(FieldError("identifier.number", "too_many", sentence))
    if not known.filter(keyed_hash__in=keyed_hashes(plain), kind=kind).exists():
        store_identifier(patient, kind, country, plain)
        note_patient(actor, patient, "patient.identifier_added", number=kind, country=country)
    return is_doubtful(kind, plain)


def _checked_number(kind: str, country: str, number: str) -> tuple[str, str, str]:
    plain = identifier_form(number)
    if not 3 <= len(plain) <= 40 or not plain.isprintable():
        sentence = _("Write the number, 3 to 40 letters and digits.")
        raise Invalid(FieldError("identifier.number", "number", sentence))
    if kind not in KINDS:
        raise Invalid(FieldError("identifier.kind", "kind", _("Choose the kind of number.")))
    country = KINDS[kind] or country.upper()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        sentence = _("Write the country that issued it, two letters like NO.")
        raise Invalid(FieldError("identifier.country", "country", sentence))
    return kind_of(kind, country), country, plain


@transaction.atomic
def remove_identifier(*, actor: Actor, patient_id: UUID, identifier_id: int) -> None:
    """Take a wrong number away. Refuses: RightMissing, NotFound."""
    actor.require(Right.EDIT_PATIENTS)
    patient = locked(actor, patient_id)
    gone, _rows = PatientIdentifier.objects.filter(patient=patient, id=identifier_id).delete()
    if not gone:
        raise NotFound()
    note_patient(actor, patient, "patient.identifier_removed")


@dataclass(frozen=True, slots=True)
class ContactGiven:
    """Somebody beside the patient, as typed."""

    kind: str
    name: str
    phone: str = ""
    email: str = ""
    is_told: bool = False
    pays: bool = False


@transaction.atomic
def add_contact(*, actor: Actor, patient_id: UUID, contact: ContactGiven) -> PatientContact:
    """Guardian, next of kin, employer, payer.

    Refuses: RightMissing, NotFound, Invalid.
    """
    actor.require(Right.EDIT_PATIENTS)
    patient = locked(actor, patient_id)
    faults = _contact_faults(contact)
    if PatientContact.objects.filter(patient=patient).count() >= MOST_CONTACTS:
        sentence = _("A client has at most 20 contacts.")
        faults.append(FieldError("contact.name", "too_many", sentence))
    if faults:
        raise Invalid(*faults)
    made: PatientContact = PatientContact.objects.create(
        patient=patient,
        provider_id=patient.provider_id,
        kind=contact.kind,
        name=contact.name.strip(),
        phone=contact.phone.strip(),
        email=contact.email.strip(),
        is_told=contact.is_told,
        pays=contact.pays,
    )
    note_patient(actor, patient, "patient.contact_added", contact=contact.kind)
    return made


def _contact_faults(contact: ContactGiven) -> list[FieldError]:
    found = []
    if contact.kind not in CONTACT_KINDS:
        found.append(FieldError("contact.kind", "kind", _("Choose who this is.")))
    if not 1 <= len(contact.name.strip()) <= 200:
        found.append(FieldError("contact.name", "name", _("Write the name.")))
    if len(contact.phone) > 40:
        found.append(FieldError("contact.phone", "phone", _("A phone number has 5 to 15 digits.")))
    if contact.email:
        try:
            validate_email(contact.email)
        except ValidationError:
            sentence = _("This is not an e-mail address, like name@home.no.")
            found.append(FieldError("contact.email", "email", sentence))
    if contact.is_told and not (contact.phone or contact.email):
        sentence = _("Who is told needs a phone number or an e-mail address.")
        found.append(FieldError("contact.phone", "reach", sentence))
    return found


@transaction.atomic
def remove_contact(*, actor: Actor, patient_id: UUID, contact_id: int) -> None:
    """Refuses: RightMissing, NotFound."""
    actor.require(Right.EDIT_PATIENTS)
    patient = locked(actor, patient_id)
    gone, _rows = PatientContact.objects.filter(patient=patient, id=contact_id).delete()
    if not gone:
        raise NotFound()
    note_patient(actor, patient, "patient.contact_removed")


def locked(actor: Actor, patient_id: UUID) -> Patient:
    """One living patient this person may see, locked. Refuses: NotFound."""
    rows = Patient.objects.select_for_update().filter(
        provider_id=actor.organization_id, public_id=patient_id, merged_into_id=None
    )
    found: Patient | None = limited(actor, rows).first()
    if found is None:
        raise NotFound()
    return found


def note_patient(actor: Actor, patient: Patient, kind: str, **data: object) -> None:
    """The journal row; names of fields, never their values."""
    happening = Happening(
        kind=kind,
        object_kind="patient",
        object_id=patient.public_id,
        organization_id=patient.provider_id,
        data=dict(data),
    )
    record(actor, happening)
