"""The partner's own figures: what it sent to institutions. Agents count what they booked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.organizations.queries import colleagues
from samtime.reports.queries.over_time import institutions_of
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

GROUPS = ("institution", "agent", "service", "location", "day")
RIGHTS = (Right.SEE_STATISTICS, Right.BOOK_AT_PARTNER)


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    return asked(request, actor, usual_group="institution", as_booker=True)


@page(*RIGHTS)
def statistics(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same table and charts as the institution's, over the partner's own bookings."""
    what = _asked(request, actor)
    sees_all = actor.may(Right.SEE_STATISTICS)
    context = {
        **table_context(request, actor, what, group_words(*GROUPS)),
        "institutions": institutions_of(actor),
        "agents": colleagues(actor) if sees_all else [],
        "only_own": not sees_all,
    }
    status = 200 if what.state.ok else 422
    return render(request, "partner/statistics/statistics.html", context, status=status)


@page(*RIGHTS)
def statistics_file(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """The table as a file."""
    what = _asked(request, actor)
    lines = lines_of(actor, what)
    if not what.state.ok:
        return refused_file(what.state)
    head = dict(group_words(*GROUPS)).get(what.state.text("group_by"), "")
    name = f"statistics-{what.wish.start}-{what.wish.end}"
    return file_of(statistics_sheet(lines, head), kind, name)
