"""The general terms and the channels: reminded, paused when the day passes, released (P24).

Terms stand below (organizations), channels beside them; this floor knows both sides.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.channels.commands import pause_outside_channels, release_outside_channels
from samtime.channels.models import Channel
from samtime.foundation.errors import NotFound
from samtime.foundation.periods import local_day
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.journal.commands import Happening, record
from samtime.organizations import rules
from samtime.organizations.commands import Signature, accept_terms
from samtime.organizations.commands.terms import tell_about_terms
from samtime.organizations.models import Organization, TermsAcceptance, TermsStanding
from samtime.organizations.queries import home_zone, organization_of
from samtime.organizations.queries.terms import document_of, pending_standing, publication_of
from samtime.partners.commands.refusals import TermsNotAccepted, told

PAUSED = "partner_terms_overdue"


@transaction.atomic
def remind_and_pause(*, actor: Actor, now: datetime) -> str:
    """One organization's terms on a day: «reminded», «paused» or «». Twice does it once."""
    actor.require(Right.ACCEPT_TERMS)
    standing = pending_standing(actor.organization_id)
    if standing is None or standing.accept_by is None or standing.asked_at is None:
        return ""
    today, zone = local_day(now, home_zone(actor)), home_zone(actor)
    if rules.is_overdue(standing.accept_by, today):
        return _pause(actor, standing, now)
    asked_on = local_day(standing.asked_at, zone)
    if standing.reminded_at or today < rules.reminder_day(asked_on, standing.accept_by):
        return ""
    standing.reminded_at = now
    standing.save(update_fields=["reminded_at"])
    own, told_of = organization_of(actor), publication_of(standing.version)
    tell_about_terms(own, standing, told_of, "terms_reminder")
    return "reminded"


def _pause(actor: Actor, standing: TermsStanding, now: datetime) -> str:
    if standing.paused_at is not None:
        return ""
    standing.paused_at = now
    standing.save(update_fields=["paused_at"])
    own = organization_of(actor)
    paused = pause_outside_channels(actor=actor, now=now)
    tell_about_terms(own, standing, publication_of(standing.version), "terms_overdue")
    raise_item(
        actor,
        kind="terms_paused",
        object_kind="organization",
        object_id=own.public_id,
        facts={"version": standing.version},
        link="partner/terms/",
    )
    for channel in paused:
        with viewing_as(channel.provider_id):
            _tell_provider(channel, own)
    _note(actor, own, "terms.overdue", standing.version)
    return "paused"


def _tell_provider(channel: Channel, own: Organization) -> None:
    raise_item(
        system_actor(channel.provider_id),
        kind=PAUSED,
        object_kind="channel",
        object_id=channel.public_id,
        facts={"name": channel.name},
        link="partners/",
    )


@transaction.atomic
def accept_new_terms(*, actor: Actor, signature: Signature) -> TermsAcceptance:
    """The organization accepts the version it was asked for; paused channels go on at once.

    Refuses: RightMissing, NotFound (nothing waits), TermsNotAccepted (another version by now),
    Invalid (name, role, authority).
    """
    actor.require(Right.ACCEPT_TERMS)
    standing = pending_standing(actor.organization_id)
    if standing is None or actor.user_id is None:
        raise NotFound()
    document = document_of(standing.version, actor.language)
    if document is None:
        raise NotFound()
    if signature.terms_version != document.version:
        raise TermsNotAccepted(version=document.version, document=told(document))
    own = organization_of(actor)
    accepted = accept_terms(
        actor=actor,
        organization=own,
        document=document,
        user=User(id=actor.user_id),
        signature=signature,
    )
    release_after_acceptance(actor=actor)
    _note(actor, own, "terms.accepted", document.version)
    return accepted


@transaction.atomic
def release_after_acceptance(*, actor: Actor) -> int:
    """Nothing is left to accept: its channels go on; how many did."""
    actor.require(Right.ACCEPT_TERMS)
    if pending_standing(actor.organization_id) is not None:
        return 0
    released = release_outside_channels(actor=actor)
    for channel in released:
        with viewing_as(channel.provider_id):
            resolve_by_cause(
                organization_id=channel.provider_id,
                kind=PAUSED,
                object_id=channel.public_id,
                now=timezone.now(),
            )
    return len(released)


def _note(actor: Actor, own: Organization, kind: str, version: int) -> None:
    happening = Happening(
        kind=kind,
        object_kind="organization",
        object_id=uuid.UUID(str(own.public_id)),
        organization_id=own.id,
        data={"version": version},
    )
    record(actor, happening)
