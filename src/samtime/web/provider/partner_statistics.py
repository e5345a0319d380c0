"""Statistics sent to partner: every booking partners made here, with what became of it (R4-R7)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import NewPlace, cancel_booking, move_booking
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import patient_names
from samtime.bookings.rules import MOVABLE, shown_reference
from samtime.foundation.errors import Invalid, NotFound, Refusal
from samtime.foundation.exports import Cell, Sheet
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.journal.commands import Access, log_access
from samtime.reports.queries import (
    booking_statistics,
    partner_booking,
    sent_bookings,
    totals,
)
from samtime.reports.queries.over_time import filter_choices
from samtime.web.badges import badge_of
from samtime.web.dates import alternative_starts, start_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed
from samtime.web.once import once_only
from samtime.web.statistics_sheet import (
    Asked,
    asked,
    file_of,
    filter_context,
    refused_file,
)
from samtime.web.templatetags.formats import time_of_day

TEMPLATE = "provider/partner_statistics/partner_statistics.html"
SHOWN, MOST_IN_FILE = 100, 20_000


def sees_names(actor: Actor) -> bool:
    """Whether the person may read who the clients are; finance may not (DOMAIN.md 1.4)."""
    return actor.may(Right.SEE_CALENDAR) or actor.may(Right.SEE_PATIENTS)


def outcomes() -> list[tuple[str, str]]:
    """The filter of outcomes."""
    return [
        ("attended", _("Attended")),
        ("booked", _("Booked")),
        ("noshow", _("No-show")),
        ("cancelled", _("Cancelled")),
    ]


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    return asked(request, actor, usual_group="source", partners_only=True)


@page(Right.SEE_STATISTICS)
@once_only
def partner_statistics(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list of a period; `?open=<id>` with the booking, whose buttons post here."""
    if request.method == "POST":
        return _act(request, actor)
    return _page(request, actor, FormState(), _ident(request.GET.get("open", "")))


def _ident(text: str) -> UUID | None:
    return ident_needed(text) if text else None


def _page(
    request: HttpRequest, actor: Actor, typed: FormState, opened: UUID | None, status: int = 200
) -> HttpResponse:
    what = _asked(request, actor)
    rows: list[Booking] = []
    sums: list[Any] = []
    count = SHOWN * _pages(what.state)
    try:
        if what.state.ok:
            rows = list(sent_bookings(actor, what.wish)[: count + 1])
            by_source = booking_statistics(actor, what.wish, group_by="source", now=timezone.now())
            sums = totals(by_source)
    except Invalid as refusal:
        what.state.refuse(refusal)
    query = request.GET.copy()
    query.pop("open", None)
    context = {
        **filter_context(what),
        "title": _("Statistics sent to partner"),
        "lead": _("What partners booked here, and the commission that follows from it."),
        "file_url": "provider:partner_statistics_file",
        "rows": _named(actor, rows[:count], "listed"),
        "more": len(rows) > count,
        "pages": count // SHOWN + 1,
        "sums": sums,
        "choices": filter_choices(actor).channels,
        "outcomes": outcomes(),
        "names": sees_names(actor),
        "query": query.urlencode(),
        "panel": _panel(actor, opened) if opened else None,
        "typed": typed,
    }
    status = status if what.state.ok else 422
    return render(request, TEMPLATE, context, status=status)


def _pages(state: FormState) -> int:
    text = state.text("pages")
    return min(int(text), 50) if text.isdecimal() and 0 < len(text) < 4 and int(text) else 1


def _named(actor: Actor, rows: list[Booking], action: str) -> list[tuple[Booking, str]]:
    """Rows with the client's name where the person may read it; that reading is logged (P12)."""
    if not sees_names(actor):
        return [(b, "") for b in rows]
    names = patient_names(actor, [b.patient_id for b in rows])
    ids = tuple(sorted({b.patient_id for b in rows}))
    if ids:
        log_access(actor, Access(actor.organization_id, ids, action, "partner_statistics"))
    return [(b, names.get(b.patient_id, "–")) for b in rows]


def _one(actor: Actor, ident: UUID) -> Booking:
    found = partner_booking(actor, ident)
    if found is None:
        raise NotFound()
    return found


def _panel(actor: Actor, ident: UUID) -> dict[str, Any]:
    found = _one(actor, ident)
    ((_booking, name),) = _named(actor, [found], "opened")
    return {
        "booking": found,
        "name": name or shown_reference(found.reference),
        "reference": shown_reference(found.reference),
        "price": Money(found.price_amount, found.currency),
        "commission": Money(found.commission_amount if _counts(found) else 0, found.currency),
        "may_change": actor.may(Right.CHANGE_BOOKING) and found.state in MOVABLE,
        "zone": found.location.time_zone,
    }


def _act(request: HttpRequest, actor: Actor) -> HttpResponse:
    typed = FormState.posted(request.POST)
    ident = _ident(typed.text("booking"))
    if ident is None:
        raise NotFound()
    found = _one(actor, ident)
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "cancel": (
            lambda: cancel_booking(
                actor=actor, booking=ident, reason=typed.text("reason"), now=timezone.now()
            ),
            _("Cancelled. The partner and the client are told; the time is free again."),
        ),
        "move": (
            lambda: _move(actor, found, typed),
            _("Moved. The partner and the client are told."),
        ),
    }
    run, said = acts.get(typed.text("act"), (None, ""))
    if run is None:
        raise NotFound()
    try:
        run()
    except NotFound:
        raise
    except Refusal as refusal:
        typed.refuse(refusal)
        typed.values["alternatives"] = alternative_starts(refusal)
        return _page(request, actor, typed, ident, status=refusal.status)
    if not typed.ok:
        return _page(request, actor, typed, ident, status=422)
    messages.success(request, said)
    return redirect(request.get_full_path())


def _move(actor: Actor, found: Booking, typed: FormState) -> None:
    zone = found.location.time_zone
    start = start_typed(typed.text("day"), typed.text("time"), zone)
    if start is None:
        typed.wrong("day", _("Write a day and a time, for example 2026-11-24 and 14:30."))
        return
    move_booking(
        actor=actor,
        booking=found.public_id,
        to=NewPlace(start, version=found.version),
        now=timezone.now(),
    )


@page(Right.SEE_STATISTICS)
def partner_statistics_file(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """The list as a file; names only with the right to export them, and logged."""
    what = _asked(request, actor)
    try:
        rows = list(sent_bookings(actor, what.wish)[:MOST_IN_FILE]) if what.state.ok else []
    except Invalid as refusal:
        what.state.refuse(refusal)
    if not what.state.ok:
        return refused_file(what.state)
    with_names = sees_names(actor) and actor.may(Right.EXPORT_PATIENTS)
    named = _named(actor, rows, "exported") if with_names else [(b, "") for b in rows]
    heads = [
        _("Date"),
        _("Time"),
        _("Booking"),
        *([_("Client")] if with_names else []),
        _("Service"),
        _("Practitioner"),
        _("Location"),
        _("Booking source"),
        _("Price"),
        _("Payment"),
        _("Outcome"),
        _("Commission"),
        _("Currency"),
    ]
    cells = [_cells(b, name, with_names) for b, name in named]
    name = f"partner-statistics-{what.wish.start}-{what.wish.end}"
    return file_of(Sheet(_("Statistics sent to partner"), heads, cells), kind, name)


def _counts(booking: Booking) -> bool:
    return booking.state not in ("cancelled", "noshow")


def _cells(booking: Booking, name: str, with_names: bool) -> list[Cell]:
    zone = booking.location.time_zone
    return [
        local_day(booking.starts_at, zone),
        time_of_day(booking.starts_at, zone),
        shown_reference(booking.reference),
        *([name] if with_names else []),
        booking.service.name,
        str(booking.practitioner),
        booking.location.name,
        booking.channel.name,
        Money(booking.price_amount, booking.currency),
        str(badge_of("payment", booking.payment_state).word),
        str(badge_of("booking", booking.state).word),
        Money(booking.commission_amount if _counts(booking) else 0, booking.currency),
        booking.currency,
    ]
