"""Inbox: everything stuck, with age and owner; taken by somebody, done or gone by itself."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.inbox.commands import resolve_item, take_item
from samtime.inbox.queries import open_items, title_of
from samtime.organizations.queries import home_zone, member_names
from samtime.web.door import page


@page(Right.SEE_INBOX)
def inbox(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list, oldest first."""
    items = list(open_items(actor)[:200])
    owners = member_names(actor, [i.owner_id for i in items if i.owner_id])
    context = {
        "rows": [(i, title_of(i), owners.get(i.owner_id or 0, "")) for i in items],
        "zone": home_zone(actor),
        "now": timezone.now(),
    }
    return render(request, "provider/inbox/inbox.html", context)


@page(Right.SEE_INBOX)
def inbox_item(request: HttpRequest, actor: Actor, item_id: UUID) -> HttpResponse:
    """POST: take it, or say it is done."""
    if request.method == "POST" and request.POST.get("act") == "take":
        take_item(doer=actor, item=item_id)
    elif request.method == "POST":
        resolve_item(doer=actor, item=item_id, now=timezone.now())
    return redirect("provider:inbox", request.path.split("/")[2])
