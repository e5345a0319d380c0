"""Random histories of bookings: every statement, what is listed as owed before it, and what each
booking got in all, equals a plain second computation, to the minor unit (R8, R9, P35). 300 in
`make test`, 10,000 in `make prove`. In the last month nobody books: it has corrections only."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from samtime.billing import commands
from samtime.billing.commands.disputing import Claim
from samtime.billing.models import StatementLine
from samtime.billing.queries.corrections import Owed, owed_months
from samtime.billing.queries.statements import month_rows
from samtime.bookings.models import Booking
from samtime.channels.models import Channel, ChannelTerms
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import Organization
from tests.billing.conftest import AUGUST, JULY, JUNE, MAY, dice, patient_of, row

MONTHS = {
    MAY: datetime(2026, 6, 1, 4, tzinfo=UTC),
    JUNE: datetime(2026, 7, 1, 4, tzinfo=UTC),
    JULY: datetime(2026, 8, 1, 4, tzinfo=UTC),
    AUGUST: datetime(2026, 9, 1, 4, tzinfo=UTC),
}
# Midnight of the first of May in Bucharest: nothing lies before it, April was never settled.
FIRST = datetime(2026, 4, 30, 21, tzinfo=UTC)
# The last quarter of an hour of July there.
LAST = datetime(2026, 7, 31, 20, 45, tzinfo=UTC)
BUCHAREST = ZoneInfo("Europe/Bucharest")
EACH = 25


def rounded(amount, currency):
    """Half-up, written anew: minor units, forint in hundreds."""
    unit = Decimal(100) if currency == "HUF" else Decimal(1)
    return int((amount / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit)


class Ledger:
    """The second computation: what each booking is worth, by a clerk with a pencil."""

    def __init__(self, currency):
        self.currency, self.bookings, self.given, self.agreed = currency, {}, {}, {}

    def note(self, booking, gross, vat, rate, amount):
        net = rounded(Decimal(gross) * 10000 / Decimal(10000 + vat), self.currency)
        share = Decimal(net) * rate / 10000 if rate else Decimal(amount)
        self.bookings[booking.id] = [
            rounded(share, self.currency),
            booking.state,
            booking.starts_at,
        ]

    def worth(self, ident, now):
        share, state, starts = self.bookings[ident]
        if ident in self.agreed:
            return self.agreed[ident]
        return share if state not in ("cancelled", "noshow") and starts <= now else 0

    def owed(self, last, now):
        """What waits for the month after `last`: changes of what was given, and of what came into
        a month already sent. None when nothing does."""
        changes = [
            self.worth(ident, now) - self.given.get(ident, 0)
            for ident, (_share, _state, starts) in self.bookings.items()
            if ident in self.given or month_of(starts) <= last
        ]
        changes = [amount for amount in changes if amount]
        return Owed(self.currency, len(changes), sum(changes)) if changes else None

    def month(self, period, now):
        """The total of a month: worth of its bookings, and of older ones less what was given."""
        total = 0
        for ident, (_share, _state, starts) in self.bookings.items():
            own = month_of(starts) <= period
            if own or ident in self.given:
                change = self.worth(ident, now) - self.given.get(ident, 0)
                self.given[ident] = self.given.get(ident, 0) + change
                total += change
        return total


def month_of(starts):
    """The month on the wall of Bucharest."""
    return starts.astimezone(BUCHAREST).date().replace(day=1)


def channel_of(town, chance, number):
    currency = chance.choice(["RON", "HUF"])
    made = Channel.objects.create(
        provider=town.aurora,
        outsider=Organization.objects.create(
            slug=f"p{number}", name=f"P {number}", country="RO", currency="RON"
        ),
        kind="partner",
        name=f"P {number}",
        state="open",
    )
    ChannelTerms.objects.create(
        channel=made,
        provider_id=town.aurora.id,
        outsider_id=made.outsider_id,
        from_on=MAY,
        currency=currency,
    )
    return made, currency


def some_booking(town, chance, channel, currency):
    """Percentage or fixed; the rate changes in the middle of each month."""
    starts = FIRST + timedelta(minutes=15 * chance.randrange(92 * 96))
    vat, gross = chance.choice([0, 0, 900, 2100]), chance.randrange(100, 99999)
    if currency == "HUF":
        gross *= 100
    fixed = chance.random() < 0.3
    rate = 0 if fixed else (1250 if starts.day < 15 else chance.choice([1000, 333, 1275]))
    amount = chance.randrange(1, 9999)
    made = row(
        town,
        starts,
        channel=channel,
        price=gross,
        vat=vat,
        currency=currency,
        state=chance.choice(["booked", "booked", "fulfilled", "cancelled", "noshow", "arrived"]),
        kind="fixed" if fixed else "percentage",
        rate=rate,
        amount=amount,
    )
    made._told = (gross, vat, rate, amount)
    return made


def change(chance, ledger, booking):
    """Attended late, cancelled after all, nobody came, the price corrected, or moved, perhaps over
    the month's end; never into the month that stays empty."""
    what = chance.choice(["fulfilled", "cancelled", "noshow", "price", "move"])
    if what == "price":
        booking.commission_amount = chance.randrange(0, booking.price_amount)
        ledger.bookings[booking.id][0] = booking.commission_amount
    elif what == "move":
        moved = booking.starts_at + timedelta(days=chance.choice([-3, 2, 9, 35]))
        booking.starts_at = min(max(moved, FIRST), LAST)
        booking.ends_at = booking.starts_at + timedelta(minutes=30)
        ledger.bookings[booking.id][2] = booking.starts_at
    else:
        booking.state = what
        ledger.bookings[booking.id][1] = what
    booking.save(update_fields=["state", "starts_at", "ends_at", "commission_amount"])


def argue(town, chance, channel, statement, ledger, now):
    """The partner disputes up to three lines; sometimes it is right."""
    lines = list(StatementLine.objects.filter(statement=statement))
    chosen = {x.booking_id: x for x in chance.sample(lines, min(len(lines), 3))}
    partner = replace(town.manager, organization_id=channel.outsider_id)
    for line in chosen.values():
        wanted = chance.randrange(0, line.price_amount)
        set_viewer(channel.outsider_id)
        made = commands.dispute_line(
            actor=partner,
            statement=statement.public_id,
            line=line.public_id,
            claim=Claim("wrong_price", wanted, "Test"),
            now=now,
        )
        set_viewer(town.aurora.id)
        accept = chance.random() < 0.6
        commands.answer_dispute(
            actor=town.admin, dispute=made.public_id, accept=accept, reason="Test", now=now
        )
        if accept:
            before = ledger.given[line.booking_id]
            ledger.agreed[line.booking_id] = before - line.commission_amount + wanted


def judge_listed(town, channel, ledger, period, now):
    """The list of statements says what the pencil says is owed, in the month it falls into."""
    owed = owed_months(town.admin, now)
    last = (period - timedelta(days=1)).replace(day=1)
    expected = ledger.owed(last, now) if period != MAY else None
    found = {month: due for (ident, month), due in owed.items() if ident == channel.id}
    assert found == ({period: {ledger.currency: expected}} if expected else {})
    if period == AUGUST and expected:
        rows = month_rows(town.admin, now=now, today=now.date(), side="provider")
        (listed,) = [r for r in rows if r.statement.channel == channel and r.owed]
        assert (listed.statement.period, listed.owed) == (AUGUST, expected)
        assert listed.statement.commission_amount == expected.amount


def live(town, number):
    """One history: four months settled one after the other, with changes in between."""
    chance = dice(number)
    channel, currency = channel_of(town, chance, number)
    ledger = Ledger(currency)
    rows = [some_booking(town, chance, channel, currency) for _n in range(EACH)]
    Booking.objects.bulk_create(rows)
    for booking in rows:
        ledger.note(booking, *booking._told)
    for period, now in MONTHS.items():
        for booking in rows:
            if chance.random() < 0.25:
                change(chance, ledger, booking)
        judge_listed(town, channel, ledger, period, now)
        made = commands.compute_statement(
            actor=town.admin,
            channel=channel.public_id,
            period=period,
            now=now,
            currency=currency,
        )
        sent = commands.send_statement(actor=town.admin, statement=made.public_id, now=now)
        expected = ledger.month(period, now)
        assert sent.commission_amount == expected, (number, period)
        lines = StatementLine.objects.filter(statement=sent)
        assert sum(x.commission_amount for x in lines) == expected
        assert sum(x.base_amount for x in lines) == sent.base_amount
        argue(town, chance, channel, sent, ledger, now)

    given = StatementLine.objects.filter(statement__channel=channel, frozen=True)
    sums = given.values_list("booking_id").annotate(Sum("commission_amount"))
    assert worth_something(dict(sums)) == worth_something(ledger.given)


def worth_something(given):
    """Without zeros: a booking that came into a sent month worth nothing has no line."""
    return {ident: amount for ident, amount in given.items() if amount}


def histories(town, channels):
    town.patient = patient_of(town)
    for number in channels:
        set_viewer(town.aurora.id)
        live(town, number)


@pytest.mark.django_db
@pytest.mark.parametrize("half", range(2))
def test_three_hundred_histories_add_up(town, half):
    """R8, R9, P35: twelve channels with 25 bookings each, three months and an empty one."""
    histories(town, range(6 * half, 6 * half + 6))


@pytest.mark.prove
@pytest.mark.django_db
@pytest.mark.skipif(not os.environ.get("SAMTIME_PROVE"), reason="long proof: make prove")
def test_ten_thousand_histories_add_up(town):
    """P35: 400 channels, 1,600 statements."""
    histories(town, range(1000, 1400))
