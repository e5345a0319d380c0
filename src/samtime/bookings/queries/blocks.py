"""Questions about blocked time: one block, whose it is, which bookings lie under it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.types.range import TimestamptzRange

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import BlockedTime, Booking
from samtime.bookings.queries.agenda import own_calendars
from samtime.calendars.models import Allocation, Calendar
from samtime.calendars.queries import may_edit_calendar
from samtime.foundation.errors import NotFound


def blocked_time(actor: Actor, public_id: UUID, *, lock: bool = False) -> BlockedTime:
    """One block of the actor's organization, of people he may see. Refuses: NotFound."""
    rows = BlockedTime.objects.visible_to(actor).filter(public_id=public_id)
    if lock:
        rows = rows.select_for_update()
    found: BlockedTime | None = rows.first()
    if found is None or not calendars_under(actor, found):
        raise NotFound()
    return found


def may_edit_block(actor: Actor, block: BlockedTime) -> bool:
    """Whether everybody it keeps is somebody whose calendar this person keeps."""
    under = calendars_under(actor, block)
    known = {c.practitioner_resource_id for c in under if may_edit_calendar(actor, c)}
    others = Allocation.objects.filter(source_id=block.public_id).exclude(resource_id__in=known)
    return actor.may(Right.EDIT_CALENDAR) or not others.exists()


def calendars_under(actor: Actor, block: BlockedTime) -> list[Calendar]:
    """The calendars this person may see whose practitioner the block keeps."""
    resources = Allocation.objects.filter(source_id=block.public_id).values_list(
        "resource_id", flat=True
    )
    return list(own_calendars(actor).filter(practitioner_resource_id__in=set(resources)))


def resources_of(actor: Actor, who: Sequence[UUID]) -> list[int]:
    """The practitioners' resources behind calendars. Refuses: NotFound (not all are there)."""
    rows = own_calendars(actor).filter(public_id__in=list(who))
    found = dict(rows.values_list("public_id", "practitioner_resource_id"))
    if len(found) < len(set(who)):
        raise NotFound(field="who")
    return sorted(set(found.values()))


def under_block(
    actor: Actor, resources: Sequence[int], span: tuple[datetime, datetime], now: datetime
) -> list[Booking]:
    """Bookings to come of these practitioners that a block in that time would strand.

    The door that shows names logs the reading.
    """
    sources = Allocation.objects.filter(
        resource_id__in=list(resources),
        live=True,
        kind__in=["booking", "overbooked"],
        period__overlap=TimestamptzRange(*span),
    ).values_list("source_id", flat=True)
    rows = Booking.objects.visible_to(actor).filter(
        public_id__in=set(sources),
        provider_id=actor.organization_id,
        state__in=["pending", "booked"],
        ends_at__gt=now,
    )
    return list(rows.select_related("service", "location", "practitioner").order_by("starts_at"))
