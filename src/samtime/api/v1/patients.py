"""Calls about patients: the own desk's search and records, a partner's masked search."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.bookings import PatientIn
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.api.v1.shapes import Body, instant
from samtime.bookings.commands.finding import Hit, Where, find_patients
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.patients.commands import PatientGiven, add_patient
from samtime.patients.commands.records import AddressGiven, change_patient
from samtime.patients.models import Patient
from samtime.patients.queries import PatientSearch, one_patient, search_patients
from samtime.patients.queries.accesses import accesses_of
from samtime.patients.queries.records import merged_target, numbers_of


class PatientQuery(Body):
    """What is known of the person. A partner says at whom: `channel` or `provider`."""

    name: str = Field("", max_length=200)
    birth_date: date | None = None
    phone: str = Field("", max_length=40)
    identifier: str = Field("", max_length=40)
    channel: UUID | None = None
    provider: UUID | None = None


@api.post("/patients/search")
def patient_search(request: HttpRequest, body: PatientQuery) -> HttpResponse:
    """Find patients; the search stands in the body, so no address carries a name."""
    return _search(request, body)


@api.get("/patients")
def patient_find(request: HttpRequest, q: Query[PatientQuery]) -> HttpResponse:
    """The same with a query string, for programs that cannot POST."""
    return _search(request, q)


def _search(request: HttpRequest, q: PatientQuery) -> HttpResponse:
    actor, now = actor_of(request, "patients.read"), timezone.now()
    wish = PatientSearch(q.name, q.birth_date, q.phone, q.identifier)
    if actor.may(Right.SEE_PATIENTS) and q.channel is None and q.provider is None:
        found = [_patient(p) for p in search_patients(actor, wish)]
    else:
        where = Where(local_day(now, home_zone(actor)), channel=q.channel, provider=q.provider)
        found = [_hit(h) for h in find_patients(actor=actor, wish=wish, where=where, now=now)]
    return answer(200, {"items": found, "next": None})


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "id": str(hit.patient),
        "name": hit.name,
        "birth_date": hit.birth_date.isoformat() if hit.birth_date else None,
        "birth_year": hit.birth_year,
        "phone": hit.phone,
        "masked": True,
    }


def _patient(patient: Patient) -> dict[str, Any]:
    born = patient.birth_date
    return {
        "id": str(patient.public_id),
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": born.isoformat() if born else None,
        "phone": patient.phone,
        "email": patient.email,
        "language": patient.language,
        "version": patient.version,
    }


@api.post("/patients", response={201: dict})
def patient_add(request: HttpRequest, body: PatientIn) -> HttpResponse:
    """A new patient of the own organization."""
    actor = actor_of(request, "patients.write")

    def run() -> tuple[int, Any]:
        today = local_day(timezone.now(), home_zone(actor))
        return 201, _patient(add_patient(actor=actor, person=body.given(), today=today))

    return repeatable(request, actor, run)


@api.get("/patients/{patient_id}")
def patient_one(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """One client; a merged one answers with the client it went into."""
    actor = actor_of(request, "patients.read")
    actor.require(Right.SEE_PATIENTS)
    target = merged_target(actor, patient_id) or patient_id
    found = one_patient(actor, target, purpose="api")
    return answer(200, _full(actor, found))


def _full(actor: Actor, patient: Patient) -> dict[str, Any]:
    """The record; numbers with all but their last signs hidden, a protected address not at all."""
    hidden = patient.protected_address
    return {
        **_patient(patient),
        "protected_address": hidden,
        "address": None
        if hidden
        else {
            "street": patient.street,
            "postal_code": patient.postal_code,
            "city": patient.city,
        },
        "identifiers": [
            {"kind": n.kind, "country": n.country, "masked": n.shown, "doubtful": n.is_doubtful}
            for n in numbers_of(actor, patient)
        ],
    }


def _version(request: HttpRequest) -> int:
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given.isdecimal() or len(given) > 9:
        raise Invalid(FieldError("If-Match", "missing", _("Send the version that you read.")))
    return int(given)


class AddressIn(Body):
    """Where the client lives; `protected` hides it everywhere."""

    street: str = Field("", max_length=200)
    postal_code: str = Field("", max_length=20)
    city: str = Field("", max_length=100)
    protected: bool | None = None


def _address(given: AddressIn, found: Patient) -> AddressGiven:
    protected = found.protected_address if given.protected is None else given.protected
    return AddressGiven(given.street, given.postal_code, given.city, protected, found.note)


class PatientPatch(Body):
    """The fields to change; what is left out stays. The version that was read goes in If-Match."""

    given_name: str | None = Field(None, max_length=100)
    family_name: str | None = Field(None, max_length=100)
    birth_date: date | None = None
    phone: str | None = Field(None, max_length=40)
    email: str | None = Field(None, max_length=254)
    language: str | None = Field(None, max_length=5)
    address: AddressIn | None = None


@api.patch("/patients/{patient_id}")
def patient_change(request: HttpRequest, patient_id: UUID, body: PatientPatch) -> HttpResponse:
    """Correct a client's record; If-Match is needed."""
    actor = actor_of(request, "patients.write")
    actor.require(Right.EDIT_PATIENTS)
    found = one_patient(actor, patient_id, purpose="api")
    said = body.dict(exclude_unset=True, exclude={"address"})
    given = PatientGiven(
        **{
            name: said.get(name, getattr(found, name))
            for name in ("given_name", "family_name", "phone", "email", "language")
        },
        birth_date=said.get("birth_date", found.birth_date),
    )
    changed = change_patient(
        actor=actor,
        patient_id=patient_id,
        person=given,
        address=_address(body.address, found) if body.address else None,
        version=_version(request),
        today=local_day(timezone.now(), home_zone(actor)),
    )
    return answer(200, _full(actor, changed))


@api.get("/patients/{patient_id}/access-log")
def patient_accesses(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Who saw this patient, newest first; asking is itself an entry."""
    actor = actor_of(request, "patients.read")
    found = one_patient(actor, patient_id, purpose="access_log")
    items = [_access(actor, entry) for entry in accesses_of(actor, found)]
    return answer(200, {"items": items, "next": None})


def _access(actor: Actor, entry: Any) -> dict[str, Any]:
    return {
        "at": instant(entry.at),
        "organization": entry.organization_name,
        "own": entry.organization_id == actor.organization_id,
        "user": entry.user_name,
        "kind": entry.actor_kind,
        "action": entry.action,
        "purpose": entry.purpose,
        "hits": entry.hits,
    }
