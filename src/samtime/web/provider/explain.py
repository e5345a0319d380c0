"""Why not bookable? The panel from any cell, row or result: every switch with who can change it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.queries import own_channels
from samtime.channels.queries.names import channel_name
from samtime.organizations.queries import locations, organization_of
from samtime.web.door import page
from samtime.web.explained import answer_of, asked_day, shown, slug_of
from samtime.web.form_state import FormState


@page(Right.SEE_CHANNELS, Right.BOOK)
def explain(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The question's form on top, then the answer."""
    state = FormState.posted(request.GET)
    on = asked_day(state, actor)
    channels = [(str(c.public_id), channel_name(c.kind, c.name)) for c in own_channels(actor)]
    services = [
        (str(s.public_id), s.name_in(actor.language))
        for s in organization_of(actor).services.filter(ended_on=None).order_by("name")
    ]
    places = [(str(p.public_id), p.name) for p in locations(actor)]
    chosen = next((p for p in locations(actor) if p.slug == state.text("location")), None)
    if chosen:
        state.values["location"] = str(chosen.public_id)
    answer, status = answer_of(actor, state, on)
    context = {
        "state": state,
        "on": on,
        "answer": answer,
        "choices": (
            ("channel", _("Channel"), channels),
            ("service", _("Service"), services),
            ("location", _("Location"), places),
        ),
        "people": [(str(i), name) for i, name in answer.practitioners] if answer else [],
        **shown(answer, slug_of(request)),
    }
    return render(request, "provider/explain/explain.html", context, status=status)
