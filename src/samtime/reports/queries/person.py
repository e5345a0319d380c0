"""Everything the house knows of one person (GDPR articles 15 and 20): the register of tables.

A table that names a patient and has no entry here fails a test, so none is forgotten when a person
asks for what is kept. Left out of every row: search keys, hashes, ciphertexts and inner numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.secrets import decrypt
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import names_of_organizations
from samtime.patients.models import Patient
from samtime.patients.queries.accesses import merged_ids

LEFT_OUT = {"id", "provider", "provider_id", "name_keys", "phone_key", "keyed_hash", "encrypted",
            "last_four", "patient_ids", "attachments", "html", "request_id"}  # fmt: skip
# Kept for hours, found by no person: repeated answers (48 hours), lists being imported (one day).
PASSING = ("journal.IdempotencyKey", "documents.ImportRun")


@dataclass(frozen=True, slots=True)
class Person:
    """One person under all the numbers he has in the tables."""

    ids: tuple[int, ...]
    public_ids: tuple[Any, ...]
    booking_ids: tuple[int, ...]
    booking_public_ids: tuple[Any, ...]

    @property
    def objects(self) -> tuple[Any, ...]:
        """Outside ids of the person and of what was booked for him."""
        return (*self.public_ids, *self.booking_public_ids)


def _own(person: Person) -> Q:
    return Q(patient_id__in=person.ids)


def _about_object(person: Person) -> Q:
    return Q(object_id__in=person.objects)


def _in_booking(person: Person) -> Q:
    return Q(booking_id__in=person.booking_ids)


REGISTER: dict[str, Callable[[Person], Q]] = {
    "patients.Patient": lambda p: Q(id__in=p.ids),
    "patients.PatientIdentifier": _own,
    "patients.PatientContact": _own,
    "patients.PatientMerge": lambda p: Q(kept_id__in=p.ids) | Q(gone_id__in=p.ids),
    "patients.DuplicateProposal": lambda p: Q(one_id__in=p.ids) | Q(other_id__in=p.ids),
    "bookings.Booking": _own,
    "billing.StatementLine": _in_booking,
    "billing.LineDispute": _in_booking,
    "mailbox.OutgoingMail": lambda p: Q(about_id__in=p.objects),
    "inbox.InboxItem": _about_object,
    "inbox.InboxNote": lambda p: Q(item__object_id__in=p.objects),
    "journal.JournalEntry": _about_object,
    "journal.AccessLogEntry": lambda p: Q(patient_ids__overlap=list(p.ids)),
}


def person_export(actor: Actor, patient: Patient) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, as plain values; taking it out is an entry of the access log.

    Refuses: RightMissing.
    """
    actor.require(Right.EXPORT_PATIENTS)
    person = _person(patient)
    log_access(actor, Access(actor.organization_id, person.ids, "exported", "export"))
    return {label: _rows(label, wanted(person)) for label, wanted in REGISTER.items()}


def _person(patient: Patient) -> Person:
    ids = (patient.id, *merged_ids(patient))
    rows = Patient.objects.filter(provider_id=patient.provider_id, id__in=ids)
    booking = apps.get_model("bookings", "Booking")
    bookings = list(booking.objects.filter(patient_id__in=ids).values_list("id", "public_id"))
    return Person(
        ids,
        tuple(rows.values_list("public_id", flat=True)),
        tuple(ident for ident, _public in bookings),
        tuple(public for _ident, public in bookings),
    )


def _rows(label: str, wanted: Q) -> list[dict[str, Any]]:
    model: Any = apps.get_model(label)
    keys = [f.name for f in model._meta.concrete_fields if f.is_relation]
    shown = [name for name in keys if name not in LEFT_OUT]
    rows: QuerySet[Any] = model.objects.filter(wanted).select_related(*shown).order_by("id")
    found = [_row(row) for row in rows]
    if label == "journal.AccessLogEntry":
        # Whose people looked; the name of who it was is told on request (SCREENS.md 9.4).
        names = names_of_organizations({row.organization_id for row in rows})
        for row, told in zip(rows, found, strict=True):
            told["organization"] = names.get(row.organization_id, "")
    return found


def _row(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if hasattr(row, "encrypted"):
        found["number"] = decrypt(row.encrypted)
    for field in row._meta.concrete_fields:
        name = field.name
        inner = name.endswith("_id") and name != "public_id" and not field.is_relation
        if name in LEFT_OUT or inner or isinstance(field, ArrayField):
            continue
        value = getattr(row, name)
        plain = isinstance(value, (str, int, bool, dict, list)) or value is None
        found[name] = value if plain else str(value)
    return found
