"""A long import while the worker is at it: how far, since when, stop; also without scripts.

The page asks every two seconds and is loaded anew when the work is over.
"""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.bookings.commands.import_work import is_long_to_apply, stop_import, want_applied
from samtime.documents.models import ImportProgress, ImportRun
from samtime.documents.queries import progress_of
from samtime.documents.rules import AT_WORK, Pace
from samtime.organizations.queries import home_zone
from samtime.web.explained import slug_of

QUIET = timedelta(seconds=20)


def at_work(request: HttpRequest, actor: Actor, run: ImportRun) -> HttpResponse | None:
    """The page of a run the worker is at, and the POSTs that concern him; None for all others."""
    if request.method == "POST":
        return _act(request, actor, run)
    if run.state in AT_WORK:
        return _page(request, actor, run)
    if "progress" in request.GET:
        # Over since the page asked last: it shows the result now.
        if not request.headers.get("HX-Request"):
            return redirect(request.path)
        over = HttpResponse()
        over["HX-Redirect"] = request.path
        return over
    return None


def _act(request: HttpRequest, actor: Actor, run: ImportRun) -> HttpResponse | None:
    if request.POST.get("act") == "stop":
        stop_import(actor=actor, run_id=run.public_id)
        return redirect(request.path)
    if run.state == "applying" or (run.state == "previewed" and is_long_to_apply(run)):
        want_applied(actor=actor, run_id=run.public_id)
        return redirect(request.path)
    return None


def _page(request: HttpRequest, actor: Actor, run: ImportRun) -> HttpResponse:
    found = progress_of(run)
    context = {
        "run": run,
        "progress": found,
        "pace": _pace(found),
        "is_quiet": _is_quiet(found, timezone.now()),
        "zone": home_zone(actor),
        "slug": slug_of(request),
        "address": f"{request.path}?progress",
    }
    asked = "progress" in request.GET and request.headers.get("HX-Request")
    name = "_progress" if asked else "progress"
    return render(request, f"provider/imports/{name}.html", context)


def _pace(found: ImportProgress | None) -> Pace:
    if found is None:
        return Pace(1, 1, 0, 0)
    return Pace(found.step, found.steps, found.done, found.total)


def _is_quiet(found: ImportProgress | None, now: datetime) -> bool:
    """Nothing was heard for long: the worker is busy, away, or was killed and begins anew."""
    if found is None:
        return False
    return (found.told_at or found.wanted_at) < now - QUIET
