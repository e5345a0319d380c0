"""An unsent month as it stands: the lines that computing it now would store."""

from datetime import datetime

from samtime.billing.models import SettlementStatement, StatementLine
from samtime.billing.queries.corrections import correction_month, due_corrections, line_of
from samtime.billing.queries.sources import month_bookings
from samtime.billing.rules import outcome
from samtime.bookings.models import Booking


def lines_as_they_stand(statement: SettlementStatement, now: datetime) -> list[StatementLine]:
    """What computing an unsent month now would store, where it is the next to be sent."""
    lines = visits(statement, now)
    if correction_month(statement.channel, statement.currency) == statement.period:
        lines += due_corrections(statement, now)
    return lines


def visits(statement: SettlementStatement, now: datetime) -> list[StatementLine]:
    """The month's bookings that no sent statement holds, as lines; not stored."""
    rows = month_bookings(statement.channel, statement.period, statement.currency)
    return [line_from(statement, booking, now) for booking in rows]


def is_outdated(statement: SettlementStatement, now: datetime) -> bool:
    """Whether the stored lines of an unsent month say other than the bookings do now."""
    stored = statement.lines.all()
    due = [*visits(statement, now), *due_corrections(statement, now)]
    return {_told(line) for line in stored} != {_told(line) for line in due}


def _told(line: StatementLine) -> tuple[str, int, str, int, int]:
    """What a sum, or the reader's trust in it, hangs on."""
    return (
        line.kind,
        line.booking_id,
        line.outcome if line.kind == "visit" else "",
        line.base_amount,
        line.commission_amount,
    )


def line_from(statement: SettlementStatement, booking: Booking, now: datetime) -> StatementLine:
    """A booking as the line of a visit, as it stands now; not stored."""
    counts = outcome(booking.state, booking.starts_at, now) == "attended"
    return line_of(
        statement,
        booking,
        now,
        kind="visit",
        base_amount=booking.net_amount if counts else 0,
        commission_amount=booking.commission_amount if counts else 0,
    )
