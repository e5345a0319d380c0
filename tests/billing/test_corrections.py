"""What a month owes after it was sent: listed, and settled in a month of its own (R8, R9, P35)."""

from datetime import timedelta

import pytest

from samtime.billing import commands
from samtime.billing.models import SettlementStatement
from samtime.billing.queries.statements import lines_of, month_rows, one_statement
from samtime.bookings.models import Booking
from samtime.channels.models import Channel, ChannelTerms
from samtime.foundation.tenancy import set_viewer
from tests.billing.conftest import (
    AUGUST_BEGAN,
    JULY,
    JULY_BEGAN,
    answer,
    compute,
    dispute,
    lines,
    send,
)

pytestmark = pytest.mark.django_db


def test_a_month_nobody_booked_in_is_listed_when_a_correction_is_owed(billed):
    """R9: also after the end of the relationship; once it was sent it is an ordinary month."""
    june = send(billed)
    answer(billed, dispute(billed, june, lines(june, state="noshow").get()), accept=True)
    set_viewer(billed.aurora.id)
    Channel.objects.filter(pk=billed.channel.pk).update(state="closed")

    def july():
        set_viewer(billed.aurora.id)
        rows = month_rows(
            billed.admin, now=AUGUST_BEGAN, today=AUGUST_BEGAN.date(), side="provider"
        )
        return [r.statement.state for r in rows if r.statement.period == JULY]

    assert july() == ["open"]
    assert send(billed, JULY, AUGUST_BEGAN).commission_amount == 5625
    assert july() == ["sent"]


def no_statistics(town):
    """Agreed from July on."""
    set_viewer(town.aurora.id)
    ChannelTerms.objects.create(
        channel=town.channel,
        provider_id=town.aurora.id,
        outsider_id=town.hello.id,
        from_on=JULY,
        currency="RON",
        statistics=False,
    )


def listed(town, now, side="provider", actor=None):
    """The months that owe a correction, as the list of statements shows them."""
    actor = actor or town.admin
    set_viewer(actor.organization_id)
    rows = month_rows(actor, now=now, today=now.date(), side=side)
    return [(r.statement, r.owed.count, r.owed.amount) for r in rows if r.owed]


@pytest.mark.parametrize("after", ["noshow", "cancelled", "price", "fulfilled"])
def test_what_changes_after_sending_is_listed_and_settled_in_a_month_of_its_own(billed, after):
    """R9, P35: nothing silent. Nobody booked in July, statistics were agreed off meanwhile and the
    relationship ended: the correction is listed for both sides, computed, reviewed and sent."""
    send(billed)
    changed = billed.june[2 if after == "fulfilled" else 0]
    values = {"commission_amount": 5000} if after == "price" else {"state": after}
    Booking.objects.filter(pk=changed.pk).update(**values)
    due = {"price": -625, "fulfilled": 5625}.get(after, -5625)
    no_statistics(billed)
    Channel.objects.filter(pk=billed.channel.pk).update(state="closed")
    ((theirs, *_rest),) = listed(billed, AUGUST_BEGAN, "partner", billed.manager)
    ((row_of, count, amount),) = listed(billed, AUGUST_BEGAN)
    assert (theirs.period, row_of.period, count, amount) == (JULY, JULY, 1, due)
    assert (row_of.bookings, row_of.commission_amount) == (0, due)
    set_viewer(billed.aurora.id)
    shown = one_statement(billed.admin, row_of.public_id, today=AUGUST_BEGAN.date())
    (seen,) = lines_of(billed.admin, shown, now=AUGUST_BEGAN)
    assert (seen.line.kind, seen.line.commission_amount) == ("correction", due)
    compute(billed, JULY, AUGUST_BEGAN)
    commands.review_statement(actor=billed.admin, statement=row_of.public_id, now=AUGUST_BEGAN)
    sent = commands.send_statement(actor=billed.admin, statement=row_of.public_id, now=AUGUST_BEGAN)
    assert (sent.state, sent.bookings, sent.commission_amount) == ("sent", 0, due)
    assert listed(billed, AUGUST_BEGAN) == []


def test_a_correction_owed_for_long_is_still_listed_and_reminded_of(billed):
    """P30: a year later it is older than the months the list shows, and in the inbox."""
    send(billed)
    Booking.objects.filter(pk=billed.june[0].pk).update(state="noshow")
    late = JULY_BEGAN + timedelta(days=400)
    ((owed, *_rest),) = listed(billed, late)
    assert owed.period == JULY
    assert commands.note_due_statements(actor=billed.admin, now=late) == 1


def test_nothing_is_owed_where_nothing_was_settled(billed):
    """A month without agreed statistics after the last one sent is no statement of zero (D13)."""
    send(billed)
    no_statistics(billed)
    assert listed(billed, AUGUST_BEGAN) == []
    with pytest.raises(commands.NoStatement):
        compute(billed, JULY, AUGUST_BEGAN)
    assert SettlementStatement.objects.count() == 1


def test_what_changed_after_computing_is_looked_at_again_before_it_is_sent(billed):
    """R8: nobody sends lines that the bookings contradict."""
    made = compute(billed)
    Booking.objects.filter(pk=billed.june[0].pk).update(state="noshow")
    with pytest.raises(commands.StatementOutdated):
        commands.send_statement(actor=billed.admin, statement=made.public_id, now=JULY_BEGAN)
    assert not lines(made, frozen=True).exists()
    assert send(billed).commission_amount == 3 * 4500
