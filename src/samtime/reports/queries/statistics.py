"""Statistics of bookings: by source, location, service, practitioner or day; and the list behind.

One party's view: the provider sees every source, a partner its own bookings. A sum is always the
sum of the rows shown (R8): both come from the same filter.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Concat, TruncDate

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.channels.queries.names import channel_name
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.periods import day_bounds
from samtime.reports.rules import longest_end

KEPT = ~Q(state__in=["cancelled", "noshow"])
OUTCOMES = {
    "attended": Q(state__in=["arrived", "fulfilled"]),
    "booked": Q(state__in=["booked", "pending"]),
    "noshow": Q(state="noshow"),
    "cancelled": Q(state="cancelled"),
}
SHOWN = ("channel", "location", "service", "practitioner", "provider", "booker", "booker_user")
GROUPS = {
    "source": ("channel__public_id", "channel__name"),
    "location": ("location__public_id", "location__name"),
    "service": ("service__public_id", "service__name"),
    "practitioner": ("practitioner__public_id", "practitioner_name"),
    "day": ("day", "day"),
    "institution": ("provider__public_id", "provider__name"),
    "agent": ("booker_user__public_id", "booker_user__name"),
}


@dataclass(frozen=True, slots=True)
class StatisticsWish:
    """What to count: local days from and to (both included), and filters by public id.

    `partners_only` keeps bookings sent by partners (R3); `channel` one source; `as_booker` what
    the actor's organization sent to institutions.
    """

    start: date
    end: date
    zone: str = "UTC"
    partners_only: bool = False
    channel: str = ""
    location: str = ""
    service: str = ""
    practitioner: str = ""
    provider: str = ""
    booker_user: str = ""
    outcome: str = ""
    as_booker: bool = False


@dataclass(frozen=True, slots=True)
class StatisticsLine:
    """One group. Money in minor units of `currency`: value of visits, commission earned,
    commission expected from visits still to come."""

    key: str
    label: str
    currency: str
    bookings: int
    attended: int
    no_show: int
    cancelled: int
    coming: int
    value: int
    commission: int
    expected: int


def sent_bookings(actor: Actor, wish: StatisticsWish) -> "QuerySet[Booking]":
    """The bookings a report counts, in order of time; refuses a period that is none.

    Who books at partners and sees no statistics counts what he booked himself (DOMAIN.md 1.4).
    Refuses: RightMissing, Invalid (end before start, more than three years).
    """
    actor.require_any(Right.SEE_STATISTICS, Right.BOOK_AT_PARTNER)
    if wish.end < wish.start:
        raise Invalid(FieldError("to", "period", "The last day lies before the first."))
    if wish.end > longest_end(wish.start):
        raise Invalid(FieldError("to", "period", "Choose at most three years."))
    first, _unused = day_bounds(wish.start, wish.zone)
    _unused, last = day_bounds(wish.end, wish.zone)
    rows = _reach(actor).filter(starts_at__gte=first, starts_at__lt=last)
    if wish.partners_only:
        rows = rows.exclude(source="own_desk")
    if wish.as_booker:
        rows = rows.filter(booker_id=actor.organization_id).exclude(source="own_desk")
    if wish.outcome:
        rows = rows.filter(OUTCOMES.get(wish.outcome, Q(pk__isnull=True)))
    for field in ("channel", "location", "service", "practitioner", "provider", "booker_user"):
        if chosen := getattr(wish, field):
            rows = rows.filter(**{f"{field}__public_id": known_id(chosen)})
    return rows.select_related(*SHOWN).order_by("starts_at", "id")


def _reach(actor: Actor) -> "QuerySet[Booking]":
    """What a person's reports reach: own bookings without the right, own places where limited."""
    rows: QuerySet[Booking] = Booking.objects.visible_to(actor)
    if not actor.may(Right.SEE_STATISTICS):
        rows = rows.filter(booker_id=actor.organization_id, booker_user_id=actor.user_id or 0)
    if actor.location_ids is not None:
        own = Q(provider_id=actor.organization_id)
        rows = rows.filter(~own | Q(location_id__in=actor.location_ids))
    return rows


def partner_booking(actor: Actor, public_id: UUID) -> Booking | None:
    """A booking that somebody outside made at the actor's institution, whenever it is."""
    actor.require(Right.SEE_STATISTICS)
    rows = _reach(actor).filter(provider_id=actor.organization_id, public_id=public_id)
    return rows.exclude(source="own_desk").select_related(*SHOWN).first()


def known_id(text: str) -> UUID:
    """A public id from an address; anything else matches nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def booking_statistics(
    actor: Actor, wish: StatisticsWish, *, group_by: str, now: datetime
) -> list[StatisticsLine]:
    """Counts and sums per group and currency, largest first (days in order). One query.

    Value and commission count visits that took place and were neither cancelled nor no-show.
    """
    if group_by not in GROUPS:
        raise Invalid(FieldError("group_by", "group_by", "This grouping is not known."))
    key, label = GROUPS[group_by]
    kind = ["channel__kind"] if group_by == "source" else []
    rows = sent_bookings(actor, wish).annotate(
        day=TruncDate("starts_at", tzinfo=ZoneInfo(wish.zone)),
        practitioner_name=Concat(
            "practitioner__given_name", Value(" "), "practitioner__family_name"
        ),
    )
    past = Q(starts_at__lte=now) & KEPT
    coming = Q(starts_at__gt=now) & KEPT
    found = (
        rows.order_by()
        .values(*kind, key, label, "currency")
        .annotate(
            bookings=Count("id"),
            attended=Count("id", filter=Q(state__in=["arrived", "fulfilled"])),
            no_show=Count("id", filter=Q(state="noshow")),
            cancelled=Count("id", filter=Q(state="cancelled")),
            coming=Count("id", filter=coming),
            value=Coalesce(Sum("price_amount", filter=past), 0),
            commission=Coalesce(Sum("commission_amount", filter=past), 0),
            expected=Coalesce(Sum("commission_amount", filter=coming), 0),
        )
    )
    lines = [
        StatisticsLine(
            key=str(row[key]),
            label=channel_name(row.get("channel__kind", ""), str(row[label])),
            **{n: row[n] for n in StatisticsLine.__slots__ if n not in ("key", "label")},
        )
        for row in found
    ]
    if group_by == "day":
        return sorted(lines, key=lambda line: line.key)
    return sorted(lines, key=lambda line: (-line.bookings, line.label))


def totals(lines: list[StatisticsLine]) -> list[StatisticsLine]:
    """The foot of the table: one line per currency, each the sum of its lines."""
    by_currency: dict[str, list[StatisticsLine]] = {}
    for line in lines:
        by_currency.setdefault(line.currency, []).append(line)
    numbers = [n for n in StatisticsLine.__slots__ if n not in ("key", "label", "currency")]
    return [
        StatisticsLine(
            key="total",
            label="",
            currency=currency,
            **{n: sum(getattr(line, n) for line in group) for n in numbers},
        )
        for currency, group in sorted(by_currency.items())
    ]
