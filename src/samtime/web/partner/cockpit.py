"""Book, the agent's cockpit: first free everywhere, hold, person, confirm, on one screen (B1-B13).

The page is the frame; what the agent does fetches its parts (`data-part`) and static/samtime/
cockpit.js puts each into its column.
"""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.drafts import begun
from samtime.bookings.queries.held import my_holds, one_hold
from samtime.bookings.queries.live import version_of, watched
from samtime.organizations.queries import home_zone
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.partner.cockpit_call_back import called_again
from samtime.web.partner.cockpit_draft import interrupted
from samtime.web.partner.cockpit_search import context_of, find, typed

TEMPLATES = "partner/cockpit"


@page(Right.BOOK_AT_PARTNER)
def cockpit(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The whole screen; its first list is the first free of everything (B2), or what a call-back
    that is opened, or a call that was interrupted, wishes."""
    now, state = timezone.now(), typed(request)
    again = called_again(actor, state.text("call_back"), now)
    resumed = None if again else interrupted(actor, state.text("call"), now)
    wished, about = again or resumed or (state, None)
    found = find(actor, wished, now=now)
    holds, drafts = begun(actor, now=now)
    context = {
        **context_of(found, slug_of(request)),
        "holds": holds,
        "drafts": drafts,
        "called": about if again else None,
        "resumed": about if resumed else None,
        "call": resumed[1]["draft"].call if resumed else uuid4(),
        "zone": home_zone(actor) if drafts else "",
    }
    return render(request, f"{TEMPLATES}/cockpit.html", context)


@page(Right.BOOK_AT_PARTNER)
def cockpit_find(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list for what is typed."""
    return _answer(request, actor, typed(request))


def _answer(request: HttpRequest, actor: Actor, state: FormState) -> HttpResponse:
    now = timezone.now()
    asked = ident_typed(state.text("hold"))
    held = one_hold(actor, asked, now=now) if asked else None
    found = find(actor, state, now=now, held=held)
    return render(request, f"{TEMPLATES}/_results.html", context_of(found, slug_of(request)))


@page(Right.BOOK_AT_PARTNER)
def cockpit_live(request: HttpRequest, actor: Actor) -> HttpResponse:
    """204 while nothing changed that the list shows, else the list anew."""
    state = typed(request)
    rows = watched(actor, state.text("live"))
    if version_of(actor, rows) == state.text("version"):
        return HttpResponse(status=204)
    return _answer(request, actor, state)


@page(Right.BOOK_AT_PARTNER)
def cockpit_holds(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The times this person holds, for the bar."""
    context = {"holds": my_holds(actor, now=timezone.now())}
    return render(request, f"{TEMPLATES}/_holds.html", context)
