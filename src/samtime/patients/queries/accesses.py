"""Who saw whom, as the clinic reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.journal.models import AccessLogEntry
from samtime.journal.queries import AccessWish, accesses, searching
from samtime.organizations.queries import member_names, names_of_organizations
from samtime.patients.models import Patient
from samtime.patients.queries.own import limited

ODD_SEARCHES = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry of the access log: who of whom did what. `patients` are internal ids."""

    at: datetime
    organization_id: int
    organization_name: str
    user_name: str
    actor_kind: str
    action: str
    purpose: str
    hits: int | None
    channel_id: int | None
    patients: tuple[int, ...]


def accesses_of(actor: Actor, patient: Patient) -> list[Seen]:
    """Who saw this patient, and the records merged into him, newest first.

    Own people by name, others by their organization. Refuses: RightMissing.
    """
    actor.require(Right.SEE_PATIENTS)
    ids = (patient.id, *merged_ids(patient))
    return _named(actor, accesses(actor, AccessWish(patient_ids=ids)))


def log_of(actor: Actor, wish: AccessWish, *, limit: int) -> list[Seen]:
    """The log of the whole house. Refuses: RightMissing."""
    actor.require(Right.SEE_JOURNAL)
    return _named(actor, accesses(actor, wish, limit=limit))


def merged_ids(patient: Patient) -> list[int]:
    """Internal ids of records that were merged into this one, directly or in turn."""
    found, last = [], [patient.id]
    while last:
        rows = Patient.objects.filter(provider_id=patient.provider_id, merged_into_id__in=last)
        last = list(rows.values_list("id", flat=True))
        found += last
    return found


def _named(actor: Actor, rows: list[AccessLogEntry]) -> list[Seen]:
    names = names_of_organizations({row.organization_id for row in rows})
    people = member_names(actor, [row.user_id for row in rows if row.user_id])
    return [
        Seen(
            at=row.at,
            organization_id=row.organization_id,
            organization_name=names.get(row.organization_id, ""),
            user_name=people.get(row.user_id or 0, ""),
            actor_kind=row.actor_kind,
            action=row.action,
            purpose=row.purpose,
            hits=row.hits,
            channel_id=row.channel_id,
            patients=tuple(row.patient_ids),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Searching:
    """How often somebody searched, and how often a booking followed."""

    organization_id: int
    organization_name: str
    user_name: str
    searches: int
    booked: int

    @property
    def is_odd(self) -> bool:
        """Many searches and hardly a booking: worth a question."""
        return self.searches >= ODD_SEARCHES and self.booked * 10 < self.searches


def who_searched(actor: Actor, wish: AccessWish) -> list[Searching]:
    """Everybody who searched, most first. Refuses: RightMissing."""
    actor.require(Right.SEE_JOURNAL)
    rows = searching(actor, wish)
    names = names_of_organizations({row[0] for row in rows})
    people = member_names(actor, [row[1] for row in rows if row[1]])
    return [
        Searching(o, names.get(o, ""), people.get(u or 0, ""), searches, booked)
        for o, u, searches, booked in rows
    ]


def names_by_id(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """Names of the actor's patients for the log, also of those that were merged.

    The door that shows them logs the reading. Refuses: RightMissing.
    """
    actor.require(Right.SEE_PATIENTS)
    rows = Patient.objects.filter(provider_id=actor.organization_id, id__in=set(ids))
    named = limited(actor, rows)
    return {i: f"{g} {f}" for i, g, f in named.values_list("id", "given_name", "family_name")}
