"""Traffic channels: which examination is open on which channel, for one location or for all."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.stranded import settle_stranded
from samtime.bookings.models import Booking
from samtime.channels.commands import ChangedMeanwhile, set_listings
from samtime.channels.queries.matrix import Matrix, ServiceRow, matrix
from samtime.channels.queries.names import channel_name
from samtime.channels.queries.saved import last_saved, ticks_mark
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import local_day
from samtime.organizations.models import Location
from samtime.organizations.queries import locations, organization_of
from samtime.partners.queries import partnerships
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.provider.partner_forms import day_ahead_typed, day_typed
from samtime.web.provider.tick_changes import changes_of, refused_of
from samtime.web.provider.tick_review import affected, coming, conflicts_of, review_of, to_call
from samtime.web.provider.tick_table import (
    Drawing,
    Posted,
    group_cells,
    heads,
    kept_rows,
    practitioner_cells,
    seen_of,
    service_row,
)

FOLDER = "provider/traffic_channels/"
ALL = "all"


@dataclass(slots=True)
class Asked:
    """What the address says: where, on which day, which filters; and what the page will show."""

    places: list[Location]
    place: Location | None
    today: date
    on: date
    state: FormState
    filters: FormState
    more: dict[str, Any] = field(default_factory=dict)


@page(Right.SEE_CHANNELS)
@once_only
def traffic_channels(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The matrix; POST reviews or saves all ticks at once (T5, T6, T8)."""
    places = list(locations(actor))
    if not places:
        return _nothing(request)
    mark = str(ticks_mark(actor))
    if request.headers.get("X-Live") and request.GET.get("since") == mark:
        return HttpResponse(status=204)
    asked = _asked(request, places)
    asked.more["live_mark"] = mark
    if request.headers.get("HX-Request") and request.method != "POST":
        return _panel(request, actor, asked)
    table = matrix(actor, location=asked.place, on=asked.on, people=request.method == "POST")
    if not table.groups:
        return _nothing(request)
    if request.method == "POST":
        return _posted(request, actor, table, asked)
    asked.state.values["from"] = max(asked.on, asked.today).isoformat()
    return _show(request, actor, table, asked)


@page(Right.SEE_CHANNELS)
def traffic_people(request: HttpRequest, actor: Actor, service: UUID) -> HttpResponse:
    """The practitioners of one service: rows that a fold button asks for."""
    places = list(locations(actor))
    asked = _asked(request, places) if places else None
    if asked is None or asked.place is None:
        raise NotFound()
    table = matrix(actor, location=asked.place, on=asked.on, service=service)
    if not table.rows:
        raise NotFound()
    drawing = _drawing(request, actor, table, asked)
    context = {"row": table.rows[0], "people": _people(drawing, table.rows[0])}
    return render(request, FOLDER + "_people.html", context)


def _asked(request: HttpRequest, places: list[Location]) -> Asked:
    wanted = request.GET.get("location", "")
    place = next((p for p in places if wanted in (p.slug, str(p.public_id))), places[0])
    filters = FormState.posted(request.GET)
    today = local_day(timezone.now(), place.time_zone)
    on = day_typed(filters, "on") or today
    state = FormState.posted(request.POST, lists=["on", "was", "some", "seen", "cancel"])
    everywhere = wanted == ALL and len(places) > 1
    return Asked(places, None if everywhere else place, today, on, state, filters)


def _posted(request: HttpRequest, actor: Actor, table: Matrix, asked: Asked) -> HttpResponse:
    """Review (`review`), save, or save what a refusal or a colleague left over."""
    state = asked.state
    changes = changes_of(state, table, day_ahead_typed(state, "from", asked.today))
    if not changes and state.ok:
        messages.info(request, _("Nothing was changed."))
        return redirect(request.get_full_path())
    if not state.ok:
        return _show(request, actor, table, asked, status=422)
    try:
        answers = set_listings(actor=actor, changes=changes, dry_run=bool(state.text("review")))
    except ChangedMeanwhile as refusal:
        asked.more["conflicts"] = conflicts_of(actor, table, changes, refusal.facts["now"])
        return _show(request, actor, table, asked, status=refusal.status)
    except Refusal as refusal:
        asked.more["refused"] = refused_of(refusal, table, changes)
        asked.more["left"] = len(changes) - len(asked.more["refused"])
        state.general.extend(dict.fromkeys(line[2] for line in asked.more["refused"]))
        if not asked.more["refused"]:
            state.general.append(refusal.detail)
        return _show(request, actor, table, asked, status=refusal.status)
    hit = affected(actor, answers)
    if state.text("review"):
        asked.more |= {"review": review_of(table, answers), "hit": hit}
        asked.more["to_call"] = to_call(actor, hit)
        state.values.setdefault("bookings", "keep")
        return _show(request, actor, table, asked)
    gone = _settle(actor, state, hit) if hit else 0
    messages.success(request, _saved_sentence(len(answers), gone))
    return redirect(request.get_full_path())


def _settle(actor: Actor, state: FormState, hit: list[Booking]) -> int:
    now = timezone.now()
    saved = last_saved(actor, now=now)
    return settle_stranded(
        actor=actor,
        stranded=hit,
        choice=state.text("bookings") or "keep",
        chosen=frozenset(state["cancel"] or []),
        reason=_("This examination is no longer offered here."),
        saved=saved.batch if saved else None,
        now=now,
    )


def _saved_sentence(count: int, gone: int) -> str:
    words = ngettext("Saved: %(count)s change.", "Saved: %(count)s changes.", count)
    sentence = words % {"count": count}
    if gone:
        more = ngettext("%(count)s booking cancelled.", "%(count)s bookings cancelled.", gone)
        sentence += " " + more % {"count": gone}
    return sentence


def _show(
    request: HttpRequest, actor: Actor, table: Matrix, asked: Asked, *, status: int = 200
) -> HttpResponse:
    filters, drawing = asked.filters, _drawing(request, actor, table, asked)
    specialties = [group.name for group in table.groups if group.name]
    _filter(table, filters)
    groups = [
        (group, group_cells(drawing, group), [_row(drawing, row) for row in group.rows])
        for group in table.groups
    ]
    context = {
        "slug": slug_of(request),
        "table": table,
        "asked": asked,
        "place": asked.place,
        "location_value": asked.place.slug if asked.place else ALL,
        "columns": heads(drawing),
        "groups": groups,
        "seen": seen_of(table),
        "specialties": specialties,
        "filtered": asked.on != asked.today or any(filters.text(n) for n in ("q", "group", "only")),
        "may_edit": drawing.may_edit,
        "may_cancel": actor.may(Right.CHANGE_BOOKING),
        "waiting": _waiting(actor),
        "saved": last_saved(actor, now=timezone.now()) if drawing.may_edit else None,
        "state": asked.state,
        "later": asked.on > asked.today,
        "bookings_choices": _choices(),
        **_panel_context(request, actor, table),
        **asked.more,
    }
    return render(request, FOLDER + "traffic_channels.html", context, status=status)


def _filter(table: Matrix, filters: FormState) -> None:
    only = filters.text("differs") if filters.text("only") == "differs" else filters.text("only")
    name = filters.text("q").casefold()
    kept_rows(table, only=only, group=filters.text("group"), name=name)


def _drawing(request: HttpRequest, actor: Actor, table: Matrix, asked: Asked) -> Drawing:
    here = reverse("provider:traffic_channels", args=[slug_of(request)])
    drawing = Drawing(
        table,
        f"{here}?location={asked.place.slug if asked.place else ALL}",
        currency=organization_of(actor).currency,
        may_edit=actor.may(Right.EDIT_CHANNELS),
        narrow=request.GET.get("channel", ""),
    )
    drawing.posted = Posted(asked.state) if request.method == "POST" else None
    drawing.counts = coming(actor, asked.place)
    return drawing


def _row(drawing: Drawing, row: ServiceRow) -> tuple[ServiceRow, str, Any]:
    """A service, its cells, and its practitioners where their ticks came back changed."""
    keys = drawing.posted.on | drawing.posted.was if drawing.posted else set()
    touched = any(f"/o/{one.offering}" in key for one in row.practitioners for key in keys)
    people = _people(drawing, row) if touched else None
    return row, service_row(drawing, row, is_wide=bool(people)), people


def _people(drawing: Drawing, row: ServiceRow) -> list[tuple[str, str]]:
    return [
        (one.name, practitioner_cells(drawing, row, one.offering, one.name, one.cells))
        for one in row.practitioners
    ]


def _waiting(actor: Actor) -> int:
    if not actor.may(Right.SEE_PARTNERS):
        return 0
    return partnerships(actor).filter(state="invited").count()


def _choices() -> list[tuple[str, str]]:
    return [
        ("keep", _("Keep them: they stay in the calendar")),
        ("inbox", _("Keep them, and put them into the inbox")),
        ("some", _("Cancel those I choose")),
        ("cancel", _("Cancel them and tell the patients")),
    ]


def _panel(request: HttpRequest, actor: Actor, asked: Asked) -> HttpResponse:
    """A column's or a row's panel alone: the table with its unsaved ticks stays."""
    table = matrix(actor, location=asked.place, on=asked.on, people=False)
    context = {
        "slug": slug_of(request),
        "may_edit": actor.may(Right.EDIT_CHANNELS),
        "location_value": asked.place.slug if asked.place else ALL,
        "place": asked.place,
        **_panel_context(request, actor, table),
    }
    return render(request, FOLDER + "_panel.html", context)


def _panel_context(request: HttpRequest, actor: Actor, table: Matrix) -> dict[str, Any]:
    wanted = request.GET.get("column", "")
    for column in table.columns:
        if str(column.channel) == wanted:
            return {
                "column": column,
                "column_title": channel_name(column.kind, column.name),
                "partner": _partner(actor, column.channel),
                "may_invite": actor.may(Right.INVITE_PARTNER),
            }
    row = next((r for r in table.rows if str(r.service) == request.GET.get("service")), None)
    return {"row_open": row} if row else {}


def _partner(actor: Actor, channel: UUID) -> Any:
    if not actor.may(Right.SEE_PARTNERS):
        return None
    return partnerships(actor).filter(channel__public_id=channel).first()


def _nothing(request: HttpRequest) -> HttpResponse:
    context = {"slug": slug_of(request), "nothing": True}
    return render(request, FOLDER + "traffic_channels.html", context)
