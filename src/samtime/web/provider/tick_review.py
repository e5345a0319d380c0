"""What a set of ticks would change: lines by channel, and the bookings to come that it touches."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings
from samtime.bookings.rules import MOVABLE
from samtime.channels.commands import ChangeAnswer
from samtime.channels.queries.matrix import Column, Matrix
from samtime.foundation.periods import day_bounds
from samtime.organizations.models import Location


def review_of(
    table: Matrix, answers: list[ChangeAnswer], name_of: Callable[[Column], str]
) -> dict[str, Any]:
    """The changes by channel, how many of each kind, and from which day."""
    names = {c.channel: name_of(c) for c in table.columns}
    rows = [row for group in table.groups for row in group.rows]
    cells = {row.service: row.name for row in rows}
    cells |= {p.offering: f"{row.name}, {p.name}" for row in rows for p in row.practitioners}
    counted, lines = Counter[bool](), dict[str, list[tuple[bool, str]]]()
    for answer in answers:
        change = answer.change
        what = change.offering or change.service
        column = names.get(change.channel, "")
        lines.setdefault(column, []).append((answer.open_after, cells[what] if what else ""))
        counted[answer.open_after] += 1
    return {
        "lines": lines,
        "added": counted[True],
        "removed": counted[False],
        "from_on": answers[0].from_on,
    }


def affected(actor: Actor, answers: list[ChangeAnswer], place: Location) -> list[Booking]:
    """Bookings to come, from the change's day on, that lie on what is closed (T14)."""
    shut = [a for a in answers if not a.open_after]
    if not shut or not actor.may(Right.SEE_CALENDAR):
        return []
    start = max(timezone.now(), day_bounds(shut[0].from_on, place.time_zone)[0])
    rows = bookings(actor, BookingFilter(start=start)).filter(
        channel__public_id__in={a.change.channel for a in shut},
        state__in=MOVABLE,
        location=place,
    )
    closed = {(a.change.channel, a.change.offering or a.change.service) for a in shut}
    return [
        booking
        for booking in rows.select_related("offering").order_by("starts_at")
        if (booking.channel.public_id, booking.offering.public_id) in closed
        or (booking.channel.public_id, booking.service.public_id) in closed
    ]
