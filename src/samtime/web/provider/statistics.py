"""Statistics: bookings by source, place, service, practitioner or day, with commission."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import Invalid
from samtime.foundation.exports import Sheet, csv_bytes, xlsx_bytes
from samtime.foundation.money import Money
from samtime.organizations.queries import home_zone
from samtime.reports.queries import (
    GROUPS,
    StatisticsLine,
    StatisticsWish,
    booking_statistics,
    totals,
)
from samtime.reports.rules import month_of
from samtime.web.dates import EARLIEST, day_typed
from samtime.web.door import page
from samtime.web.form_state import FormState

FILES = {
    "xlsx": (xlsx_bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (csv_bytes, "text/csv; charset=utf-8"),
}


def group_words() -> list[tuple[str, str]]:
    """The groupings and their words, in the order of the choice."""
    words = {
        "source": _("Booking source"),
        "location": _("Location"),
        "service": _("Service"),
        "practitioner": _("Practitioner"),
        "day": _("Day"),
    }
    return [(key, words[key]) for key in GROUPS]


@page(Right.SEE_STATISTICS)
def statistics(request: HttpRequest, actor: Actor, partners_only: bool = False) -> HttpResponse:
    """The table; `partners_only` is the second menu item, «Statistics sent to partner»."""
    state, lines, wish = _asked(request, actor, partners_only)
    group = state.text("group_by")
    context = {
        "state": state,
        "lines": lines,
        "totals": totals(lines),
        "wish": wish,
        "group_word": dict(group_words()).get(group, ""),
        "groups": group_words(),
        "partners_only": partners_only,
        "query": request.GET.urlencode(),
    }
    status = 200 if state.ok else 422
    return render(request, "provider/statistics/statistics.html", context, status=status)


@page(Right.SEE_STATISTICS)
def statistics_file(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """The same table as a file without live formulas."""
    state, lines, wish = _asked(request, actor, "partners" in request.GET)
    if not state.ok:
        return HttpResponse(
            next(iter(state.errors.values())), status=422, content_type="text/plain"
        )
    make, content_type = FILES[kind]
    sheet = Sheet(_("Statistics"), _heads(state.text("group_by")), [_cells(x) for x in lines])
    response = HttpResponse(make(sheet), content_type=content_type)
    name = f"statistics-{wish.start}-{wish.end}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked(
    request: HttpRequest, actor: Actor, partners_only: bool
) -> tuple[FormState, list[StatisticsLine], StatisticsWish]:
    first, last = month_of(timezone.localdate())
    state = FormState.posted(request.GET)
    state.values.setdefault("group_by", "source")
    start = _day(state, "from", first)
    wish = StatisticsWish(
        start=start,
        end=_day(state, "to", last),
        zone=home_zone(actor),
        partners_only=partners_only or state.text("sent") == "partners",
    )
    try:
        group = state.text("group_by")
        lines = booking_statistics(actor, wish, group_by=group, now=timezone.now())
    except Invalid as refusal:
        state.refuse(refusal)
        lines = []
    return state, lines if state.ok else [], wish


def _day(state: FormState, name: str, usual: date) -> date:
    typed = state.text(name)
    if not typed:
        state.values[name] = usual.isoformat()
        return usual
    found = day_typed(typed)
    if found is None or found < EARLIEST:
        state.wrong(name, _("Write the day as year-month-day, for example 2026-11-24."))
        return usual
    return found


def _heads(group: str) -> list[str]:
    return [
        dict(group_words()).get(group, ""),
        _("Bookings"),
        _("Attended"),
        _("No-show"),
        _("Cancelled"),
        _("To come"),
        _("Value"),
        _("Commission"),
        _("Expected commission"),
        _("Currency"),
    ]


def _cells(line: StatisticsLine) -> list[str | int]:
    money = [Money(m, line.currency).amount for m in (line.value, line.commission, line.expected)]
    counts = [line.bookings, line.attended, line.no_show, line.cancelled, line.coming]
    return [line.label, *counts, *money, line.currency]
