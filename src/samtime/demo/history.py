"""Six weeks and more of bookings around today, written as rows: commands refuse times gone by.

The same arithmetic as a booking: terms of the channel, price, commission, allocation, journal. The
day masks are rebuilt from the rows at the end.
"""

import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model

from samtime.accounts.actor import system_actor
from samtime.bookings.models import Booking
from samtime.bookings.rules import ALPHABET, reminder_moment
from samtime.calendars import masks
from samtime.calendars.models import Allocation, Calendar, Offering, ResourceNeed
from samtime.calendars.queries import calendars
from samtime.calendars.rules import WeekRule, open_intervals
from samtime.catalog.models import ServicePrice
from samtime.catalog.queries import prices_on
from samtime.channels.models import Channel, ChannelTerms, Listing, ListingPrice
from samtime.channels.rules import commission, net_of_vat, payment_state_at_booking
from samtime.demo.journal import note
from samtime.demo.patients import make_patients
from samtime.foundation.periods import local_day
from samtime.foundation.tenancy import viewing_as
from samtime.journal.models import JournalEntry
from samtime.organizations.models import Membership, Organization
from samtime.patients.models import Patient

SEED = 20_261_124
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How busy a provider is: share of the open time, of it by partners, days back and ahead."""

    filled: float
    by_partner: float
    patients: int
    ahead: int = 21


PACES = {
    "fjord": Pace(0.55, 0.0, 140),
    "aurora": Pace(0.42, 0.45, 160),
    "duna": Pace(0.35, 0.5, 60),
    "delt": Pace(0.4, 0.0, 40),
}


@dataclass(slots=True)
class _Way:
    """A channel with what it froze on a booking: terms, prices, who books."""

    channel: Channel
    terms: ChannelTerms | None
    prices: dict[tuple[int, int], int]
    ticks: set[tuple[int, int]]
    booker_id: int
    users: list[int]

    def opens(self, offering: Offering, place: int) -> bool:
        """Whether this offering may be booked on the channel."""
        return self.channel.kind == "own_desk" or (place, offering.service_id) in self.ticks


@dataclass(slots=True)
class _Shop:
    """A provider while its bookings are made."""

    organization: Organization
    pace: Pace
    dice: random.Random
    now: datetime
    people: list[Patient]
    base: dict[int, ServicePrice]
    ways: list[_Way]
    zone: str = "UTC"


def make(made: dict[str, Organization], now: datetime) -> None:
    """Bookings at every provider with calendars; then its masks."""
    for slug, pace in PACES.items():
        organization = made[slug]
        with viewing_as(organization.id):
            _fill(_shop(organization, pace, now))


def _shop(organization: Organization, pace: Pace, now: datetime) -> _Shop:
    dice = random.Random(f"{SEED} {organization.slug}")  # noqa: S311 - invented bookings
    actor, today = system_actor(organization.id), now.date()
    people = make_patients(organization.id, organization.language, pace.patients, dice, today)
    channels = Channel.objects.filter(provider=organization, state="open").order_by("id")
    ways = [_way(channel) for channel in channels]
    base = prices_on(actor, today)
    return _Shop(organization, pace, dice, now, people, base, ways)


def _way(channel: Channel) -> _Way:
    booker = channel.outsider_id or channel.provider_id
    roles = Membership.objects.filter(organization_id=booker)
    users = [m.user_id for m in roles.order_by("id") if {"agent", "receptionist"} & set(m.roles)]
    ticks = Listing.objects.filter(channel=channel, open=True)
    prices = ListingPrice.objects.filter(channel=channel, amount__isnull=False)
    return _Way(
        channel=channel,
        terms=ChannelTerms.objects.filter(channel=channel).order_by("from_on").first(),
        prices={(p.location_id, p.service_id): int(p.amount or 0) for p in prices},
        ticks={(t.location_id, t.service_id) for t in ticks},
        booker_id=booker,
        users=users,
    )


def _fill(shop: _Shop) -> None:
    rows: list[Booking] = []
    wanted = calendars(system_actor(shop.organization.id)).prefetch_related("rules")
    for calendar in wanted:
        rows += list(_bookings_of(shop, calendar))
    for number, booking in enumerate(rows):
        booking.reference = _reference(shop, number)
    with _told_times(Booking, "created_at"), _told_times(JournalEntry, "at"):
        Booking.objects.bulk_create(rows, batch_size=500)
        note(rows)
    _occupy(shop, rows)


@contextmanager
def _told_times(model: type[Model], name: str) -> Iterator[None]:
    """Rows of the past say when they were made; everywhere else the clock says it."""
    field: Any = model._meta.get_field(name)
    field.auto_now_add = False
    try:
        yield
    finally:
        field.auto_now_add = True


def _first_day(today: date) -> date:
    """Three weeks back, and the whole of last month for the statistics."""
    last_month = (today.replace(day=1) - DAY).replace(day=1)
    return min(today - timedelta(days=21), last_month)


def _bookings_of(shop: _Shop, calendar: Calendar) -> Iterator[Booking]:
    shop.zone = calendar.location.time_zone
    needy = set(
        ResourceNeed.objects.filter(location=calendar.location).values_list("service_id", flat=True)
    )
    offers = [
        offering
        for offering in calendar.offerings.filter(ended_on=None).select_related("service")
        if offering.service_id not in needy
    ]
    if not offers:
        return
    rules = [WeekRule(r.kind, r.weekday, r.start, r.end, date.min) for r in calendar.rules.all()]
    # The place's own day: on the last evening of a month it is another month there already.
    today = local_day(shop.now, shop.zone)
    day, last = _first_day(today), today + timedelta(days=shop.pace.ahead)
    while day <= last:
        for low, high in open_intervals(day, shop.zone, rules, []):
            yield from _stretch(shop, calendar, offers, low, high)
        day += DAY


def _stretch(
    shop: _Shop, calendar: Calendar, offers: Sequence[Offering], low: datetime, high: datetime
) -> Iterator[Booking]:
    """Walk along open time on the quarter hours; coming weeks are emptier."""
    weeks_ahead = max((low - shop.now).days // 7, 0)
    filled = shop.pace.filled / (1 + weeks_ahead * 0.5)
    at = low
    while at < high:
        offering = shop.dice.choice(offers)
        service = offering.service
        minutes = offering.duration_minutes or service.duration_minutes
        ends = at + timedelta(minutes=minutes)
        if ends + timedelta(minutes=service.buffer_after_minutes) > high:
            return
        if shop.dice.random() < filled:
            yield _booking(shop, calendar, offering, at, ends)
            at = _quarter(ends + timedelta(minutes=service.buffer_after_minutes))
        else:
            at += timedelta(minutes=30)


def _quarter(at: datetime) -> datetime:
    """The next quarter of an hour."""
    return at + timedelta(minutes=-at.minute % 15)


def _booking(
    shop: _Shop, calendar: Calendar, offering: Offering, starts: datetime, ends: datetime
) -> Booking:
    dice, way = shop.dice, _choose_way(shop, offering, calendar.location_id)
    patient = dice.choice(shop.people)
    booking = Booking(
        public_id=uuid.UUID(int=dice.getrandbits(128), version=4),
        provider=shop.organization,
        booker_id=way.booker_id,
        booker_user_id=dice.choice(way.users) if way.users else None,
        channel=way.channel,
        source=way.channel.kind,
        patient=patient,
        patient_as_given=_as_given(patient),
        language=patient.language,
        offering=offering,
        calendar=calendar,
        service=offering.service,
        location=calendar.location,
        practitioner=calendar.role.practitioner,
        billing_organization_id=calendar.role.billing_organization_id,
        starts_at=starts,
        ends_at=ends,
        notify=bool(patient.email),
        created_at=_made_at(shop, starts),
        **_frozen(shop, way, offering, calendar.location_id),
    )
    _live_through(shop, booking)
    _remind(shop, booking)
    return booking


def _choose_way(shop: _Shop, offering: Offering, place: int) -> _Way:
    outside = [w for w in shop.ways if w.channel.kind != "own_desk" and w.opens(offering, place)]
    if outside and shop.dice.random() < shop.pace.by_partner:
        return shop.dice.choice(outside)
    return next(w for w in shop.ways if w.channel.kind == "own_desk")


def _as_given(patient: Patient) -> dict[str, str]:
    return {
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else "",
        "phone": patient.phone,
        "email": patient.email,
        "language": patient.language,
    }


def _made_at(shop: _Shop, starts: datetime) -> datetime:
    earlier = min(starts, shop.now) - timedelta(hours=1)
    return earlier - timedelta(minutes=shop.dice.randint(60, 14 * 24 * 60))


def _frozen(shop: _Shop, way: _Way, offering: Offering, place: int) -> dict[str, object]:
    price = shop.base[offering.service_id]
    amount = way.prices.get((place, offering.service_id), price.amount)
    net = net_of_vat(amount, price.vat_rate, price.currency)
    terms = way.terms
    payment_place = terms.payment_place if terms else "institution"
    agreed = {
        "commission_kind": terms.commission_kind if terms else "none",
        "commission_rate": terms.commission_rate if terms else 0,
    }
    return {
        "payment_place": payment_place,
        "payment_state": payment_state_at_booking(payment_place, amount),
        "price_amount": amount,
        "net_amount": net,
        "currency": price.currency,
        "vat_rate": price.vat_rate,
        "vat_category": price.vat_category,
        **agreed,
        "commission_amount": commission(
            str(agreed["commission_kind"]),
            net=net,
            rate=terms.commission_rate if terms else 0,
            amount=terms.commission_amount if terms else 0,
            currency=price.currency,
        ),
        "terms_id": terms.pk if terms else None,
    }


def _live_through(shop: _Shop, booking: Booking) -> None:
    """What became of it: attended, no-show, cancelled, moved, or still to come."""
    chance = shop.dice.random()
    if shop.dice.random() < 0.07:
        booking.moved_at = booking.created_at + timedelta(minutes=30)
        booking.sequence, booking.version = 1, 2
    if chance < 0.08:
        booking.state, booking.version = "cancelled", booking.version + 1
        booking.cancelled_at = booking.created_at + timedelta(minutes=45)
        booking.cancelled_by = "patient"
        booking.cancel_reason, booking.payment_state = "Test", "not_due"
    elif booking.ends_at < shop.now:
        booking.state = "noshow" if chance < 0.14 else "fulfilled"
        booking.version += 1
        booking.closed_at = booking.ends_at
        if booking.state == "fulfilled":
            _attended(booking)
    elif booking.starts_at < shop.now:
        booking.state, booking.version = "arrived", booking.version + 1
        booking.arrived_at = booking.starts_at


def _remind(shop: _Shop, booking: Booking) -> None:
    """Reminders that fell due before the town was made are behind it: none is sent for them."""
    told = booking.moved_at or booking.created_at
    due = reminder_moment(booking.starts_at, shop.organization.reminder_hours, shop.zone)
    if booking.notify and booking.state != "cancelled" and told < due <= shop.now:
        booking.reminded_for = booking.starts_at


def _attended(booking: Booking) -> None:
    booking.arrived_at = booking.starts_at
    if booking.payment_state == "due_at_institution":
        booking.payment_state = "paid_at_institution"
        booking.paid_amount, booking.paid_method = booking.price_amount, "card"


def _reference(shop: _Shop, number: int) -> str:
    """Random letters with the provider and the number in them: unique without asking."""
    digits = shop.organization.pk % 32 * 32**3 + number
    tail = "".join(ALPHABET[digits // 32**n % 32] for n in range(4))
    return "".join(shop.dice.choice(ALPHABET) for _n in range(4)) + tail


def _occupy(shop: _Shop, rows: Sequence[Booking]) -> None:
    """Allocations of everything not cancelled, and the masks of its days from yesterday on."""
    live = [b for b in rows if b.state != "cancelled"]
    Allocation.objects.bulk_create(
        [
            Allocation(
                resource_id=b.calendar.practitioner_resource_id,
                provider_id=b.provider_id,
                period=DateTimeTZRange(
                    b.starts_at - timedelta(minutes=b.service.buffer_before_minutes),
                    b.ends_at + timedelta(minutes=b.service.buffer_after_minutes),
                ),
                kind="booking",
                source_id=b.public_id,
            )
            for b in live
        ],
        batch_size=500,
    )
    days = [shop.now.date() + n * DAY for n in range(-1, shop.pace.ahead + 2)]
    own = sorted({b.calendar.mask_id for b in live})
    masks.lock_days(own, days)
    masks.rebuild(own, days)
