"""Who may act where: actors made from memberships and keys, and the organizations' own data."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    DateField,
    DateTimeField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.models import User
from samtime.accounts.rights import Right, rights_of
from samtime.foundation.errors import NotFound
from samtime.foundation.periods import CAPITALS, ELSEWHERE, local_day, zone_of_country
from samtime.organizations.models import (
    Location,
    Membership,
    Organization,
    Practitioner,
    PractitionerRole,
    TermsAcceptance,
    TermsDocument,
)

# Where the day begins last: whose last day is over there is over everywhere.
LAST_ZONE = timedelta(hours=12)


def _live(prefix: str, last_day: Any) -> Q:
    """Neither ended nor past its last day, which is at least `last_day`."""
    ends = Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": last_day})
    return ends & Q(**{f"{prefix}ended_at__isnull": True, f"{prefix}user__is_active": True})


def live_now(now: datetime) -> Q:
    """Memberships that open something now; a last day is the organization's own (`home_zone`)."""
    homes = Location.objects.filter(organization_id=OuterRef("organization_id")).order_by("id")
    capitals = [When(organization__country=c, then=Value(z)) for c, z in CAPITALS.items()]
    desk = Case(*capitals, default=Value(ELSEWHERE))
    zone = Coalesce(Subquery(homes.values("time_zone")[:1]), desk)
    there = Func(zone, Value(now), function="timezone", output_field=DateTimeField())
    return _live("", Cast(there, DateField()))


def _is_over(membership: Membership, now: datetime) -> bool:
    """Past its last day. Asks for the zone only where a last day is set."""
    if membership.ends_on is None:
        return False
    return bool(membership.ends_on < local_day(now, _zone_of(membership.organization_id)))


def actor_for_member(*, user: User, slug: str, language: str, request_id: str) -> Actor:
    """The signed-in person acting for an organization; NotFound for everybody else. One query."""
    now = timezone.now()
    membership = (
        Membership.objects.select_related("organization")
        .filter(_live("", (now - LAST_ZONE).date()), user=user, organization__slug=slug)
        .first()
    )
    if membership is None or _is_over(membership, now):
        raise NotFound()
    return _actor(ActorKind.MEMBER, membership, language=language, request_id=request_id)


def actor_at_work(*, organization_id: int, user_id: int, language: str) -> Actor | None:
    """The member on whose behalf a job works, with the rights of now; None when he has left."""
    now = timezone.now()
    membership = Membership.objects.filter(
        live_now(now), organization_id=organization_id, user_id=user_id
    ).first()
    return _actor(ActorKind.MEMBER, membership, language=language) if membership else None


def _actor(kind: ActorKind, membership: Membership, **more: Any) -> Actor:
    places = membership.location_ids
    return Actor(
        kind=kind,
        organization_id=membership.organization_id,
        rights=rights_of(membership.roles, can_book_at_partner=membership.can_book_at_partner),
        user_id=membership.user_id,
        location_ids=frozenset(places) if places is not None else None,
        practitioner_id=membership.practitioner_id,
        seen_on=membership.last_seen_on,
        **more,
    )


def home_zone(actor: Actor) -> str:
    """The time zone of the organization's first location; its country's where it has none."""
    return actor.zone or _zone_of(actor.organization_id)


def _zone_of(organization_id: int) -> str:
    first = Location.objects.filter(organization_id=organization_id).order_by("id").first()
    if first is not None:
        return first.time_zone
    rows = Organization.objects.filter(id=organization_id)
    return zone_of_country(str(rows.values_list("country", flat=True).get()))


def home_day(actor: Actor, now: datetime) -> date:
    """The calendar day of an instant at the organization's first location."""
    return local_day(now, home_zone(actor))


def locations(actor: Actor) -> "QuerySet[Location]":
    """The organization's places that this person may see, in order of name."""
    rows = Location.objects.filter(organization_id=actor.organization_id, ended_on=None)
    if actor.location_ids is not None:
        rows = rows.filter(id__in=actor.location_ids)
    return rows.order_by("name")


def location_names(actor: Actor) -> dict[int, str]:
    """Every place the organization has or had, by internal id: for histories. One query."""
    rows = Location.objects.filter(organization_id=actor.organization_id)
    return dict(rows.values_list("id", "name"))


def practitioners(actor: Actor) -> "QuerySet[Practitioner]":
    """The organization's practitioners who have not left, by family name."""
    rows = Practitioner.objects.filter(organization_id=actor.organization_id, ended_on=None)
    return rows.order_by("family_name", "given_name", "id")


def organization_of(actor: Actor) -> Organization:
    """The organization the actor acts for."""
    return Organization.objects.get(id=actor.organization_id)


def current_terms(language: str, *, kind: str = "general_terms") -> TermsDocument | None:
    """The newest text in effect, in this language or else in English."""
    rows = TermsDocument.objects.filter(kind=kind, effective_from__lte=timezone.now().date())
    newest = rows.order_by("-version").values_list("version", flat=True).first()
    if newest is None:
        return None
    found = {document.language: document for document in rows.filter(version=newest)}
    return found.get(language) or found.get("en") or next(iter(found.values()))


def accepted_terms(organization_id: int, *, version: int, kind: str = "general_terms") -> bool:
    """Whether an organization accepted this version or a later one; the viewer must be it."""
    return TermsAcceptance.objects.filter(
        organization_id=organization_id, document__version__gte=version, document__kind=kind
    ).exists()


def memberships_of(user: User) -> list[Membership]:
    """Where a person belongs now, with the organization, by its name. One query.

    `place_count` is added: how many locations that organization has.
    """
    now = timezone.now()
    open_places = Q(organization__locations__ended_on__isnull=True)
    found = (
        Membership.objects.filter(live_now(now), user=user)
        .select_related("organization")
        .annotate(place_count=Count("organization__locations", filter=open_places))
    )
    return sorted(found, key=lambda m: m.organization.name.casefold())


def zone_of_person(user: User) -> str:
    """The time zone of the first organization a person belongs to; UTC where there is none."""
    belonging = memberships_of(user)
    return _zone_of(belonging[0].organization_id) if belonging else "UTC"


def organization_by_number(country: str, registration_number: str) -> Organization | None:
    """The company of a register number, if it is here (D17)."""
    rows = Organization.objects.filter(country=country, registration_number=registration_number)
    return rows.first()


def organization_ids() -> list[int]:
    """Every organization, for sweeps that go from one to the next (D5)."""
    return list(Organization.objects.order_by("id").values_list("id", flat=True))


def latest_acceptance(organization_id: int) -> TermsAcceptance | None:
    """The newest general terms an organization accepted; the viewer must be that organization."""
    rows = TermsAcceptance.objects.filter(
        organization_id=organization_id, document__kind="general_terms"
    )
    return rows.select_related("document").order_by("-accepted_at").first()


def member_names(actor: Actor, user_ids: list[int]) -> dict[int, str]:
    """Names of colleagues by user id; one query."""
    rows = Membership.objects.filter(
        organization_id=actor.organization_id, user_id__in=user_ids
    ).select_related("user")
    return {m.user_id: str(m.user) for m in rows}


def location(actor: Actor, public_id: UUID) -> Location:
    """One of the places this person may see. Refuses: NotFound."""
    found = locations(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(field="location")
    return found


def practitioner_role(actor: Actor, public_id: UUID) -> PractitionerRole:
    """A practitioner of the organization at a place this person may see. Refuses: NotFound."""
    rows = PractitionerRole.objects.filter(
        public_id=public_id, practitioner__organization_id=actor.organization_id, ended_on=None
    )
    if actor.location_ids is not None:
        rows = rows.filter(location_id__in=actor.location_ids)
    found = rows.select_related("practitioner", "location").first()
    if found is None:
        raise NotFound(field="practitioner_role")
    return found


def bookers_of(organization_id: int) -> int:
    """How many people of an organization may book at partners now (P25: no limit)."""
    rows = Membership.objects.filter(live_now(timezone.now()), organization_id=organization_id)
    return rows.filter(can_book_at_partner=True, joined_at__isnull=False).count()


def user_of(actor: Actor) -> User:
    """The person behind an actor."""
    return User.objects.get(id=actor.user_id or 0)


def organization_by_slug(slug: str) -> Organization | None:
    """For the operator's command line; doors of members use `actor_for_member`."""
    return Organization.objects.filter(slug=slug).first()


def operators() -> list[Organization]:
    """The organizations that run the network, oldest first."""
    return list(Organization.objects.filter(capabilities__contains=["operator"]).order_by("id"))


def count_who_may(organization_id: int, right: Right) -> int:
    """How many users of an organization have a right now; a number only, no names. One query."""
    return counts_who_may([organization_id], right).get(organization_id, 0)


def counts_who_may(organization_ids: list[int], right: Right) -> dict[int, int]:
    """The same for several organizations at once. One query."""
    rows = Membership.objects.filter(
        live_now(timezone.now()), organization_id__in=organization_ids
    ).values_list("organization_id", "roles", "can_book_at_partner")
    found: dict[int, int] = {}
    for organization_id, roles, can_book in rows:
        if right in rights_of(roles, can_book_at_partner=can_book):
            found[organization_id] = found.get(organization_id, 0) + 1
    return found


def first_who_may(organization_id: int, right: Right) -> int | None:
    """The user who has been there longest of those with a right and the inbox. One query."""
    now = timezone.now()
    rows = Membership.objects.filter(_live("", now), organization_id=organization_id).order_by("id")
    for member in rows:
        may = rights_of(member.roles, can_book_at_partner=member.can_book_at_partner)
        if {right, Right.SEE_INBOX} <= may:
            return int(member.user_id)
    return None


def member_to_write(organization_id: int, user_id: int | None) -> User | None:
    """The person, while he belongs to the organization: whoever left is told nothing more."""
    rows = Membership.objects.filter(
        live_now(timezone.now()), organization_id=organization_id, user_id=user_id or 0
    )
    member = rows.select_related("user").first()
    return member.user if member is not None else None


def names_of_organizations(ids: set[int]) -> dict[int, str]:
    """Names by internal id, for logs that name who was there. One query."""
    rows = Organization.objects.filter(id__in=ids)
    return dict(rows.values_list("id", "name"))


def practitioner(actor: Actor, public_id: UUID) -> Practitioner:
    """One who has not left. Refuses: NotFound."""
    found = practitioners(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(field="practitioner")
    return found


def roles(actor: Actor) -> "QuerySet[PractitionerRole]":
    """Who works where, at the places this person may see."""
    rows = PractitionerRole.objects.filter(
        practitioner__organization_id=actor.organization_id, ended_on=None
    )
    if actor.location_ids is not None:
        rows = rows.filter(location_id__in=actor.location_ids)
    return rows.select_related("practitioner", "location", "billing_organization").order_by("id")


def colleagues(actor: Actor) -> list[tuple[str, str]]:
    """Everybody who is or was a member, for filters: (public id, name), by name. One query."""
    rows = Membership.objects.filter(organization_id=actor.organization_id).select_related("user")
    found = [(str(m.user.public_id), str(m.user)) for m in rows]
    return sorted(found, key=lambda one: one[1].casefold())


def colleague_id(actor: Actor, public_id: UUID) -> int:
    """The internal id of somebody who is or was a member. Refuses: NotFound."""
    rows = Membership.objects.filter(
        organization_id=actor.organization_id, user__public_id=public_id
    )
    found = rows.values_list("user_id", flat=True).first()
    if found is None:
        raise NotFound(field="user")
    return int(found)
