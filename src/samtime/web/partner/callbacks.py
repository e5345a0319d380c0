"""Call-backs: whom the organization's agents promised to call, the first due first (B5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.call_back_owners import hand_over_call_backs
from samtime.bookings.commands.call_backs import close_call_back, not_reached, open_call_back
from samtime.bookings.queries.call_back_times import free_counts, reach
from samtime.bookings.queries.call_backs import (
    MAY,
    Promise,
    call_backs_version,
    one_call_back,
    open_call_backs,
    people_who_call,
)
from samtime.bookings.queries.facets import bookable_services
from samtime.bookings.rules import CALLED_KEPT, proposed_call_back
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.web.dates import start_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.frame import address
from samtime.web.idents import ident_typed
from samtime.web.once import once_only
from samtime.web.partner import call_back_words as words
from samtime.web.partner.cockpit_search import COUNTED, wish_again

TEMPLATES = "partner/callbacks"
MOST = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A call-back as the list shows it. `free` None: not to be counted; `locked`: by whom."""

    promise: Promise
    due: str
    is_overdue: bool
    wish: str
    details: str
    free: int | None
    locked: str

    @property
    def ident(self) -> UUID:
        """Its public id."""
        ident: UUID = self.promise.row.public_id
        return ident

    @property
    def has_more(self) -> bool:
        """Whether there are more free times than are counted."""
        return self.free is not None and self.free >= COUNTED


@page(*MAY)
@once_only
def callbacks(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list of what is still to be called; POST hands over all that nobody has."""
    state = FormState.posted(request.POST)
    if request.method != "POST":
        return _shown(request, actor, state)
    try:
        return _handed_over(request, actor, None, state)
    except Refusal as refusal:
        state.refuse(refusal)
        return _shown(request, actor, state, status=refusal.status)


@page(*MAY)
def callbacks_live(request: HttpRequest, actor: Actor) -> HttpResponse:
    """204 while the list is what it was, else the list anew."""
    now = timezone.now()
    if call_backs_version(actor, now=now) == request.GET.get("version", ""):
        return HttpResponse(status=204)
    return render(request, f"{TEMPLATES}/_list.html", _list(actor, now))


@page(*MAY)
@once_only
def callback(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """One beside the list; POST `act`: book (opens the cockpit), not_reached, hand_over, close."""
    if request.method != "POST":
        return _shown(request, actor, FormState(), one_call_back(actor, ident))
    state = FormState.posted(request.POST)
    try:
        return _act(request, actor, ident, state)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        state.refuse(refusal)
        return _shown(request, actor, state, one_call_back(actor, ident), status=refusal.status)


def _act(request: HttpRequest, actor: Actor, ident: UUID, state: FormState) -> HttpResponse:
    act, now, slug = state.text("act"), timezone.now(), slug_of(request)
    if act == "book":
        open_call_back(actor=actor, call_back=ident, now=now)
        return redirect(f"{address('partner:cockpit', slug)}?call_back={ident}")
    if act == "hand_over":
        return _handed_over(request, actor, ident, state)
    if act == "close":
        reason, note = state.text("reason"), state.text("note")
        close_call_back(actor=actor, call_back=ident, reason=reason, note=note, now=now)
        messages.success(request, _("Closed. Nobody calls any more."))
    else:
        due = start_typed(state.text("due_on"), state.text("due_time"), home_zone(actor))
        not_reached(actor=actor, call_back=ident, due_at=due, now=now)
        messages.success(request, _("One more try is noted, and the new time."))
    return redirect(address("partner:callbacks", slug))


def _handed_over(
    request: HttpRequest, actor: Actor, ident: UUID | None, state: FormState
) -> HttpResponse:
    """One call-back, or all that nobody has, go to the colleague who is chosen."""
    to = ident_typed(state.text("agent"))
    if to is None:
        raise Invalid(FieldError("agent", "required", _("Choose who calls.")))
    count = hand_over_call_backs(actor=actor, call_back=ident, to=to, now=timezone.now())
    told = ngettext("%(count)s call-back handed over.", "%(count)s call-backs handed over.", count)
    messages.success(request, told % {"count": count})
    return redirect(address("partner:callbacks", slug_of(request)))


def _shown(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    opened: Promise | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    context = {**_list(actor, now), "state": state, "opened": opened, "agents": []}
    context["has_left"] = any(one.promise.row.left_at is not None for one in context["rows"])
    if opened is not None or context["has_left"]:
        people = [(str(user.public_id), str(user)) for user in people_who_call(actor)]
        context["agents"] = [("", "–"), *people]
    if opened is not None:
        context |= _panel(actor, opened, state, now)
    return render(request, f"{TEMPLATES}/callbacks.html", context, status=status)


def _list(actor: Actor, now: datetime) -> dict[str, Any]:
    """What is still to be called, as it stands now; the version is asked first, so that a change
    in between is seen by the next question."""
    version, zone = call_backs_version(actor, now=now), home_zone(actor)
    found = open_call_backs(actor, most=MOST + 1)
    return {
        "version": version,
        "rows": _rows(actor, found[:MOST], now, zone),
        "more": len(found) > MOST,
        "zone": zone,
        "may_book": actor.may(Right.BOOK_AT_PARTNER),
        "key_words": [
            ("J K", _("next, previous")),
            ("B", _("book")),
            ("R", _("not reached")),
        ],
    }


def _rows(actor: Actor, found: list[Promise], now: datetime, zone: str) -> list[Row]:
    counts = _free(actor, found, now, zone)
    return [
        Row(
            promise=one,
            due=words.due_words(one.row.due_at, now),
            is_overdue=one.row.due_at <= now,
            wish=words.wish_words(one.row.wish),
            details=words.detail_words(one.row.wish),
            free=free,
            locked=str(one.row.opened_by) if one.is_locked_for(actor, now) else "",
        )
        for one, free in zip(found, counts, strict=True)
    ]


def _free(actor: Actor, found: list[Promise], now: datetime, zone: str) -> list[int | None]:
    """How many times each wish has now; the same number of statements for all of them."""
    if not found or not actor.may(Right.BOOK_AT_PARTNER):
        return [None] * len(found)
    today = local_day(now, zone)
    every = bookable_services(actor, on=today)
    wishes = [wish_again(every, one.row.wish, today=today) for one in found]
    asked = [n for n, wish in enumerate(wishes) if wish and wish.start < reach(today)]
    counted = [wish for n in asked if (wish := wishes[n])]
    told = free_counts(actor, counted, today=today, now=now, most=COUNTED)
    by_place = dict(zip(asked, told, strict=True))
    return [by_place.get(n) for n in range(len(found))]


def _panel(actor: Actor, opened: Promise, state: FormState, now: datetime) -> dict[str, Any]:
    row, caller, zone = opened.row, opened.caller, home_zone(actor)
    if not state.text("due_on"):
        words.put_time(state, proposed_call_back(now, zone), zone)
    forgets = ""
    if row.closed_at is not None:
        forgets = words.forgotten_words(row.closed_at + CALLED_KEPT, now, zone)
    return {
        "title": caller.name or caller.phone or _("Call-back"),
        "forgotten": forgets,
        "is_open": row.state == "open",
        "is_overdue": row.state == "open" and row.due_at <= now,
        "due": words.due_words(row.due_at, now),
        "locked": str(row.opened_by) if opened.is_locked_for(actor, now) else "",
        "wish": words.wish_words(row.wish) if caller.phone else "–",
        "details": words.detail_words(row.wish),
        "reasons": [("", "–"), *words.reason_words().items()],
        "reason": words.reason_words().get(row.close_reason, ""),
    }
