"""A month computed, sent, disputed, corrected and closed (P13, P14, P29, R8, R9)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from samtime.billing import commands
from samtime.billing.commands.disputing import Claim
from samtime.billing.models import LineDispute, SettlementStatement, StatementLine
from samtime.bookings.models import Booking
from samtime.channels.models import ChannelTerms
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.journal.models import JournalEntry
from samtime.mailbox.models import OutgoingMail
from tests.billing.conftest import (
    AUGUST_BEGAN,
    JULY,
    JULY_BEGAN,
    JUNE,
    MAY,
    answer,
    compute,
    day,
    dispute,
    lines,
    row,
    save,
    send,
)

pytestmark = pytest.mark.django_db


def test_the_month_adds_up_with_both_rates(billed):
    """R8, R9, P13, P14, P29: 56.25 at 12.5 %, 3 x 45.00 at 10 %; a past visit nobody marked
    counts, cancelled and no-show are listed at zero with their word."""
    made = compute(billed)
    assert (made.state, made.bookings, made.attended) == ("computed", 7, 4)
    assert (made.cancelled, made.no_show) == (2, 1)
    assert (made.base_amount, made.commission_amount) == (4 * 45000, 5625 + 3 * 4500)
    assert {x.commission_rate for x in lines(made, outcome="attended")} == {1250, 1000}
    nothing = lines(made).exclude(outcome="attended")
    assert [(x.state, x.base_amount, x.commission_amount) for x in nothing] == [
        ("cancelled", 0, 0),
        ("noshow", 0, 0),
        ("cancelled", 0, 0),
    ]


def test_the_month_is_the_month_at_the_place(billed):
    """D10: half past midnight on the first in Bucharest is still the month before in UTC."""
    late = row(billed, day(6, 1, 0) + timedelta(minutes=30))
    save(billed, late, row(billed, day(6, 30, 24) - timedelta(minutes=30)))
    assert late.starts_at.month == 5
    made = compute(billed)
    assert made.attended == 6
    assert lines(made).first().on == JUNE


def test_what_is_still_to_come_is_expected_and_in_no_sum(billed):
    """R9, DOMAIN 0."""
    made = compute(billed, now=day(6, 12))
    assert (made.attended, made.commission_amount) == (1, 5625)
    assert [x.commission_amount for x in lines(made, outcome="expected")] == [0, 0, 0]


def test_computing_again_takes_what_changed_until_it_is_sent(billed):
    made = compute(billed)
    Booking.objects.filter(pk=billed.june[0].pk).update(state="noshow")
    assert compute(billed).commission_amount == made.commission_amount - 5625
    send(billed)
    with pytest.raises(commands.StatementFrozen):
        compute(billed)
    assert SettlementStatement.objects.get().commission_amount == 3 * 4500


def test_a_later_rate_does_not_touch_what_was_booked(billed):
    """P29: the settlement reads what is frozen on the booking."""
    before = compute(billed).commission_amount
    ChannelTerms.objects.filter(channel=billed.channel).update(commission_rate=9999)
    assert compute(billed).commission_amount == before


def test_a_month_without_lines_is_a_statement_of_zero(billed):
    made = send(billed, MAY)
    assert (made.state, made.bookings, made.commission_amount) == ("sent", 0, 0)


def test_no_statistics_no_statement(billed):
    """D13."""
    set_viewer(billed.aurora.id)
    ChannelTerms.objects.filter(channel=billed.channel).update(statistics=False)
    with pytest.raises(NotFound):
        compute(billed)
    assert not SettlementStatement.objects.exists()


def test_forint_statements_have_whole_forint(billed):
    """D12: 12.5 % of 1,234 Ft is 154 Ft, and never mixed with lei."""
    save(billed, row(billed, day(6, 20), price=123400, currency="HUF"))
    set_viewer(billed.aurora.id)
    made = commands.compute_statement(
        actor=billed.admin,
        channel=billed.channel.public_id,
        period=JUNE,
        now=JULY_BEGAN,
        currency="HUF",
    )
    assert (made.commission_amount, made.bookings) == (15400, 1)
    assert compute(billed).bookings == 7


def test_sending_tells_the_partner(billed):
    """P4, P30: a letter in the manager's language, an item in the partner's inbox."""
    made = send(billed)
    assert (made.state, made.answer_by) == ("sent", day(7, 15).date())
    mail = OutgoingMail.objects.get()
    assert mail.recipient == "admin@hello.example"
    assert "June 2026" in mail.subject
    assert str(made.public_id) in mail.text
    set_viewer(billed.hello.id)
    item = InboxItem.objects.get(kind="statement_waiting")
    assert item.link == f"partner/statements/{made.public_id}/"
    assert JournalEntry.objects.filter(kind="statement.sent").count() == 1


@pytest.mark.parametrize("now", [day(6, 30, 23)])
def test_a_month_that_is_not_over_is_not_sent(billed, now):
    made = compute(billed, now=now)
    with pytest.raises(commands.MonthNotOver):
        commands.send_statement(actor=billed.admin, statement=made.public_id, now=now)
    assert SettlementStatement.objects.get().state == "computed"
    assert not OutgoingMail.objects.exists()


def test_what_was_computed_before_the_month_ended_is_computed_again(billed):
    made = compute(billed, now=day(6, 25))
    with pytest.raises(commands.StatementOutdated):
        commands.send_statement(actor=billed.admin, statement=made.public_id, now=JULY_BEGAN)
    assert not lines(made, frozen=True).exists()


def test_months_are_sent_in_order(billed):
    save(billed, row(billed, day(7, 2)))
    with pytest.raises(commands.EarlierOpen):
        send(billed, JULY, AUGUST_BEGAN)
    send(billed)
    assert send(billed, JULY, AUGUST_BEGAN).attended == 1


def test_an_outcome_changed_after_sending_is_corrected_next_month(billed):
    """R9: the sent lines stay; July takes 56.25 back."""
    june = send(billed)
    Booking.objects.filter(pk=billed.june[0].pk).update(state="noshow")
    july = compute(billed, JULY, AUGUST_BEGAN)
    line = lines(july).get()
    assert (line.kind, line.reason, line.commission_amount) == ("correction", "outcome", -5625)
    assert july.commission_amount == -5625
    june.refresh_from_db()
    assert june.commission_amount == 5625 + 3 * 4500


def test_a_visit_moved_over_the_months_end_is_settled_once(billed):
    """D10: in July only, if June was not sent; else June gives it, July takes nothing."""
    send(billed)
    Booking.objects.filter(pk=billed.june[6].pk).update(starts_at=day(7, 3), ends_at=day(7, 3, 10))
    july = send(billed, JULY, AUGUST_BEGAN)
    assert july.commission_amount == 0
    assert StatementLine.objects.filter(booking=billed.june[6], frozen=True).count() == 1


def test_a_booking_is_in_one_sent_statement_even_if_the_code_errs(billed):
    """Invariant 10 by the database."""
    send(billed)
    set_viewer(billed.aurora.id)
    other = compute(billed, JULY, AUGUST_BEGAN)
    line = StatementLine.objects.filter(booking=billed.june[0]).get()
    line.pk, line.public_id, line.statement = None, other.public_id, other
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()


def test_scenario_11(billed):
    """DOMAIN 1.5, scenario 11: the rate changed on the 15th, two cancellations, one no-show, one
    paid at the partner; one total for both sides; a line disputed, corrected next month, closed."""
    june = send(billed)
    set_viewer(billed.hello.id)
    seen = SettlementStatement.objects.get()
    assert seen.commission_amount == june.commission_amount == 5625 + 3 * 4500
    assert StatementLine.objects.filter(statement=seen).count() == 7
    made = dispute(billed, june, lines(june, state="noshow").get())
    set_viewer(billed.aurora.id)
    with pytest.raises(commands.DisputesOpen):
        commands.close_statement(actor=billed.admin, statement=june.public_id, now=JULY_BEGAN)
    assert SettlementStatement.objects.get().state == "disputed"
    assert InboxItem.objects.filter(kind="statement_disputed", resolved_at=None).count() == 1
    answer(billed, made, accept=True)
    assert not InboxItem.objects.filter(kind="statement_disputed", resolved_at=None).exists()
    closed = commands.close_statement(actor=billed.admin, statement=june.public_id, now=JULY_BEGAN)
    assert (closed.state, closed.commission_amount) == ("closed", june.commission_amount)
    july = send(billed, JULY, AUGUST_BEGAN)
    assert (july.commission_amount, lines(july).get().reason) == (5625, "dispute")


def test_an_accepted_dispute_and_the_corrected_booking_are_not_paid_twice(billed):
    june = send(billed)
    answer(billed, dispute(billed, june, lines(june, state="noshow").get()), accept=True)
    Booking.objects.filter(pk=billed.june[2].pk).update(state="fulfilled")
    assert send(billed, JULY, AUGUST_BEGAN).commission_amount == 5625


def test_a_missing_booking_is_claimed_by_its_number(billed):
    """SCREENS 6.8: spoken as people speak it; accepted, it comes with the next month."""
    june = send(billed)
    (late,) = save(billed, row(billed, day(6, 21)))
    set_viewer(billed.hello.id)
    typed = f"{late.reference[:4].lower()}-{late.reference[4:].lower()}"
    made = commands.claim_missing_booking(
        actor=billed.manager,
        statement=june.public_id,
        reference=typed,
        claim=Claim("missing", 5000, "It is not on the list."),
        now=JULY_BEGAN,
    )
    answer(billed, made, accept=True)
    july = send(billed, JULY, AUGUST_BEGAN)
    assert (july.commission_amount, lines(july).get().booking_id) == (5000, late.pk)


@pytest.mark.parametrize("which", ["unknown", "settled", "later"])
def test_a_claim_that_is_none_is_refused_at_its_field(billed, which):
    june = send(billed)
    (later,) = save(billed, row(billed, day(7, 5)))
    numbers = {"unknown": "ZZZZZZZZ", "settled": billed.june[0].reference}
    set_viewer(billed.hello.id)
    with pytest.raises(Invalid) as refused:
        commands.claim_missing_booking(
            actor=billed.manager,
            statement=june.public_id,
            reference=numbers.get(which, later.reference),
            claim=Claim("missing", 5000, "Where is it?"),
            now=JULY_BEGAN,
        )
    assert (refused.value.errors[0].field, refused.value.errors[0].code) == ("reference", which)
    assert not LineDispute.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "reason", "text", "field"),
    [
        (None, "wrong_rate", "Why", "wanted"),
        (-1, "wrong_rate", "Why", "wanted"),
        (45001, "wrong_rate", "Why", "wanted"),
        (1, "mood", "Why", "reason"),
        (1, "wrong_rate", " ", "text"),
    ],
)
def test_a_dispute_says_what_is_wrong(billed, wanted, reason, text, field):
    june = send(billed)
    with pytest.raises(Invalid) as refused:
        dispute(billed, june, lines(june).first(), wanted, reason, text)
    assert [e.field for e in refused.value.errors] == [field]
    assert SettlementStatement.objects.get().state == "sent"


def test_declining_needs_a_reason_and_a_line_is_disputed_once(billed):
    june = send(billed)
    line = lines(june, state="noshow").get()
    made = dispute(billed, june, line)
    with pytest.raises(Invalid):
        answer(billed, made, accept=False)
    assert answer(billed, made, accept=False, reason="Nobody came.").state == "declined"
    with pytest.raises(commands.AlreadyDisputed):
        dispute(billed, june, line)
    with pytest.raises(commands.DisputeClosed):
        answer(billed, made, accept=True)
    assert send(billed, JULY, AUGUST_BEGAN).commission_amount == 0


def test_the_partner_accepts_and_only_then_it_closes(billed):
    june = send(billed)
    set_viewer(billed.aurora.id)
    with pytest.raises(commands.NotAnswered):
        commands.close_statement(actor=billed.admin, statement=june.public_id, now=JULY_BEGAN)
    set_viewer(billed.hello.id)
    commands.accept_statement(actor=billed.manager, statement=june.public_id, now=JULY_BEGAN)
    set_viewer(billed.aurora.id)
    closed = commands.close_statement(actor=billed.admin, statement=june.public_id, now=JULY_BEGAN)
    assert (closed.state, closed.accepted_by_id) == ("closed", billed.manager.user_id)


def test_silence_until_the_date_lets_it_close(billed):
    june = send(billed)
    late = JULY_BEGAN + timedelta(days=15)
    set_viewer(billed.aurora.id)
    closed = commands.close_statement(actor=billed.admin, statement=june.public_id, now=late)
    assert closed.state == "closed"


def test_who_may_do_what(billed):
    """DOMAIN 1.4: the desk settles nothing, an agent answers nothing, a stranger finds nothing."""
    june = send(billed)
    set_viewer(billed.hello.id)
    with pytest.raises(RightMissing):
        commands.accept_statement(actor=billed.agent, statement=june.public_id, now=JULY_BEGAN)
    with pytest.raises(RightMissing):
        commands.send_statement(actor=billed.manager, statement=june.public_id, now=JULY_BEGAN)
    set_viewer(billed.aurora.id)
    with pytest.raises(RightMissing):
        commands.compute_statement(
            actor=billed.desk, channel=billed.channel.public_id, period=JUNE, now=JULY_BEGAN
        )
    with pytest.raises(NotFound):
        commands.accept_statement(actor=billed.admin, statement=june.public_id, now=JULY_BEGAN)
    set_viewer(billed.stranger.id)
    with pytest.raises(NotFound):
        commands.send_statement(actor=billed.outsider, statement=june.public_id, now=JULY_BEGAN)
    set_viewer(billed.aurora.id)
    assert SettlementStatement.objects.get().state == "sent"


def test_an_unsent_month_stands_in_the_inbox_until_it_is_sent(billed):
    """P30: nothing silent; the sweep may run twice."""
    set_viewer(billed.aurora.id)
    for _time in range(2):
        assert commands.note_due_statements(actor=billed.admin, now=JULY_BEGAN) == 1
    assert InboxItem.objects.filter(kind="statement_due", resolved_at=None).count() == 1
    send(billed)
    assert not InboxItem.objects.filter(kind="statement_due", resolved_at=None).exists()
    assert commands.note_due_statements(actor=billed.admin, now=JULY_BEGAN) == 0


def test_computing_asks_the_same_number_of_questions_for_any_number_of_lines(
    billed, django_assert_max_num_queries
):
    save(billed, *(row(billed, day(6, 1 + n % 28, 8 + n % 8)) for n in range(60)))
    set_viewer(billed.aurora.id)
    with django_assert_max_num_queries(22):
        assert compute(billed).bookings == 67
