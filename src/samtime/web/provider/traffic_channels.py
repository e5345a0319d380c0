"""Traffic channels: which examination is open on which channel, for one location at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
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
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.models import Booking
from samtime.channels.commands import Change, ChangeAnswer, set_listings
from samtime.channels.queries.matrix import Cell, Column, Matrix, matrix
from samtime.channels.queries.names import channel_name
from samtime.foundation.errors import Refusal
from samtime.foundation.periods import local_day
from samtime.organizations.models import Location
from samtime.organizations.queries import locations, organization_of
from samtime.partners.queries import partnerships
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.provider.partner_forms import day_typed
from samtime.web.provider.tick_review import affected, review_of

TEMPLATE = "provider/traffic_channels/traffic_channels.html"
ICONS = {
    "own_desk": "device-desktop",
    "partner": "affiliate",
    "assistance": "headset",
    "insurer": "shield-half",
}
ROLES = {"own_desk": "desk", "partner": "partner", "assistance": "assist", "insurer": "insurer"}


@dataclass(frozen=True, slots=True)
class Tick:
    """One cell as the page shows it: its key in the form, its state, and what it is called."""

    key: str
    cell: Cell
    checked: bool
    was: str
    label: str
    narrow: bool


@dataclass(frozen=True, slots=True)
class TableRow:
    """A service (with its practitioners below) or one practitioner."""

    ident: str
    name: str
    minutes: int
    ticks: list[Tick]
    below: list["TableRow"]


class _Posted:
    """What came back from the form: keys that are ticked, keys that were."""

    def __init__(self, state: FormState) -> None:
        self.on, self.was = set(state["on"] or []), set(state.text("was").split())


@page(Right.SEE_CHANNELS)
def traffic_channels(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The matrix; POST reviews or saves all ticks at once (T5, T6, T8)."""
    places = list(locations(actor))
    if not places:
        return _nothing(request, actor)
    place = next((p for p in places if p.slug == request.GET.get("location")), places[0])
    today = local_day(timezone.now(), place.time_zone)
    asked = FormState.posted(request.GET)
    on = day_typed(asked, "on") or today
    table = matrix(actor, location=place, on=on)
    if not table.groups:
        return _nothing(request, actor)
    state = FormState.posted(request.POST, lists=["on"])
    shown: dict[str, Any] = {"places": places, "today": today, "state": state, "asked": asked}
    if request.method != "POST":
        state.values["from"] = max(on, today).isoformat()
        return _show(request, actor, table, shown)
    return _posted(request, actor, table, shown)


def _posted(
    request: HttpRequest, actor: Actor, table: Matrix, shown: dict[str, Any]
) -> HttpResponse:
    state: FormState = shown["state"]
    changes = _changes(state, table.location, day_typed(state, "from"))
    review = bool(state.text("review"))
    status = 422
    if not changes and state.ok:
        messages.info(request, _("Nothing was changed."))
        return redirect(request.get_full_path())
    if state.ok:
        try:
            answers = set_listings(actor=actor, changes=changes, dry_run=review)
        except Refusal as refusal:
            state.general.extend(_sentences(refusal))
            status = refusal.status
        else:
            hit = affected(actor, answers, table.location)
            if not review:
                if state.text("bookings") == "cancel":
                    _cancel(actor, hit)
                messages.success(request, _saved_sentence(answers))
                return redirect(request.get_full_path())
            shown["review"] = review_of(table, answers, column_name)
            shown["hit"] = hit
            state.values.setdefault("bookings", "keep")
            status = 200
    return _show(request, actor, table, shown, status=status)


def _cancel(actor: Actor, hit: list[Booking]) -> None:
    """The bookings on what was closed, in one step; each person gets his notice (T14)."""
    reason = _("This examination is no longer offered here.")
    for booking in hit:
        cancel_booking(actor=actor, booking=booking.public_id, reason=reason, now=timezone.now())


def _sentences(refusal: Refusal) -> list[str]:
    errors = getattr(refusal, "errors", None)
    found = [str(error.detail) for error in errors] if errors else [refusal.detail]
    return list(dict.fromkeys(found))


def _changes(state: FormState, place: Location, from_on: date | None) -> list[Change]:
    """What differs between the ticks that were shown and those that came back.

    Only what the person touched: a colleague's change in between stays. Services come before
    practitioners, so that one of them may differ.
    """
    posted = _Posted(state)
    touched = sorted(posted.on ^ posted.was)
    changes = [_change(key, key in posted.on, place, from_on) for key in touched]
    found = [change for change in changes if change]
    return sorted(found, key=lambda change: change.offering is not None)


def _change(key: str, is_open: bool, place: Location, from_on: date | None) -> Change | None:
    channel, _sep, rest = key.partition("/")
    kind, _sep, ident = rest.partition("/")
    try:
        ids = UUID(channel), UUID(ident)
    except ValueError:
        return None
    if kind == "o":
        return Change(channel=ids[0], offering=ids[1], open=is_open, from_on=from_on)
    return Change(
        channel=ids[0], service=ids[1], location=place.public_id, open=is_open, from_on=from_on
    )


def _saved_sentence(answers: list[ChangeAnswer]) -> str:
    count = len(answers)
    return ngettext("Saved: %(count)s change.", "Saved: %(count)s changes.", count) % {
        "count": count
    }


def _show(
    request: HttpRequest,
    actor: Actor,
    table: Matrix,
    shown: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    posted = _Posted(shown["state"]) if request.method == "POST" else None
    wanted = request.GET.get("channel", "")
    ids = [str(c.channel) for c in table.columns]
    narrow = ids.index(wanted) if wanted in ids else len(ids) - 1
    may_edit = actor.may(Right.EDIT_CHANNELS)
    groups = [
        (group, [_table_row(row, table, posted, narrow) for row in group.rows])
        for group in table.groups
    ]
    was = [t.key for _g, rows in groups for row in rows for t in _all_ticks(row) if t.was == "all"]
    context = {
        "slug": _slug(request),
        "table": table,
        "columns": [
            (c, ICONS[c.kind], ROLES[c.kind], column_name(c), n == narrow)
            for n, c in enumerate(table.columns)
        ],
        "groups": groups,
        "was": " ".join(was),
        "may_edit": may_edit,
        "waiting": partnerships(actor).filter(state="invited").count()
        if actor.may(Right.SEE_PARTNERS)
        else 0,
        "key_words": [("← ↑ ↓ →", _("move")), (_("Space"), _("tick"))],
        "day_error": shown["asked"].errors.get("on", ""),
        "from_error": shown["state"].errors.get("from", ""),
        "currency": organization_of(actor).currency,
        "bookings_choices": [
            ("keep", _("Keep them: they stay in the calendar")),
            ("cancel", _("Cancel them and tell the patients")),
        ],
        "may_cancel": actor.may(Right.CHANGE_BOOKING),
        "later": table.on > shown["today"],
        **shown,
    }
    return render(request, TEMPLATE, context, status=status)


def _all_ticks(row: TableRow) -> Iterable[Tick]:
    yield from row.ticks
    for practitioner in row.below:
        yield from practitioner.ticks


def _table_row(row: Any, table: Matrix, posted: _Posted | None, narrow: int) -> TableRow:
    def ticks(kind: str, ident: UUID, cells: list[Cell], name: str) -> list[Tick]:
        return [
            _tick(
                (f"{c.channel}/{kind}/{ident}", f"{c.channel}/s/{row.service}"),
                cell,
                posted,
                _label(name, c, table),
                n == narrow,
            )
            for n, (c, cell) in enumerate(zip(table.columns, cells, strict=True))
        ]

    below = [
        TableRow(
            str(p.offering),
            p.name,
            0,
            ticks("o", p.offering, p.cells, f"{row.name}, {p.name}"),
            [],
        )
        for p in row.practitioners
    ]
    service_ticks = ticks("s", row.service, row.cells, row.name)
    return TableRow(str(row.service), row.name, row.minutes, service_ticks, below)


def _tick(
    keys: tuple[str, str], cell: Cell, posted: _Posted | None, label: str, narrow: bool
) -> Tick:
    checked = cell.state == "all"
    if posted:
        for key in reversed(keys):
            checked = key in posted.on or (checked and key not in posted.was)
    return Tick(keys[0], cell, checked, cell.state, label, narrow)


def _label(name: str, column: Column, table: Matrix) -> str:
    facts = {"service": name, "channel": column_name(column), "place": table.location.name}
    return _("%(service)s for %(channel)s at %(place)s") % facts


def column_name(column: Column) -> str:
    """What heads the column; the own desk in the reader's language."""
    return channel_name(column.kind, column.name)


def _nothing(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = {"slug": _slug(request), "nothing": True}
    return render(request, TEMPLATE, context)


def _slug(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs["slug"]) if match else ""
