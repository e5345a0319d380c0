"""A practitioner's calendars in both directions: his own feed, and outside calendars subscribed.

The reading itself is a job's: the address is asked outside any transaction, then one of
`note_reading` and `note_failure` takes what came of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts import tokens
from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.commands.busy import busy_window, drop_busy, replace_busy
from samtime.calendars.models import BusyFeed, Calendar, CalendarFeed, Resource
from samtime.calendars.queries.feeds import (
    FEED,
    busy_feed,
    busy_feeds,
    feeds_of,
    may_feed,
    practitioner_to_feed,
    url_of,
)
from samtime.calendars.rules import Interval
from samtime.connectors.ical_feed.connector import Reading, Window, address_of
from samtime.connectors.places import OutwardFault, place_of
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal, RightMissing
from samtime.foundation.secrets import derived_secret, encrypt
from samtime.inbox.commands import raise_item, resolve_by_cause
from samtime.journal.commands import Happening, record
from samtime.organizations.models import Practitioner

MOST_OF_ONE, REFRESH = 10, timedelta(minutes=10)
TOLD_AFTER = 3


class TooManyFeeds(Refusal):
    """Ten for one practitioner, in each direction."""

    code = "too_many_feeds"
    status = 409
    sentence = _("There are ten already. Remove one first.")


@transaction.atomic
def make_feed(
    *, actor: Actor, practitioner_id: UUID, masked: bool, key: str = ""
) -> tuple[CalendarFeed, str]:
    """A new secret address of a practitioner's visits; the secret is told this once.

    `key`: of the form that asks: sent twice it gives one feed and the same secret, which is
    derived and stored nowhere. Refuses: RightMissing, NotFound, TooManyFeeds.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.SEE_OWN_CALENDAR)
    whose = practitioner_to_feed(actor, practitioner_id)
    _one_at_a_time(whose)
    secret = _derived(actor, whose, masked, key) if key else ""
    known = tokens.find_token(FEED, secret) if secret else None
    if known is not None:
        made = feeds_of(actor).filter(public_id=known.object_id).first()
        if made is not None:
            return made, secret
        secret = ""
    if feeds_of(actor).filter(practitioner=whose).count() >= MOST_OF_ONE:
        raise TooManyFeeds()
    feed = CalendarFeed.objects.create(
        provider_id=actor.organization_id,
        practitioner=whose,
        masked=masked,
        made_by_id=actor.user_id,
    )
    secret = tokens.make_token(
        kind=FEED,
        organization_id=actor.organization_id,
        object_id=feed.public_id,
        email="",
        lifetime=None,
        secret=secret,
    )
    _journal(actor, "feed.made", feed.public_id, masked=masked)
    return feed, secret


def _one_at_a_time(whose: Practitioner) -> None:
    """Two requests about one practitioner's calendars wait for each other."""
    Resource.objects.select_for_update().get(practitioner=whose)


def _derived(actor: Actor, whose: Practitioner, masked: bool, key: str) -> str:
    told = "masked" if masked else "initials"
    return derived_secret(f"{FEED}/{actor.organization_id}/{actor.user_id}/{whose.id}/{told}/{key}")


@transaction.atomic
def revoke_feed(*, actor: Actor, feed_id: UUID, now: datetime) -> CalendarFeed:
    """The address is dead at the next question. Refuses: RightMissing, NotFound."""
    actor.require_any(Right.EDIT_CALENDAR, Right.SEE_OWN_CALENDAR)
    feed: CalendarFeed | None = (
        feeds_of(actor).filter(public_id=feed_id).select_for_update(of=("self",)).first()
    )
    if feed is None:
        raise NotFound()
    tokens.revoke(FEED, [feed.public_id])
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    _journal(actor, "feed.revoked", feed.public_id)
    return feed


@dataclass(frozen=True, slots=True)
class Subscription:
    """An outside calendar to subscribe for a practitioner."""

    practitioner_id: UUID
    name: str
    url: str


def check_subscription(given: Subscription) -> str:
    """The address as it will be called. Refuses: Invalid (name, an address that may not be)."""
    faults = []
    if not 1 <= len(given.name.strip()) <= 100:
        faults.append(FieldError("name", "required", _("Give it a name, at most 100 letters.")))
    url = address_of(given.url)
    try:
        place_of(url)
    except OutwardFault:
        sentence = _("Write an address that begins with https:// and leads to the open internet.")
        faults.append(FieldError("url", "forbidden", sentence))
    if faults:
        raise Invalid(*faults)
    return url


@transaction.atomic
def subscribe(*, actor: Actor, given: Subscription, now: datetime) -> BusyFeed:
    """Keep an outside calendar's address; a job reads it at once and every ten minutes (P15).

    The door judged what the name resolves to. The same address again is the same subscription.
    Refuses: RightMissing, NotFound, Invalid, TooManyFeeds.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.SEE_OWN_CALENDAR)
    url = check_subscription(given)
    whose = practitioner_to_feed(actor, given.practitioner_id)
    _one_at_a_time(whose)
    for known in busy_feeds(actor).filter(practitioner=whose):
        if url_of(known) == url:
            return known
    _judge_number(actor, whose)
    feed = BusyFeed.objects.create(
        provider_id=actor.organization_id,
        practitioner=whose,
        name=given.name.strip(),
        encrypted_url=encrypt(url),
        host=place_of(url).host,
    )
    _journal(actor, "busy_feed.subscribed", feed.public_id, host=feed.host)
    made: BusyFeed = feed
    return made


def _judge_number(actor: Actor, whose: Practitioner) -> None:
    rows = BusyFeed.objects.visible_to(actor).filter(practitioner=whose, ended_at=None)
    if rows.count() >= MOST_OF_ONE:
        raise TooManyFeeds()


@transaction.atomic
def keep_file(
    *, actor: Actor, given: Subscription, times: list[Interval], left_out: int, now: datetime
) -> BusyFeed:
    """A calendar file's busy times, read once; `given.url` is empty.

    Refuses: RightMissing, NotFound, TooManyFeeds.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.SEE_OWN_CALENDAR)
    whose = practitioner_to_feed(actor, given.practitioner_id)
    _judge_number(actor, whose)
    feed = BusyFeed.objects.create(
        provider_id=actor.organization_id,
        practitioner=whose,
        name=given.name.strip()[:100],
        events=len(times),
        left_out=left_out,
        worked_at=now,
    )
    _take(feed, times, now)
    _journal(actor, "busy_feed.imported", feed.public_id, events=len(times))
    kept: BusyFeed = feed
    return kept


@transaction.atomic
def unsubscribe(*, actor: Actor, feed_id: UUID, now: datetime) -> BusyFeed:
    """It is asked no more, and what it took is free. Refuses: RightMissing, NotFound."""
    actor.require_any(Right.EDIT_CALENDAR, Right.SEE_OWN_CALENDAR)
    feed = busy_feed(actor, feed_id, lock=True)
    if not may_feed(actor, feed.practitioner):
        raise RightMissing()
    feed.ended_at, feed.encrypted_url = now, b""
    feed.save(update_fields=["ended_at", "encrypted_url"])
    drop_busy(resource_id=_resource(feed), source_id=feed.public_id)
    _close(feed, now)
    _journal(actor, "busy_feed.removed", feed.public_id)
    return feed


def window_of(whose: Practitioner, now: datetime) -> Window:
    """What is wanted of a calendar; times without a zone are those of the first place."""
    first, last = busy_window(now)
    home = Calendar.objects.filter(role__practitioner=whose, ended_on=None)
    zone = home.order_by("id").values_list("location__time_zone", flat=True).first()
    return Window(first, last, zone or "UTC")


@transaction.atomic
def note_reading(
    *, actor: Actor, feed_id: UUID, reading: Reading, now: datetime
) -> BusyFeed | None:
    """What the calendar said replaces what it said before; None when it is subscribed no more."""
    actor.require(Right.EDIT_CALENDAR)
    feed = _living(actor, feed_id)
    if feed is None:
        return None
    if reading.times is not None:
        _take(feed, [(e.starts_at, e.ends_at) for e in reading.times.events], now)
        feed.events, feed.left_out = len(reading.times.events), len(reading.times.unreadable)
        feed.etag, feed.read_on = reading.etag, now.date()
    feed.tried_at = feed.worked_at = now
    feed.failures, feed.fault = 0, ""
    feed.save()
    _close(feed, now)
    return feed


@transaction.atomic
def note_failure(*, actor: Actor, feed_id: UUID, fault: str, now: datetime) -> BusyFeed | None:
    """The calendar could not be read: the old busy times stay; after three times somebody is told.

    `resting` is our own pause for the place and counts as nothing.
    """
    actor.require(Right.EDIT_CALENDAR)
    feed = _living(actor, feed_id)
    if feed is None:
        return None
    feed.tried_at = now
    if fault != "resting":
        feed.failures, feed.fault = feed.failures + 1, fault
    feed.save()
    if feed.failures >= TOLD_AFTER:
        raise_item(
            actor,
            kind="feed_failing",
            object_kind="busy_feed",
            object_id=feed.public_id,
            facts={"name": feed.name, "fault": feed.fault},
            link="calendar-feeds/",
        )
    return feed


def _living(actor: Actor, feed_id: UUID) -> BusyFeed | None:
    rows = BusyFeed.objects.visible_to(actor).filter(public_id=feed_id, ended_at=None)
    feed: BusyFeed | None = rows.select_for_update(of=("self",)).first()
    return feed


def _take(feed: BusyFeed, times: list[Interval], now: datetime) -> None:
    replace_busy(
        resource_id=_resource(feed),
        provider_id=feed.provider_id,
        source_id=feed.public_id,
        wanted=times,
        now=now,
    )


def _resource(feed: BusyFeed) -> int:
    return int(Resource.objects.get(practitioner_id=feed.practitioner_id).id)


def _close(feed: BusyFeed, now: datetime) -> None:
    resolve_by_cause(
        organization_id=feed.provider_id, kind="feed_failing", object_id=feed.public_id, now=now
    )


def _journal(actor: Actor, kind: str, ident: UUID, **data: object) -> None:
    happening = Happening(
        kind=kind,
        object_kind=kind.partition(".")[0],
        object_id=ident,
        organization_id=actor.organization_id,
        data=data,
    )
    record(actor, happening)
