"""What stands in calendars: the day's columns, lists of bookings, one booking.

The provider reads patients' names here, so every answer is logged by the door that shows it. The
booker's side reads `patient_as_given` only (D2).
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking, Hold
from samtime.calendars.models import Allocation, Calendar, Offering
from samtime.channels.queries.names import channel_name
from samtime.foundation.errors import NotFound
from samtime.foundation.periods import day_bounds
from samtime.patients.models import Patient
from samtime.patients.queries.own import limited

# Not the patient: under the row policies a partner sees no patient, and a join would hide the row.
SHOWN = (
    "service",
    "location",
    "practitioner",
    "channel",
    "booker",
    "booker_user",
    "provider",
    "offering",
)


@dataclass(frozen=True, slots=True)
class Block:
    """Something in a column: a booking, a hold of somebody, or blocked time.

    `kind`: booking, hold, block, busy. Instants in UTC; names only for the provider.
    """

    kind: str
    public_id: UUID
    starts_at: datetime
    ends_at: datetime
    title: str
    service: str = ""
    source: str = ""
    source_name: str = ""
    state: str = ""
    payment_state: str = ""
    patient_id: int = 0


@dataclass(slots=True)
class Column:
    """One calendar's local day: open stretches and blocks, in order of time."""

    calendar: Calendar
    practitioner: str
    profession: str
    location: str
    zone: str
    open: list[tuple[datetime, datetime]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    version: int = 0

    @property
    def free_minutes(self) -> int:
        """Open minutes of the day that nothing occupies."""
        taken = [(b.starts_at, b.ends_at) for b in self.blocks if b.state not in GONE]
        return sum(_uncovered(start, end, taken) for start, end in self.open)


GONE = ("cancelled", "noshow")


def _uncovered(start: datetime, end: datetime, taken: list[tuple[datetime, datetime]]) -> int:
    free, cursor = timedelta(), start
    for low, high in sorted(taken):
        if high <= cursor or low >= end:
            continue
        free += max(low - cursor, timedelta())
        cursor = max(cursor, high)
    free += max(end - cursor, timedelta())
    return int(free.total_seconds() // 60)


def own_calendars(actor: Actor, *, location: str = "") -> "QuerySet[Calendar]":
    """The provider's calendars this person may see, in order of practitioner.

    A practitioner without the right to all calendars sees his own.
    """
    actor.require_any(Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
    rows = Calendar.objects.filter(provider_id=actor.organization_id, ended_on=None)
    if not actor.may(Right.SEE_CALENDAR):
        rows = rows.filter(role__practitioner_id=actor.practitioner_id or 0)
    if actor.location_ids is not None:
        rows = rows.filter(location_id__in=actor.location_ids)
    if location:
        rows = rows.filter(location__slug=location)
    return rows.select_related("role__practitioner", "location", "mask").order_by(
        "role__practitioner__family_name", "role__practitioner__given_name", "id"
    )


def day_columns(
    actor: Actor, *, on: date, now: datetime, location: str = "", calendar: UUID | None = None
) -> list[Column]:
    """The columns of a local day. Five queries, whatever the number of rows."""
    chosen = own_calendars(actor, location=location)
    if calendar is not None:
        chosen = chosen.filter(public_id=calendar)
    columns = {
        c.id: Column(
            calendar=c,
            practitioner=str(c.role.practitioner),
            profession=c.role.practitioner.profession,
            location=c.location.name,
            zone=c.location.time_zone,
        )
        for c in chosen
    }
    if not columns:
        return []
    bounds = {i: day_bounds(on, c.zone) for i, c in columns.items()}
    first, last = min(b[0] for b in bounds.values()), max(b[1] for b in bounds.values())
    _add_bookings(actor, columns, first, last)
    _add_allocations(columns, first, last, now)
    _add_open(columns, first, last)
    for ident, column in columns.items():
        low, high = bounds[ident]
        column.blocks = sorted(
            (b for b in column.blocks if b.starts_at < high and b.ends_at > low),
            key=lambda b: (b.starts_at, b.ends_at),
        )
        column.open = [(max(s, low), min(e, high)) for s, e in column.open if s < high and e > low]
    return list(columns.values())


def _add_bookings(
    actor: Actor, columns: dict[int, Column], first: datetime, last: datetime
) -> None:
    rows = (
        Booking.objects.visible_to(actor)
        .filter(calendar_id__in=columns, starts_at__lt=last, ends_at__gt=first)
        .exclude(state="cancelled")
        .values_list(
            "calendar_id",
            "public_id",
            "starts_at",
            "ends_at",
            "patient__given_name",
            "patient__family_name",
            "service__name",
            "source",
            "channel__name",
            "state",
            "payment_state",
            "patient_id",
        )
    )
    for calendar, ident, start, end, given, family, service, *rest in rows:
        source, source_name, state, payment, patient = rest
        columns[calendar].blocks.append(
            Block(
                "booking",
                ident,
                start,
                end,
                f"{given} {family}",
                service,
                source,
                channel_name(source, source_name),
                state,
                payment,
                patient,
            )
        )


def _add_allocations(
    columns: dict[int, Column], first: datetime, last: datetime, now: datetime
) -> None:
    by_resource = {c.calendar.practitioner_resource_id: c for c in columns.values()}
    rows = Allocation.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now),
        resource_id__in=by_resource,
        live=True,
        kind__in=["hold", "block", "busy"],
        period__overlap=(first, last),
    ).values_list("resource_id", "kind", "source_id", "period")
    found = list(rows)
    holders = _holders([source for _r, kind, source, _p in found if kind == "hold"])
    for resource, kind, source, period in found:
        home = holders.get(source, (0, ""))
        column = by_resource[resource]
        if kind == "hold" and home[0]:
            column = columns.get(home[0], column)
        column.blocks.append(
            Block(kind, source, period.lower, period.upper, "", source_name=home[1])
        )


def _holders(sources: list[UUID]) -> dict[UUID, tuple[int, str]]:
    rows = Hold.objects.filter(public_id__in=sources).values_list(
        "public_id", "offering__calendar_id", "channel__kind", "channel__name"
    )
    return {ident: (home, channel_name(kind, name)) for ident, home, kind, name in rows}


def _add_open(columns: dict[int, Column], first: datetime, last: datetime) -> None:
    """Open stretches from the day masks: runs of set bits, two UTC days at most touch a day."""
    by_mask = {c.calendar.mask_id: c for c in columns.values()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resource_id, day, open::text, ver FROM resource_day"
            " WHERE resource_id = ANY(%s) AND day BETWEEN %s AND %s ORDER BY resource_id, day",
            [list(by_mask), first.date(), last.date()],
        )
        for mask, day, bits, version in cursor.fetchall():
            column = by_mask[mask]
            column.version += version
            _join_runs(column.open, first.replace(hour=0, minute=0), day, bits)


def _join_runs(
    runs: list[tuple[datetime, datetime]], midnight: datetime, day: date, bits: str
) -> None:
    base = midnight + (day - midnight.date())
    start = bits.find("1")
    while start >= 0:
        stop = bits.find("0", start)
        stop = len(bits) if stop < 0 else stop
        low, high = base + timedelta(minutes=5 * start), base + timedelta(minutes=5 * stop)
        if runs and runs[-1][1] == low:
            runs[-1] = (runs[-1][0], high)
        else:
            runs.append((low, high))
        start = bits.find("1", stop)


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """Which bookings a list shows; instants in UTC, ids public or slugs, empty = all."""

    start: datetime | None = None
    end: datetime | None = None
    source: str = ""
    state: str = ""
    location: str = ""
    practitioner: str = ""
    reference: str = ""


def bookings(actor: Actor, wish: BookingFilter) -> "QuerySet[Booking]":
    """The bookings this actor may see: a provider's own, an outsider's organization's own (D16)."""
    actor.require_any(
        Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR, Right.BOOK_AT_PARTNER, Right.CHANGE_BOOKING
    )
    rows = Booking.objects.visible_to(actor).select_related(*SHOWN)
    if not actor.may(Right.SEE_CALENDAR):  # also one who books at partners
        own = Q(practitioner_id=actor.practitioner_id or 0)
        rows = rows.filter(own | ~Q(provider_id=actor.organization_id))
    if actor.location_ids is not None:
        rows = rows.filter(
            Q(location_id__in=actor.location_ids) | ~Q(provider_id=actor.organization_id)
        )
    return rows.filter(_wanted(wish))


def _wanted(wish: BookingFilter) -> Q:
    wanted = Q()
    if wish.start:
        wanted &= Q(starts_at__gte=wish.start)
    if wish.end:
        wanted &= Q(starts_at__lt=wish.end)
    if wish.source:
        wanted &= _source(wish.source)
    if wish.state:
        wanted &= Q(state=wish.state)
    if wish.location:
        wanted &= _by_name_or_id("location", wish.location)
    if wish.practitioner:
        wanted &= Q(practitioner__public_id=_uuid(wish.practitioner))
    if wish.reference:
        wanted &= Q(reference=wish.reference)
    return wanted


def _source(source: str) -> Q:
    known = ("own_desk", "partner", "assistance", "insurer")
    return Q(source=source) if source in known else Q(channel__public_id=_uuid(source))


def _by_name_or_id(field: str, given: str) -> Q:
    ident = _uuid(given)
    if ident is not None:
        return Q(**{f"{field}__public_id": ident})
    return Q(**{f"{field}__slug": given})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def one_booking(actor: Actor, public_id: UUID) -> Booking:
    """One booking the actor may see; NotFound for everybody else."""
    found: Any = bookings(actor, BookingFilter()).filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    booking: Booking = found
    return booking


def patient_names(actor: Actor, patient_ids: list[int]) -> dict[int, str]:
    """Names of the provider's own patients by internal id; nobody else's. One query.

    The door that shows them logs the reading.
    """
    rows = Patient.objects.filter(provider_id=actor.organization_id, id__in=set(patient_ids))
    named = limited(actor, rows)
    return {i: f"{g} {f}" for i, g, f in named.values_list("id", "given_name", "family_name")}


def offerings_of(actor: Actor) -> list[Offering]:
    """What may be booked at the own desk, by service and practitioner. One query."""
    ids = own_calendars(actor).values_list("id", flat=True)
    rows = Offering.objects.filter(
        calendar_id__in=list(ids), ended_on=None, service__ended_on=None
    ).select_related("service", "calendar__role__practitioner", "calendar__location")
    return list(rows.order_by("service__name", "id"))
