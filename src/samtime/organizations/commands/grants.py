"""What may be given: roles that fit, places, a practitioner, an end; never more than own."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.models import LANGUAGES
from samtime.accounts.rights import Role, rights_of
from samtime.foundation.errors import FieldError, Refusal
from samtime.organizations import rules
from samtime.organizations.models import Membership, Organization, Practitioner, UserInvitation
from samtime.organizations.queries import locations

KEPT = ("roles", "location_ids", "practitioner_id", "can_book_at_partner", "ends_on")


class MoreThanOwn(Refusal):
    """Somebody would give, or touch, rights that he does not have himself."""

    code = "more_than_own"
    status = 403
    field = "roles"
    sentence = _("You cannot give or change rights that you do not have yourself.")


@dataclass(frozen=True, slots=True)
class Grant:
    """Access as typed. `location_ids` None: everywhere; ids are public. `ends_on`: the last day."""

    roles: tuple[str, ...]
    location_ids: tuple[UUID, ...] | None = None
    practitioner_id: UUID | None = None
    can_book_at_partner: bool = False
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """Access that passed: internal ids, as memberships and invitations keep it."""

    roles: list[str]
    location_ids: list[int] | None
    practitioner_id: int | None
    can_book_at_partner: bool
    ends_on: date | None

    def put(self, target: Membership | UserInvitation) -> list[str]:
        """Write it down; answers what changed."""
        changed = [name for name in KEPT if getattr(target, name) != getattr(self, name)]
        for name in changed:
            setattr(target, name, getattr(self, name))
        return changed


def check_grant(
    actor: Actor, own: Organization, grant: Grant, *, today: date
) -> tuple[Allowed, list[FieldError]]:
    """The access with internal ids, and every fault at its field. Refuses: MoreThanOwn."""
    faults: list[FieldError] = []
    places = _places(actor, grant, faults)
    treats = _practitioner(actor, grant, faults)
    roles = sorted(set(grant.roles))
    fitting = rules.fitting_roles(own.capabilities)
    if not roles:
        faults.append(FieldError("roles", "required", _("Choose at least one role.")))
    elif not set(roles) <= set(fitting):
        sentence = _("This role does not fit your organisation.")
        faults.append(FieldError("roles", "role_unfit", sentence))
    if grant.ends_on is not None and grant.ends_on < today:
        sentence = _("The last day is in the past. Use «End access» to end it now.")
        faults.append(FieldError("ends_on", "past", sentence))
    known = [role for role in roles if role in set(Role)]
    refuse_more_than_own(actor, known, can_book_at_partner=grant.can_book_at_partner)
    return Allowed(roles, places, treats, grant.can_book_at_partner, grant.ends_on), faults


def refuse_more_than_own(actor: Actor, roles: list[str], *, can_book_at_partner: bool) -> None:
    """Refuses: MoreThanOwn, when these roles hold a right the actor cannot hand out."""
    given = rights_of(roles, can_book_at_partner=can_book_at_partner)
    if not given <= rules.grantable(actor.rights):
        raise MoreThanOwn()


def language_fault(language: str) -> list[FieldError]:
    """[] when it is one of our languages."""
    if language in dict(LANGUAGES):
        return []
    return [FieldError("language", "invalid", _("Choose one of the languages."))]


def _places(actor: Actor, grant: Grant, faults: list[FieldError]) -> list[int] | None:
    if grant.location_ids is None:
        if actor.location_ids is not None:
            raise MoreThanOwn(field="locations")
        return None
    known = {place.public_id: place.id for place in locations(actor)}
    wanted = set(grant.location_ids)
    if not wanted or not wanted <= set(known):
        sentence = _("Choose at least one of your locations, or all.")
        faults.append(FieldError("locations", "no_location", sentence))
    return sorted(known[one] for one in wanted if one in known)


def _practitioner(actor: Actor, grant: Grant, faults: list[FieldError]) -> int | None:
    if grant.practitioner_id is None:
        return None
    rows = Practitioner.objects.filter(
        public_id=grant.practitioner_id, organization_id=actor.organization_id, ended_on=None
    )
    found = rows.values_list("id", flat=True).first()
    if found is None:
        sentence = _("Choose one of your practitioners.")
        faults.append(FieldError("practitioner", "not_found", sentence))
    return found
