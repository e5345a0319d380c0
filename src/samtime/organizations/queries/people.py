"""The people of an organization: members, those invited, keys, and what stands behind a link."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from samtime.accounts import tokens
from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.models import AccessToken
from samtime.accounts.rights import Right
from samtime.foundation.errors import LinkUnknown, NotFound
from samtime.foundation.tenancy import viewing_as
from samtime.organizations import rules
from samtime.organizations.models import ApiKey, Membership, Organization, UserInvitation
from samtime.organizations.queries import home_day, live_now

USER_LINK = "user_invitation"


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the users' list: a member, or somebody who is invited.

    `state`: active, invited, expired or ended. `id` is the same before and after joining.
    """

    id: UUID
    state: str
    member: Membership | None
    sending: UserInvitation | None
    second_factor: bool = False

    @property
    def access(self) -> Membership | UserInvitation:
        """Where the roles stand: on the membership, or on the open invitation."""
        if self.state in ("invited", "expired") and self.sending is not None:
            return self.sending
        found = self.member or self.sending
        if found is None:
            raise NotFound()
        return found

    @property
    def email(self) -> str:
        """The address."""
        access = self.access
        return access.user.email if isinstance(access, Membership) else access.email

    @property
    def name(self) -> str:
        """The name, or «» while it is not known."""
        access = self.access
        return access.user.name if isinstance(access, Membership) else access.name

    @property
    def language(self) -> str:
        """The language of pages and mails."""
        access = self.access
        return access.user.language if isinstance(access, Membership) else access.language


@dataclass(frozen=True, slots=True)
class JoinLink:
    """What stands behind a link; `state`: open, used, expired, replaced or withdrawn."""

    actor: Actor
    invitation: UserInvitation
    organization: Organization
    state: str


def is_live(member: Membership, today: date) -> bool:
    """Whether the membership opens anything on the organization's own day (`home_day`)."""
    in_time = member.ends_on is None or member.ends_on >= today
    return member.ended_at is None and in_time and member.user.is_active


def live_members(organization_id: int, now: datetime) -> "QuerySet[Membership]":
    """Everybody with access now."""
    return Membership.objects.filter(live_now(now), organization_id=organization_id)


def people(actor: Actor, *, now: datetime, ended: bool = False) -> list[Person]:
    """Members and those invited, by name; `ended` adds those who have gone. Three queries."""
    actor.require(Right.MANAGE_USERS)
    members = {m.public_id: m for m in _members(actor)}
    sendings: dict[UUID, UserInvitation] = {}
    for sending in _sendings(actor):
        sendings[sending.member_id] = sending
    today = home_day(actor, now)
    found = [
        _person(ident, members.get(ident), sendings.get(ident), now, today)
        for ident in dict.fromkeys([*members, *sendings])
    ]
    shown = [p for p in found if ended or p.state != "ended"]
    return sorted(shown, key=lambda p: ((p.name or p.email).casefold(), p.email))


def person_in(actor: Actor, ident: UUID, *, now: datetime) -> Person:
    """One of them. Refuses: RightMissing, NotFound."""
    actor.require(Right.MANAGE_USERS)
    member = _members(actor).filter(public_id=ident).first()
    sending = _sendings(actor).filter(member_id=ident).last()
    if member is None and sending is None:
        raise NotFound()
    return _person(ident, member, sending, now, home_day(actor, now))


def sendings_of(actor: Actor, ident: UUID) -> list[UserInvitation]:
    """Every link that was sent to a person, oldest first."""
    actor.require(Right.MANAGE_USERS)
    return list(_sendings(actor).filter(member_id=ident))


def keys_of(
    actor: Actor, ident: UUID | None = None, *, revoked: bool = False
) -> "QuerySet[ApiKey]":
    """Keys of a person or of everybody; `revoked` adds those that were revoked."""
    actor.require(Right.MANAGE_KEYS)
    rows = ApiKey.objects.filter(membership__organization_id=actor.organization_id)
    if not revoked:
        rows = rows.filter(revoked_at=None)
    if ident is not None:
        rows = rows.filter(membership__public_id=ident)
    return rows.select_related("membership__user").order_by("id")


def membership_of(actor: Actor, ident: UUID | None = None) -> Membership:
    """A live member by id, or the actor's own. Refuses: NotFound."""
    rows = live_members(actor.organization_id, timezone.now()).select_related("user")
    mine = (
        rows.filter(public_id=ident)
        if ident is not None
        else rows.filter(user_id=actor.user_id or 0)
    )
    found = mine.first()
    if found is None:
        raise NotFound(field="user")
    return found


def public_ids_of(actor: Actor, user_ids: Collection[int]) -> dict[int, UUID]:
    """The outside ids of colleagues, gone ones too, by user id. One query."""
    rows = Membership.objects.filter(
        organization_id=actor.organization_id, user_id__in=user_ids
    ).values_list("user_id", "public_id")
    return dict(rows)


def behind_join_link(secret: str, *, language: str, request_id: str) -> JoinLink:
    """The invitation behind a token, dead or alive; the token alone opens it (D5).

    Refuses: NotFound, when there never was such a link.
    """
    token = tokens.find_token(USER_LINK, secret)
    if token is None:
        raise LinkUnknown()
    actor = Actor(
        kind=ActorKind.LINK,
        organization_id=token.organization_id,
        rights=frozenset({Right.SEE_ORGANIZATION}),
        language=language,
        request_id=request_id,
    )
    with viewing_as(token.organization_id):
        rows = UserInvitation.objects.visible_to(actor).select_related("organization")
        found: UserInvitation | None = rows.filter(public_id=token.object_id).first()
        if found is None:
            raise LinkUnknown()
        newer = rows.filter(member_id=found.member_id, id__gt=found.id).exists()
    return JoinLink(actor, found, found.organization, _link_state(token, found, newer))


def _link_state(token: AccessToken, invitation: UserInvitation, newer: bool) -> str:
    if invitation.state == "accepted" or token.used_at:
        return "used"
    if newer:
        return "replaced"
    if invitation.state == "expired" or not (tokens.is_alive(token) or token.revoked_at):
        return "expired"
    return "open" if tokens.is_alive(token) else "withdrawn"


def _members(actor: Actor) -> "QuerySet[Membership]":
    second = Authenticator.objects.filter(user_id=OuterRef("user_id"))
    rows = Membership.objects.filter(organization_id=actor.organization_id)
    return rows.select_related("user", "practitioner").annotate(second=Exists(second))


def _sendings(actor: Actor) -> "QuerySet[UserInvitation]":
    rows: QuerySet[UserInvitation] = UserInvitation.objects.visible_to(actor)
    return rows.select_related("practitioner").order_by("id")


def _person(
    ident: UUID,
    member: Membership | None,
    sending: UserInvitation | None,
    now: datetime,
    today: date,
) -> Person:
    if member is not None and is_live(member, today):
        return Person(ident, "active", member, sending, bool(getattr(member, "second", False)))
    if sending is not None and sending.state in rules.PENDING:
        late = sending.expires_at <= now
        return Person(ident, "expired" if late else "invited", member, sending)
    if sending is not None and sending.state == "expired":
        return Person(ident, "expired", member, sending)
    return Person(ident, "ended", member, sending)
