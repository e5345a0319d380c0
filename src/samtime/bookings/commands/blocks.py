"""Blocked time, meetings and absences: propose what they strand, then commit.

The allocations of a block keep bookings away under the same constraint. Where a booking stays in
spite of the block (it waits in the inbox), the block lies over it outside the constraint, so that
the time stays dark when the booking moves.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from psycopg import errors
from psycopg.types.range import TimestamptzRange

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.commands.schedule import wait_in_inbox
from samtime.bookings.commands.taking import SlotTaken, give_back
from samtime.bookings.models import BlockedTime, Booking
from samtime.bookings.queries.blocks import blocked_time, may_edit_block, resources_of, under_block
from samtime.calendars import masks
from samtime.calendars.models import Allocation
from samtime.calendars.rules import days_touched, subtract
from samtime.foundation.errors import FieldError, Invalid, Refusal, VersionConflict
from samtime.journal.commands import Happening, record

KINDS = ("block", "meeting", "absence")
FATES = ("keep", "cancel")
LONGEST = timedelta(days=366)
MOST_PEOPLE = 60


class BlockOfOthers(Refusal):
    """A practitioner changes what keeps him alone."""

    code = "block_of_others"
    status = 403
    sentence = _("This also keeps colleagues. Ask the reception to change it.")


@dataclass(frozen=True, slots=True)
class BlockGiven:
    """What is blocked for whom: `who` are calendars; a practitioner is away from all of his."""

    kind: str
    start: datetime
    end: datetime
    who: tuple[UUID, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of bookings in the way: «keep» or «cancel», and the reason they are told."""

    choice: str = "keep"
    reason: str = ""


def propose_block(
    *, actor: Actor, given: BlockGiven, now: datetime, block: UUID | None = None
) -> list[Booking]:
    """The bookings to come that lie in that time; nothing is changed.

    Refuses: RightMissing, NotFound, Invalid.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    _check(given)
    if block is not None:
        block_to_edit(actor, block)
    return under_block(actor, list(resources_of(actor, given.who)), (given.start, given.end), now)


@transaction.atomic
def add_block(
    *, actor: Actor, given: BlockGiven, now: datetime, fate: Fate = Fate()
) -> BlockedTime:
    """Block the time; bookings in it stay and wait in the inbox, or are cancelled with notices.

    Refuses: RightMissing, NotFound, Invalid, SlotTaken (somebody is booking there right now).
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    _check(given, fate.choice)
    made = BlockedTime.objects.create(
        provider_id=actor.organization_id,
        kind=given.kind,
        title=given.title.strip(),
        starts_at=given.start,
        ends_at=given.end,
        created_by_id=actor.user_id,
    )
    _occupy(actor, made, given, fate, now)
    _note(actor, made, "block.added")
    return made


@transaction.atomic
def change_block(
    *, actor: Actor, block: UUID, given: BlockGiven, version: int, fate: Fate, now: datetime
) -> BlockedTime:
    """Another title, time, kind or people; what it kept before is free again.

    Refuses: RightMissing, NotFound, VersionConflict, Invalid, SlotTaken.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    _check(given, fate.choice)
    changed = block_to_edit(actor, block, lock=True)
    if changed.version != version:
        raise VersionConflict()
    _lock(actor, given, changed.public_id)
    give_back(changed.public_id)
    changed.kind, changed.title = given.kind, given.title.strip()
    changed.starts_at, changed.ends_at = given.start, given.end
    changed.version += 1
    changed.save(update_fields=["kind", "title", "starts_at", "ends_at", "version"])
    _occupy(actor, changed, given, fate, now)
    _note(actor, changed, "block.changed")
    return changed


@transaction.atomic
def remove_block(*, actor: Actor, block: UUID, version: int | None = None) -> None:
    """The time is bookable again, where the calendars are open.

    Refuses: RightMissing, NotFound, VersionConflict.
    """
    actor.require_any(Right.EDIT_CALENDAR, Right.EDIT_OWN_CALENDAR)
    gone = block_to_edit(actor, block, lock=True)
    if version is not None and gone.version != version:
        raise VersionConflict()
    give_back(gone.public_id)
    _note(actor, gone, "block.removed")
    gone.delete()


def block_to_edit(actor: Actor, block: UUID, *, lock: bool = False) -> BlockedTime:
    """Refuses: NotFound, BlockOfOthers."""
    found = blocked_time(actor, block, lock=lock)
    if not may_edit_block(actor, found):
        raise BlockOfOthers()
    return found


def _check(given: BlockGiven, fate: str = "keep") -> None:
    faults = []
    if given.kind not in KINDS:
        faults.append(FieldError("type", "type", _("Choose what it is.")))
    if given.end <= given.start:
        faults.append(FieldError("until", "order", _("The end lies after the start.")))
    elif given.end - given.start > LONGEST:
        faults.append(FieldError("until", "too_long", _("At most a year at once.")))
    if not 1 <= len(given.who) <= MOST_PEOPLE:
        faults.append(FieldError("who", "missing", _("Choose for whom.")))
    if len(given.title) > 200:
        faults.append(FieldError("title", "too_long", _("At most 200 characters.")))
    if fate not in FATES:
        faults.append(FieldError("fate", "fate", _("Choose what happens to the bookings.")))
    if faults:
        raise Invalid(*faults)


def _lock(actor: Actor, given: BlockGiven, old: UUID | None = None) -> None:
    """Every day row that is touched, old and new, in the one order that cannot deadlock."""
    resources = set(resources_of(actor, given.who))
    days = set(days_touched(given.start, given.end))
    if old is not None:
        for resource, period in Allocation.objects.filter(source_id=old).values_list(
            "resource_id", "period"
        ):
            resources.add(resource)
            days |= set(days_touched(period.lower, period.upper))
    rows = {mask for resource in resources for mask in masks.mask_ids(resource)}
    masks.lock_days(rows, days)


def _occupy(actor: Actor, block: BlockedTime, given: BlockGiven, fate: Fate, now: datetime) -> None:
    _lock(actor, given)
    resources = list(resources_of(actor, given.who))
    span = (given.start, given.end)
    for booking in under_block(actor, resources, span, now):
        if fate.choice == "cancel":
            cancel_booking(actor=actor, booking=booking.public_id, reason=fate.reason, now=now)
        else:
            wait_in_inbox(actor, booking)
    own = actor.organization_id
    rows = [
        Allocation(resource_id=resource, provider_id=own, source_id=block.public_id, **piece)
        for resource in resources
        for piece in _pieces(resource, span, now)
    ]
    try:
        Allocation.objects.bulk_create(rows)
    except IntegrityError as fault:
        if isinstance(fault.__cause__, errors.ExclusionViolation):
            raise SlotTaken() from None
        raise
    calendars = sorted({mask for resource in resources for mask in masks.mask_ids(resource)})
    masks.rebuild(calendars, days_touched(given.start, given.end))


def _pieces(resource: int, span: tuple[datetime, datetime], now: datetime) -> list[dict[str, Any]]:
    """The block's own pieces under the constraint; over what stays, pieces outside it."""
    standing = Allocation.objects.filter(
        resource_id=resource, live=True, period__overlap=TimestamptzRange(*span)
    ).exclude(kind="overbooked")
    standing.filter(kind="hold", expires_at__lte=now).delete()
    if standing.filter(kind="hold").exists():
        raise SlotTaken(_("Somebody is booking a time there right now. Try again in a minute."))
    taken = [
        (max(p.lower, span[0]), min(p.upper, span[1]))
        for p in standing.values_list("period", flat=True)
    ]
    pieces = [("block", *piece) for piece in subtract([span], sorted(taken))]
    pieces += [("overbooked", *piece) for piece in taken]
    return [
        {"kind": kind, "period": TimestamptzRange(low.astimezone(UTC), high.astimezone(UTC))}
        for kind, low, high in pieces
    ]


def _note(actor: Actor, block: BlockedTime, kind: str) -> None:
    happening = Happening(
        kind=kind,
        object_kind="block",
        object_id=block.public_id,
        organization_id=actor.organization_id,
        data={"version": block.version, "kind": block.kind},
    )
    record(actor, happening)
