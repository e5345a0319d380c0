"""One patient's record: numbers with all but their last signs hidden, contacts, who is new."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound
from samtime.foundation.secrets import decrypt
from samtime.journal.commands import Access, log_access
from samtime.journal.queries import opened_by
from samtime.patients.models import Patient, PatientContact, PatientIdentifier
from samtime.patients.queries import living
from samtime.patients.rules.identifiers import is_doubtful


@dataclass(frozen=True, slots=True)
class Number:
    """A number as shown: hidden but for its last signs, and whether its check fails."""

    id: int
    kind: str
    country: str
    shown: str
    is_doubtful: bool
    is_open: bool = False


def numbers_of(actor: Actor, patient: Patient, *, opened: int = 0) -> list[Number]:
    """The patient's numbers; only the `opened` one in full (its opening was logged before).

    Refuses: RightMissing.
    """
    actor.require(Right.SEE_PATIENTS)
    found = []
    for row in PatientIdentifier.objects.filter(patient=patient).order_by("id"):
        plain = decrypt(row.encrypted)
        shown = plain if row.id == opened else "•" * max(len(plain) - 4, 0) + plain[-4:]
        doubtful = is_doubtful(row.kind, plain)
        found.append(Number(row.id, row.kind, row.country, shown, doubtful, row.id == opened))
    return found


def open_number(actor: Actor, patient: Patient, identifier_id: int, *, purpose: str) -> int:
    """Show one number in full, for a reason: the reading is an entry of its own.

    Refuses: RightMissing, NotFound.
    """
    actor.require(Right.SEE_PATIENTS)
    if not PatientIdentifier.objects.filter(patient=patient, id=identifier_id).exists():
        raise NotFound()
    log_access(actor, Access(actor.organization_id, (patient.id,), "unmasked", purpose))
    return identifier_id


def open_address(actor: Actor, patient: Patient, *, purpose: str) -> None:
    """Show a protected address, for a reason. Refuses: RightMissing."""
    actor.require(Right.SEE_PATIENTS)
    log_access(actor, Access(actor.organization_id, (patient.id,), "address_shown", purpose))


def contacts_of(actor: Actor, patient: Patient) -> list[PatientContact]:
    """The people beside the patient. Refuses: RightMissing."""
    actor.require(Right.SEE_PATIENTS)
    return list(PatientContact.objects.filter(patient=patient).order_by("id"))


def told_beside(actor: Actor, patient: Patient) -> list[PatientContact]:
    """Who is told what the patient is told and can be written to. Refuses: RightMissing."""
    actor.require(Right.SEE_PATIENTS)
    rows = PatientContact.objects.filter(patient=patient, is_told=True).exclude(email="")
    return list(rows.order_by("id"))


def seen_by_me(actor: Actor, *, since: datetime, limit: int = 10) -> list[Patient]:
    """Whom this person opened since then, the latest first. The door logs what it shows."""
    ids = opened_by(actor, since=since, limit=limit)
    found = {p.id: p for p in living(actor).filter(id__in=ids)}
    return [found[i] for i in ids if i in found]


def merged_target(actor: Actor, public_id: UUID) -> UUID | None:
    """Where a record went that was merged: the one that stayed."""
    actor.require(Right.SEE_PATIENTS)
    rows = Patient.objects.filter(provider_id=actor.organization_id)
    found: Patient | None = rows.filter(public_id=public_id).first()
    while found is not None and found.merged_into_id is not None:
        found = rows.filter(id=found.merged_into_id).first()
    return found.public_id if found is not None and found.public_id != public_id else None
