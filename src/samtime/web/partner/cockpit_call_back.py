"""F8 in the cockpit: the caller gets a call later; and a promised call filled in again."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.call_backs import Asked, keep_call_back
from samtime.bookings.queries.call_backs import one_call_back
from samtime.bookings.queries.held import my_holds
from samtime.bookings.rules import Caller, proposed_call_back
from samtime.foundation.errors import NotFound, Refusal
from samtime.organizations.queries import home_zone
from samtime.web.dates import start_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.once import once_told
from samtime.web.partner import call_back_words as words
from samtime.web.partner.cockpit_search import FILTERS, kept_wish

TEMPLATES = "partner/cockpit"
PERSON = ("given_name", "family_name", "birth_date", "phone", "email", "language")
# What travels unseen through the form: the wish, the rest of the person, the held time.
UNSEEN = (
    *("q", "service", *FILTERS, "hold", "call_back"),
    *("patient.birth_date", "patient.email", "patient.language", "note"),
)


@page(Right.BOOK_AT_PARTNER)
def cockpit_call_back(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST: the form with all that is typed; with `act` keep, the promise is made."""
    if request.method != "POST":
        raise NotFound()
    state, zone = FormState.posted(request.POST), home_zone(actor)
    if state.text("act") != "keep":
        words.put_time(state, proposed_call_back(timezone.now(), zone), zone)
        return _form(request, state)
    due = start_typed(state.text("due_on"), state.text("due_time"), zone)
    try:
        once_told(request, actor, lambda: _keep(actor, state, due))
    except Refusal as refusal:
        state.refuse(refusal)
        return _form(request, state, status=refusal.status)
    context = {"holds": my_holds(actor, now=timezone.now()), "due": due, "zone": zone}
    return render(request, f"{TEMPLATES}/_call_back_kept.html", context)


def _keep(actor: Actor, state: FormState, due: datetime | None) -> None:
    now = timezone.now()
    asked = Asked(
        caller=caller_typed(state),
        due_at=due,
        wish=kept_wish(actor, state, now=now),
        hold=ident_typed(state.text("hold")),
        again=ident_typed(state.text("call_back")),
    )
    keep_call_back(actor=actor, asked=asked, now=now)


def caller_typed(state: FormState) -> Caller:
    """The person of a call, as far as he is typed."""
    given = {name: state.text(f"patient.{name}") for name in PERSON}
    return Caller(note=state.text("note"), **given)


def seed_of(caller: Caller, call_back: str) -> list[tuple[str, str]]:
    """What fills the booking's form when a time is held: (field, text), without empty ones."""
    seed = [(f"patient.{name}", getattr(caller, name)) for name in PERSON]
    seed += [("note", caller.note), ("call_back", call_back)]
    return [(name, value) for name, value in seed if value]


def _form(request: HttpRequest, state: FormState, *, status: int = 200) -> HttpResponse:
    context = {"state": state, "unseen": [(n, v) for n in UNSEEN if (v := state.text(n))]}
    return render(request, f"{TEMPLATES}/_call_back.html", context, status=status)


def called_again(actor: Actor, text: str, now: datetime) -> tuple[FormState, dict[str, Any]] | None:
    """The wish of a call-back as typed, and the person for the right column; `locked` names the
    colleague who has it. None where it is done, or nothing was asked for.

    Refuses: NotFound (not ours).
    """
    if not text:
        return None
    ident = ident_typed(text)
    if ident is None:
        raise NotFound()
    promise = one_call_back(actor, ident)
    row = promise.row
    if row.state != "open":
        return None
    if promise.is_locked_for(actor, now):
        return FormState(), {"locked": str(row.opened_by)}
    fields = {name: v for name in ("q", "service", *FILTERS) if (v := row.wish.get(name))}
    called = {
        "promise": promise,
        "seed": seed_of(promise.caller, str(row.public_id)),
        "zone": home_zone(actor),
    }
    return FormState(fields), called
