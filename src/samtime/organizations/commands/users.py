"""Giving somebody access by a mailed link: invite, send again, withdraw, delivery, expiry (P34)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts import tokens
from samtime.accounts.actor import Actor
from samtime.accounts.queries import has_account, names_of
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.journal.commands import Happening, record
from samtime.mailbox.commands import Writing, send_mail
from samtime.organizations import rules
from samtime.organizations.commands.grants import Allowed, Grant, check_grant, language_fault
from samtime.organizations.models import Membership, Organization, UserInvitation
from samtime.organizations.queries import home_day, organization_of
from samtime.organizations.queries.people import USER_LINK, is_live

UNDELIVERED, EXPIRED = "user_invitation_undelivered", "user_invitation_expired"
LARGEST_LIST = 200


class AlreadyMember(Refusal):
    """The address has access already, or an open invitation; `user` is its id."""

    code = "already_member"
    status = 409
    field = "email"
    sentence = _("This address has access already, or an open invitation.")


class InvitationClosed(Refusal):
    """There is no open invitation: it was answered or withdrawn."""

    code = "state_conflict"
    status = 409
    sentence = _("This invitation was answered or withdrawn in the meantime.")


@dataclass(frozen=True, slots=True)
class NewUser:
    """Whom to invite; an empty name is asked for behind the link."""

    email: str
    grant: Grant
    name: str = ""
    language: str = ""


@transaction.atomic
def invite_user(*, actor: Actor, new: NewUser) -> UserInvitation:
    """Mail a link that gives access once, within seven days (P34, P14).

    Refuses: RightMissing, Invalid (every fault at its field), MoreThanOwn, AlreadyMember,
    RateLimited.
    """
    actor.require(Right.MANAGE_USERS)
    invitation, secret = _invite(actor, new)
    _mail(actor, invitation, secret)
    return invitation


@transaction.atomic
def invite_users(*, actor: Actor, people: Sequence[NewUser]) -> list[UserInvitation]:
    """Several at once, all or nobody; there is no limit to how many users there are (P25).

    Refuses: as `invite_user`, and Invalid for more than 200 at a time.
    """
    actor.require(Right.MANAGE_USERS)
    if not 1 <= len(people) <= LARGEST_LIST:
        sentence = _("At most 200 addresses at a time.")
        raise Invalid(FieldError("emails", "too_many", sentence))
    return [
        invite_user(actor=actor, new=new) for new in sorted(people, key=lambda n: n.email.lower())
    ]


@transaction.atomic
def make_user_link(*, actor: Actor, new: NewUser) -> tuple[UserInvitation, str]:
    """The link itself, told and not mailed: for whoever installs the system. Refuses: as invite."""
    actor.require(Right.MANAGE_USERS)
    invitation, secret = _invite(actor, new)
    return invitation, link_of(secret)


@transaction.atomic
def resend_user_invitation(*, actor: Actor, member_id: UUID, email: str = "") -> UserInvitation:
    """A new link, also to a corrected address; the old link is dead.

    Refuses: RightMissing, NotFound, InvitationClosed, Invalid (address), AlreadyMember,
    RateLimited.
    """
    actor.require(Right.MANAGE_USERS)
    own = _locked(actor)
    last = latest_sending(actor, member_id)
    if last.state not in (*rules.PENDING, "expired"):
        raise InvitationClosed()
    wanted = email.strip().lower() or last.email
    _refuse(_email_faults(wanted))
    close_sendings(last, "revoked")
    if wanted != last.email:
        _refuse_known(own, wanted, home_day(actor, timezone.now()))
    allowed = Allowed(**{name: getattr(last, name) for name in Allowed.__slots__})
    new = NewUser(wanted, Grant(()), last.name, last.language)
    again, secret = _keep(actor, new, allowed, member_id)
    _mail(actor, again, secret)
    note(actor, member_id, "user.invited_again")
    return again


@transaction.atomic
def withdraw_user_invitation(*, actor: Actor, member_id: UUID) -> UserInvitation:
    """The link is dead and nobody got access. Refuses: NotFound, InvitationClosed."""
    actor.require(Right.MANAGE_USERS)
    _locked(actor)
    last = latest_sending(actor, member_id)
    if last.state not in (*rules.PENDING, "expired"):
        raise InvitationClosed()
    close_sendings(last, "revoked")
    last.state, last.ended_at = "revoked", timezone.now()
    last.save(update_fields=["state", "ended_at"])
    note(actor, member_id, "user.withdrawn")
    return last


@transaction.atomic
def note_user_delivery(*, actor: Actor, invitation_id: UUID, state: str, detail: str = "") -> None:
    """What the mail's report says about an invitation; a bounce waits in the inbox.

    `state`: sent, delivered, deferred, bounced or failed. Reports on dead links are ignored.
    """
    actor.require(Right.MANAGE_USERS)
    rows = UserInvitation.objects.visible_to(actor).select_for_update(of=("self",))
    found = rows.select_related("organization").filter(public_id=invitation_id).first()
    if found is None or found.state not in rules.PENDING:
        return
    now = timezone.now()
    if state in ("sent", "delivered") and found.sent_at is None:
        found.sent_at = now
    if state == "delivered" and found.delivered_at is None:
        found.delivered_at = now
    found.state = rules.delivery_after(found.state, state)
    found.detail = detail[:500]
    found.save(update_fields=["sent_at", "delivered_at", "state", "detail"])
    if found.state in ("bounced", "failed"):
        _wait_for_somebody(actor, found, UNDELIVERED)


@transaction.atomic
def expire_user_invitations(*, actor: Actor, now: datetime) -> int:
    """Close what was not answered in seven days; how many. Run by a job per organization."""
    actor.require(Right.MANAGE_USERS)
    rows = UserInvitation.objects.visible_to(actor).filter(
        state__in=rules.PENDING, expires_at__lte=now
    )
    late = list(rows.select_for_update(of=("self",)).select_related("organization"))
    for invitation in late:
        close_sendings(invitation, "expired")
        _wait_for_somebody(actor, invitation, EXPIRED)
        note(actor, invitation.member_id, "user.invitation_expired")
    return len(late)


def latest_sending(actor: Actor, member_id: UUID) -> UserInvitation:
    """The newest link of a person, locked. Refuses: NotFound."""
    rows = UserInvitation.objects.visible_to(actor).select_for_update(of=("self",))
    found: UserInvitation | None = rows.filter(member_id=member_id).order_by("-id").first()
    if found is None:
        raise NotFound()
    return found


def close_sendings(invitation: UserInvitation, state: str) -> None:
    """Every open link of the person is dead, and nothing waits in the inbox about it."""
    now = timezone.now()
    rows = UserInvitation.objects.filter(member_id=invitation.member_id, ended_at=None)
    open_ones = rows.filter(accepted_at=None)
    tokens.revoke(USER_LINK, list(open_ones.values_list("public_id", flat=True)))
    open_ones.update(state=state, ended_at=now)
    for kind in (UNDELIVERED, EXPIRED):
        resolve_by_cause(
            organization_id=invitation.organization_id,
            kind=kind,
            object_id=invitation.member_id,
            now=now,
        )


def note(actor: Actor, member_id: UUID, kind: str, **data: object) -> None:
    """The journal row about a person's access; ids and roles, never an address."""
    happening = Happening(
        kind=kind,
        object_kind="user",
        object_id=member_id,
        organization_id=actor.organization_id,
        data=data,
    )
    record(actor, happening)


def link_of(secret: str) -> str:
    """Where the person joins."""
    return f"{settings.BASE_URL}/join/{secret}"


def _locked(actor: Actor) -> Organization:
    """One change of people at a time; bookings go on meanwhile."""
    rows = Organization.objects.select_for_update(no_key=True)
    return rows.get(id=actor.organization_id)


def _invite(actor: Actor, new: NewUser) -> tuple[UserInvitation, str]:
    own = _locked(actor)
    email = new.email.strip().lower()
    today = home_day(actor, timezone.now())
    language = new.language or own.language
    allowed, faults = check_grant(actor, own, new.grant, today=today)
    _refuse([*_email_faults(email), *_name_faults(new.name), *language_fault(language), *faults])
    member_id = _refuse_known(own, email, today)
    wanted = NewUser(email, new.grant, new.name.strip(), language)
    made, secret = _keep(actor, wanted, allowed, member_id)
    note(actor, member_id, "user.invited", roles=allowed.roles)
    return made, secret


def _refuse_known(own: Organization, email: str, today: date) -> UUID:
    """The id the person gets: the old one, for somebody who comes back."""
    before = Membership.objects.filter(organization=own, user__email=email).first()
    if before is not None and is_live(before, today):
        raise AlreadyMember(user=str(before.public_id))
    pending = UserInvitation.objects.filter(
        organization=own, email=email, ended_at=None, accepted_at=None
    ).first()
    if pending is not None:
        raise AlreadyMember(user=str(pending.member_id))
    return before.public_id if before is not None else uuid.uuid4()


def _keep(
    actor: Actor, new: NewUser, allowed: Allowed, member_id: UUID
) -> tuple[UserInvitation, str]:
    now = timezone.now()
    tokens.refuse_flood(email=new.email, organization_id=actor.organization_id, now=now)
    invitation = UserInvitation(
        organization_id=actor.organization_id,
        member_id=member_id,
        email=new.email,
        name=new.name,
        language=new.language,
        invited_by_id=actor.user_id,
        expires_at=now + rules.LIFETIME,
    )
    allowed.put(invitation)
    invitation.save()
    secret = tokens.make_token(
        kind=USER_LINK,
        organization_id=actor.organization_id,
        object_id=invitation.public_id,
        email=new.email,
        lifetime=rules.LIFETIME,
    )
    return invitation, secret


def _mail(actor: Actor, invitation: UserInvitation, secret: str) -> None:
    own = organization_of(actor)
    inviter = names_of([actor.user_id]).get(actor.user_id, "") if actor.user_id else ""
    context = {
        "organization": own.name,
        "name": invitation.name,
        "inviter": inviter,
        "known": has_account(invitation.email),
        "link": link_of(secret),
    }
    writing = Writing(
        template="member_invitation",
        recipient=invitation.email,
        language=invitation.language,
        about_kind="user_invitation",
        about_id=invitation.public_id,
        context=context,
    )
    send_mail(actor=actor, writing=writing)


def _wait_for_somebody(actor: Actor, invitation: UserInvitation, kind: str) -> None:
    prefix = rules.page_prefix(invitation.organization.capabilities)
    raise_item(
        actor,
        kind=kind,
        object_kind="user",
        object_id=invitation.member_id,
        facts={"name": invitation.name or invitation.email},
        link=f"{prefix}users/{invitation.member_id}/",
        due_at=invitation.expires_at,
    )


def _email_faults(email: str) -> list[FieldError]:
    try:
        validate_email(email)
    except ValidationError:
        sentence = _("This is not an e-mail address. It looks like name@company.example.")
        return [FieldError("email", "email", sentence)]
    if len(email) > 254:
        return [FieldError("email", "email", _("This is too long."))]
    return []


def _name_faults(name: str) -> list[FieldError]:
    if len(name.strip()) <= 200:
        return []
    return [FieldError("name", "too_long", _("A name has at most 200 letters."))]


def _refuse(faults: list[FieldError]) -> None:
    if faults:
        raise Invalid(*faults)
