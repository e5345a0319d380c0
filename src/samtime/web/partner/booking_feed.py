"""Our bookings in the agent's own calendar program: a secret address, made and revoked."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.bookings.commands.agent_feed import MAY, make_agent_feed, revoke_agent_feed
from samtime.bookings.queries.agent_feed import agent_feeds, feed_preview
from samtime.foundation.errors import Refusal
from samtime.organizations.queries import home_zone
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed

NEXT = 5


@page(*MAY)
def booking_feed(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The person's addresses; POST makes one (shown on this answer alone) or revokes one."""
    state = FormState.posted(request.POST)
    if request.method != "POST":
        return _shown(request, actor, state)
    if state.text("revoke"):
        revoke_agent_feed(
            actor=actor, feed_id=ident_needed(state.text("revoke")), now=timezone.now()
        )
        messages.success(request, _("The address is dead."))
        return redirect(request.path)
    try:
        _feed, secret = make_agent_feed(actor=actor, key=state.text("once")[:64])
    except Refusal as refusal:
        state.refuse(refusal)
        return _shown(request, actor, state, status=refusal.status)
    address = f"{settings.BASE_URL}{reverse('public:agent_feed', args=[secret])}"
    return _shown(request, actor, FormState(), secret=address)


def _shown(
    request: HttpRequest, actor: Actor, state: FormState, *, secret: str = "", status: int = 200
) -> HttpResponse:
    count, coming = feed_preview(actor, now=timezone.now(), limit=NEXT)
    context = {
        "state": state,
        "count": count,
        "coming": coming,
        "secret": secret,
        "feeds": list(agent_feeds(actor)),
        "zone": home_zone(actor),
    }
    response = render(request, "partner/booking_feed/booking_feed.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
