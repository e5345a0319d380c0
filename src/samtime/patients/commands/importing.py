"""Import of a clinic's clients: plan first, then all or nothing; the known are named, not doubled.

The plan names people only as far as its reader needs it: which rows are new, which are known
already and as whom, and which look like somebody known.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog.commands.importing import unused_columns
from samtime.documents.rules import (
    FieldChange,
    ImportPlan,
    Pace,
    PlannedRow,
    Progress,
    RowFault,
    unwatched,
)
from samtime.foundation.prepared import fetch
from samtime.foundation.secrets import encrypt, keyed_hashes
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import organization_of
from samtime.patients.commands import PatientGiven
from samtime.patients.commands.patient_file import WantedPatient, read_patient_file
from samtime.patients.models import Patient, PatientIdentifier
from samtime.patients.queries import NameKeys
from samtime.patients.rules import phone_key, similar_names, words_of
from samtime.patients.rules.identifiers import is_doubtful, kind_of

CHUNK = 1000
# In the order of the list, so that ids are in it too.
ADD_PATIENTS = """
INSERT INTO patients_patient (public_id, provider_id, given_name, family_name, birth_date, phone,
  email, language, street, postal_code, city, protected_address, note, name_keys, phone_key,
  created_user_id, created_at, version)
SELECT x.public_id, %(me)s, x.given_name, x.family_name, x.birth_date, x.phone, x.email, x.language,
  x.street, x.postal_code, x.city, false, x.note, x.name_keys, x.phone_key, %(user)s::bigint,
  %(now)s, 1
FROM json_to_recordset(%(rows)s::json) AS x(nr int, public_id uuid, given_name text,
  family_name text, birth_date date, phone text, email text, language text, street text,
  postal_code text, city text, note text, name_keys int[], phone_key text)
ORDER BY x.nr
RETURNING public_id::text, id
"""
ADD_NUMBERS = """
INSERT INTO patients_patientidentifier (patient_id, provider_id, kind, country, encrypted,
  keyed_hash, last_four)
SELECT x.patient, %(me)s, x.kind, x.country, decode(x.encrypted, 'hex'),
  decode(x.keyed_hash, 'hex'), x.last_four
FROM json_to_recordset(%(rows)s::json) AS x(patient bigint, kind text, country text,
  encrypted text, keyed_hash text, last_four text)
"""


@dataclass(frozen=True, slots=True)
class _Step:
    """One row, whom it is known as, and whom it may be."""

    wanted: WantedPatient
    known: Patient | None
    similar: Patient | None


def plan_patients(
    *, actor: Actor, content: bytes, today: date, progress: Progress = unwatched
) -> ImportPlan:
    """What this list would do, or what is wrong with it. Writes nothing but the access log.

    Refuses: RightMissing, and the refusals of `read_patient_file`.
    """
    actor.require(Right.EDIT_PATIENTS)
    return _planned(actor, content, today, progress, steps=2)[0]


@transaction.atomic
def import_patients(
    *, actor: Actor, content: bytes, today: date, progress: Progress = unwatched
) -> ImportPlan:
    """Create the clients who are not known; nothing when the file has faults. The same file twice
    does nothing.

    Refuses: RightMissing, and the refusals of `read_patient_file`.
    """
    actor.require(Right.EDIT_PATIENTS)
    plan, steps = _planned(actor, content, today, progress, steps=3)
    if not plan.faults:
        new = [step.wanted for step in steps if step.known is None]
        _create(actor, new, progress)
    return plan


def _planned(
    actor: Actor, content: bytes, today: date, progress: Progress, *, steps: int
) -> tuple[ImportPlan, list[_Step]]:
    """`steps`: how many passes over the rows the whole work has."""
    country = organization_of(actor).country
    wanted, faults, table = read_patient_file(
        content, country=country, today=today, progress=progress, steps=steps
    )
    faults += _twice(wanted)
    found = _compared(actor, wanted, progress, steps) if not faults else []
    named = tuple({p.id for s in found for p in (s.known, s.similar) if p is not None})
    if named:
        log_access(actor, Access(actor.organization_id, named, "listed", "import"))
    plan = ImportPlan(
        rows=len(wanted),
        planned=tuple(_row(step) for step in found),
        faults=tuple(faults),
        notes=unused_columns(table),
    )
    return plan, found


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


def _compared(
    actor: Actor, wanted: list[WantedPatient], progress: Progress, steps: int
) -> list[_Step]:
    """Each row beside who is known: a query per thousand rows, never one per row."""
    rows = Patient.objects.filter(provider_id=actor.organization_id, merged_into_id=None)
    found = []
    for start in range(0, len(wanted), CHUNK):
        progress(Pace(2, steps, start, len(wanted)))
        part = wanted[start : start + CHUNK]
        born: dict[date | None, list[Patient]] = {}
        dates = {w.person.birth_date for w in part if w.person.birth_date}
        for patient in rows.filter(birth_date__in=dates).order_by("id"):
            born.setdefault(patient.birth_date, []).append(patient)
        numbers = _by_number(actor, part)
        for one in part:
            by_number = numbers.get(one.person.identifier) if one.person.identifier else None
            found.append(_step(one, born.get(one.person.birth_date, []), by_number))
    return found


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


def _create(actor: Actor, new: list[WantedPatient], progress: Progress) -> None:
    """A thousand people a statement, handed over as JSON; the triggers fill the index of names."""
    keys = NameKeys(actor.organization_id)
    for start in range(0, len(new), CHUNK):
        progress(Pace(3, 3, start, len(new)))
        part = new[start : start + CHUNK]
        rows = [{**_person(one, keys), "nr": nr} for nr, one in enumerate(part)]
        given = {"me": actor.organization_id, "user": actor.user_id, "now": timezone.now()}
        made = dict(fetch(ADD_PATIENTS, {**given, "rows": orjson.dumps(rows).decode()}))
        numbers = [
            {**_number(one.person), "patient": made[row["public_id"]]}
            for one, row in zip(part, rows, strict=True)
            if one.person.identifier
        ]
        if numbers:
            texts = orjson.dumps(numbers).decode()
            fetch(ADD_NUMBERS, {"me": actor.organization_id, "rows": texts})


def _person(one: WantedPatient, keys: NameKeys) -> dict[str, Any]:
    person, address = one.person, one.address
    return {
        "public_id": str(uuid4()),
        "given_name": person.given_name,
        "family_name": person.family_name,
        "birth_date": person.birth_date,
        "phone": person.phone,
        "email": person.email,
        "language": person.language,
        "street": address.street,
        "postal_code": address.postal_code,
        "city": address.city,
        "note": address.note,
        "name_keys": keys.of(person.given_name, person.family_name),
        "phone_key": phone_key(person.phone),
    }


def _number(person: PatientGiven) -> dict[str, Any]:
    number = person.identifier
    return {
        "kind": kind_of(person.identifier_kind, person.identifier_country),
        "country": person.identifier_country,
        "encrypted": encrypt(number).hex(),
        "keyed_hash": keyed_hashes(number)[0].hex(),
        "last_four": number[-4:],
    }
