"""Calls about what happened and what waits: the journal, and the inbox's verbs."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, needs, repeatable
from samtime.api.v1.shapes import Body, decode_cursor, encode_cursor, instant
from samtime.api.v1.times import judged_day
from samtime.inbox.commands import assign_item, resolve_item, take_item
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import title_of
from samtime.journal.models import JournalEntry
from samtime.journal.queries import JournalWish, entries
from samtime.organizations.queries import home_zone
from samtime.organizations.queries.people import membership_of, public_ids_of

READ, WRITE = "journal.read", "journal.write"


class JournalQuery(Schema):
    """One object, a kind («booking.moved» or «booking»), from a day on; newest first."""

    object: UUID | None = None
    kind: str = Field("", max_length=50)
    from_: date | None = Field(None, alias="from")
    to: date | None = None
    limit: int = Field(100, ge=1, le=200)
    cursor: str = Field("", max_length=200)


@api.get("/journal")
def journal_list(request: HttpRequest, q: Query[JournalQuery]) -> HttpResponse:
    """What happened in the own organization, newest first; ids, never persons' data."""
    actor = actor_of(request, READ)
    needs(actor, Right.SEE_JOURNAL)
    wish = JournalWish(
        object_id=q.object,
        kind=q.kind,
        start=_midnight(actor, q.from_, "from"),
        end=_midnight(actor, q.to, "to", after=True),
        before=decode_cursor(q.cursor),
    )
    found = entries(actor, wish, limit=q.limit + 1)
    shown = found[: q.limit]
    names = public_ids_of(actor, {e.user_id for e in shown if e.user_id})
    following = encode_cursor(shown[-1].id) if len(found) > q.limit else None
    items = [_entry(entry, names, actor) for entry in shown]
    response = answer(200, {"items": items, "next": following})
    if following:
        query = request.GET.copy()
        query["cursor"] = following
        address = f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"
        response["Link"] = f'<{address}>; rel="next"'
    return response


class AssignIn(Body):
    """Whose it becomes; without it, one's own."""

    user: UUID | None = None


@api.post("/inbox/{item_id}/assign")
def inbox_assign(request: HttpRequest, item_id: UUID, body: AssignIn) -> HttpResponse:
    """The item has an owner from now on."""
    actor = actor_of(request, WRITE)
    needs(actor, Right.SEE_INBOX)

    def run() -> tuple[int, Any]:
        if body.user is None:
            item = take_item(doer=actor, item=item_id)
        else:
            owner = membership_of(actor, body.user)
            item = assign_item(doer=actor, item=item_id, owner_id=owner.user_id)
        return 200, _item(item, actor)

    return repeatable(request, actor, run)


@api.post("/inbox/{item_id}/resolve")
def inbox_resolve(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Done by hand."""
    actor = actor_of(request, WRITE)
    needs(actor, Right.SEE_INBOX)

    def run() -> tuple[int, Any]:
        item = resolve_item(doer=actor, item=item_id, now=timezone.now())
        return 200, _item(item, actor)

    return repeatable(request, actor, run)


def _midnight(
    actor: Actor, day: date | None, field: str, *, after: bool = False
) -> datetime | None:
    """The day's beginning at the organization's first location; the next day's with `after`."""
    if day is None:
        return None
    judged = judged_day(day, field)
    last = time.max if after else time.min
    return datetime.combine(judged, last, ZoneInfo(home_zone(actor)))


def _entry(entry: JournalEntry, names: dict[int, UUID], actor: Actor) -> dict[str, Any]:
    user = names.get(entry.user_id or 0)
    return {
        "id": str(entry.public_id),
        "at": instant(entry.at),
        "kind": entry.kind,
        "object": {"kind": entry.object_kind, "id": str(entry.object_id)},
        "actor": entry.actor_kind,
        "by_own_organization": entry.actor_organization_id == actor.organization_id,
        "user": str(user) if user else None,
        "data": entry.data,
    }


def _item(item: InboxItem, actor: Actor) -> dict[str, Any]:
    owners = public_ids_of(actor, {item.owner_id} if item.owner_id else set())
    owner = owners.get(item.owner_id or 0)
    return {
        "id": str(item.public_id),
        "kind": item.kind,
        "title": title_of(item),
        "due_at": instant(item.due_at),
        "owner": str(owner) if owner else None,
        "resolved_at": instant(item.resolved_at),
        "link": item.link,
    }
