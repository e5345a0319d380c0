"""Import of a clinic's clients: plan first, then all or nothing; the known are named, not doubled.

The plan names people only as far as its reader needs it: which rows are new, which are known
already and as whom, and which look like somebody known.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog.commands.importing import unused_columns
from samtime.documents.rules import FieldChange, ImportPlan, PlannedRow, RowFault
from samtime.foundation.secrets import encrypt, keyed_hashes
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import organization_of
from samtime.patients.commands.patient_file import WantedPatient, read_patient_file
from samtime.patients.models import Patient, PatientIdentifier
from samtime.patients.queries import name_keys
from samtime.patients.rules import phone_key, similar_names, words_of
from samtime.patients.rules.identifiers import is_doubtful, kind_of

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class _Step:
    """One row, whom it is known as, and whom it may be."""

    wanted: WantedPatient
    known: Patient | None
    similar: Patient | None


def plan_patients(*, actor: Actor, content: bytes, today: date) -> ImportPlan:
    """What this list would do, or what is wrong with it. Writes nothing but the access log.

    Refuses: RightMissing, and the refusals of `read_patient_file`.
    """
    actor.require(Right.EDIT_PATIENTS)
    return _planned(actor, content, today)[0]


@transaction.atomic
def import_patients(*, actor: Actor, content: bytes, today: date) -> ImportPlan:
    """Create the clients who are not known; nothing when the file has faults. The same file twice
    does nothing.

    Refuses: RightMissing, and the refusals of `read_patient_file`.
    """
    actor.require(Right.EDIT_PATIENTS)
    plan, steps = _planned(actor, content, today)
    if not plan.faults:
        new = [step.wanted for step in steps if step.known is None]
        _create(actor, new)
    return plan


def _planned(actor: Actor, content: bytes, today: date) -> tuple[ImportPlan, list[_Step]]:
    country = organization_of(actor).country
    wanted, faults, table = read_patient_file(content, country=country, today=today)
    faults += _twice(wanted)
    steps = _compared(actor, wanted) if not faults else []
    named = tuple({p.id for s in steps for p in (s.known, s.similar) if p is not None})
    if named:
        log_access(actor, Access(actor.organization_id, named, "listed", "import"))
    plan = ImportPlan(
        rows=len(wanted),
        planned=tuple(_row(step) for step in steps),
        faults=tuple(faults),
        notes=unused_columns(table),
    )
    return plan, steps


def _twice(wanted: list[WantedPatient]) -> list[RowFault]:
    """The same person, or the same number, in two rows."""
    seen: dict[tuple[object, ...], int] = {}
    found = []
    for one in wanted:
        person = one.person
        names = (*words_of(person.given_name), "/", *words_of(person.family_name))
        keys: list[tuple[object, ...]] = [(person.identifier,)] if person.identifier else []
        if person.birth_date:
            keys.append((person.birth_date, *names))
        first = min((seen[key] for key in keys if key in seen), default=None)
        if first is not None:
            sentence = str(_("Row %(row)s is the same person.")) % {"row": first}
            found.append(RowFault(one.row, "", sentence))
        for key in keys:
            seen.setdefault(key, one.row)
    return found


def _compared(actor: Actor, wanted: list[WantedPatient]) -> list[_Step]:
    """Each row beside who is known: a query per thousand rows, never one per row."""
    rows = Patient.objects.filter(provider_id=actor.organization_id, merged_into_id=None)
    steps = []
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        born: dict[date | None, list[Patient]] = {}
        dates = {w.person.birth_date for w in part if w.person.birth_date}
        for patient in rows.filter(birth_date__in=dates).order_by("id"):
            born.setdefault(patient.birth_date, []).append(patient)
        numbers = _by_number(actor, part)
        for one in part:
            by_number = numbers.get(one.person.identifier) if one.person.identifier else None
            steps.append(_step(one, born.get(one.person.birth_date, []), by_number))
    return steps


def _by_number(actor: Actor, part: list[WantedPatient]) -> dict[str, Patient]:
    hashes = {h: w.person.identifier for w in part if w.person.identifier
              for h in keyed_hashes(w.person.identifier)}  # fmt: skip
    rows = PatientIdentifier.objects.filter(
        provider_id=actor.organization_id,
        keyed_hash__in=list(hashes),
        patient__merged_into_id=None,
    ).select_related("patient")
    return {hashes[bytes(row.keyed_hash)]: row.patient for row in rows} if hashes else {}


def _step(one: WantedPatient, born: list[Patient], by_number: Patient | None) -> _Step:
    name = f"{one.person.given_name} {one.person.family_name}"
    if by_number is not None:
        return _Step(one, by_number, None)
    own = sorted(words_of(name))
    same = next((p for p in born if sorted(words_of(str(p))) == own), None)
    similar = next((p for p in born if similar_names(name, str(p))), None)
    return _Step(one, same, None if same else similar)


def _row(step: _Step) -> PlannedRow:
    person, changes = step.wanted.person, []
    if step.known is not None:
        changes.append(FieldChange(str(_("Known already as")), "", str(step.known)))
    if step.similar is not None:
        changes.append(FieldChange(str(_("May be the same as")), "", str(step.similar)))
    kind = kind_of(person.identifier_kind, person.identifier_country)
    if person.identifier and is_doubtful(kind, person.identifier):
        hint = str(_("Fails its check: compare it with the document."))
        changes.append(FieldChange(str(_("Identity number")), "", hint))
    label = f"{person.family_name}, {person.given_name}"
    action = "create" if step.known is None else "unchanged"
    return PlannedRow(step.wanted.row, label, action, tuple(changes))


def _create(actor: Actor, new: list[WantedPatient]) -> None:
    provider_id = actor.organization_id
    made = Patient.objects.bulk_create(
        [_patient(one, provider_id, actor.user_id) for one in new], batch_size=CHUNK
    )
    numbers = [
        PatientIdentifier(
            patient=patient,
            provider_id=provider_id,
            kind=kind_of(one.person.identifier_kind, one.person.identifier_country),
            country=one.person.identifier_country,
            encrypted=encrypt(one.person.identifier),
            keyed_hash=keyed_hashes(one.person.identifier)[0],
            last_four=one.person.identifier[-4:],
        )
        for one, patient in zip(new, made, strict=True)
        if one.person.identifier
    ]
    PatientIdentifier.objects.bulk_create(numbers, batch_size=CHUNK)


def _patient(one: WantedPatient, provider_id: int, user_id: int | None) -> Patient:
    person, address = one.person, one.address
    return Patient(
        provider_id=provider_id,
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        phone=person.phone,
        email=person.email,
        language=person.language,
        street=address.street,
        postal_code=address.postal_code,
        city=address.city,
        note=address.note,
        name_keys=name_keys(provider_id, person.given_name, person.family_name),
        phone_key=phone_key(person.phone),
        created_user_id=user_id,
    )
