"""What another duration of a service would mean for the visits that are booked already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q

from samtime.accounts.actor import Actor
from samtime.bookings.models import Booking
from samtime.bookings.queries.stranded import outside_hours
from samtime.bookings.queries.upcoming import upcoming_of_service
from samtime.calendars import queries as calendars
from samtime.catalog.models import Service
from samtime.catalog.rules import Length
from samtime.channels.queries.published import outsiders_with
from samtime.foundation.periods import day_bounds, local_day
from samtime.organizations.queries import home_zone

CROWDED = """
SELECT b.id FROM bookings_booking b JOIN calendars_calendar c ON c.id = b.calendar_id
WHERE b.id = ANY(%(ids)s) AND EXISTS (SELECT 1 FROM calendars_allocation a
  WHERE a.resource_id = c.practitioner_resource_id AND a.live AND a.source_id <> b.public_id
    AND a.kind <> 'hold'
    AND a.period && tstzrange(b.starts_at - make_interval(mins => %(before)s),
      b.starts_at + make_interval(mins => %(whole)s)))
"""


@dataclass(frozen=True, slots=True)
class Lengthened:
    """`booked`: how many visits keep their own length; `misfits`: those of them that would have no
    room for the new one; `outsiders`: names of who is told."""

    booked: int
    misfits: list[Booking]
    outsiders: list[str]


def lengthened(
    actor: Actor, service: Service, wanted: Length, *, from_on: date, now: datetime
) -> Lengthened:
    """For a service whose length changes on a day. Nothing is changed; six queries.

    Visits with a practitioner who has a duration of his own are not meant. The door that shows
    names logs the reading.
    """
    first = max(now, day_bounds(from_on, home_zone(actor))[0])
    rows = upcoming_of_service(actor, service.id, first)
    found = _without_own(
        rows.filter(Q(offering__duration_minutes=None) | Q(offering__lengths_dated=True))
        .select_related("service", "location", "practitioner", "calendar__location", "offering")
        .order_by("starts_at")
    )
    crowded = _crowded([b.id for b in found], wanted)
    own = [c for c in calendars.calendars(actor) if c.id in {b.calendar_id for b in found}]
    there = [b for b in found if b.calendar_id in {c.id for c in own}]
    for booking in there:  # as it would be, never saved
        booking.ends_at = booking.starts_at + timedelta(minutes=wanted.duration)
    late = {b.id for b in outside_hours(own, there)}
    misfits = [b for b in found if b.id in crowded or b.id in late]
    return Lengthened(len(found), misfits, [name for _id, name in outsiders_with(actor, service)])


def _without_own(rows: Iterable[Booking]) -> list[Booking]:
    """The visits whose practitioner follows the service on their day."""
    return [
        b
        for b in rows
        if not b.offering.lengths_dated
        or calendars.own_length_on(b.offering, local_day(b.starts_at, b.location.time_zone)) is None
    ]


def _crowded(ids: list[int], wanted: Length) -> set[int]:
    if not ids:
        return set()
    whole = wanted.duration + wanted.after
    with connection.cursor() as cursor:
        cursor.execute(CROWDED, {"ids": ids, "before": wanted.before, "whole": whole})
        return {row[0] for row in cursor.fetchall()}
