"""Inbox: everything stuck, with age and owner; taken by somebody, done or gone by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.periods import local_day
from samtime.inbox import commands
from samtime.inbox.models import InboxItem, InboxNote
from samtime.inbox.queries import counts, item_of, notes_of, open_items, sleeping_items, title_of
from samtime.journal.commands.jobs import try_again
from samtime.organizations.queries import home_zone
from samtime.organizations.queries.terms import people_who_may
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed
from samtime.web.provider.inbox_fix import may_fix, place_of, readers_who_may_fix
from samtime.web.provider.inbox_words import NOTES, Sign, age_words, hours_since, sign_of

TEMPLATE = "provider/inbox/inbox.html"
MOST = 200
SHOWN = ("open", "mine", "unowned", "overdue", "snoozed")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `fix`: where it is mended, «» where this reader may not go (or
    there is no such place); `is_others`: mended by somebody with other rights."""

    item: InboxItem
    title: str
    sign: Sign
    age: str
    owner: str
    is_late: bool
    is_today: bool
    fix: str
    is_others: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an item's history."""

    at: datetime
    words: str
    text: str = ""


@page(Right.SEE_INBOX)
def inbox(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list by kind, the urgent first; `?open=<id>` with one item in the panel."""
    return _show(request, actor, request.GET, FormState())


@page(Right.SEE_INBOX)
def inbox_next(request: HttpRequest, actor: Actor) -> HttpResponse:
    """POST: take the most urgent item that nobody has and that this person can mend."""
    if request.method == "POST":
        now, slug = timezone.now(), slug_of(request)
        unowned = open_items(actor, now=now).filter(owner_id=None)[:MOST]
        mine_to_mend = [item.id for item in unowned if may_fix(actor, item, slug)]
        taken = commands.take_next_unowned(doer=actor, now=now, among=mine_to_mend)
        if taken is not None:
            return redirect(f"{_home(request)}?show=mine&open={taken.public_id}")
        messages.success(request, _("Everything that you can mend has an owner."))
    return redirect(_home(request))


@page(Right.SEE_INBOX)
def inbox_item(request: HttpRequest, actor: Actor, item_id: UUID) -> HttpResponse:
    """POST with `act`: take, leave, assign, snooze, wake, comment, retry, done."""
    item = item_of(actor, item_id)
    if request.method != "POST":
        return redirect(f"{_home(request)}?open={item.public_id}")
    state = FormState.posted(request.POST)
    act = state.text("act") or "done"
    ways = _ways(actor, item_id, state)
    if act not in ways:
        raise NotFound()
    run, said = ways[act]
    show = state.text("show") if state.text("show") in SHOWN else "open"
    try:
        run()
    except NotFound:
        raise
    except Refusal as refusal:
        state.refuse(refusal)
        shown = QueryDict(f"show={show}&open={item.public_id}")
        return _show(request, actor, shown, state, status=refusal.status)
    messages.success(request, said)
    stays = act not in ("done", "snooze", "retry")
    return redirect(f"{_home(request)}?show={show}" + (f"&open={item_id}" if stays else ""))


def _ways(actor: Actor, ident: UUID, state: FormState) -> dict[str, tuple[Callable[[], Any], str]]:
    now, zone = timezone.now(), home_zone(actor)
    return {
        "take": (lambda: commands.take_item(doer=actor, item=ident), _("It is yours now.")),
        "leave": (
            lambda: commands.assign_item(doer=actor, item=ident, owner_id=None),
            _("It has no owner now."),
        ),
        "assign": (
            lambda: commands.assign_item(
                doer=actor, item=ident, owner_id=_colleague(actor, state.text("owner"))
            ),
            _("Given to a colleague."),
        ),
        "snooze": (
            lambda: commands.snooze_item(
                doer=actor,
                item=ident,
                until=_morning(state.text("until"), zone),
                reason=state.text("reason"),
                now=now,
            ),
            _("Put off. It comes back by itself."),
        ),
        "wake": (
            lambda: commands.wake_item(doer=actor, item=ident),
            _("It is back in the list."),
        ),
        "comment": (
            lambda: commands.comment_item(doer=actor, item=ident, text=state.text("comment")),
            _("Comment saved."),
        ),
        "retry": (lambda: _again(actor, ident, now), _("It is being tried again.")),
        "done": (
            lambda: commands.resolve_item(doer=actor, item=ident, now=now),
            _("Marked as done."),
        ),
    }


def _again(actor: Actor, ident: UUID, now: datetime) -> None:
    """A failed job is put back to work; if it fails again, a new item says so."""
    item = item_of(actor, ident)
    if item.kind != "job_failed" or item.resolved_at is not None:
        raise NotFound()
    try_again(doer=actor, number=int(item.facts["job"]))
    commands.resolve_item(doer=actor, item=ident, now=now)


def _colleague(actor: Actor, public_id: str) -> int:
    """Only somebody who reads this inbox. Refuses: NotFound."""
    for user in people_who_may(actor.organization_id, Right.SEE_INBOX):
        if str(user.public_id) == public_id:
            return user.id
    raise NotFound()


def _morning(text: str, zone: str) -> datetime | None:
    day = day_typed(text)
    return datetime.combine(day, time(7), tzinfo=ZoneInfo(zone)) if day else None


def _show(
    request: HttpRequest, actor: Actor, wish: QueryDict, state: FormState, *, status: int = 200
) -> HttpResponse:
    now, zone, slug = timezone.now(), home_zone(actor), slug_of(request)
    show = wish.get("show", "open")
    show = show if show in SHOWN else "open"
    names = {u.id: str(u) for u in people_who_may(actor.organization_id, Right.SEE_INBOX)}
    found = list(_chosen(actor, show, now)[: MOST + 1])

    def row_of(item: InboxItem) -> Row:
        return _row(actor, item, slug, names, now, zone)

    rows = [row_of(item) for item in found[:MOST]]
    kinds = sorted({str(r.sign.group) for r in rows})
    kind = wish.get("kind", "") if wish.get("kind", "") in kinds else ""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if not kind or str(row.sign.group) == kind:
            groups.setdefault(str(row.sign.group), []).append(row)
    opened = _opened(actor, wish.get("open", ""))
    if not state["until"]:
        state.values["until"] = (local_day(now, zone) + timedelta(days=1)).isoformat()
    figures = counts(actor, user_id=actor.user_id, now=now)
    context: dict[str, Any] = {
        "groups": groups,
        "kinds": kinds,
        "kind": kind,
        "show": show,
        "figures": figures,
        "filters": _filters(figures),
        "more": len(found) > MOST,
        "zone": zone,
        "state": state,
        "row": row_of(opened) if opened else None,
        "lines": _history(actor, opened, names) if opened else [],
        "asleep": bool(opened and opened.snoozed_until and opened.snoozed_until > now),
        "mine": bool(opened and opened.owner_id == actor.user_id),
        "colleagues": _colleagues(actor, opened, slug),
        "may_correct": actor.may(Right.INVITE_PARTNER),
        "key_words": [
            ("J K", _("next, previous")),
            ("F", _("fix")),
            ("A", _("assign")),
            ("S", _("put off")),
        ],
    }
    return render(request, TEMPLATE, context, status=status)


def _chosen(actor: Actor, show: str, now: datetime) -> Any:
    if show == "snoozed":
        return sleeping_items(actor, now=now)
    rows = open_items(actor, now=now)
    if show == "mine":
        return rows.filter(owner_id=actor.user_id)
    if show == "unowned":
        return rows.filter(owner_id=None)
    return rows.filter(due_at__lt=now) if show == "overdue" else rows


def _filters(figures: Any) -> list[tuple[str, str, int]]:
    return [
        ("open", pgettext("items", "Open"), figures.open),
        ("mine", pgettext("items", "Mine"), figures.mine),
        ("unowned", _("Without owner"), figures.unowned),
        ("overdue", pgettext("items", "Overdue"), figures.overdue),
        ("snoozed", pgettext("items", "Put off"), figures.snoozed),
    ]


def _colleagues(actor: Actor, item: InboxItem | None, slug: str) -> list[tuple[UUID, str]]:
    if item is None:
        return []
    return [(user.public_id, str(user)) for user in readers_who_may_fix(actor, item, slug)]


def _row(
    actor: Actor, item: InboxItem, slug: str, names: dict[int, str], now: datetime, zone: str
) -> Row:
    due = item.due_at
    is_mine_to_mend = may_fix(actor, item, slug)
    return Row(
        item,
        title_of(item),
        sign_of(item.kind),
        age_words(hours_since(item.created_at, now)),
        names.get(item.owner_id or 0, ""),
        due is not None and due <= now,
        due is not None and local_day(due, zone) == local_day(now, zone),
        place_of(item, slug) if is_mine_to_mend else "",
        not is_mine_to_mend,
    )


def _opened(actor: Actor, text: str) -> InboxItem | None:
    return item_of(actor, ident_needed(text)) if text else None


def _history(actor: Actor, item: InboxItem, names: dict[int, str]) -> list[Line]:
    lines = [Line(item.created_at, _("It began to wait"))]
    lines += [_line(note, names) for note in notes_of(actor, item)]
    if item.resolved_at and item.resolved_by_id is None:
        lines.append(Line(item.resolved_at, _("Solved by itself")))
    return lines


def _line(note: InboxNote, names: dict[int, str]) -> Line:
    gone = _("a former colleague")
    facts = {
        "who": names.get(note.user_id or 0, gone),
        "other": names.get(note.other_user_id or 0, gone),
    }
    return Line(note.at, str(NOTES.get(note.kind, note.kind)) % facts, note.text)


def _home(request: HttpRequest) -> str:
    return f"/o/{slug_of(request)}/inbox/"
