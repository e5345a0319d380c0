"""What a set of ticks would change: lines by channel, and the bookings to come that it touches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings
from samtime.bookings.queries.clients import unreachable
from samtime.bookings.rules import MOVABLE
from samtime.channels.commands import Change, ChangeAnswer
from samtime.channels.queries.matrix import Matrix
from samtime.channels.queries.names import channel_name
from samtime.channels.queries.saved import who_changed
from samtime.foundation.periods import day_bounds
from samtime.organizations.models import Location


def names_of(table: Matrix, change: Change) -> tuple[str, str]:
    """What a change's channel and row are called."""
    columns = {c.channel: channel_name(c.kind, c.name) for c in table.columns}
    cells = {row.service: row.name for row in table.rows}
    cells |= {p.offering: f"{row.name}, {p.name}" for row in table.rows for p in row.practitioners}
    what = change.offering or change.service
    return columns.get(change.channel, ""), cells.get(what, "") if what else ""


def key_of(change: Change) -> str:
    """The key of a change's cell in the form."""
    kind, ident = ("o", change.offering) if change.offering else ("s", change.service)
    return f"{change.channel}/{kind}/{ident}"


def review_of(table: Matrix, answers: Sequence[ChangeAnswer]) -> dict[str, Any]:
    """The changes by channel, how many of each kind, and from which day."""
    counted, lines = Counter[bool](), dict[str, dict[tuple[bool, str], int]]()
    for answer in answers:
        column, what = names_of(table, answer.change)
        of_channel = lines.setdefault(column, {})
        of_channel[(answer.open_after, what)] = of_channel.get((answer.open_after, what), 0) + 1
        counted[answer.open_after] += 1
    return {
        "lines": [(n, [(o, w, c) for (o, w), c in found.items()]) for n, found in lines.items()],
        "added": counted[True],
        "removed": counted[False],
        "from_on": answers[0].from_on,
    }


def conflicts_of(
    actor: Actor, table: Matrix, changes: Sequence[Change], now: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Cells that a colleague changed meanwhile: mine beside theirs, by whom and when."""
    found = []
    for number, state in now.items():
        change = changes[number]
        column, what = names_of(table, change)
        ident = change.offering or change.service
        who = who_changed(actor, change.channel, ident) if ident else None
        found.append(
            {
                "key": key_of(change),
                "channel": column,
                "what": what,
                "mine": bool(change.open),
                "theirs": state,
                "who": who[0] if who else "",
                "at": who[1] if who else None,
            }
        )
    return found


def coming(actor: Actor, place: Location | None) -> dict[tuple[str, str], int]:
    """How many bookings to come lie on each channel's service and practitioner. Two queries."""
    if not actor.may(Right.SEE_CALENDAR):
        return {}
    rows = bookings(actor, BookingFilter(start=timezone.now())).filter(
        provider_id=actor.organization_id, state__in=MOVABLE
    )
    if place is not None:
        rows = rows.filter(location=place)
    found: dict[tuple[str, str], int] = {}
    for field in ("service__public_id", "offering__public_id"):
        counted = rows.order_by().values_list("channel__public_id", field).annotate(n=Count("id"))
        found |= {(str(channel), str(ident)): count for channel, ident, count in counted}
    return found


def affected(actor: Actor, answers: Sequence[ChangeAnswer]) -> list[Booking]:
    """Bookings to come, from the change's day on, that lie on what is closed (T14)."""
    shut = [a for a in answers if a.change.open is False and not a.open_after]
    if not shut or not actor.may(Right.SEE_CALENDAR):
        return []
    rows = bookings(actor, BookingFilter(start=timezone.now())).filter(
        channel__public_id__in={a.change.channel for a in shut}, state__in=MOVABLE
    )
    closed = {
        (a.change.channel, a.change.offering or a.change.service, a.change.location): a.from_on
        for a in shut
    }
    return [
        booking
        for booking in rows.select_related("offering").order_by("starts_at")
        if _is_shut(booking, closed)
    ]


def to_call(actor: Actor, hit: Sequence[Booking]) -> int:
    """How many of them no letter can be sent about: cancelled, each waits to be called. One query
    where there are any."""
    if not hit:
        return 0
    rows = bookings(actor, BookingFilter()).filter(id__in=[b.id for b in hit])
    return unreachable(rows).count()


def _is_shut(booking: Booking, closed: Mapping[tuple[Any, ...], Any]) -> bool:
    channel, place = booking.channel.public_id, booking.location
    first = closed.get((channel, booking.offering.public_id, None))
    first = first or closed.get((channel, booking.service.public_id, place.public_id))
    if first is None:
        return False
    return bool(booking.starts_at >= day_bounds(first, place.time_zone)[0])
