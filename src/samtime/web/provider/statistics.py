"""Statistics: bookings by source, place, service, practitioner or day, with commission."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.reports.queries.over_time import filter_choices
from samtime.web.door import page
from samtime.web.statistics_sheet import (
    Asked,
    asked,
    file_of,
    group_words,
    lines_of,
    refused_file,
    statistics_sheet,
    table_context,
)

GROUPS = ("source", "location", "service", "practitioner", "day")


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    return asked(request, actor, usual_group="source")


@page(Right.SEE_STATISTICS)
def statistics(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Filters, two charts, and the table under them."""
    what = _asked(request, actor)
    context: dict[str, Any] = {
        **table_context(request, actor, what, group_words(*GROUPS)),
        "choices": filter_choices(actor),
    }
    status = 200 if what.state.ok else 422
    return render(request, "provider/statistics/statistics.html", context, status=status)


@page(Right.SEE_STATISTICS)
def statistics_file(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """The same table as a file without live formulas."""
    what = _asked(request, actor)
    lines = lines_of(actor, what)
    if not what.state.ok:
        return refused_file(what.state)
    head = dict(group_words(*GROUPS)).get(what.state.text("group_by"), "")
    name = f"statistics-{what.wish.start}-{what.wish.end}"
    return file_of(statistics_sheet(lines, head), kind, name)
