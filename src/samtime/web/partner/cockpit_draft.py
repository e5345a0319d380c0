"""An interrupted call in the cockpit: kept while it is typed, gone on with, or forgotten."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.drafts import Typed, drop_draft, keep_draft
from samtime.bookings.queries.drafts import one_draft
from samtime.bookings.queries.held import one_hold
from samtime.foundation.errors import NotFound
from samtime.organizations.queries import home_zone
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.partner.cockpit_call_back import caller_typed, seed_of
from samtime.web.partner.cockpit_search import FILTERS

WISH = ("q", "service", *FILTERS)


@page(Right.BOOK_AT_PARTNER)
def cockpit_draft(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST: what is typed of a call is kept; `act` drop forgets it. Both answer 204."""
    state = FormState.posted(request.POST)
    call = ident_typed(state.text("call"))
    if request.method != "POST" or call is None:
        raise NotFound()
    if state.text("act") == "drop":
        drop_draft(actor=actor, call=call)
        return HttpResponse(status=204)
    typed = Typed(
        call=call,
        caller=caller_typed(state),
        wish={name: value for name in WISH if (value := state.text(name))},
        hold=ident_typed(state.text("hold")),
        call_back=ident_typed(state.text("call_back")),
    )
    keep_draft(actor=actor, typed=typed, now=timezone.now())
    return HttpResponse(status=204)


def interrupted(actor: Actor, text: str, now: datetime) -> tuple[FormState, dict[str, Any]] | None:
    """The wish of an interrupted call as typed, and what the right column needs; None where it is
    finished or forgotten, or nothing was asked for."""
    call = ident_typed(text)
    draft = one_draft(actor, call, now=now) if call else None
    if draft is None:
        return None
    held = one_hold(actor, draft.hold, now=now) if draft.hold else None
    resumed = {
        "draft": draft,
        "held": held,
        "seed": seed_of(draft.caller, draft.call_back),
        "zone": home_zone(actor),
    }
    return FormState(dict(draft.wish)), resumed
