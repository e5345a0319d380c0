"""The invited person's side: the link opened, and access taken up. Opening gives nothing (P14)."""

from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts import tokens
from samtime.accounts.commands import create_account
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import resolve_by_cause
from samtime.organizations import rules
from samtime.organizations.commands.users import EXPIRED, UNDELIVERED, note
from samtime.organizations.models import Location, Membership, UserInvitation
from samtime.organizations.queries.people import USER_LINK, JoinLink


class JoinLinkDead(Refusal):
    """Used, too old, withdrawn, or replaced by a newer one."""

    code = "link_dead"
    status = 409
    sentence = _("This link has been used, withdrawn or replaced, or is too old.")


class WrongJoinAccount(Refusal):
    """Signed in with another address than the invitation went to (D18)."""

    code = "wrong_account"
    status = 403
    sentence = _("This invitation is for another account. Sign in with the address it went to.")


@dataclass(frozen=True, slots=True)
class Joining:
    """Who takes it up: signed in already, or new with a name and a password."""

    signed_in: User | None = None
    name: str = ""
    password: str = ""


@transaction.atomic
def open_user_invitation(*, behind: JoinLink) -> None:
    """Note the first opening of a living link: a fact of delivery, nothing else."""
    if behind.state != "open" or behind.invitation.opened_at:
        return
    with viewing_as(behind.organization.id):
        rows = UserInvitation.objects.filter(id=behind.invitation.id, opened_at=None)
        rows.filter(state__in=rules.PENDING).update(state="opened", opened_at=timezone.now())


@transaction.atomic
def join(*, behind: JoinLink, who: Joining) -> Membership:
    """Access by the link, once. An existing account's password is never touched (P14).

    Refuses: JoinLinkDead, WrongJoinAccount, AccountExists, Invalid (name, password).
    """
    behind.actor.require(Right.SEE_ORGANIZATION)
    with viewing_as(behind.organization.id):
        invitation = _locked(behind)
        user = _user(invitation, who)
        member = _member(invitation, user)
        now = timezone.now()
        invitation.state, invitation.accepted_at = "accepted", now
        invitation.save(update_fields=["state", "accepted_at"])
        for kind in (UNDELIVERED, EXPIRED):
            resolve_by_cause(
                organization_id=invitation.organization_id,
                kind=kind,
                object_id=invitation.member_id,
                now=now,
            )
        note(replace(behind.actor, user_id=user.id), member.public_id, "user.joined")
    return member


def _locked(behind: JoinLink) -> UserInvitation:
    """The invitation, with its link used up; a second one at the same moment waits and is late."""
    rows = UserInvitation.objects.visible_to(behind.actor).select_for_update(of=("self",))
    found: UserInvitation | None = rows.filter(public_id=behind.invitation.public_id).first()
    if found is None or found.state not in rules.PENDING or found.expires_at <= timezone.now():
        raise JoinLinkDead()
    if not tokens.use_up(USER_LINK, found.public_id):
        raise JoinLinkDead()
    return found


def _user(invitation: UserInvitation, who: Joining) -> User:
    if who.signed_in is not None:
        if who.signed_in.email.lower() != invitation.email:
            raise WrongJoinAccount()
        return who.signed_in
    if not 1 <= len(who.name.strip()) <= 200:
        sentence = _("Write your name, at most 200 letters.")
        raise Invalid(FieldError("name", "required", sentence))
    return create_account(
        email=invitation.email,
        name=who.name.strip(),
        password=who.password,
        language=invitation.language,
    )


def _member(invitation: UserInvitation, user: User) -> Membership:
    """The membership as invited; somebody who comes back gets the old one with the new rights."""
    member = Membership.objects.filter(
        organization_id=invitation.organization_id, user=user
    ).first() or Membership(
        public_id=invitation.member_id, organization_id=invitation.organization_id, user=user
    )
    member.roles = invitation.roles
    member.location_ids = _open_places(invitation)
    member.practitioner_id = invitation.practitioner_id
    member.can_book_at_partner = invitation.can_book_at_partner
    member.ends_on = invitation.ends_on
    member.invited_at, member.joined_at = invitation.created_at, timezone.now()
    member.ended_at = None
    member.save()
    return member


def _open_places(invitation: UserInvitation) -> list[int] | None:
    if invitation.location_ids is None:
        return None
    rows = Location.objects.filter(id__in=invitation.location_ids, ended_on=None)
    return sorted(rows.values_list("id", flat=True))
