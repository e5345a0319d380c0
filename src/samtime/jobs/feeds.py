"""Reading subscribed calendars: asked outside any transaction, one job for each address."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from samtime.accounts.actor import system_actor
from samtime.calendars.commands.feeds import note_failure, note_reading, window_of
from samtime.calendars.models import BusyFeed
from samtime.calendars.queries.feeds import feeds_to_read, url_of
from samtime.connectors.ical_feed.connector import read
from samtime.connectors.ical_feed.events import NotACalendar, TooManyEvents
from samtime.connectors.places import OutwardFault
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.queries import organization_ids

EVERY = timedelta(minutes=10)


@app.periodic(cron="* * * * *")
@app.task(name="samtime.read_feeds", queue="sweeps", pass_context=False)
def read_feeds(timestamp: int) -> None:
    """Every minute: what is new is read soon, everything else every ten minutes."""
    now = timezone.now()
    for organization_id in organization_ids():
        with transaction.atomic():
            set_viewer(organization_id)
            due = feeds_to_read(system_actor(organization_id), now=now, every=EVERY)
        for feed in due:
            _defer(feed)


def _defer(feed: BusyFeed) -> None:
    """One job at a time for each feed: a slow place does not pile them up."""
    lock = f"feed-{feed.public_id}"
    try:
        read_feed.configure(lock=lock, queueing_lock=lock).defer(
            feed_id=str(feed.public_id), organization_id=feed.provider_id
        )
    except AlreadyEnqueued:
        return


@app.task(name="samtime.read_feed", queue="feeds")
def read_feed(feed_id: str, organization_id: int) -> None:
    """Ask for one calendar and take what it says, or note that it could not be read."""
    actor, ident, now = system_actor(organization_id), UUID(feed_id), timezone.now()
    with transaction.atomic():
        set_viewer(organization_id)
        rows = BusyFeed.objects.filter(public_id=ident, ended_at=None).exclude(host="")
        feed = rows.select_related("practitioner").first()
        if feed is None:
            return
        url, window = url_of(feed), window_of(feed.practitioner, now)
        # Repeated events come nearer every day: an unchanged text is read anew once a day.
        etag = feed.etag if feed.read_on == now.date() else ""
    fault, reading = "", None
    try:
        reading = read(url, etag=etag, window=window)
    except OutwardFault as found:
        fault = found.code
    except NotACalendar:
        fault = "no_calendar"
    except TooManyEvents:
        fault = "too_many"
    with transaction.atomic():
        set_viewer(organization_id)
        if reading is not None:
            note_reading(actor=actor, feed_id=ident, reading=reading, now=now)
        else:
            note_failure(actor=actor, feed_id=ident, fault=fault, now=now)
