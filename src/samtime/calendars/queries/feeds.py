"""Feeds of practitioners in both directions: whose one may arrange, which there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from samtime.accounts import tokens
from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.models import BusyFeed, CalendarFeed
from samtime.foundation.errors import LinkUnknown, NotFound
from samtime.foundation.secrets import decrypt
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.models import Practitioner

FEED = "calendar_feed"


def may_feed(actor: Actor, whose: Practitioner) -> bool:
    """The desk arranges everybody's feeds, a practitioner his own."""
    return actor.may(Right.EDIT_CALENDAR) or actor.practitioner_id == whose.id


def practitioners_to_feed(actor: Actor) -> Sequence[Practitioner]:
    """The practitioners whose feeds this person may arrange, by name."""
    rows = Practitioner.objects.filter(organization_id=actor.organization_id, ended_on=None)
    rows = rows.filter(resource__isnull=False)
    if not actor.may(Right.EDIT_CALENDAR):
        rows = rows.filter(id=actor.practitioner_id or 0)
    elif actor.location_ids is not None:
        rows = rows.filter(roles__location_id__in=actor.location_ids).distinct()
    return list(rows.order_by("family_name", "given_name", "id"))


def practitioner_to_feed(actor: Actor, public_id: UUID) -> Practitioner:
    """One of them. Refuses: NotFound."""
    for found in practitioners_to_feed(actor):
        if found.public_id == public_id:
            return found
    raise NotFound(field="practitioner")


def feeds_of(actor: Actor) -> "QuerySet[CalendarFeed]":
    """The living secret addresses this person may see, newest first."""
    rows = CalendarFeed.objects.visible_to(actor).filter(revoked_at=None)
    return rows.filter(_own(actor)).select_related("practitioner").order_by("-id")


def busy_feeds(actor: Actor) -> "QuerySet[BusyFeed]":
    """The outside calendars this person may see, by practitioner and name."""
    rows = BusyFeed.objects.visible_to(actor).filter(ended_at=None).filter(_own(actor))
    return rows.select_related("practitioner").order_by(
        "practitioner__family_name", "practitioner__given_name", "name", "id"
    )


def _own(actor: Actor) -> Q:
    return Q() if actor.may(Right.EDIT_CALENDAR) else Q(practitioner_id=actor.practitioner_id or 0)


def busy_feed(actor: Actor, public_id: UUID, *, lock: bool = False) -> BusyFeed:
    """One of them. Refuses: NotFound."""
    rows = busy_feeds(actor).filter(public_id=public_id)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found: BusyFeed | None = rows.first()
    if found is None:
        raise NotFound()
    return found


def feeds_to_read(actor: Actor, *, now: datetime, every: timedelta) -> list[BusyFeed]:
    """What was not asked within `every`. One query."""
    rows = BusyFeed.objects.visible_to(actor).filter(ended_at=None).exclude(host="")
    waiting = Q(tried_at=None) | Q(tried_at__lte=now - every + timedelta(seconds=30))
    return list(rows.filter(waiting).select_related("practitioner").order_by("id"))


def url_of(feed: BusyFeed) -> str:
    """The address to ask; «» when there is none any more."""
    return decrypt(bytes(feed.encrypted_url)) if feed.encrypted_url else ""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whoever knows a feed's secret; the viewer is to be the feed's provider."""

    feed: CalendarFeed
    organization_id: int


def behind_feed(secret: str) -> Subscriber:
    """The feed of a secret address. Refuses: NotFound (never was, or revoked)."""
    token = tokens.find_token(FEED, secret)
    if token is None or not tokens.is_alive(token):
        raise LinkUnknown()
    with viewing_as(token.organization_id):
        rows = CalendarFeed.objects.filter(public_id=token.object_id, revoked_at=None)
        feed = rows.select_related("practitioner", "provider").first()
    if feed is None:
        raise LinkUnknown()
    return Subscriber(feed, token.organization_id)
