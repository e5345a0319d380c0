"""What an organization may use: the partner module asked for and switched, the company confirmed.

Off stops what is new: no invitation leaves. Partners that have accepted go on booking, because
their agreement is with the clinic; ending it is the clinic's own act (docs/decisions).
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, NotFound
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.journal.commands import Happening, record
from samtime.mailbox.commands import Writing, send_mail
from samtime.organizations.models import Organization
from samtime.organizations.queries import operators
from samtime.organizations.queries.terms import people_who_may


@dataclass(frozen=True, slots=True)
class ModuleContract:
    """On which paper the module is on, and since when."""

    reference: str
    since: date | None


@transaction.atomic
def ask_for_partner_module(*, actor: Actor) -> Organization:
    """Ask customer service to switch the module on (P5): waits in every operator's inbox, once."""
    actor.require(Right.INVITE_PARTNER)
    own = Organization.objects.select_for_update().get(id=actor.organization_id)
    if own.partner_module != "off":
        return own
    own.partner_module, own.module_asked_at = "asked", timezone.now()
    own.module_asked_by_id = actor.user_id
    own.save(update_fields=["partner_module", "module_asked_at", "module_asked_by_id"])
    _tell_operators(own, "partner_module_asked")
    note_organization(actor, own, "module.asked")
    return own


def _tell_operators(own: Organization, kind: str) -> None:
    for operator in operators():
        with viewing_as(operator.id):
            raise_item(
                system_actor(operator.id),
                kind=kind,
                object_kind="organization",
                object_id=own.public_id,
                facts={"name": own.name},
                link=f"operator/organisations/?open={own.public_id}",
            )


@transaction.atomic
def switch_partner_module(
    *, actor: Actor, organization_id: UUID, on: bool, contract: ModuleContract | None = None
) -> Organization:
    """The operator switches the module by the contract (P5); the clinic's people get a mail.

    Refuses: RightMissing, NotFound, Invalid (no reference, no day).
    """
    actor.require(Right.OPERATE)
    found = _locked(organization_id)
    if on:
        agreed = _checked(contract)
        found.partner_module = "on"
        found.module_contract, found.module_since = agreed.reference, agreed.since
    else:
        found.partner_module = "off"
        found.module_asked_at = found.module_asked_by_id = None
    found.save(
        update_fields=[
            "partner_module",
            "module_contract",
            "module_since",
            "module_asked_at",
            "module_asked_by_id",
        ]
    )
    _close_items(found, "partner_module_asked")
    _tell_clinic(found, "module_on" if on else "module_off")
    note_organization(
        actor, found, "module.switched", on=on, contract=found.module_contract if on else ""
    )
    return found


@transaction.atomic
def confirm_company(*, actor: Actor, organization_id: UUID) -> Organization:
    """The operator compared the company with the register: its number is confirmed (D17, P7).

    Refuses: RightMissing, NotFound.
    """
    actor.require(Right.OPERATE)
    found = _locked(organization_id)
    if found.verified_at is None:
        found.verified_at = timezone.now()
        found.save(update_fields=["verified_at"])
        note_organization(actor, found, "organization.confirmed")
    return found


def _locked(public_id: UUID) -> Organization:
    found = Organization.objects.select_for_update().filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def _checked(contract: ModuleContract | None) -> ModuleContract:
    faults = []
    if contract is None or not 1 <= len(contract.reference) <= 100:
        sentence = _("Write the reference of the contract, at most 100 characters.")
        faults.append(FieldError("contract", "required", sentence))
    if contract is None or contract.since is None:
        faults.append(FieldError("since", "required", _("Write the day, for example 24.11.2026.")))
    if faults or contract is None:
        raise Invalid(*faults)
    return contract


def _close_items(found: Organization, kind: str) -> None:
    for operator in operators():
        with viewing_as(operator.id):
            resolve_by_cause(
                organization_id=operator.id,
                kind=kind,
                object_id=found.public_id,
                now=timezone.now(),
            )


def _tell_clinic(found: Organization, template: str) -> None:
    with viewing_as(found.id):
        for user in people_who_may(found.id, Right.INVITE_PARTNER):
            writing = Writing(
                template=template,
                recipient=user.email,
                language=user.language,
                about_kind="module",
                about_id=found.public_id,
                context={"name": user.name, "company": found.name, "slug": found.slug},
            )
            send_mail(actor=system_actor(found.id), writing=writing)


def note_organization(actor: Actor, found: Organization, kind: str, **data: object) -> None:
    """The journal row of an organization: its own, and whoever acted on it reads it too."""
    other = actor.organization_id if actor.organization_id != found.id else None
    happening = Happening(
        kind=kind,
        object_kind="organization",
        object_id=found.public_id,
        organization_id=found.id,
        other_id=other,
        data=data,
    )
    record(actor, happening)
