"""What a partner may look for: services by name across institutions, doctors, places, languages.

Services of several institutions are one choice when they share a name (in any language) or an
external code; an institution's own code finds its service but joins nothing, codes like «A01» are
anybody's.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db import connection

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.prepared import fetch
from samtime.patients.rules import words_of

MOST_CHOICES = 8
# More doctors than anybody scrolls through; an institution narrows them.
MOST_DIFFERENT = 2000


@dataclass(frozen=True, slots=True)
class ServiceChoice:
    """One line of the service box: the same examination at one or more institutions.

    `numbers`: its services as the tables number them, for a search that need not look them up.
    """

    services: tuple[UUID, ...]
    numbers: npt.NDArray[np.int64] = field(compare=False, repr=False)
    name: str
    code: str
    minutes: int
    institutions: int
    words: tuple[str, ...]

    @property
    def key(self) -> UUID:
        """The choice in an address: any of its services means all of them."""
        return self.services[0]


TICKS = """
SELECT DISTINCT ON (x.channel_id, x.location_id, x.service_id, x.offering_id)
  x.channel_id, x.location_id, x.service_id, x.offering_id, x.open
FROM channels_listing x JOIN channels_channel ch ON ch.id = x.channel_id
WHERE ch.outsider_id = %(me)s AND ch.state = 'open' AND x.from_on <= %(day)s
ORDER BY x.channel_id, x.location_id, x.service_id, x.offering_id, x.from_on DESC
"""
AGREED = """
  JOIN channels_channellocation cl ON cl.channel_id = t.channel_id
    AND cl.location_id = t.location_id
  JOIN catalog_service s ON s.id = t.service_id
"""
TICKED = f"""
SELECT DISTINCT s.public_id, s.provider_id, s.code, s.external_codes, s.name,
  ARRAY(SELECT n.value FROM jsonb_each_text(s.names) n ORDER BY n.key),
  s.specialty, s.duration_minutes, s.position, s.names ->> %(language)s, s.id
FROM ({TICKS}) t {AGREED}
WHERE t.open AND s.ended_on IS NULL
ORDER BY s.provider_id, s.position, s.public_id
"""
FACETS = f"""
SELECT DISTINCT org.public_id, org.name, l.public_id, l.name, p.public_id,
  trim(concat(p.title, ' ', p.given_name, ' ', p.family_name)), p.languages, p.gender
FROM ({TICKS}) t {AGREED}
  JOIN calendars_offering o ON o.service_id = s.id AND o.ended_on IS NULL
    AND (t.offering_id IS NULL OR o.id = t.offering_id)
  JOIN calendars_calendar c ON c.id = o.calendar_id AND c.location_id = t.location_id
    AND c.ended_on IS NULL
  JOIN organizations_location l ON l.id = c.location_id AND l.ended_on IS NULL
  JOIN organizations_practitionerrole r ON r.id = c.role_id
  JOIN organizations_practitioner p ON p.id = r.practitioner_id
  JOIN organizations_organization org ON org.id = s.provider_id
WHERE t.open AND s.ended_on IS NULL
  AND (cardinality(%(services)s::uuid[]) = 0 OR s.public_id = ANY(%(services)s))
LIMIT {{most}}
""".format(most=MOST_DIFFERENT)


def bookable_services(actor: Actor, *, on: date) -> list[ServiceChoice]:
    """Everything ticked for this partner, the same service once, by name. One query.

    Refuses: RightMissing.
    """
    return choices_of(ticked(actor, on=on))


def ticked(actor: Actor, *, on: date) -> list[tuple[Any, ...]]:
    """The services ticked for this partner as rows, for `choices_of`. Refuses: RightMissing."""
    actor.require(Right.BOOK_AT_PARTNER)
    me, language = actor.organization_id, actor.language
    return fetch(TICKED, {"me": me, "day": on, "language": language})


def choices_of(rows: list[tuple[Any, ...]]) -> list[ServiceChoice]:
    """The same service once, by name; depends on nothing but the rows."""
    found = [_choice(group) for group in _grouped(rows)]
    return sorted(found, key=lambda choice: (_words(choice.name), choice.key))


@lru_cache(maxsize=20_000)
def _words(text: str) -> tuple[str, ...]:
    """Words of names of services, clinics and doctors: thousands of them, mostly the same."""
    return tuple(words_of(text))


def _marks(row: tuple[Any, ...]) -> set[str]:
    names = [row[4], *row[5]]
    return {" ".join(_words(str(n))) for n in names if n} | {f"#{c.upper()}" for c in row[3]}


def _grouped(rows: list[tuple[Any, ...]]) -> list[list[tuple[Any, ...]]]:
    """Rows that share a mark, directly or through a third."""
    groups: list[tuple[set[str], list[tuple[Any, ...]]]] = []
    for row in rows:
        marks, members = _marks(row), [row]
        for known in [g for g in groups if g[0] & marks]:
            marks, members = marks | known[0], [*known[1], *members]
            groups.remove(known)
        groups.append((marks, members))
    return [members for _marks_of, members in groups]


def _choice(rows: list[tuple[Any, ...]]) -> ServiceChoice:
    in_language = [r[9] for r in rows if r[9]]
    texts = [t for r in rows for t in (r[4], *r[5], r[2], r[6], *r[3])]
    words = dict.fromkeys(w for text in texts for w in _words(str(text)))
    return ServiceChoice(
        services=tuple(r[0] for r in rows),
        numbers=np.array(sorted(r[10] for r in rows), np.int64),
        name=str(in_language[0] if in_language else rows[0][4]),
        code=rows[0][2] if len(rows) == 1 else "",
        minutes=rows[0][7],
        institutions=len({r[1] for r in rows}),
        words=tuple(words),
    )


def matching(choices: list[ServiceChoice], typed: str) -> list[ServiceChoice]:
    """The choices of which every typed word begins a word; names before codes; at most eight."""
    wanted = words_of(typed)
    if not wanted:
        return []
    hits = [c for c in choices if all(any(w.startswith(t) for w in c.words) for t in wanted)]

    def rank(choice: ServiceChoice) -> tuple[bool, bool]:
        name = words_of(choice.name)
        in_name = all(any(w.startswith(t) for w in name) for t in wanted)
        return (not in_name, not (name and name[0].startswith(wanted[0])))

    return sorted(hits, key=rank)[:MOST_CHOICES]


@dataclass(slots=True)
class Facets:
    """What may narrow a search, as (value, word) pairs in the order of their words."""

    institutions: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    doctors: dict[str, str] = field(default_factory=dict)
    languages: list[str] = field(default_factory=list)
    genders: list[str] = field(default_factory=list)


def facets(actor: Actor, *, services: tuple[UUID, ...], on: date) -> Facets:
    """What the offerings ticked for these services (none = all) differ in. One query.

    Refuses: RightMissing.
    """
    actor.require(Right.BOOK_AT_PARTNER)
    values: dict[str, Any] = {
        "me": actor.organization_id,
        "day": on,
        "services": list(services),
    }
    found, languages, genders = Facets(), set[str](), set[str]()
    with connection.cursor() as cursor:
        cursor.execute(FACETS, values)
        for row in cursor.fetchall():
            found.institutions[str(row[0])] = row[1]
            found.places[str(row[2])] = f"{row[1]}, {row[3]}"
            found.doctors[str(row[4])] = row[5]
            languages |= set(row[6] or ())
            genders |= {row[7]} - {""}
    for name in ("institutions", "places", "doctors"):
        words = getattr(found, name)
        setattr(found, name, dict(sorted(words.items(), key=lambda pair: _words(pair[1]))))
    found.languages, found.genders = sorted(languages), sorted(genders)
    return found


NEAR = """
SELECT l.city, l.postal_code, avg(l.latitude), avg(l.longitude)
FROM organizations_location l
WHERE l.latitude IS NOT NULL AND l.longitude IS NOT NULL AND l.city <> '' AND l.ended_on IS NULL
GROUP BY l.city, l.postal_code ORDER BY l.city, l.postal_code
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """A town or postal code known from some location's address."""

    name: str
    latitude: float
    longitude: float


def spot_named(typed: str) -> Spot | None:
    """The first town or postal code that begins as typed («5116», «Bergen»). One query."""
    wanted = words_of(typed)
    if not wanted:
        return None
    with connection.cursor() as cursor:
        cursor.execute(NEAR)
        for city, postal, latitude, longitude in cursor.fetchall():
            known = words_of(f"{postal} {city}")
            if all(any(k.startswith(w) for k in known) for w in wanted):
                return Spot(f"{postal} {city}".strip(), latitude, longitude)
    return None
