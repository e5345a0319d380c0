"""Calls about patients: the own desk's search and records, a partner's masked search."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.bookings import PatientIn
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.api.v1.shapes import instant
from samtime.bookings.commands.finding import Hit, Where, find_patients
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.patients.commands import add_patient
from samtime.patients.models import Patient
from samtime.patients.queries import PatientSearch, accesses_of, one_patient, search_patients


class PatientQuery(Schema):
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
