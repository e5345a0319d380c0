"""Statistics: bookings by source, place, service, practitioner or day, with commission."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.reports.queries.over_time import filter_choices
from samtime.web.door import page
from samtime.web.statistics_sheet import (
    PARTNERS,
    Asked,
    asked,
    group_words,
    table_context,
    table_file,
)

GROUPS = ("source", "location", "service", "practitioner", "day")


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    return asked(request, actor, usual_group="source")


@page(Right.SEE_STATISTICS)
def statistics(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Filters, two charts, and the table under them."""
    what = _asked(request, actor)
    context = {
        **table_context(request, actor, what, group_words(*GROUPS)),
        "title": _("Statistics"),
        "lead": _("Bookings by source and outcome, with their value and commission."),
        "file_url": "provider:statistics_file",
        "choices": filter_choices(actor),
        "senders": [(PARTNERS, _("Sent by partners only"))],
    }
    status = 200 if what.state.ok else 422
    return render(request, "provider/statistics/statistics.html", context, status=status)


@page(Right.SEE_STATISTICS)
def statistics_file(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """The same table as a file."""
    return table_file(actor, _asked(request, actor), group_words(*GROUPS), kind)
