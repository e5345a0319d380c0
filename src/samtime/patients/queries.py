"""Finding patients: the own desk by anything, a partner by two criteria and at most ten hits."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.secrets import keyed_hashes
from samtime.journal.commands import Access, log_access
from samtime.journal.queries import accesses_to
from samtime.organizations.queries import member_names, names_of_organizations
from samtime.patients.models import Patient
from samtime.patients.rules import distance, identifier_form, phone_key, weight, word_keys, words_of

MOST_HITS = 10
CANDIDATES = 300


class TooLittleGiven(Refusal):
    """A search that would list instead of find (invariant 4)."""

    code = "too_little_given"
    status = 422
    field = "name"
    sentence = _("Give at least three letters of the name, a birth date, a phone or a number.")


class TwoNeeded(Refusal):
    """A partner's search with fewer than two criteria (invariant 4)."""

    code = "too_little_given"
    status = 422
    field = "name"
    sentence = _(
        "Give two of: three letters of the name, the birth date, the phone, an identity number."
    )


@dataclass(frozen=True, slots=True)
class PatientSearch:
    """What is known of the person; empty parts do not count."""

    name: str = ""
    birth_date: date | None = None
    phone: str = ""
    identifier: str = ""

    @property
    def criteria(self) -> int:
        """How many of the four parts are strong enough to count."""
        letters = max((weight(w) for w in words_of(self.name)), default=0)
        parts = (letters >= 3, self.birth_date, len(phone_key(self.phone)) >= 5, self.identifier)
        return sum(bool(part) for part in parts)


def search_patients(actor: Actor, wish: PatientSearch) -> list[Patient]:
    """Patients of the actor's own organization, best first, at most ten; every search is logged.

    Refuses: RightMissing, TooLittleGiven.
    """
    actor.require(Right.SEE_PATIENTS)
    if wish.criteria < 1:
        raise TooLittleGiven()
    found = best_hits(Patient.objects.filter(provider_id=actor.organization_id), wish)
    ids = tuple(p.id for p in found)
    log_access(actor, Access(actor.organization_id, ids, "searched", "search", hits=len(found)))
    return found


def best_hits(
    rows: "QuerySet[Patient]", wish: PatientSearch, *, most: int = MOST_HITS
) -> list[Patient]:
    """The ten (or `most`) best of these rows; one typing error in each word is forgiven."""
    if wish.birth_date:
        rows = rows.filter(birth_date=wish.birth_date)
    if key := phone_key(wish.phone):
        rows = rows.filter(phone_key=key)
    if number := identifier_form(wish.identifier):
        rows = rows.filter(identifiers__keyed_hash__in=keyed_hashes(number))
    words = words_of(wish.name)
    for word in words:
        rows = rows.filter(name_keys__overlap=sorted(word_keys(word)))
    found = list(rows.order_by("family_name", "given_name", "id")[:CANDIDATES])
    return sorted(found, key=lambda p: _far(words, p))[:most]


def judge_two(wish: PatientSearch) -> None:
    """Refuses: TwoNeeded."""
    if wish.criteria < 2:
        raise TwoNeeded()


def partner_hits(provider_id: int, wish: PatientSearch) -> list[Patient]:
    """The ten best of a provider's patients for a partner who named two criteria.

    The viewer must be the provider; the caller has judged terms and rate, and logs. A birth date,
    phone or number narrows first, so the name may be given in part («vest» for Vestby).
    """
    rows = Patient.objects.filter(provider_id=provider_id)
    strong = best_hits(rows, replace(wish, name=""), most=CANDIDATES)
    words = words_of(wish.name)
    found = [p for p in strong if all(_begins(word, p) for word in words)]
    return sorted(found, key=lambda p: _far(words, p))[:MOST_HITS]


def _begins(word: str, patient: Patient) -> bool:
    own = words_of(f"{patient.given_name} {patient.family_name}")
    return any(o.startswith(word) or (len(word) > 3 and distance(word, o) <= 1) for o in own)


def _far(words: list[str], patient: Patient) -> int:
    own = words_of(f"{patient.given_name} {patient.family_name}")
    return sum(min((distance(w, o) for o in own), default=3) for w in words)


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry of a patient's access log, for the clinic: who of whom did what."""

    at: datetime
    organization_id: int
    organization_name: str
    user_name: str
    actor_kind: str
    action: str
    purpose: str
    hits: int | None


def accesses_of(actor: Actor, patient: Patient) -> list[Seen]:
    """Who saw this patient, newest first; own people by name, others by their organization.

    Refuses: RightMissing.
    """
    actor.require(Right.SEE_PATIENTS)
    rows = accesses_to(actor, patient.id)
    names = names_of_organizations({row.organization_id for row in rows})
    people = member_names(actor, [row.user_id for row in rows if row.user_id])
    return [
        Seen(
            row.at,
            row.organization_id,
            names.get(row.organization_id, ""),
            people.get(row.user_id or 0, ""),
            row.actor_kind,
            row.action,
            row.purpose,
            row.hits,
        )
        for row in rows
    ]


def one_patient(actor: Actor, public_id: UUID, *, purpose: str) -> Patient:
    """One patient of the actor's own organization; the reading is logged.

    Refuses: RightMissing, NotFound.
    """
    actor.require(Right.SEE_PATIENTS)
    rows = Patient.objects.filter(provider_id=actor.organization_id, public_id=public_id)
    patient: Patient | None = rows.first()
    if patient is None:
        raise NotFound()
    log_access(actor, Access(actor.organization_id, (patient.id,), "opened", purpose))
    return patient
