"""Partnerships as the provider and the partner see them, and what stands behind a link."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from samtime.accounts import tokens
from samtime.accounts.actor import Actor, ActorKind
from samtime.accounts.models import AccessToken
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings
from samtime.bookings.rules import MOVABLE
from samtime.channels.models import Channel, ChannelTerms, Listing
from samtime.foundation.errors import LinkUnknown, NotFound
from samtime.foundation.periods import day_bounds
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.models import Organization, TermsAcceptance
from samtime.organizations.queries import (
    home_zone,
    latest_acceptance,
    organization_by_number,
)
from samtime.partners import rules
from samtime.partners.models import Invitation, Partnership, RegisterCheck

LINK = "invitation"


def partnerships(actor: Actor) -> "QuerySet[Partnership]":
    """The provider's partnerships in every state, pending ones first, then by name.

    `place_count` (locations in the agreement) is added.
    """
    actor.require(Right.SEE_PARTNERS)
    rows: QuerySet[Partnership] = Partnership.objects.visible_to(actor)
    return (
        rows.filter(provider_id=actor.organization_id)
        .select_related("channel", "partner")
        .annotate(place_count=Count("channel__locations", distinct=True))
        .annotate(is_pending=Q(state="invited"))
        .order_by("-is_pending", "company_name", "id")
    )


def partnership(actor: Actor, public_id: UUID) -> Partnership:
    """One of the provider's partnerships. Refuses: NotFound."""
    found = partnerships(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def partnership_for_change(actor: Actor, public_id: UUID) -> Partnership:
    """The same, locked until the transaction ends. Refuses: NotFound."""
    rows: QuerySet[Partnership] = Partnership.objects.visible_to(actor)
    rows = rows.filter(provider_id=actor.organization_id, public_id=public_id)
    found = rows.select_for_update(of=("self",)).select_related("channel").first()
    if found is None:
        raise NotFound()
    return found


def invitations_of(found: Partnership) -> list[Invitation]:
    """Every sending, oldest first."""
    return list(found.invitations.order_by("id"))


def latest_invitations(actor: Actor) -> dict[int, Invitation]:
    """The newest sending of each of the provider's partnerships, by partnership. One query."""
    rows = Invitation.objects.visible_to(actor).filter(provider_id=actor.organization_id)
    return {i.partnership_id: i for i in rows.order_by("partnership_id", "id")}


def terms_on(actor: Actor, day: date) -> dict[int, ChannelTerms]:
    """The terms that count on a day, by channel, for all partnerships of the actor. One query."""
    mine = Partnership.objects.visible_to(actor).filter(channel=OuterRef("channel"))
    rows = ChannelTerms.objects.visible_to(actor).filter(Exists(mine), from_on__lte=day)
    return {t.channel_id: t for t in rows.order_by("channel_id", "from_on")}


def dated_terms(found: Partnership) -> list[ChannelTerms]:
    """All terms of a partnership, oldest first."""
    return list(found.channel.terms.order_by("from_on"))


def ticked_services(found: Partnership, day: date, language: str) -> dict[int, list[str]]:
    """The names of services open on a day, by location; one counts when any cell of it is open."""
    latest: dict[tuple[int, int, int | None], Listing] = {}
    rows = found.channel.listings.filter(from_on__lte=day).select_related("service")
    for row in rows.order_by("from_on"):
        latest[(row.location_id, row.service_id, row.offering_id)] = row
    names: dict[int, set[str]] = {}
    for row in latest.values():
        if row.open and row.service.ended_on is None:
            names.setdefault(row.location_id, set()).add(row.service.name_in(language))
    return {place: sorted(found_here) for place, found_here in names.items()}


TICKED = """
SELECT channel_id, count(DISTINCT service_id) FROM (
  SELECT DISTINCT ON (l.channel_id, l.location_id, l.service_id, l.offering_id)
    l.channel_id, l.service_id, l.open
  FROM channels_listing l JOIN partners_partnership p ON p.channel_id = l.channel_id
    JOIN catalog_service s ON s.id = l.service_id AND s.ended_on IS NULL
  WHERE p.provider_id = %(me)s AND l.from_on <= %(day)s
  ORDER BY l.channel_id, l.location_id, l.service_id, l.offering_id, l.from_on DESC) newest
WHERE open GROUP BY channel_id
"""


def ticked_counts(actor: Actor, day: date) -> dict[int, int]:
    """How many services are open on a day, by channel of the provider's partners. One query."""
    actor.require(Right.SEE_PARTNERS)
    with connection.cursor() as cursor:
        cursor.execute(TICKED, {"me": actor.organization_id, "day": day})
        return dict(cursor.fetchall())


def coming_counts(actor: Actor) -> dict[int, int]:
    """How many bookings are still to come, by channel of the provider's partners. One query."""
    actor.require(Right.SEE_PARTNERS)
    mine = Partnership.objects.visible_to(actor).filter(channel=OuterRef("channel"))
    rows = Booking.objects.visible_to(actor).filter(
        Exists(mine),
        provider_id=actor.organization_id,
        starts_at__gte=timezone.now(),
        state__in=MOVABLE,
    )
    return dict(rows.order_by().values_list("channel_id").annotate(Count("id")))


def acceptance_of(found: Partnership) -> TermsAcceptance | None:
    """Which general terms the partner accepted, by whom and when: shown to the inviter (P24).

    The partnership is the agreement that allows this look into the partner's own rows.
    """
    if found.partner is None or found.accepted_at is None:
        return None
    with viewing_as(found.partner.id):
        return latest_acceptance(found.partner.id)


def future_bookings_of(actor: Actor, found: Partnership) -> "QuerySet[Booking]":
    """What is still to come on its channel, earliest first."""
    rows = bookings(actor, BookingFilter(start=timezone.now()))
    return rows.filter(channel=found.channel, state__in=MOVABLE).order_by("starts_at")


def agreements(actor: Actor) -> "QuerySet[Partnership]":
    """The partner's side: every partnership that reached its organization, open ones first."""
    actor.require_any(Right.SEE_PARTNERS, Right.BOOK_AT_PARTNER)
    rows: QuerySet[Partnership] = Partnership.objects.visible_to(actor)
    return (
        rows.filter(partner_id=actor.organization_id)
        .exclude(state="draft")
        .select_related("channel", "provider")
        .prefetch_related("channel__locations")
        .annotate(is_pending=Q(state="invited"))
        .order_by("-is_pending", "provider__name", "id")
    )


def open_invitations(actor: Actor) -> "QuerySet[Invitation]":
    """Invitations that wait for the actor's organization."""
    actor.require(Right.SEE_PARTNERS)
    rows: QuerySet[Invitation] = Invitation.objects.visible_to(actor)
    return (
        rows.filter(partner_id=actor.organization_id)
        .filter(state__in=rules.PENDING, partnership__state="invited")
        .select_related("partnership__provider", "partnership__channel")
        .order_by("id")
    )


def latest_check(
    actor: Actor, *, country: str, registration_number: str, tax_number: str
) -> RegisterCheck | None:
    """What the register said to us last about a company; None where it gave no answer yet."""
    number = rules.asked_by(country, registration_number, tax_number)
    rows = RegisterCheck.objects.visible_to(actor).filter(country=country, number=number)
    return rows.exclude(outcome="asked").order_by("-id").first() if number else None


def earlier_answers(actor: Actor, check: RegisterCheck) -> list[RegisterCheck]:
    """What the same person was told of other companies within the last hour, newest first."""
    rows = RegisterCheck.objects.visible_to(actor).filter(
        user_id=actor.user_id, outcome="found", fetched_at__gte=timezone.now() - timedelta(hours=1)
    )
    return list(rows.exclude(pk=check.pk).order_by("-id")[:10])


@dataclass(frozen=True, slots=True)
class CompanyHere:
    """A company that has an organization here already (P23, P24). Nothing else is told of it."""

    name: str
    kind: str
    terms_accepted: bool


def company_here(actor: Actor, *, country: str, number: str) -> CompanyHere | None:
    """Whether a company is here: decides which letter it gets, and says so before it is sent."""
    actor.require(Right.INVITE_PARTNER)
    known = organization_by_number(country, number) if number else None
    if known is None:
        return None
    with viewing_as(known.id):
        accepted = latest_acceptance(known.id) is not None
        return CompanyHere(known.name, rules.kind_of_organization(known.kind), accepted)


def live_partnership(actor: Actor, *, country: str, number: str) -> Partnership | None:
    """Our own relationship with a company, if it is not over."""
    rows = partnerships(actor).filter(country=country, registration_number=number)
    return rows.filter(state__in=rules.LIVE).first() if number else None


def commission_base(
    actor: Actor, *, start: date, end: date, places: Collection[UUID], channel: Channel | None
) -> list[tuple[int, int]]:
    """Bookings that commission would be computed from: (net price, how many). One query.

    Local days from `start` to before `end`; at these places; on one channel, or on all.
    """
    actor.require(Right.SEE_PARTNERS)
    zone = home_zone(actor)
    rows = Booking.objects.visible_to(actor).filter(
        provider_id=actor.organization_id,
        starts_at__gte=day_bounds(start, zone)[0],
        starts_at__lt=day_bounds(end, zone)[0],
        location__public_id__in=places,
    )
    if channel is not None:
        rows = rows.filter(channel=channel)
    kept = rows.exclude(state__in=["cancelled", "noshow"]).order_by("net_amount")
    return list(kept.values_list("net_amount").annotate(Count("id")))


def last_booking_on(actor: Actor, found: Partnership) -> Booking | None:
    """The booking the partner made last, whatever became of it."""
    actor.require(Right.SEE_PARTNERS)
    rows = Booking.objects.visible_to(actor).filter(channel=found.channel)
    newest: Booking | None = rows.order_by("-created_at", "-id").first()
    return newest


@dataclass(frozen=True, slots=True)
class Behind:
    """What a link leads to. `link_state`: open, used, expired, replaced, withdrawn.

    `actor` acts for the inviting provider with the one right to answer; `company` is the invited
    organization where it is here already.
    """

    actor: Actor
    token: AccessToken
    invitation: Invitation
    partnership: Partnership
    provider: Organization
    company: Organization | None
    link_state: str


def behind_link(secret: str, *, language: str, request_id: str) -> Behind:
    """The invitation behind a token, dead or alive; the token alone opens it (D5).

    Refuses: NotFound, when there never was such a link.
    """
    token = tokens.find_token(LINK, secret)
    if token is None:
        raise LinkUnknown()
    actor = Actor(
        kind=ActorKind.LINK,
        organization_id=token.organization_id,
        rights=frozenset({Right.ACCEPT_TERMS}),
        language=language,
        request_id=request_id,
    )
    with viewing_as(token.organization_id):
        rows = Invitation.objects.visible_to(actor).select_related(
            "partnership__channel", "partnership__provider"
        )
        invitation = rows.filter(public_id=token.object_id).first()
    if invitation is None:
        raise LinkUnknown()
    found = invitation.partnership
    company = organization_by_number(found.country, found.registration_number)
    state = _link_state(token, invitation)
    return Behind(actor, token, invitation, found, found.provider, company, state)


def _link_state(token: AccessToken, invitation: Invitation) -> str:
    if invitation.state in ("accepted", "declined") or token.used_at:
        return "used"
    if invitation.state == "revoked" or token.revoked_at:
        newer = invitation.partnership.state in ("invited", "active")
        return "replaced" if newer else "withdrawn"
    if invitation.state == "expired" or not tokens.is_alive(token):
        return "expired"
    return "open"


def active_count(actor: Actor) -> int:
    """How many partners may book with the provider now. Refuses: RightMissing."""
    actor.require(Right.SEE_PARTNERS)
    rows = Partnership.objects.visible_to(actor).filter(provider_id=actor.organization_id)
    return int(rows.filter(state__in=("active", "notice_given")).count())


def agreed_terms(actor: Actor, found: list[Partnership]) -> dict[int, list[ChannelTerms]]:
    """All dated terms of several agreements by channel, oldest first. One query."""
    rows = ChannelTerms.objects.visible_to(actor).filter(
        channel_id__in=[one.channel_id for one in found]
    )
    by_channel: dict[int, list[ChannelTerms]] = {}
    for terms in rows.order_by("from_on"):
        by_channel.setdefault(terms.channel_id, []).append(terms)
    return by_channel


def own_future_bookings(actor: Actor, found: Partnership) -> int:
    """How many bookings of the actor's organization are still to come there."""
    rows = bookings(actor, BookingFilter(start=timezone.now()))
    return rows.filter(
        channel=found.channel, booker_id=actor.organization_id, state__in=MOVABLE
    ).count()
