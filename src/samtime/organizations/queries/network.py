"""The operator's look at organizations: companies, capabilities and modules, never a patient."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound
from samtime.organizations.models import Membership, Organization


@dataclass(frozen=True, slots=True)
class OrganizationFilter:
    """`text` is part of a name or a number; the others are exact, «» means all."""

    text: str = ""
    country: str = ""
    capability: str = ""
    module: str = ""
    confirmed: str = ""


def organizations(actor: Actor, wish: OrganizationFilter) -> "QuerySet[Organization]":
    """Every organization of the network that matches, by name; `place_count` is added.

    Refuses: RightMissing.
    """
    actor.require(Right.OPERATE)
    rows = Organization.objects.exclude(capabilities__contains=["operator"])
    if wish.text:
        plain = "".join(sign for sign in wish.text if sign.isalnum())
        rows = rows.filter(
            Q(name__icontains=wish.text)
            | Q(registration_number__icontains=wish.text)
            | Q(registration_number__icontains=plain or wish.text)
            | Q(slug=wish.text)
        )
    if wish.country:
        rows = rows.filter(country=wish.country)
    if wish.capability:
        rows = rows.filter(capabilities__contains=[wish.capability])
    if wish.module:
        rows = rows.filter(partner_module=wish.module)
    if wish.confirmed:
        rows = rows.filter(verified_at__isnull=wish.confirmed == "no")
    open_places = Q(locations__ended_on__isnull=True)
    rows = rows.annotate(place_count=Count("locations", filter=open_places))
    return rows.order_by("name", "id")


def one_organization(actor: Actor, public_id: UUID) -> Organization:
    """One of them. Refuses: RightMissing, NotFound."""
    found = organizations(actor, OrganizationFilter()).filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def administrators(actor: Actor, organization: Organization) -> list[Membership]:
    """Whom to call there: people who administer it. Refuses: RightMissing."""
    actor.require(Right.OPERATE)
    rows = Membership.objects.filter(
        organization=organization,
        ended_at=None,
        roles__overlap=["admin", "partner_manager", "network_manager"],
    )
    return list(rows.select_related("user").order_by("id"))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the operator, in figures and the first of each."""

    modules: list[Organization]
    unconfirmed: list[Organization]
    unconfirmed_count: int


def waiting(actor: Actor, *, most: int = 5) -> Waiting:
    """Modules asked for, companies nobody confirmed. Three queries. Refuses: RightMissing."""
    actor.require(Right.OPERATE)
    every = Organization.objects.exclude(capabilities__contains=["operator"])
    unconfirmed = every.filter(verified_at=None)
    return Waiting(
        list(every.filter(partner_module="asked").order_by("module_asked_at", "id")),
        list(unconfirmed.order_by("created_at", "id")[:most]),
        unconfirmed.count(),
    )
