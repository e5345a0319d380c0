"""Inviting a partner: draft, invitation, again, withdrawal, expiry, and the mail's delivery."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts import tokens
from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.channels.commands import (
    NewChannel,
    close_all_listings,
    prepare_channel,
    set_channel_locations,
    set_terms,
)
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.foundation.periods import local_day
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.journal.commands import Happening, record
from samtime.organizations.models import Organization
from samtime.organizations.queries import home_zone, organization_by_number, organization_of
from samtime.partners import rules
from samtime.partners.commands.checks import (
    Agreed,
    Card,
    Terms,
    check_card,
    check_terms,
    email_fault,
    refuse,
)
from samtime.partners.commands.mails import mail_invitation
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import LINK, partnership_for_change

PROVIDERS_ITEMS = (
    "invitation_undelivered",
    "invitation_expired",
    "invitation_asked_again",
    "invitation_declined",
)


class ModuleOff(Refusal):
    """The partner module is not switched on for this organization (P5)."""

    code = "module_off"
    status = 409
    sentence = _("The partner module is not switched on for your organisation.")


class AlreadyPartner(Refusal):
    """The company has a live partnership with us; `partnership` is its public id."""

    code = "already_partner"
    status = 409
    field = "company.registration_number"
    sentence = _("%(name)s is already your partner.")


class NotPossibleInState(Refusal):
    """The partnership is in another state than the act needs."""

    code = "state_conflict"
    status = 409
    sentence = _("This is not possible: the partnership is in another state by now.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the inviter typed: the card and the terms."""

    card: Card
    terms: Terms


@transaction.atomic
def invite_partner(*, actor: Actor, proposal: Proposal) -> Partnership:
    """Keep the card and terms, prepare the channel, and mail the invitation (P9 to P24).

    Refuses: RightMissing, ModuleOff, Invalid (every fault at its field), AlreadyPartner,
    RateLimited.
    """
    actor.require(Right.INVITE_PARTNER)
    partnership = _prepare(actor, proposal)
    _send(actor, partnership)
    note(actor, partnership, "partnership.invited")
    return partnership


@transaction.atomic
def save_partner_draft(*, actor: Actor, proposal: Proposal) -> Partnership:
    """Keep the card and terms without telling anybody. Refuses like `invite_partner`."""
    actor.require(Right.INVITE_PARTNER)
    partnership = _prepare(actor, proposal)
    note(actor, partnership, "partnership.drafted")
    return partnership


@transaction.atomic
def send_draft(*, actor: Actor, partnership_id: UUID) -> Partnership:
    """Invite the partner of a draft. Refuses: NotFound, NotPossibleInState, ModuleOff."""
    actor.require(Right.INVITE_PARTNER)
    partnership = partnership_for_change(actor, partnership_id)
    if partnership.state != "draft":
        raise NotPossibleInState()
    _send(actor, partnership)
    note(actor, partnership, "partnership.invited")
    return partnership


@transaction.atomic
def resend_invitation(*, actor: Actor, partnership_id: UUID, email: str = "") -> Partnership:
    """A new link, also to a corrected address; the old link is dead (P30).

    Also after an invitation that ended without a partnership: expired, withdrawn, declined.

    Refuses: NotFound, Invalid (address), NotPossibleInState, ModuleOff, RateLimited.
    """
    actor.require(Right.INVITE_PARTNER)
    partnership = partnership_for_change(actor, partnership_id)
    if partnership.state not in rules.SENT_AGAIN_IN:
        raise NotPossibleInState()
    before = partnership.representative_email
    if email:
        fault = email_fault(email)
        refuse([fault] if fault else [])
        partnership.representative_email = email.lower()
    _send(actor, partnership)
    corrected = partnership.representative_email != before
    note(actor, partnership, "partnership.invited", again=True, corrected=corrected)
    return partnership


@transaction.atomic
def withdraw_invitation(*, actor: Actor, partnership_id: UUID) -> Partnership:
    """The link is dead and nothing has started. Refuses: NotFound, NotPossibleInState."""
    actor.require(Right.INVITE_PARTNER)
    partnership = partnership_for_change(actor, partnership_id)
    if partnership.state not in ("invited", "draft"):
        raise NotPossibleInState()
    end_pending(partnership, "revoked")
    move(partnership, "withdrawn")
    note(actor, partnership, "partnership.withdrawn")
    return partnership


def move(partnership: Partnership, to: str) -> None:
    """The next state; refuses a jump that DOMAIN.md 1.2 does not know."""
    if not rules.may_move(partnership.state, to):
        raise NotPossibleInState()
    partnership.state = to
    partnership.version += 1
    partnership.save()


def note(actor: Actor, partnership: Partnership, kind: str, **data: object) -> None:
    """The journal row of a partnership."""
    happening = Happening(
        kind=kind,
        object_kind="partnership",
        object_id=partnership.public_id,
        organization_id=partnership.provider_id,
        other_id=partnership.partner_id,
        channel_id=partnership.channel_id,
        data=data,
    )
    record(actor, happening)


def end_pending(partnership: Partnership, state: str) -> None:
    """All open sendings of a partnership end in a state, and their links are dead; one that did
    not arrive keeps when."""
    now = timezone.now()
    rows = Invitation.objects.filter(partnership=partnership, state__in=rules.PENDING)
    close_items(partnership, now)
    tokens.revoke(LINK, list(rows.values_list("public_id", flat=True)))
    rows.update(state=state, ended_at=Coalesce("ended_at", Value(now)))


def close_items(partnership: Partnership, now: datetime) -> None:
    """What waited in the inboxes about the invitation is settled, on both sides."""
    sides = [(partnership.provider_id, kind) for kind in PROVIDERS_ITEMS]
    if partnership.partner_id:
        sides.append((partnership.partner_id, "invitation_waiting"))
    for organization_id, kind in sides:
        with viewing_as(organization_id):
            resolve_by_cause(
                organization_id=organization_id, kind=kind, object_id=partnership.public_id, now=now
            )


def _tell_company(partnership: Partnership, invitation: Invitation) -> None:
    """A company that is here finds the invitation in its inbox too, whoever got the mail."""
    if partnership.partner_id is None:
        return
    with viewing_as(partnership.partner_id):
        raise_item(
            system_actor(partnership.partner_id),
            kind="invitation_waiting",
            object_kind="partnership",
            object_id=partnership.public_id,
            facts={"name": partnership.provider.name},
            link=f"partner/agreements/?open={partnership.public_id}",
            due_at=invitation.expires_at,
        )


def _prepare(actor: Actor, proposal: Proposal) -> Partnership:
    own = _with_module(actor)
    agreed, faults = check_terms(actor, own, proposal.terms)
    refuse([*check_card(proposal.card), *faults])
    card = proposal.card
    number = rules.stored_number(card.country, card.registration_number)
    _refuse_own_number(own, card.country, number)
    known = organization_by_number(card.country, number)
    before = _earlier(actor, card.country, number)
    if before is None:
        return _new(actor, card, number, known, agreed)
    if before.state in rules.LIVE:
        raise AlreadyPartner(name=before.company_name, partnership=str(before.public_id))
    return _again(actor, before, card, known, agreed)


def _with_module(actor: Actor) -> Organization:
    """The inviter, whose module is on: nothing leaves without it (P5)."""
    own = organization_of(actor)
    if own.partner_module != "on":
        raise ModuleOff()
    return own


def _refuse_own_number(own: Organization, country: str, number: str) -> None:
    if own.country == country and own.registration_number == number:
        sentence = _("This is your own company.")
        raise Invalid(FieldError("company.registration_number", "own_company", sentence))


def _earlier(actor: Actor, country: str, number: str) -> Partnership | None:
    rows = Partnership.objects.visible_to(actor).filter(
        provider_id=actor.organization_id, country=country, registration_number=number
    )
    locked = rows.select_for_update(of=("self",)).select_related("channel")
    return locked.order_by("-id").first()


def _new(
    actor: Actor, card: Card, number: str, known: Organization | None, agreed: Agreed
) -> Partnership:
    new = NewChannel("partner", card.company_name, known.id if known else None, agreed.location_ids)
    channel = prepare_channel(actor=actor, new=new, terms=agreed.values, from_on=today_of(actor))
    partnership = Partnership(provider_id=actor.organization_id, partner=known, channel=channel)
    put_card(partnership, card)
    partnership.country, partnership.registration_number = card.country, number
    partnership.save()
    return partnership


def _again(
    actor: Actor, before: Partnership, card: Card, known: Organization | None, agreed: Agreed
) -> Partnership:
    """One relationship and one channel for ever (D15): a new try goes on where it ended, closed."""
    channel, today = before.channel, today_of(actor)
    if before.partner_id is None and known:
        before.partner = channel.outsider = known
    put_card(before, card)
    channel.name, channel.state, channel.opened_at = card.company_name, "preparing", None
    channel.save()
    set_channel_locations(actor=actor, channel=channel, location_ids=agreed.location_ids)
    set_terms(actor=actor, channel=channel, terms=agreed.values, from_on=today)
    close_all_listings(actor=actor, channel=channel, from_on=today)
    before.accepted_at = before.ended_at = before.ends_on = None
    if before.state != "draft":
        move(before, "draft")
    before.save()
    return before


def put_card(partnership: Partnership, card: Card) -> None:
    """Everything of a card except the number that names the company."""
    partnership.kind = card.kind
    partnership.company_name = card.company_name
    partnership.tax_number = card.tax_number or card.registration_number
    partnership.street = card.street
    partnership.postal_code = card.postal_code
    partnership.city = card.city
    partnership.headquarters_country = card.headquarters_country or card.country
    partnership.representative_name = card.representative_name
    partnership.representative_email = card.representative_email.lower()
    partnership.representative_phone = card.representative_phone


def _send(actor: Actor, partnership: Partnership) -> Invitation:
    _with_module(actor)
    email, now = partnership.representative_email, timezone.now()
    tokens.refuse_flood(email=email, organization_id=partnership.provider_id, now=now)
    end_pending(partnership, "revoked")
    move(partnership, "invited")
    invitation = Invitation.objects.create(
        partnership=partnership,
        provider_id=partnership.provider_id,
        partner_id=partnership.partner_id,
        kind="notification" if partnership.partner_id else "registration",
        email=email,
        language=rules.LANGUAGE_OF.get(partnership.country, "en"),
        expires_at=now + rules.LIFETIME,
    )
    secret = tokens.make_token(
        kind=LINK,
        organization_id=partnership.provider_id,
        object_id=invitation.public_id,
        email=email,
        lifetime=rules.LIFETIME,
    )
    mail_invitation(actor, invitation, secret)
    _tell_company(partnership, invitation)
    return invitation


def today_of(actor: Actor) -> date:
    """Today at the organization's first location."""
    return local_day(timezone.now(), home_zone(actor))
