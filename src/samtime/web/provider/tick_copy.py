"""Copy ticks from another partner or location: choose, look at the difference, copy."""

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
from samtime.channels.commands import ChangeAnswer, Spot, copy_listings
from samtime.channels.queries import own_channels
from samtime.channels.queries.matrix import matrix
from samtime.channels.queries.names import channel_name
from samtime.foundation.errors import Refusal
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone, locations
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.provider.partner_forms import day_ahead_typed
from samtime.web.provider.tick_review import affected, review_of

KEPT = ("source", "source_at", "target", "target_at", "prices", "from")


@page(Right.EDIT_CHANNELS)
@once_only
def traffic_copy(request: HttpRequest, actor: Actor) -> HttpResponse:
    """GET chooses and shows the difference; POST copies."""
    state = FormState.posted(request.POST if request.method == "POST" else request.GET)
    today = local_day(timezone.now(), home_zone(actor))
    on = day_ahead_typed(state, "from", today) or today
    context = _choices(actor)
    status = 200 if state.ok else 422
    if _spots(state) and state.ok:
        try:
            answers = _copied(actor, state, on, dry_run=request.method != "POST")
        except Refusal as refusal:
            state.refuse(refusal)
            status = refusal.status
        else:
            if request.method == "POST":
                return _done(request, state, len(answers))
            context |= _preview(actor, state, on, answers)
    kept = [(n, state.text(n)) for n in KEPT if state.text(n)]
    state.values["from"] = state.text("from") or on.isoformat()
    context |= {
        "kept": kept,
        "slug": slug_of(request),
        "state": state,
    }
    return render(request, "provider/traffic_channels/copy.html", context, status=status)


def _copied(actor: Actor, state: FormState, on: date, *, dry_run: bool) -> list[ChangeAnswer]:
    source, target = _spots(state) or (Spot(UUID(int=0), UUID(int=0)),) * 2
    return copy_listings(
        actor=actor,
        source=source,
        target=target,
        prices=bool(state.text("prices")),
        from_on=on,
        dry_run=dry_run,
    )


def _spots(state: FormState) -> tuple[Spot, Spot] | None:
    try:
        ids = [UUID(state.text(name)) for name in ("source", "source_at", "target", "target_at")]
    except ValueError:
        return None
    return Spot(ids[0], ids[1]), Spot(ids[2], ids[3])


def _choices(actor: Actor) -> dict[str, Any]:
    channels = [c for c in own_channels(actor) if c.state in ("open", "suspended")]
    return {
        "channels": [(str(c.public_id), channel_name(c.kind, c.name)) for c in channels],
        "places": [(str(p.public_id), p.name) for p in locations(actor)],
    }


def _preview(
    actor: Actor, state: FormState, on: date, answers: list[ChangeAnswer]
) -> dict[str, Any]:
    place = next(p for p in locations(actor) if str(p.public_id) == state.text("target_at"))
    table = matrix(actor, location=place, on=on)
    ticks = [a for a in answers if a.open_before != a.open_after]
    prices = sum(a.price_before != a.price_after for a in answers)
    found: dict[str, Any] = {"nothing": not answers, "priced": prices, "changes": len(answers)}
    if ticks:
        found |= {"review": review_of(table, ticks), "hit": affected(actor, ticks)}
    return found


def _done(request: HttpRequest, state: FormState, count: int) -> HttpResponse:
    words = ngettext("Copied: %(count)s change.", "Copied: %(count)s changes.", count)
    messages.success(request, words % {"count": count} if count else _("Nothing was changed."))
    here = reverse("provider:traffic_channels", args=[slug_of(request)])
    return redirect(f"{here}?location={state.text('target_at')}")
