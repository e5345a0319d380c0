"""What an agent booked at others as an iCalendar text: masked, whatever his access to patients.

A calendar program keeps what it reads, on a telephone and at its maker: no person, no service.
"""

import hashlib
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from samtime.accounts import tokens
from samtime.accounts.actor import Actor
from samtime.bookings.models import AgentFeed, Booking
from samtime.foundation.calendar_text import CalendarEvent, calendar_text
from samtime.foundation.errors import NotFound
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.queries import member_to_write

AGENT_FEED = "agent_feed"
BACK, AHEAD = timedelta(days=30), timedelta(days=400)
MOST = 5000


def agent_feeds(actor: Actor) -> "QuerySet[AgentFeed]":
    """The person's own living addresses, newest first."""
    rows = AgentFeed.objects.visible_to(actor).filter(
        organization_id=actor.organization_id, user_id=actor.user_id or 0, revoked_at=None
    )
    return rows.order_by("-id")


def behind_agent_feed(secret: str) -> AgentFeed:
    """The feed of a secret address. Refuses: NotFound (never was, revoked, or he has left)."""
    token = tokens.find_token(AGENT_FEED, secret)
    if token is None or not tokens.is_alive(token):
        raise NotFound()
    with viewing_as(token.organization_id):
        rows = AgentFeed.objects.filter(public_id=token.object_id, revoked_at=None)
        feed: AgentFeed | None = rows.select_related("user").first()
    if feed is None or member_to_write(feed.organization_id, feed.user_id) is None:
        raise NotFound()
    return feed


def agent_feed_text(feed: AgentFeed, *, now: datetime) -> tuple[str, str]:
    """Text and tag, from thirty days back to the horizon. The viewer must be his organization."""
    rows = _booked(feed.organization_id, feed.user_id, now)
    text = calendar_text([_event(b) for b in rows[:MOST]], name=_("Our bookings"))
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return text, f'"{digest}"'


def feed_preview(actor: Actor, *, now: datetime, limit: int) -> tuple[int, list[CalendarEvent]]:
    """How many events the person's feed has now, and the next of them as it tells them."""
    rows = _booked(actor.organization_id, actor.user_id or 0, now)
    coming = [_event(b) for b in rows.filter(starts_at__gte=now)[:limit]]
    return min(rows.count(), MOST), coming


def _booked(organization_id: int, user_id: int, now: datetime) -> "QuerySet[Booking]":
    rows = Booking.objects.filter(
        booker_id=organization_id,
        booker_user_id=user_id,
        starts_at__gte=now - BACK,
        starts_at__lt=now + AHEAD,
    )
    return (
        rows.exclude(state="cancelled")
        .exclude(provider_id=F("booker_id"))
        .select_related("provider", "location")
        .order_by("starts_at", "id")
    )


def _event(booking: Booking) -> CalendarEvent:
    return CalendarEvent(
        uid=f"{booking.public_id}@samtime",
        sequence=booking.sequence,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        stamped_at=booking.moved_at or booking.created_at,
        summary=_("Booking at %(place)s") % {"place": booking.provider.name},
        location=booking.location.name,
    )
