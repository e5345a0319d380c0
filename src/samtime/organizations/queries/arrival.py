"""Who comes to a page or with a key: one statement judges and opens, one fills the page's frame.

Every signed-in request and every call asks these, so they are written by hand and prepared (P1).
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

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

# What an actor is made of (`_actor`). The viewer is set in the same statement, for the row that was
# found and for no other.
MEMBER = """m.organization_id, m.user_id, m.roles, m.location_ids, m.practitioner_id,
  m.can_book_at_partner, m.last_seen_on, HOME_ZONE, set_config('samtime.viewer', o.id::text, true)
""".replace("HOME_ZONE", HOME_ZONE)
LIVE = """u.is_active AND m.ended_at IS NULL
  AND (m.ends_on IS NULL OR m.ends_on >= %(last_day)s)"""

ARRIVAL = """
SELECT m.ends_on, MEMBER, o.second_factor_required
    AND NOT EXISTS (SELECT FROM mfa_authenticator a WHERE a.user_id = m.user_id)
FROM organizations_organization o
  JOIN organizations_membership m ON m.organization_id = o.id
  JOIN accounts_user u ON u.id = m.user_id
WHERE o.slug = %(slug)s AND m.user_id = %(user)s AND LIVE
""".replace("MEMBER", MEMBER).replace("LIVE", LIVE)

KEY = """
SELECT m.ends_on, MEMBER, k.id, k.scopes, u.language
FROM organizations_apikey k
  JOIN organizations_membership m ON m.id = k.membership_id
  JOIN organizations_organization o ON o.id = m.organization_id
  JOIN accounts_user u ON u.id = m.user_id
WHERE k.hash = %(hash)s AND k.revoked_at IS NULL
  AND (k.expires_at IS NULL OR k.expires_at > %(now)s) AND LIVE
""".replace("MEMBER", MEMBER).replace("LIVE", LIVE)

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
    ends_on, *member, bare = found[0]
    actor = _actor(ActorKind.MEMBER, member, language=language, request_id=request_id)
    if _is_over(ends_on, actor.zone, now):
        raise NotFound()
    return Arrival(actor, bool(bare and actor.rights & SEES_PATIENTS))


def actor_for_key(*, secret: str, language: str, request_id: str) -> Actor | None:
    """The actor of an API key, whose organization's rows this transaction sees from here.

    None when the key is unknown, expired or revoked, or its person gone. `language`: what the call
    asks for; empty = the person's own. One statement.
    """
    now = timezone.now()
    digest = hashlib.sha256(secret.encode()).digest()
    found = fetch(KEY, {"hash": digest, "now": now, "last_day": (now - LAST_ZONE).date()})
    if not found:
        return None
    ends_on, *member, key_id, scopes, own_language = found[0]
    actor = _actor(
        ActorKind.KEY,
        member,
        language=language or own_language,
        request_id=request_id,
        key_id=key_id,
        scopes=frozenset(scopes) if scopes is not None else None,
    )
    return None if _is_over(ends_on, actor.zone, now) else actor


def _is_over(ends_on: date | None, zone: str, now: datetime) -> bool:
    return ends_on is not None and ends_on < local_day(now, zone)


def _actor(kind: ActorKind, member: list[Any], **more: Any) -> Actor:
    """Of the columns of MEMBER."""
    organization, user, roles, places, practitioner, books, seen_on, zone, _set = member
    return Actor(
        kind=kind,
        organization_id=organization,
        rights=rights_of(roles, can_book_at_partner=books),
        user_id=user,
        location_ids=frozenset(places) if places is not None else None,
        practitioner_id=practitioner,
        seen_on=seen_on,
        zone=zone,
        **more,
    )


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
