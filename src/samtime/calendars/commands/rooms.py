"""Rooms and devices of which any free one will do (D20)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars import masks, queries
from samtime.calendars.models import Resource, ResourceGroup, ResourceNeed
from samtime.catalog.queries import service
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.periods import local_day
from samtime.journal.commands import Happening, record
from samtime.organizations.queries import location

MOST_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class RoomGroupGiven:
    """A group's name, its rooms or devices by name, and the services that need one of them."""

    location_id: UUID
    name: str
    members: tuple[str, ...]
    service_ids: tuple[UUID, ...]
    kind: str = "room"


@transaction.atomic
def add_room_group(*, actor: Actor, given: RoomGroupGiven, now: datetime) -> ResourceGroup:
    """Rooms of a location; each of the services takes one that is free.

    Refuses: RightMissing, NotFound, Invalid.
    """
    actor.require(Right.EDIT_CATALOG)
    _check(given)
    place = location(actor, given.location_id)
    group = ResourceGroup.objects.create(
        provider_id=actor.organization_id, location=place, name=given.name.strip()
    )
    members = [
        Resource.objects.create(
            provider_id=actor.organization_id, kind=given.kind, name=name.strip(), location=place
        )
        for name in given.members
    ]
    group.members.set(members)
    for service_id in given.service_ids:
        ResourceNeed.objects.create(service=service(actor, service_id), location=place, group=group)
    masks.rebuild_all(today=now.date(), resources=[member.id for member in members])
    record(
        actor, Happening("room_group.added", "room_group", group.public_id, actor.organization_id)
    )
    return group


@transaction.atomic
def change_room_group(
    *, actor: Actor, group_id: UUID, given: RoomGroupGiven, now: datetime
) -> ResourceGroup:
    """Exactly these rooms and services; a room left out ends, what is booked in it stays.

    The location stays. Refuses: RightMissing, NotFound, Invalid.
    """
    actor.require(Right.EDIT_CATALOG)
    _check(given)
    group = queries.room_group(actor, group_id)
    group.name = given.name.strip()
    group.save(update_fields=["name"])
    kept = {room.name: room for room in group.members.filter(ended_on=None)}
    wanted = [name.strip() for name in given.members]
    for name, room in kept.items():
        if name not in wanted:
            room.ended_on = local_day(now, group.location.time_zone)
            room.save(update_fields=["ended_on"])
    new = [
        Resource.objects.create(
            provider_id=actor.organization_id, kind=given.kind, name=name, location=group.location
        )
        for name in wanted
        if name not in kept
    ]
    group.members.add(*new)
    needed = [service(actor, ident) for ident in given.service_ids]
    ResourceNeed.objects.filter(group=group).exclude(service__in=needed).delete()
    for what in needed:
        ResourceNeed.objects.get_or_create(service=what, location=group.location, group=group)
    masks.rebuild_all(today=now.date(), resources=[room.id for room in new])
    record(
        actor, Happening("room_group.changed", "room_group", group.public_id, actor.organization_id)
    )
    return group


@transaction.atomic
def end_room_group(*, actor: Actor, group_id: UUID, now: datetime) -> None:
    """No service needs these rooms any more; what is booked in them stays.

    Refuses: RightMissing, NotFound.
    """
    actor.require(Right.EDIT_CATALOG)
    group = queries.room_group(actor, group_id)
    ResourceNeed.objects.filter(group=group).delete()
    group.members.filter(ended_on=None).update(ended_on=local_day(now, group.location.time_zone))
    record(
        actor, Happening("room_group.ended", "room_group", group.public_id, actor.organization_id)
    )


def _check(given: RoomGroupGiven) -> None:
    faults = []
    if not 1 <= len(given.name.strip()) <= 100:
        faults.append(FieldError("name", "invalid", _("This is empty or too long.")))
    names = [name.strip() for name in given.members]
    if not 1 <= len(names) <= MOST_MEMBERS or not all(1 <= len(name) <= 200 for name in names):
        faults.append(FieldError("members", "invalid", _("Name 1 to 100 rooms.")))
    elif len(set(names)) < len(names):
        faults.append(FieldError("members", "twice", _("Every room has its own name.")))
    if given.kind not in ("room", "device"):
        faults.append(FieldError("kind", "invalid", _("Choose room or device.")))
    if faults:
        raise Invalid(*faults)
