"""Those who have access: changed, ended at once (P9), and seen once a day."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.commands import end_sessions
from samtime.accounts.rights import Right, rights_of
from samtime.foundation.errors import Invalid, NotFound, Refusal
from samtime.organizations import rules
from samtime.organizations.commands.grants import (
    Allowed,
    Grant,
    check_grant,
    refuse_more_than_own,
)
from samtime.organizations.commands.users import (
    InvitationClosed,
    latest_sending,
    note,
    withdraw_user_invitation,
)
from samtime.organizations.models import ApiKey, Membership, Organization, UserInvitation
from samtime.organizations.queries import home_day, memberships_of
from samtime.organizations.queries.people import is_live, live_members


class LastManager(Refusal):
    """Nobody would be left who can give access."""

    code = "last_manager"
    status = 409
    sentence = _(
        "This is the last administrator. Give somebody else this role first, without an end date."
    )


class AccessEnded(Refusal):
    """The person has no access any more: invite again."""

    code = "state_conflict"
    status = 409
    sentence = _("This access has ended. Invite the person again.")


@transaction.atomic
def change_member(*, actor: Actor, member_id: UUID, grant: Grant) -> Membership | UserInvitation:
    """Roles, places, practitioner, booking at partners (P33), last day; counts at the next request.

    Also of somebody who is invited only. Refuses: RightMissing, NotFound, Invalid, MoreThanOwn,
    LastManager, AccessEnded.
    """
    actor.require(Right.MANAGE_USERS)
    own = _locked(actor)
    today = home_day(actor, timezone.now())
    found = _member(actor, member_id)
    if found is None or not is_live(found, today):
        try:
            return _change_invited(actor, own, member_id, grant, today)
        except (InvitationClosed, NotFound):
            raise (AccessEnded if found is not None else NotFound)() from None
    refuse_more_than_own(actor, found.roles, can_book_at_partner=found.can_book_at_partner)
    allowed = _checked(actor, own, grant, today)
    needed = rules.managing_rights(found.roles)
    kept = rights_of(allowed.roles, can_book_at_partner=allowed.can_book_at_partner)
    if not needed <= kept or (needed and allowed.ends_on is not None):
        _refuse_last(found)
    changed = allowed.put(found)
    if changed:
        found.save(update_fields=changed)
        note(actor, member_id, "user.changed", changed=sorted(changed), roles=found.roles)
    return found


@transaction.atomic
def end_access(*, actor: Actor, member_id: UUID) -> None:
    """The next request of any session or key is refused (P9); bookings made stay.

    An open invitation is withdrawn. Refuses: RightMissing, NotFound, MoreThanOwn, LastManager,
    AccessEnded.
    """
    actor.require(Right.MANAGE_USERS)
    _locked(actor)
    found = _member(actor, member_id)
    now = timezone.now()
    if found is None or not is_live(found, home_day(actor, now)):
        try:
            withdraw_user_invitation(actor=actor, member_id=member_id)
        except (InvitationClosed, NotFound):
            raise (AccessEnded if found is not None else NotFound)() from None
        return
    refuse_more_than_own(actor, found.roles, can_book_at_partner=found.can_book_at_partner)
    if rules.managing_rights(found.roles):
        _refuse_last(found)
    found.ended_at = now
    found.save(update_fields=["ended_at"])
    ApiKey.objects.filter(membership=found, revoked_at=None).update(revoked_at=now)
    if not memberships_of(found.user):
        end_sessions(user_id=found.user_id)
    note(actor, member_id, "user.ended")


@transaction.atomic
def note_seen(*, actor: Actor, today: date) -> None:
    """The person's last day here, at the first request of a day; never waits for anybody."""
    actor.require_any(*Right)
    rows = Membership.objects.select_for_update(no_key=True, skip_locked=True)
    free = rows.filter(organization_id=actor.organization_id, user_id=actor.user_id or 0).first()
    if free is not None:
        Membership.objects.filter(id=free.id).update(last_seen_on=today)
        if actor.key_id is not None:
            ApiKey.objects.filter(id=actor.key_id).update(last_used_on=today)


def _locked(actor: Actor) -> Organization:
    """One change of people at a time, so that two administrators cannot remove each other."""
    return Organization.objects.select_for_update(no_key=True).get(id=actor.organization_id)


def _member(actor: Actor, member_id: UUID) -> Membership | None:
    rows = Membership.objects.select_related("user").select_for_update(of=("self",), no_key=True)
    return rows.filter(organization_id=actor.organization_id, public_id=member_id).first()


def _change_invited(
    actor: Actor, own: Organization, member_id: UUID, grant: Grant, today: date
) -> UserInvitation:
    invited = latest_sending(actor, member_id)
    if invited.state not in (*rules.PENDING, "expired"):
        raise InvitationClosed()
    refuse_more_than_own(actor, invited.roles, can_book_at_partner=invited.can_book_at_partner)
    changed = _checked(actor, own, grant, today).put(invited)
    if changed:
        invited.save(update_fields=changed)
        note(actor, member_id, "user.changed", changed=sorted(changed), roles=invited.roles)
    return invited


def _checked(actor: Actor, own: Organization, grant: Grant, today: date) -> Allowed:
    allowed, faults = check_grant(actor, own, grant, today=today)
    if faults:
        raise Invalid(*faults)
    return allowed


def _refuse_last(leaving: Membership) -> None:
    needed = rules.managing_rights(leaving.roles)
    others = live_members(leaving.organization_id, timezone.now()).filter(ends_on=None)
    for other in others.exclude(id=leaving.id):
        if needed <= rights_of(other.roles, can_book_at_partner=True):
            return
    raise LastManager()
