"""Records that may be one person, and merges that can be undone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import ForeignObjectRel, Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound
from samtime.foundation.secrets import decrypt, keyed_hashes
from samtime.organizations.queries import member_names
from samtime.patients.models import DuplicateProposal, Patient, PatientIdentifier, PatientMerge
from samtime.patients.queries import living
from samtime.patients.rules import similar_names

LISTED = 100


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two living records and why they may be one person: name, phone, number."""

    public_id: UUID
    one: Patient
    other: Patient
    reason: str


def proposals(actor: Actor, *, limit: int = LISTED) -> list[Proposal]:
    """What waits for a decision, newest first. Two queries. Refuses: RightMissing."""
    rows = _open(actor).order_by("-id")[: limit * 2]
    return _with_patients(actor, list(rows))[:limit]


def open_count(actor: Actor) -> int:
    """How many wait (at most a hundred are counted). Refuses: RightMissing."""
    actor.require(Right.SEE_PATIENTS)
    return len(_open(actor).values_list("id", flat=True)[:LISTED])


def proposals_of(actor: Actor, patient: Patient) -> list[Proposal]:
    """What waits about one patient. Refuses: RightMissing."""
    rows = _open(actor).filter(Q(one_id=patient.id) | Q(other_id=patient.id))
    return _with_patients(actor, list(rows[:10]))


def _open(actor: Actor) -> "QuerySet[DuplicateProposal]":
    rows: QuerySet[DuplicateProposal] = DuplicateProposal.objects.filter(
        provider_id=actor.organization_id, state="open"
    )
    return rows


def _with_patients(actor: Actor, rows: list[DuplicateProposal]) -> list[Proposal]:
    ids = {i for row in rows for i in (row.one_id, row.other_id)}
    found = {p.id: p for p in living(actor).filter(id__in=ids)} if ids else {}
    return [
        Proposal(row.public_id, found[row.one_id], found[row.other_id], row.reason)
        for row in rows
        if row.one_id in found and row.other_id in found
    ]


def lookalikes(patient: Patient) -> list[tuple[int, str]]:
    """Living records that may be the same person, by internal id with the reason.

    The same number; or the same birth date or phone together with a similar name.
    """
    rows = Patient.objects.filter(provider_id=patient.provider_id, merged_into_id=None)
    rows = rows.exclude(id=patient.id)
    found: dict[int, str] = {}
    near = Q()
    if patient.birth_date:
        near |= Q(birth_date=patient.birth_date)
    if patient.phone_key:
        near |= Q(phone_key=patient.phone_key)
    own = PatientIdentifier.objects.filter(patient=patient)
    hashes = [h for row in own for h in keyed_hashes(decrypt(row.encrypted))]
    if hashes:
        same = rows.filter(identifiers__keyed_hash__in=hashes).values_list("id", flat=True)
        found |= dict.fromkeys(same[:20], "number")
    for other in rows.filter(near).order_by("id")[:500] if near else ():
        if other.id not in found and similar_names(str(patient), str(other)):
            by_date = other.birth_date == patient.birth_date and patient.birth_date is not None
            contradicts = bool(other.birth_date and patient.birth_date) and not by_date
            if not contradicts:
                found[other.id] = "name" if by_date else "phone"
    return list(found.items())


def pair(actor: Actor, one: UUID, other: UUID) -> tuple[Patient, Patient]:
    """Two living records of the house. Refuses: RightMissing, NotFound."""
    found = {p.public_id: p for p in living(actor).filter(public_id__in=[one, other])}
    if len(found) != 2:
        raise NotFound()
    return found[one], found[other]


def references() -> list[ForeignObjectRel]:
    """Every table that names a patient by a key, of whatever app: what a merge carries along."""
    return list(Patient._meta.related_objects)


def rows_naming(rel: Any, patient_id: int) -> "QuerySet[Any]":
    """Rows of one such table about this patient."""
    rows: QuerySet[Any] = rel.related_model._base_manager.filter(**{rel.field.name: patient_id})
    return rows


def moving(actor: Actor, patient: Patient) -> dict[str, int]:
    """How many rows of which table would follow, by model label. Refuses: RightMissing."""
    actor.require(Right.EDIT_PATIENTS)
    counted = {r.related_model._meta.label: rows_naming(r, patient.id) for r in references()}
    return {label: n for label, rows in counted.items() if (n := rows.count())}


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that can still be undone: the other record's name, when, by whom."""

    public_id: UUID
    name: str
    at: datetime
    by: str


def merges_of(actor: Actor, patient: Patient) -> list[Merged]:
    """What was merged into this patient and can be separated again. Refuses: RightMissing."""
    actor.require(Right.SEE_PATIENTS)
    rows = list(PatientMerge.objects.filter(kept_id=patient.id, undone_at=None).order_by("-id"))
    gone = {p.id: str(p) for p in Patient.objects.filter(id__in=[r.gone_id for r in rows])}
    people = member_names(actor, [r.user_id for r in rows if r.user_id]) if rows else {}
    return [
        Merged(r.public_id, gone.get(r.gone_id, "–"), r.created_at, people.get(r.user_id or 0, "–"))
        for r in rows
    ]
