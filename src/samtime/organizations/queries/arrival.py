"""Who comes to a page of an organization: one statement judges and opens, one fills the frame.

Every signed-in request asks these two, so they are written by hand and prepared (P1).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.models import User
from samtime.accounts.rights import SEES_PATIENTS, rights_of
from samtime.foundation.errors import NotFound
from samtime.foundation.periods import CAPITALS, ELSEWHERE, local_day
from samtime.foundation.prepared import fetch
from samtime.organizations.queries import LAST_ZONE

# As `home_zone` has it: of the first location, else of the country.
FIRST = """(SELECT l.time_zone FROM organizations_location l
  WHERE l.organization_id = o.id ORDER BY l.id LIMIT 1)"""
CAPITAL = " ".join(f"WHEN '{country}' THEN '{zone}'" for country, zone in CAPITALS.items())
HOME_ZONE = f"coalesce({FIRST}, CASE o.country {CAPITAL} ELSE '{ELSEWHERE}' END)"

# The viewer is set in the same statement, for the row that was found and for no other.
ARRIVAL = """
SELECT m.organization_id, m.roles, m.location_ids, m.practitioner_id, m.can_book_at_partner,
  m.ends_on, m.last_seen_on,
  HOME_ZONE,
  o.second_factor_required
    AND NOT EXISTS (SELECT FROM mfa_authenticator a WHERE a.user_id = m.user_id),
  set_config('samtime.viewer', o.id::text, true)
FROM organizations_organization o
  JOIN organizations_membership m ON m.organization_id = o.id
  JOIN accounts_user u ON u.id = m.user_id
WHERE o.slug = %(slug)s AND m.user_id = %(user)s AND u.is_active AND m.ended_at IS NULL
  AND (m.ends_on IS NULL OR m.ends_on >= %(last_day)s)
""".replace("HOME_ZONE", HOME_ZONE)

# Everywhere a person belongs; a last day is the organization's own, at its first location.
BELONGINGS = """
SELECT o.id, o.slug, o.name, o.kind, o.capabilities,
  (SELECT count(*) FROM organizations_location l
    WHERE l.organization_id = o.id AND l.ended_on IS NULL)
FROM organizations_membership m
  JOIN organizations_organization o ON o.id = m.organization_id
  JOIN accounts_user u ON u.id = m.user_id
WHERE m.user_id = %(user)s AND u.is_active AND m.ended_at IS NULL
  AND (m.ends_on IS NULL OR m.ends_on >= timezone(HOME_ZONE,
    %(now)s::timestamptz)::date)
""".replace("HOME_ZONE", HOME_ZONE)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An actor let in, and whether he still lacks a second factor his organization demands."""

    actor: Actor
    second_factor_missing: bool


def arrive(*, user: User, slug: str, language: str, request_id: str) -> Arrival:
    """The signed-in person acting for an organization, whose rows this transaction sees from here.

    Judges the membership as it is now. One statement. Refuses: NotFound (everybody else).
    """
    now = timezone.now()
    values = {"slug": slug, "user": user.pk, "last_day": (now - LAST_ZONE).date()}
    found = fetch(ARRIVAL, values)
    if not found:
        raise NotFound()
    organization, roles, places, practitioner, books, ends_on, seen_on, zone, bare, _set = found[0]
    if ends_on is not None and ends_on < local_day(now, zone):
        raise NotFound()
    actor = Actor(
        kind=ActorKind.MEMBER,
        organization_id=organization,
        rights=rights_of(roles, can_book_at_partner=books),
        user_id=user.pk,
        location_ids=frozenset(places) if places is not None else None,
        practitioner_id=practitioner,
        language=language,
        request_id=request_id,
        seen_on=seen_on,
        zone=zone,
    )
    return Arrival(actor, bool(bare and actor.rights & SEES_PATIENTS))


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organization a person belongs to. `places`: how many locations it has."""

    organization_id: int
    slug: str
    name: str
    kind: str
    capabilities: list[str]
    places: int


def belongings(user: User, *, now: datetime) -> list[Belonging]:
    """Where a person belongs now, by name. One statement."""
    rows = fetch(BELONGINGS, {"user": user.pk, "now": now})
    return sorted((Belonging(*row) for row in rows), key=lambda one: one.name.casefold())


PLACES = """
SELECT slug, name FROM organizations_location
WHERE organization_id = %(me)s AND ended_on IS NULL
  AND (%(everywhere)s OR id = ANY(%(places)s::bigint[]))
ORDER BY name
"""


def place_names(actor: Actor) -> list[tuple[str, str]]:
    """Slug and name of the `locations` this person may see, by name: for filters. One statement."""
    values = {
        "me": actor.organization_id,
        "everywhere": actor.location_ids is None,
        "places": list(actor.location_ids or ()),
    }
    return [(slug, name) for slug, name in fetch(PLACES, values)]
