"""Services: the list, a new service, and the sheet with its details, prices and practitioners."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.models import LANGUAGES
from samtime.accounts.rights import Right
from samtime.bookings.queries.upcoming import upcoming_of_service
from samtime.calendars import queries as calendars
from samtime.calendars.commands.giving import set_givers
from samtime.catalog import queries
from samtime.catalog.commands.many import NewService, add_services
from samtime.catalog.commands.services import (
    add_service,
    change_service,
    check_service,
    end_service,
    set_service_price,
)
from samtime.catalog.models import Service
from samtime.channels.queries.published import open_channel_counts
from samtime.foundation.errors import NotFound, Refusal, VersionConflict
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone, organization_of
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.money_fields import percent_shown
from samtime.web.once import once_only
from samtime.web.provider import service_days, service_forms, service_givers, service_length

TEMPLATE = "provider/services/services.html"
TABS = ("details", "prices", "practitioners")


@page(Right.SEE_CATALOG)
@once_only
def services(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table; `?new` with the form of a new service."""
    if "new" in request.GET:
        actor.require(Right.EDIT_CATALOG)
        if request.method == "POST":
            return _add(request, actor)
        return _list(request, actor, {"panel": "new", "state": service_forms.empty_form()})
    return _list(request, actor, {})


@page(Right.SEE_CATALOG)
@once_only
def service(request: HttpRequest, actor: Actor, ident: UUID, tab: str) -> HttpResponse:
    """A tab of a service's sheet; a POST saves it."""
    if tab not in TABS:
        raise NotFound()
    found = queries.service(actor, ident)
    if request.method != "POST":
        return _sheet(request, actor, found, tab)
    state = FormState.posted(request.POST, lists=["calendar"])
    if state.text("drop"):
        return service_length.drop(request, actor, found, state)
    if service_days.follow(actor, found, tab, state, _today(actor)):
        return _sheet(request, actor, found, tab, state=state, more={"followed": True})
    if tab == "details" and not state.text("sure"):
        review = service_length.review_of(actor, found, state)
        if review is not None:
            return _sheet(request, actor, found, tab, state=state, more=review)
    save = {"details": _save_details, "prices": _save_price, "practitioners": _save_givers}[tab]
    try:
        with transaction.atomic():
            save(actor, found, state)
    except NotFound:
        raise
    except VersionConflict as refusal:
        fresh = queries.service(actor, ident)
        return _conflict(request, actor, fresh, state, status=refusal.status)
    except Refusal as refusal:
        state.refuse(refusal)
    if not state.ok:
        fresh = queries.service(actor, ident)
        return _sheet(request, actor, fresh, tab, state=state, status=422)
    messages.success(request, _("Saved."))
    return redirect("provider:service", slug_of(request), ident, tab)


@page(Right.EDIT_CATALOG)
def service_end(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """The question before the end with its consequences, and the end."""
    found = queries.service(actor, ident)
    if request.method == "POST":
        end_service(actor=actor, service_id=ident, today=_today(actor))
        messages.success(request, _("%(name)s has ended.") % {"name": found.name})
        return redirect("provider:services", slug_of(request))
    context = {"slug": slug_of(request), "found": found, "consequences": _ending(actor, found)}
    return render(request, "provider/services/end.html", context)


def _add(request: HttpRequest, actor: Actor) -> HttpResponse:
    state, own = FormState.posted(request.POST), organization_of(actor)
    given = service_forms.given_of(state)
    price = service_forms.price_of(state, own.currency)
    try:
        check_service(given)
    except Refusal as refusal:
        state.refuse(refusal)
    if state.ok:
        try:
            if price is None:
                made = add_service(actor=actor, given=given)
            else:
                new = NewService(given, price, _today(actor))
                made = add_services(actor=actor, wanted=[new])[0]
        except Refusal as refusal:
            state.refuse(refusal)
        else:
            messages.success(request, _("Saved. Now choose who gives it."))
            return redirect("provider:service", slug_of(request), made.public_id, "practitioners")
    return _list(request, actor, {"panel": "new", "state": state}, status=422)


def _save_details(actor: Actor, found: Service, state: FormState) -> None:
    given = service_forms.given_of(state)
    from_on = service_length.day_of(state, _today(actor))
    if state.ok:
        change_service(
            actor=actor,
            service_id=found.public_id,
            given=given,
            from_on=from_on,
            seen=state.text("version"),
        )


def _conflict(
    request: HttpRequest, actor: Actor, fresh: Service, state: FormState, *, status: int
) -> HttpResponse:
    """What another saved meanwhile stands beside what was typed; nothing is overwritten unseen."""
    on = service_days.day_asked(state.text("from"), _today(actor))
    theirs = service_forms.form_of(fresh)
    service_days.day_in(actor, fresh, "details", on).show(theirs)
    more = {"theirs": True, "differs": service_forms.differing(state, theirs)}
    state.values["version"] = queries.description_mark(fresh)
    return _sheet(request, actor, fresh, "details", state=state, more=more, status=status)


def _save_price(actor: Actor, found: Service, state: FormState) -> None:
    price = service_forms.price_of(state, organization_of(actor).currency)
    from_on = day_typed(state.text("from"))
    if not state.text("price"):
        state.wrong("price", _("Write an amount, for example 450.00."))
    if from_on is None:
        state.wrong("from", _("Write the day, for example 24.11.2026."))
    if state.ok and price is not None and from_on is not None:
        set_service_price(
            actor=actor,
            service_id=found.public_id,
            price=price,
            from_on=from_on,
            today=_today(actor),
        )


def _save_givers(actor: Actor, found: Service, state: FormState) -> None:
    givers = service_forms.givers_of(state, organization_of(actor).currency)
    from_on = day_typed(state.text("from"))
    if from_on is None:
        state.wrong("from", _("Write the day, for example 24.11.2026."))
    if state.ok and from_on is not None:
        set_givers(
            actor=actor,
            service_id=found.public_id,
            givers=givers,
            from_on=from_on,
            today=_today(actor),
        )


def _list(
    request: HttpRequest, actor: Actor, panel: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    today = _today(actor)
    q, group = request.GET.get("q", "").strip().casefold(), request.GET.get("group", "")
    show = request.GET.get("show", "")
    every = list(queries.services(actor, ended=show == "ended"))
    prices, givers = queries.prices_on(actor, today), calendars.giver_counts(actor)
    published = open_channel_counts(actor, today)
    rows = [
        {
            "service": s,
            "price": Money(p.amount, p.currency) if (p := prices.get(s.id)) else None,
            "givers": givers.get(s.id, 0),
            "channels": published.get(s.public_id, 0),
        }
        for s in every
        if (not q or q in f"{s.name} {s.code} {' '.join(s.names.values())}".casefold())
        and (not group or s.specialty == group)
        and (show != "unpublished" or not published.get(s.public_id))
        and (show != "ended" or s.ended_on)
    ]
    context = {
        "slug": slug_of(request),
        "rows": rows,
        "every": every,
        "groups": sorted({s.specialty for s in every if s.specialty}),
        "q": request.GET.get("q", ""),
        "group": group,
        "show": show,
        "may_edit": actor.may(Right.EDIT_CATALOG),
        "currency": organization_of(actor).currency,
        "text_languages": LANGUAGES,
        **panel,
    }
    return render(request, TEMPLATE, context, status=status)


def _sheet(
    request: HttpRequest,
    actor: Actor,
    found: Service,
    tab: str,
    *,
    state: FormState | None = None,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`more`: `followed` where the form came back with what holds on its day, nothing was saved; or
    the review of another length."""
    today = _today(actor)
    on = service_days.day_asked(state.text("shown") if state else request.GET.get("on", ""), today)
    day = service_days.day_in(actor, found, tab, on)
    panel: dict[str, Any] = {
        "panel": "sheet",
        **(more or {}),
        "found": found,
        "tab": tab,
        "tabs": [
            ("details", _("Details")),
            ("prices", _("Prices")),
            ("practitioners", _("Practitioners")),
        ],
        "today": today,
        "day": day,
        "since": max(day.since.values(), default=None) if tab != "practitioners" else None,
        "may_price": actor.may(Right.EDIT_PRICES),
        "consequences": _ending(actor, found) if tab == "details" else [],
    }
    if state is None:
        state = _stored(actor, found, tab)
        day.show(state)
    panel["state"] = state
    if tab == "details":
        panel["to_come"] = queries.lengths_to_come(found, today)
    elif tab == "prices":
        panel["history"] = [(p, percent_shown(p.vat_rate)) for p in queries.price_history(found)]
    else:
        panel["usual"] = queries.length_on(found, on).duration
        panel["lines"] = service_givers.lines(actor, found, day, state, today)
    return _list(request, actor, panel, status=status)


def _stored(actor: Actor, found: Service, tab: str) -> FormState:
    """What a tab's form begins with, without what depends on the day."""
    if tab == "details":
        form = service_forms.form_of(found)
        form.values["version"] = queries.description_mark(found)
        return form
    if tab == "prices":
        return FormState()
    return service_givers.form_of(actor, found)


def _ending(actor: Actor, found: Service) -> list[str]:
    count = upcoming_of_service(actor, found.id, timezone.now()).count()
    lines = [_("Nobody can book it any more, on any channel."), _("History and statistics stay.")]
    if count:
        told = _("Bookings to come stay in the calendar: %(count)s.")
        lines.insert(1, told % {"count": count})
    return lines


def _today(actor: Actor) -> date:
    return local_day(timezone.now(), home_zone(actor))
