"""Settings > Calendar feeds: a practitioner's secret address, and outside calendars subscribed."""

from functools import partial
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.commands.feeds import (
    Subscription,
    check_subscription,
    make_feed,
    revoke_feed,
    subscribe,
    unsubscribe,
    window_of,
)
from samtime.calendars.queries.feeds import (
    busy_feeds,
    feeds_of,
    practitioner_to_feed,
    practitioners_to_feed,
)
from samtime.connectors.ical_feed.connector import Look, Window, look
from samtime.connectors.ical_feed.events import NotACalendar, TooManyEvents
from samtime.connectors.outward import judge_address
from samtime.connectors.places import OutwardFault
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal
from samtime.organizations.queries import home_zone
from samtime.web.door import Steps, calling_page, page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.once import once_only

# What may be better in a minute: the address may be kept in spite of it.
PASSING = ("connect", "tls", "slow", "protocol", "resting")
NEXT = 5
OPENS = (Right.EDIT_CALENDAR, Right.SEE_OWN_CALENDAR)
FAULTS: dict[str, str | Promise] = {
    "forbidden": gettext_lazy("The address leads inside a network and is not asked."),
    "unresolved": gettext_lazy("There is no server of this name."),
    "connect": gettext_lazy("The server does not answer."),
    "tls": gettext_lazy("The server's certificate is not in order."),
    "slow": gettext_lazy("The server took longer than ten seconds."),
    "too_large": gettext_lazy("The calendar is larger than 5 MB."),
    "too_many": gettext_lazy("The calendar has more events than can be read: 10,000."),
    "protocol": gettext_lazy("The server gave an answer that cannot be understood."),
    "redirect": gettext_lazy("The server sends on too often."),
    "refused": gettext_lazy("The server refuses: the address may have been revoked."),
    "gone": gettext_lazy("There is no calendar at this address any more."),
    "no_calendar": gettext_lazy("What is there is no iCalendar."),
}


@page(*OPENS)
def feeds(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Both lists and both forms."""
    return _show(request, actor, FormState())


def _show(
    request: HttpRequest,
    actor: Actor,
    state: FormState,
    *,
    secret: str = "",
    seen: Look | None = None,
    may_insist: bool = False,
    status: int = 200,
) -> HttpResponse:
    people = practitioners_to_feed(actor)
    state.values.setdefault("details", "masked")
    if not state["practitioner"] and len(people) == 1:
        state.values["practitioner"] = str(people[0].public_id)
    busy = list(busy_feeds(actor))
    context = {
        "state": state,
        "secret": secret,
        "seen": seen,
        "next_times": seen.times.events[:NEXT] if seen and seen.times else [],
        "may_insist": may_insist,
        "waits": any(f.host and not f.worked_at and not f.fault for f in busy),
        "details": [
            ("masked", _("Only “Booked”")),
            ("initials", _("Service and initials; every reading is logged")),
        ],
        "people": [(str(p.public_id), str(p)) for p in people],
        "feeds": list(feeds_of(actor)),
        "busy": [(f, str(FAULTS.get(f.fault, ""))) for f in busy],
        "zone": home_zone(actor),
    }
    return render(request, "provider/feeds/feeds.html", context, status=status)


@page(*OPENS)
def feed_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST makes a secret address; it is shown on this answer and never again."""
    if request.method != "POST":
        return redirect("provider:feeds", slug_of(request))
    state = FormState.posted(request.POST)
    try:
        _feed, secret = make_feed(
            actor=actor,
            practitioner_id=_person(state),
            masked=state.text("details") != "initials",
            key=state.text("once")[:64],
        )
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, actor, state, status=refusal.status)
    address = f"{settings.BASE_URL}{reverse('public:feed', args=[secret])}"
    return _show(request, actor, FormState(), secret=address)


def _person(state: FormState) -> UUID:
    found = ident_typed(state.text("practitioner"))
    if found is None:
        raise Invalid(FieldError("practitioner", "required", _("Choose a practitioner.")))
    return found


@calling_page(*OPENS)
def feed_subscribe(request: HttpRequest, actor: Actor) -> Steps:
    """POST: the name is looked up outside any transaction, then the address is kept."""
    if request.method != "POST":
        return redirect("provider:feeds", slug_of(request))
    state = FormState.posted(request.POST)
    try:
        given = Subscription(_person(state), state.text("name"), state.text("url"))
        url = check_subscription(given)
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, actor, state, status=refusal.status)
    if state.text("act") == "look":
        return (yield from _look(request, actor, state, given, url))
    fault = yield partial(_judged, url)
    if fault in ("forbidden", "unresolved"):
        state.wrong("url", FAULTS[fault])
        return _show(request, actor, state, status=422)
    try:
        subscribe(actor=actor, given=given, now=timezone.now())
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, actor, state, status=refusal.status)
    messages.success(request, _("The calendar is subscribed. It is read within a minute."))
    return redirect("provider:feeds", slug_of(request))


def _look(
    request: HttpRequest, actor: Actor, state: FormState, given: Subscription, url: str
) -> Steps:
    """What the calendar would bring; nothing is kept. Asked outside any transaction."""
    try:
        window = window_of(practitioner_to_feed(actor, given.practitioner_id), timezone.now())
    except Refusal as refusal:
        state.refuse(refusal)
        return _show(request, actor, state, status=refusal.status)
    seen, fault = yield partial(_looked, url, window)
    if seen is None:
        state.wrong("url", str(FAULTS.get(fault, FAULTS["connect"])))
        return _show(request, actor, state, may_insist=fault in PASSING, status=422)
    return _show(request, actor, state, seen=seen)


def _looked(url: str, window: Window) -> tuple[Look | None, str]:
    try:
        return look(url, window=window), ""
    except OutwardFault as fault:
        return None, fault.code
    except NotACalendar:
        return None, "no_calendar"
    except TooManyEvents:
        return None, "too_many"


def _judged(url: str) -> str:
    try:
        judge_address(url)
    except OutwardFault as fault:
        return fault.code
    return ""


@page(*OPENS)
@once_only
def feed_end(request: HttpRequest, actor: Actor, kind: str, ident: UUID) -> HttpResponse:
    """Asks first; POST revokes an address, or removes a subscription with its busy times."""
    slug = slug_of(request)
    if kind not in ("address", "calendar"):
        raise NotFound()
    rows = feeds_of(actor) if kind == "address" else busy_feeds(actor)
    found = rows.filter(public_id=ident).first()
    if found is None:
        raise NotFound()
    if request.method == "POST":
        if kind == "address":
            revoke_feed(actor=actor, feed_id=ident, now=timezone.now())
            messages.success(request, _("The address is dead."))
        else:
            unsubscribe(actor=actor, feed_id=ident, now=timezone.now())
            messages.success(request, _("The calendar is removed and its times are free."))
        return redirect("provider:feeds", slug)
    return render(request, "provider/feeds/feed_end.html", {"kind": kind, "found": found})
