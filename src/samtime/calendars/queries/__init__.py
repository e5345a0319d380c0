"""Questions about calendars, their offerings and opening hours."""

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.models import (
    AvailabilityException,
    AvailabilityRule,
    Calendar,
    Offering,
    OfferingLength,
    OfferingPrice,
    ResourceGroup,
    ResourceNeed,
)
from samtime.foundation.errors import NotFound


def calendars(actor: Actor, *, ended: bool = False) -> "QuerySet[Calendar]":
    """The organization's calendars at the places this person may see, by place and family name."""
    rows = Calendar.objects.filter(provider_id=actor.organization_id)
    if actor.location_ids is not None:
        rows = rows.filter(location_id__in=actor.location_ids)
    if not ended:
        rows = rows.filter(ended_on=None)
    return rows.select_related("location", "role__practitioner", "mask").order_by(
        "location__name", "role__practitioner__family_name", "role__practitioner__given_name", "id"
    )


def calendar(actor: Actor, public_id: UUID) -> Calendar:
    """One of these calendars. Refuses: NotFound."""
    found = calendars(actor, ended=True).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(field="calendar")
    return found


def may_edit_calendar(actor: Actor, whose: Calendar) -> bool:
    """Whoever keeps the calendars keeps all he may see; a practitioner keeps his own."""
    if actor.may(Right.EDIT_CALENDAR):
        return True
    own = actor.practitioner_id is not None and whose.role.practitioner_id == actor.practitioner_id
    return own and actor.may(Right.EDIT_OWN_CALENDAR)


def calendar_to_edit(actor: Actor, public_id: UUID) -> Calendar:
    """One of the calendars this person keeps. Refuses: NotFound."""
    found = calendar(actor, public_id)
    if not may_edit_calendar(actor, found):
        raise NotFound(field="calendar")
    return found


def offerings(actor: Actor, *, ended: bool = False) -> "QuerySet[Offering]":
    """The services given in these calendars, with service, place and practitioner."""
    rows = Offering.objects.filter(provider_id=actor.organization_id)
    if actor.location_ids is not None:
        rows = rows.filter(calendar__location_id__in=actor.location_ids)
    if not ended:
        rows = rows.filter(ended_on=None, calendar__ended_on=None, service__ended_on=None)
    return rows.select_related(
        "service", "calendar__location", "calendar__role__practitioner"
    ).order_by("service__position", "id")


def offering(actor: Actor, public_id: UUID) -> Offering:
    """One of these offerings. Refuses: NotFound."""
    found = offerings(actor, ended=True).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(field="offering")
    return found


def offering_price_on(found: Offering, day: date) -> OfferingPrice | None:
    """The offering's own price on a day; None, or a null amount, follows the service."""
    return found.prices.filter(from_on__lte=day).order_by("-from_on").first()


def own_length_on(found: Offering, day: date) -> int | None:
    """The offering's own duration on a day; None follows the service (D9). A query where dated."""
    if not found.lengths_dated:
        return found.duration_minutes
    dated = found.lengths.filter(from_on__lte=day).order_by("-from_on").first()
    return dated.duration_minutes if dated is not None else found.duration_minutes


def own_lengths_on(found: Iterable[Offering], day: date) -> dict[int, OfferingLength]:
    """The dated own durations that count on a day, by internal offering id. One query."""
    rows = OfferingLength.objects.filter(offering__in=list(found), from_on__lte=day)
    return {row.offering_id: row for row in rows.order_by("offering_id", "from_on")}


def own_lengths_to_come(found: Iterable[Offering], today: date) -> dict[int, list[OfferingLength]]:
    """Own durations that begin after today, the next first, by internal offering id. One query."""
    coming: dict[int, list[OfferingLength]] = {}
    rows = OfferingLength.objects.filter(offering__in=list(found), from_on__gt=today)
    for row in rows.order_by("from_on"):
        coming.setdefault(row.offering_id, []).append(row)
    return coming


def rules(actor: Actor, *, on: date | None = None) -> "QuerySet[AvailabilityRule]":
    """Weekly rules of these calendars, on a day or all of them, in the order of the week."""
    rows = AvailabilityRule.objects.filter(calendar__in=calendars(actor, ended=True))
    if on is not None:
        rows = rows.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)
    return rows.select_related("calendar__location", "calendar__role").order_by(
        "calendar_id", "weekday", "start"
    )


def hours_mark(found: Calendar) -> str:
    """Changes with every change of a calendar's weekly rules."""
    rows = found.rules.order_by("id").values_list()
    return hashlib.sha256(repr(list(rows)).encode()).hexdigest()[:16]


def rule(actor: Actor, public_id: UUID) -> AvailabilityRule:
    """One of these rules. Refuses: NotFound."""
    found = rules(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(field="rule")
    return found


def rule_to_edit(actor: Actor, public_id: UUID) -> AvailabilityRule:
    """One of the rules of calendars this person keeps. Refuses: NotFound."""
    found = rule(actor, public_id)
    if not may_edit_calendar(actor, found.calendar):
        raise NotFound(field="rule")
    return found


def exceptions(actor: Actor) -> "QuerySet[AvailabilityException]":
    """Days that differ, in order."""
    rows = AvailabilityException.objects.filter(calendar__in=calendars(actor, ended=True))
    return rows.select_related("calendar__location", "calendar__role").order_by(
        "date", "calendar_id", "start"
    )


def exception(actor: Actor, public_id: UUID) -> AvailabilityException:
    """One of these days. Refuses: NotFound."""
    found = exceptions(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(field="exception")
    return found


def exception_to_edit(actor: Actor, public_id: UUID) -> AvailabilityException:
    """One of the days of calendars this person keeps. Refuses: NotFound."""
    found = exception(actor, public_id)
    if not may_edit_calendar(actor, found.calendar):
        raise NotFound(field="exception")
    return found


def room_groups(actor: Actor) -> "QuerySet[ResourceGroup]":
    """Groups that have rooms or devices, with their location; at places this person may see."""
    rows = ResourceGroup.objects.filter(
        provider_id=actor.organization_id, members__ended_on=None, members__isnull=False
    )
    if actor.location_ids is not None:
        rows = rows.filter(location_id__in=actor.location_ids)
    return rows.select_related("location").distinct().order_by("name", "id")


def room_group(actor: Actor, public_id: UUID) -> ResourceGroup:
    """One of these groups. Refuses: NotFound."""
    found = room_groups(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(field="room_group")
    return found


def rooms_of(found: Iterable[ResourceGroup]) -> dict[int, list[str]]:
    """Names of the rooms in use, by internal group id. One query."""
    names: dict[int, list[str]] = {}
    rows = ResourceGroup.objects.filter(id__in=[g.id for g in found], members__ended_on=None)
    for group, name in rows.order_by("members__id").values_list("id", "members__name"):
        names.setdefault(group, []).append(name)
    return names


def needs_of(found: Iterable[ResourceGroup]) -> dict[int, list[UUID]]:
    """Services that need a room of the group, by internal group id. One query."""
    services: dict[int, list[UUID]] = {}
    rows = ResourceNeed.objects.filter(group__in=list(found)).order_by("service__position")
    for group, service in rows.values_list("group_id", "service__public_id"):
        services.setdefault(group, []).append(service)
    return services


def giver_counts(actor: Actor) -> dict[int, int]:
    """Practitioners who give a service, by internal service id. One query."""
    rows = offerings(actor).order_by().values("service_id")
    counted = rows.annotate(n=Count("calendar__role__practitioner_id", distinct=True))
    return {row["service_id"]: row["n"] for row in counted}


def own_prices_on(found: Iterable[Offering], day: date) -> dict[int, OfferingPrice]:
    """The own prices that count on a day, by internal offering id. One query."""
    rows = OfferingPrice.objects.filter(offering__in=list(found), from_on__lte=day)
    return {p.offering_id: p for p in rows.order_by("offering_id", "from_on")}


def own_prices_to_come(found: Iterable[Offering], today: date) -> dict[int, list[OfferingPrice]]:
    """Own prices that begin after today, the next first, by internal offering id. One query."""
    coming: dict[int, list[OfferingPrice]] = {}
    rows = OfferingPrice.objects.filter(offering__in=list(found), from_on__gt=today)
    for row in rows.order_by("from_on"):
        coming.setdefault(row.offering_id, []).append(row)
    return coming


def free_minutes(found: Iterable[Calendar], first: date, days: int) -> dict[int, int]:
    """Open and not taken minutes of the UTC days from first on, by internal calendar id."""
    ids = {c.mask_id: c.id for c in found}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resource_id, sum(bit_count(open & ~busy)) * 5 FROM resource_day"
            " WHERE resource_id = ANY(%s) AND day >= %s AND day < %s GROUP BY resource_id",
            [list(ids), first, first + timedelta(days=days)],
        )
        return {ids[mask]: int(minutes) for mask, minutes in cursor.fetchall()}
