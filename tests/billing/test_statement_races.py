"""Several at once: sums equal their lines, one sender, one answer (R8, P35)."""

import random

import pytest
from django.db import transaction
from django.db.models import Sum

from samtime.billing import commands
from samtime.billing.commands.disputing import Claim
from samtime.billing.models import LineDispute, SettlementStatement, StatementLine
from samtime.bookings.models import Booking
from samtime.foundation.tenancy import set_viewer
from samtime.mailbox.models import OutgoingMail
from samtime.reports.queries import StatisticsWish, booking_statistics, totals
from tests.billing.conftest import JULY_BEGAN, JUNE, day, patient_of, row, save
from tests.promises.test_races import as_actor, together

pytestmark = pytest.mark.race
STATES = ("fulfilled", "noshow", "cancelled", "booked")


@pytest.fixture
def june(lasting_town):
    """Sixty visits in June, committed."""
    town = lasting_town
    with transaction.atomic():
        set_viewer(town.aurora.id)
        town.patient = patient_of(town)
        rows = save(town, *(row(town, day(6, 1 + n % 28, 8 + n // 28)) for n in range(60)))
        town.ids = [b.pk for b in rows]
    return town


def turn(town, chance):
    """Somebody changes an outcome."""
    ident, state = chance.choice(town.ids), chance.choice(STATES)
    as_actor(town.desk, lambda: Booking.objects.filter(pk=ident).update(state=state))


def test_a_statement_computed_while_bookings_change_equals_its_lines(june):
    """R8, P35: whatever happens meanwhile, the head is the sum of the lines."""
    town = june

    def compute(_n):
        made = commands.compute_statement(
            actor=town.admin, channel=town.channel.public_id, period=JUNE, now=JULY_BEGAN
        )
        sums = StatementLine.objects.filter(statement=made).aggregate(
            c=Sum("commission_amount"), b=Sum("base_amount")
        )
        return (made.commission_amount, made.base_amount) == (sums["c"], sums["b"])

    def act(n):
        chance = random.Random(n)
        if n < 2:
            return all(as_actor(town.admin, lambda: compute(n)) for _time in range(6))
        for _time in range(40):
            turn(town, chance)
        return True

    assert [a for a, _t in together(5, act)] == [True] * 5


def test_two_send_at_once_and_one_does(june):
    """One letter, one frozen set of lines."""
    town = june
    made = as_actor(
        town.admin,
        lambda: commands.compute_statement(
            actor=town.admin, channel=town.channel.public_id, period=JUNE, now=JULY_BEGAN
        ),
    )

    def act(_n):
        return as_actor(
            town.admin,
            lambda: commands.send_statement(
                actor=town.admin, statement=made.public_id, now=JULY_BEGAN
            ),
        )

    kinds = sorted(type(a).__name__ for a, _t in together(4, act))
    assert kinds == ["SettlementStatement"] + ["StatementFrozen"] * 3
    with transaction.atomic():
        set_viewer(town.aurora.id)
        assert OutgoingMail.objects.count() == 1
        statement = SettlementStatement.objects.get()
        line = statement.lines.first()
    _accept_and_dispute(town, statement, line)


def _accept_and_dispute(town, statement, line):
    """The manager accepts while his colleague disputes: one of the two is refused."""

    def act(n):
        if n:
            return commands.accept_statement(
                actor=town.manager, statement=statement.public_id, now=JULY_BEGAN
            )
        return commands.dispute_line(
            actor=town.manager,
            statement=statement.public_id,
            line=line.public_id,
            claim=Claim("wrong_rate", 1, "Test"),
            now=JULY_BEGAN,
        )

    kinds = [
        type(a).__name__ for a, _t in together(2, lambda n: as_actor(town.manager, lambda: act(n)))
    ]
    with transaction.atomic():
        set_viewer(town.hello.id)
        state = SettlementStatement.objects.get().state
        disputes = LineDispute.objects.count()
    accepted = kinds == ["NotSent", "SettlementStatement"] and (state, disputes) == ("accepted", 0)
    disputed = kinds == ["LineDispute", "DisputesOpen"] and (state, disputes) == ("disputed", 1)
    assert accepted or disputed, (kinds, state, disputes)


def test_totals_of_the_statistics_equal_their_rows_under_writers(june):
    """R8: foot and rows come from one snapshot."""
    town = june
    wish = StatisticsWish(day(6, 1).date(), day(6, 30).date(), "Europe/Bucharest")

    def read(_n):
        lines = booking_statistics(town.admin, wish, group_by="day", now=JULY_BEGAN)
        foot = totals(lines)[0]
        return (foot.commission, foot.value, foot.bookings) == (
            sum(x.commission for x in lines),
            sum(x.value for x in lines),
            60,
        )

    def act(n):
        if n < 2:
            return all(as_actor(town.admin, lambda: read(n)) for _time in range(15))
        for _time in range(25):
            turn(town, random.Random(n))
        return True

    assert [a for a, _t in together(4, act)] == [True] * 4
