"""Finding patients: the own desk by anything, a partner by two criteria and at most ten hits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.prepared import fetch
from samtime.foundation.secrets import keyed_hashes, keyed_numbers, keyed_numbers_met
from samtime.journal.commands import Access, log_access
from samtime.patients.models import Patient
from samtime.patients.queries.own import limited, sees_own_only
from samtime.patients.rules import (
    beginning,
    distance,
    identifier_form,
    name_forms,
    phone_key,
    weight,
    word_forms,
    words_of,
)

MOST_HITS = 10
CANDIDATES = 300
Forms = Callable[[str], set[str]]


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
        number = identifier_form(self.identifier)
        parts = (letters >= 3, self.birth_date, len(phone_key(self.phone)) >= 5, number)
        return sum(bool(part) for part in parts)


def name_keys(provider_id: int, *names: str) -> list[int]:
    """The search keys of a person's names at this provider, as new rows store them."""
    return keyed_numbers(name_forms(*names), provider_id)


class NameKeys:
    """`name_keys` for a whole list of people: the keys of a word are computed once."""

    def __init__(self, provider_id: int) -> None:
        self._provider_id = provider_id
        self._known: dict[str, list[int]] = {}

    def of(self, *names: str) -> list[int]:
        """The search keys of one person's names."""
        found: set[int] = set()
        for word in (word for name in names for word in words_of(name)):
            keys = self._known.get(word)
            if keys is None:
                keys = self._known[word] = name_keys(self._provider_id, word)
            found.update(keys)
        return sorted(found)


def living(actor: Actor) -> "QuerySet[Patient]":
    """The patients this person may see that were not merged away. Refuses: RightMissing."""
    actor.require(Right.SEE_PATIENTS)
    rows = Patient.objects.filter(provider_id=actor.organization_id, merged_into_id=None)
    return limited(actor, rows)


def search_patients(actor: Actor, wish: PatientSearch) -> list[Patient]:
    """Patients of the actor's own organization, best first, at most ten; every search is logged.

    Refuses: RightMissing, TooLittleGiven.
    """
    rows = living(actor)
    if wish.criteria < 1:
        raise TooLittleGiven()
    found = best_hits(rows, wish, actor.organization_id, indexed=not sees_own_only(actor))
    ids = tuple(p.id for p in found)
    log_access(actor, Access(actor.organization_id, ids, "searched", "search", hits=len(found)))
    return found


def partner_hits(provider_id: int, wish: PatientSearch) -> list[Patient]:
    """The ten best of a provider's patients for a partner who named two criteria.

    The viewer must be the provider; the caller has judged terms and rate, and logs.
    """
    rows = Patient.objects.filter(provider_id=provider_id, merged_into_id=None)
    return best_hits(rows, wish, provider_id)


def best_hits(
    rows: "QuerySet[Patient]", wish: PatientSearch, provider_id: int, *, indexed: bool = True
) -> list[Patient]:
    """The ten best of these rows; one typing error in each word is forgiven.

    A birth date, phone or number narrows first, and the name may then be given in part («vest»
    for Vestby). A name alone is met by its keys, and where no word meets by beginnings.
    """
    words = words_of(wish.name)
    if _is_more_than_a_name(wish):
        strong = list(_narrowed(rows, wish).order_by("family_name", "id")[:CANDIDATES])
        found = [p for p in strong if all(_begins(word, p) for word in words)]
        return _ranked(words, found)
    source = _meeting_indexed if indexed else _meeting
    found = list(source(rows, words, word_forms, provider_id))
    if not found:
        begun = source(rows, words, lambda word: {beginning(word)}, provider_id)
        found = [p for p in begun if all(_begins(word, p) for word in words)]
    return _ranked(words, found)


def _is_more_than_a_name(wish: PatientSearch) -> bool:
    return bool(wish.birth_date or phone_key(wish.phone) or identifier_form(wish.identifier))


def _narrowed(rows: "QuerySet[Patient]", wish: PatientSearch) -> "QuerySet[Patient]":
    if wish.birth_date:
        rows = rows.filter(birth_date=wish.birth_date)
    if key := phone_key(wish.phone):
        rows = rows.filter(phone_key=key)
    if number := identifier_form(wish.identifier):
        rows = rows.filter(identifiers__keyed_hash__in=keyed_hashes(number)).distinct()
    return rows


MEETING = """
SELECT patient_id FROM patient_name_key WHERE provider_id = %(provider)s AND {words}
ORDER BY keys @> %(whole)s::int[] DESC, patient_id DESC LIMIT %(most)s
"""


def _meeting_indexed(
    rows: "QuerySet[Patient]", words: list[str], forms: Forms, provider_id: int
) -> "QuerySet[Patient]":
    """Rows of which some word meets each word, found in the index; equal words come first.

    The index stands beside the table: under a row policy an array has no use of its index.
    """
    values: dict[str, Any] = {
        "provider": provider_id,
        "whole": keyed_numbers(words, provider_id),
        "most": CANDIDATES,
    }
    for n, word in enumerate(words):
        values[f"w{n}"] = keyed_numbers_met(forms(word), provider_id)
    each = " AND ".join(f"keys && %(w{n})s::int[]" for n in range(len(words)))
    return rows.filter(id__in=[row[0] for row in fetch(MEETING.format(words=each), values)])


def _meeting(
    rows: "QuerySet[Patient]", words: list[str], forms: Forms, provider_id: int
) -> "QuerySet[Patient]":
    """The same among few rows."""
    for word in words:
        rows = rows.filter(name_keys__overlap=keyed_numbers_met(forms(word), provider_id))
    return rows.order_by("-id")[:CANDIDATES]


def judge_two(wish: PatientSearch) -> None:
    """Refuses: TwoNeeded."""
    if wish.criteria < 2:
        raise TwoNeeded()


def _begins(word: str, patient: Patient) -> bool:
    own = words_of(f"{patient.given_name} {patient.family_name}")
    return any(o.startswith(word) or (len(word) > 3 and distance(word, o) <= 1) for o in own)


def _ranked(words: list[str], found: list[Patient]) -> list[Patient]:
    """The nearest first, at most ten; each pair of words is measured once."""
    measured: dict[tuple[str, str], int] = {}

    def far(patient: Patient) -> int:
        own = words_of(f"{patient.given_name} {patient.family_name}")
        pairs = [[(w, o) for o in own] for w in words]
        for pair in (p for some in pairs for p in some if p not in measured):
            measured[pair] = distance(*pair)
        return sum(min((measured[p] for p in some), default=3) for some in pairs)

    far_of = {p.id: far(p) for p in found}
    order = sorted(found, key=lambda p: (far_of[p.id], words_of(p.family_name), p.id))
    return order[:MOST_HITS]


def one_patient(actor: Actor, public_id: UUID, *, purpose: str, action: str = "opened") -> Patient:
    """One patient of the actor's own organization; the reading is logged.

    Refuses: RightMissing, NotFound.
    """
    patient: Patient | None = living(actor).filter(public_id=public_id).first()
    if patient is None:
        raise NotFound()
    log_access(actor, Access(actor.organization_id, (patient.id,), action, purpose))
    return patient
