"""Practitioners of a provider and the locations they work at (D19)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.journal.commands import Happening, record
from samtime.organizations.models import Location, Organization, Practitioner, PractitionerRole
from samtime.organizations.queries import practitioner_role

LANGUAGE = 5


@dataclass(frozen=True, slots=True)
class PractitionerGiven:
    """A practitioner as described; languages are ISO codes such as «nb»."""

    given_name: str
    family_name: str
    title: str = ""
    profession: str = ""
    licence_number: str = ""
    languages: tuple[str, ...] = ()


@transaction.atomic
def add_practitioner(*, actor: Actor, given: PractitionerGiven) -> Practitioner:
    """Somebody who treats at the actor's organization. Refuses: RightMissing, Invalid."""
    actor.require(Right.EDIT_CATALOG)
    _check(given)
    made = Practitioner(organization_id=actor.organization_id)
    _fill(made, given)
    made.save()
    _journal(actor, "practitioner.added", made)
    return made


@transaction.atomic
def change_practitioner(
    *, actor: Actor, practitioner_id: UUID, given: PractitionerGiven
) -> Practitioner:
    """Replace what is known of a practitioner. Refuses: RightMissing, NotFound, Invalid."""
    actor.require(Right.EDIT_CATALOG)
    _check(given)
    found = _own(actor, practitioner_id)
    _fill(found, given)
    found.save()
    _journal(actor, "practitioner.changed", found)
    return found


@transaction.atomic
def add_practitioner_role(
    *,
    actor: Actor,
    practitioner_id: UUID,
    location_id: UUID,
    billing_organization_id: UUID | None = None,
) -> PractitionerRole:
    """The practitioner works at this location; without another name the provider invoices.

    An existing role is given back as it is. Refuses: RightMissing, NotFound.
    """
    actor.require(Right.EDIT_CATALOG)
    practitioner = _own(actor, practitioner_id)
    location = Location.objects.filter(
        public_id=location_id, organization_id=actor.organization_id, ended_on=None
    ).first()
    if location is None:
        raise NotFound(field="location")
    billing = actor.organization_id
    if billing_organization_id is not None:
        billing = _billing(billing_organization_id)
    role, is_new = PractitionerRole.objects.get_or_create(
        practitioner=practitioner,
        location=location,
        defaults={"billing_organization_id": billing},
    )
    came_back = role.ended_on is not None
    if came_back:
        role.ended_on, role.billing_organization_id = None, billing
        role.save(update_fields=["ended_on", "billing_organization"])
    if is_new or came_back:
        _journal(actor, "practitioner.placed", practitioner)
    return role


@transaction.atomic
def change_practitioner_role(
    *, actor: Actor, role_id: UUID, billing_organization_id: UUID | None
) -> PractitionerRole:
    """Another organization invoices from now on; None is the provider. Refuses: NotFound."""
    actor.require(Right.EDIT_CATALOG)
    role = practitioner_role(actor, role_id)
    billing = actor.organization_id
    if billing_organization_id is not None:
        billing = _billing(billing_organization_id)
    role.billing_organization_id = billing
    role.save(update_fields=["billing_organization"])
    _journal(actor, "practitioner.billing_changed", role.practitioner)
    return role


@transaction.atomic
def end_practitioner_role(*, actor: Actor, role_id: UUID, today: date) -> PractitionerRole:
    """He no longer works there; his calendars are ended by the caller. Refuses: NotFound."""
    actor.require(Right.EDIT_CATALOG)
    role = practitioner_role(actor, role_id)
    role.ended_on = today
    role.save(update_fields=["ended_on"])
    _journal(actor, "practitioner.removed", role.practitioner)
    return role


@transaction.atomic
def end_practitioner(*, actor: Actor, practitioner_id: UUID, today: date) -> Practitioner:
    """He has left; his calendars are ended by the caller. Refuses: RightMissing, NotFound."""
    actor.require(Right.EDIT_CATALOG)
    found = _own(actor, practitioner_id)
    if found.ended_on is not None:
        raise NotFound(field="practitioner")
    PractitionerRole.objects.filter(practitioner=found, ended_on=None).update(ended_on=today)
    found.ended_on = today
    found.save(update_fields=["ended_on"])
    _journal(actor, "practitioner.ended", found)
    return found


def given_of(found: Practitioner) -> PractitionerGiven:
    """What is known of a practitioner, as a change starts from it."""
    return PractitionerGiven(
        given_name=found.given_name,
        family_name=found.family_name,
        title=found.title,
        profession=found.profession,
        licence_number=found.licence_number,
        languages=tuple(found.languages),
    )


def _billing(public_id: UUID) -> int:
    found = Organization.objects.filter(public_id=public_id).values_list("id", flat=True).first()
    if found is None:
        raise NotFound(field="billing_organization")
    return int(found)


def _own(actor: Actor, public_id: UUID) -> Practitioner:
    found = Practitioner.objects.filter(
        public_id=public_id, organization_id=actor.organization_id
    ).first()
    if found is None:
        raise NotFound(field="practitioner")
    return found


def _check(given: PractitionerGiven) -> None:
    limits = {
        "given_name": (given.given_name, 1, 100),
        "family_name": (given.family_name, 1, 100),
        "title": (given.title, 0, 30),
        "profession": (given.profession, 0, 100),
        "licence_number": (given.licence_number, 0, 40),
    }
    faults = [
        FieldError(field, "invalid", _("This is empty or too long."))
        for field, (text, least, most) in limits.items()
        if not least <= len(text.strip()) <= most
    ]
    if any(not code or len(code) > LANGUAGE for code in given.languages):
        faults.append(
            FieldError("languages", "invalid", _("Write languages as codes, for example nb."))
        )
    if faults:
        raise Invalid(*faults)


def _fill(practitioner: Practitioner, given: PractitionerGiven) -> None:
    practitioner.given_name = given.given_name.strip()
    practitioner.family_name = given.family_name.strip()
    practitioner.title = given.title.strip()
    practitioner.profession = given.profession.strip()
    practitioner.licence_number = given.licence_number.strip()
    practitioner.languages = list(given.languages)


def _journal(actor: Actor, kind: str, practitioner: Practitioner) -> None:
    happening = Happening(
        kind=kind,
        object_kind="practitioner",
        object_id=practitioner.public_id,
        organization_id=actor.organization_id,
    )
    record(actor, happening)
