"""The invited side: the link opened, accepted, declined. Opening starts nothing (P14)."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts import tokens
from samtime.accounts.actor import Actor, ActorKind, system_actor
from samtime.accounts.commands import create_account
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.channels.commands import hand_channel_to, open_channel
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item
from samtime.organizations.commands import (
    CompanyKnown,
    NewCompany,
    Signature,
    accept_terms,
    become_partner,
    check_signature,
    found_partner_company,
)
from samtime.organizations.models import Organization, TermsDocument
from samtime.organizations.queries import accepted_terms, current_terms, organization_of
from samtime.partners import rules
from samtime.partners.commands.inviting import close_items, move, note
from samtime.partners.commands.pausing import release_after_acceptance
from samtime.partners.commands.refusals import TermsNotAccepted, told
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import LINK, Behind


class LinkDead(Refusal):
    """Used, too old, withdrawn, or replaced by a newer one."""

    code = "link_dead"
    status = 409
    sentence = _("This invitation has been answered, withdrawn or replaced, or is too old.")


class WrongAccount(Refusal):
    """Signed in with another address than the invitation went to (D18)."""

    code = "wrong_account"
    status = 403
    sentence = _("This invitation is for another account. Sign in with the address it went to.")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of it."""

    partnership: Partnership
    organization: Organization
    user: User


@dataclass(frozen=True, slots=True)
class NewPerson:
    """The first user of a new company: signed in already, or with a password to set."""

    name: str
    password: str = ""
    signed_in: User | None = None


@transaction.atomic
def open_invitation(*, behind: Behind) -> None:
    """Note the first opening of a living link: a fact of delivery, nothing else."""
    behind.actor.require(Right.ACCEPT_TERMS)
    if behind.link_state != "open" or behind.invitation.opened_at:
        return
    with viewing_as(behind.provider.id):
        rows = Invitation.objects.filter(id=behind.invitation.id, opened_at=None)
        rows.filter(state__in=rules.PENDING).update(state="opened", opened_at=timezone.now())


@transaction.atomic
def accept_as_new_company(*, behind: Behind, person: NewPerson, signature: Signature) -> Accepted:
    """A company new here accepts: organization, first user, terms, open channel, at once.

    Refuses: LinkDead, WrongAccount, CompanyKnown, AccountExists, TermsNotAccepted, Invalid.
    """
    behind.actor.require(Right.ACCEPT_TERMS)
    with viewing_as(behind.provider.id):
        invitation = _locked(behind.actor, behind.invitation.public_id)
        if behind.company is not None:
            raise CompanyKnown()
        document = _document(behind.actor.language, signature.terms_version)
        check_signature(signature)
        user = _first_user(invitation, person)
        company = _company(invitation)
        organization = found_partner_company(actor=behind.actor, company=company, user=user)
        accept_terms(
            actor=behind.actor,
            organization=organization,
            document=document,
            user=user,
            signature=signature,
        )
        _finish(behind.actor, invitation, organization, user.id)
    return Accepted(invitation.partnership, organization, user)


@transaction.atomic
def accept_invitation(
    *, actor: Actor, invitation_id: UUID, signature: Signature | None = None
) -> Partnership:
    """A company already here approves; its general terms are accepted with it, once (P23, P24).

    `signature` is needed only while the version in force is not accepted.
    Refuses: RightMissing, NotFound, LinkDead, TermsNotAccepted, Invalid.
    """
    actor.require(Right.ACCEPT_TERMS)
    invitation = _locked(actor, invitation_id)
    if invitation.partnership.partner_id != actor.organization_id or actor.user_id is None:
        raise NotFound()
    _sign(actor, signature)
    own = become_partner(actor=actor)
    with viewing_as(invitation.provider_id):
        _finish(actor, invitation, own, actor.user_id)
    return invitation.partnership


@transaction.atomic
def accept_by_link(
    *, actor: Actor, behind: Behind, email: str, signature: Signature | None = None
) -> Partnership:
    """A company that is here approves with the mail's link; `email` is the actor's person's.

    Refuses: RightMissing, WrongAccount (D18), LinkDead, TermsNotAccepted, Invalid.
    """
    actor.require(Right.ACCEPT_TERMS)
    company = behind.company
    if email.lower() != behind.invitation.email.lower():
        raise WrongAccount()
    if company is None or company.id != actor.organization_id:
        raise WrongAccount()
    if behind.link_state != "open":
        raise LinkDead()
    with viewing_as(behind.provider.id):
        _give_to(behind.partnership, company)
    with viewing_as(company.id):
        return accept_invitation(
            actor=actor, invitation_id=behind.invitation.public_id, signature=signature
        )


@transaction.atomic
def decline_invitation(*, actor: Actor, invitation_id: UUID, reason: str = "") -> Partnership:
    """No, thank you: nothing starts, the inviter reads the reason. Refuses: NotFound, LinkDead."""
    actor.require(Right.ACCEPT_TERMS)
    invitation = _locked(actor, invitation_id)
    partnership = invitation.partnership
    is_link = actor.kind == ActorKind.LINK
    if not is_link and partnership.partner_id != actor.organization_id:
        raise NotFound()
    tokens.use_up(LINK, invitation.public_id)
    invitation.state, invitation.ended_at = "declined", timezone.now()
    invitation.detail = reason[:500]
    invitation.save(update_fields=["state", "ended_at", "detail"])
    move(partnership, "declined")
    close_items(partnership, timezone.now())
    _tell_inviter(partnership, reason)
    note(actor, partnership, "partnership.declined")
    return partnership


def _tell_inviter(partnership: Partnership, reason: str) -> None:
    with viewing_as(partnership.provider_id):
        raise_item(
            system_actor(partnership.provider_id),
            kind="invitation_declined",
            object_kind="partnership",
            object_id=partnership.public_id,
            facts={"name": partnership.company_name, "reason": reason[:500]},
            link=f"partners/?open={partnership.public_id}",
        )


@transaction.atomic
def ask_for_new_link(*, behind: Behind) -> None:
    """The invited person finds the link too old: the inviter is asked for another one."""
    behind.actor.require(Right.ACCEPT_TERMS)
    found = behind.partnership
    with viewing_as(behind.provider.id):
        raise_item(
            behind.actor,
            kind="invitation_asked_again",
            object_kind="partnership",
            object_id=found.public_id,
            facts={"name": found.company_name, "email": behind.invitation.email},
            link=f"partners/?open={found.public_id}",
        )


def needs_terms(actor: Actor, language: str) -> TermsDocument | None:
    """The text the actor's organization still has to accept, or None."""
    document = current_terms(language)
    if document is None or accepted_terms(actor.organization_id, version=document.version):
        return None
    return document


def _give_to(partnership: Partnership, company: Organization) -> None:
    """The company came here after it was invited: from now on it sees the invitation (D17)."""
    if partnership.partner_id is not None:
        return
    Partnership.objects.filter(id=partnership.id).update(partner=company)
    Invitation.objects.filter(partnership=partnership).update(partner_id=company.id)
    hand_channel_to(channel=partnership.channel, outsider_id=company.id)


def _locked(actor: Actor, invitation_id: UUID) -> Invitation:
    rows: QuerySet[Invitation] = Invitation.objects.visible_to(actor)
    rows = rows.filter(public_id=invitation_id)
    invitation = rows.first()
    if invitation is None:
        raise NotFound()
    partnership = (
        Partnership.objects.select_for_update(of=("self",))
        .select_related("channel")
        .get(id=invitation.partnership_id)
    )
    invitation = rows.select_for_update(of=("self",)).get()
    invitation.partnership = partnership
    too_old = invitation.expires_at <= timezone.now()
    if partnership.state != "invited" or invitation.state not in rules.PENDING or too_old:
        raise LinkDead()
    return invitation


def _sign(actor: Actor, signature: Signature | None) -> None:
    missing = needs_terms(actor, actor.language)
    if missing is None:
        return
    if signature is None:
        raise TermsNotAccepted(version=missing.version, document=told(missing))
    document = _document(actor.language, signature.terms_version)
    accept_terms(
        actor=actor,
        organization=organization_of(actor),
        document=document,
        user=User(id=actor.user_id),
        signature=signature,
    )
    release_after_acceptance(actor=actor)


def _document(language: str, version: int) -> TermsDocument:
    document = current_terms(language)
    if document is None:
        raise TermsNotAccepted()
    if document.version != version:
        raise TermsNotAccepted(version=document.version, document=told(document))
    return document


def _first_user(invitation: Invitation, person: NewPerson) -> User:
    if person.signed_in is not None:
        if person.signed_in.email.lower() != invitation.email.lower():
            raise WrongAccount()
        return person.signed_in
    return create_account(
        email=invitation.email,
        name=person.name,
        password=person.password,
        language=invitation.language,
    )


def _company(invitation: Invitation) -> NewCompany:
    card = invitation.partnership
    return NewCompany(
        name=card.company_name,
        country=card.country,
        registration_number=card.registration_number,
        tax_number=card.tax_number,
        kind=card.kind,
        street=card.street,
        postal_code=card.postal_code,
        city=card.city,
        email=invitation.email,
        phone=card.representative_phone,
        language=invitation.language,
    )


def _finish(actor: Actor, invitation: Invitation, organization: Organization, user_id: int) -> None:
    if not tokens.use_up(LINK, invitation.public_id):
        raise LinkDead()
    now, partnership = timezone.now(), invitation.partnership
    partnership.partner, partnership.accepted_at = organization, now
    Invitation.objects.filter(partnership=partnership).update(partner_id=organization.id)
    invitation.partner_id = organization.id
    invitation.state, invitation.accepted_at = "accepted", now
    invitation.accepted_by_id = user_id
    invitation.save()
    move(partnership, "active")
    close_items(partnership, now)
    open_channel(actor=actor, channel=partnership.channel, outsider_id=organization.id)
    note(actor, partnership, "partnership.accepted")
