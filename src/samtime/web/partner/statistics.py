"""The partner's own figures: what it sent to institutions. Agents count what they booked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.organizations.queries import colleagues
from samtime.reports.queries.over_time import institutions_of
from samtime.web.door import page
from samtime.web.statistics_sheet import Asked, asked, group_words, table_context, table_file

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
        "title": _("Statistics"),
        "lead": _lead(sees_all),
        "file_url": "partner:statistics_file",
        "institutions": institutions_of(actor),
        "agents": colleagues(actor) if sees_all else [],
    }
    status = 200 if what.state.ok else 422
    return render(request, "partner/statistics/statistics.html", context, status=status)


def _lead(sees_all: bool) -> str:
    if not sees_all:
        return _("What you booked yourself, and what became of it.")
    return _("What your organisation sent to institutions, what became of it, and what it earned.")


@page(*RIGHTS)
def statistics_file(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """The table as a file."""
    return table_file(actor, _asked(request, actor), group_words(*GROUPS), kind)
