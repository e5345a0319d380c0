"""What becomes of an invitation's mail: delivery, reminder after three days, expiry after seven."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from samtime.accounts import tokens
from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.inbox.commands import raise_item
from samtime.partners import rules
from samtime.partners.commands.inviting import close_items, move, note
from samtime.partners.commands.mails import mail_invitation
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import LINK


@transaction.atomic
def note_delivery(*, actor: Actor, invitation_id: UUID, state: str, detail: str = "") -> None:
    """What the mail's report says about an invitation; a bounce waits in the inbox (P30).

    `state`: sent, delivered, deferred, bounced or failed. Reports on dead links are ignored.
    """
    actor.require(Right.SEE_PARTNERS)
    rows = Invitation.objects.visible_to(actor).select_for_update()
    invitation = rows.filter(public_id=invitation_id).first()
    if invitation is None or invitation.state not in rules.PENDING:
        return
    now, before = timezone.now(), invitation.state
    if state in ("sent", "delivered") and invitation.sent_at is None:
        invitation.sent_at = now
    if state == "delivered" and invitation.delivered_at is None:
        invitation.delivered_at = now
    invitation.state = rules.delivery_after(before, state)
    invitation.detail = detail[:500]
    if invitation.state in ("bounced", "failed"):
        invitation.ended_at = now
    invitation.save()
    if invitation.state != before and invitation.state in ("bounced", "failed"):
        _raise(actor, invitation, "invitation_undelivered", invitation.expires_at)


@transaction.atomic
def remind_invited(*, actor: Actor, now: datetime) -> int:
    """A second mail, once, to whoever has had the first for three days; how many went out.

    The first link stays alive; both open the same invitation and die together. Nobody is reminded
    at an address that the mail could not reach.
    """
    actor.require(Right.INVITE_PARTNER)
    rows = Invitation.objects.visible_to(actor).filter(
        provider_id=actor.organization_id,
        state__in=rules.REMINDED_IN,
        partnership__state="invited",
        reminded_at=None,
        created_at__lte=now - rules.REMINDED_AFTER,
        expires_at__gt=now,
    )
    late = list(rows.select_for_update(of=("self",)).select_related("partnership"))
    for invitation in late:
        invitation.reminded_at = now
        invitation.save(update_fields=["reminded_at"])
        secret = tokens.make_token(
            kind=LINK,
            organization_id=invitation.provider_id,
            object_id=invitation.public_id,
            email=invitation.email,
            lifetime=invitation.expires_at - timezone.now(),
        )
        mail_invitation(actor, invitation, secret, again=True)
        note(actor, invitation.partnership, "partnership.reminded")
    return len(late)


@transaction.atomic
def expire_invitations(*, actor: Actor, now: datetime) -> int:
    """Close what was not answered in seven days; how many. Run by a job per organization."""
    actor.require(Right.INVITE_PARTNER)
    rows = Invitation.objects.visible_to(actor).filter(
        provider_id=actor.organization_id, state__in=rules.PENDING, expires_at__lte=now
    )
    late = list(rows.select_for_update(of=("self",)).select_related("partnership"))
    for invitation in late:
        invitation.state, invitation.ended_at = "expired", now
        invitation.save(update_fields=["state", "ended_at"])
        close_items(invitation.partnership, now)
        if invitation.partnership.state == "invited":
            move(invitation.partnership, "expired")
            _raise(actor, invitation, "invitation_expired", None)
            note(actor, invitation.partnership, "partnership.expired")
    return len(late)


def _raise(actor: Actor, invitation: Invitation, kind: str, due_at: datetime | None) -> None:
    partnership: Partnership = invitation.partnership
    raise_item(
        actor,
        kind=kind,
        object_kind="partnership",
        object_id=partnership.public_id,
        facts={
            "name": partnership.company_name,
            "email": invitation.email,
            "phone": partnership.representative_phone,
            "detail": invitation.detail,
        },
        link=f"partners/?open={partnership.public_id}",
        due_at=due_at,
    )
