"""Why can we not book this? Our half of the answer, and a question to the clinic."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.asking import ask_clinic
from samtime.channels.queries import outside_channels
from samtime.foundation.errors import NotFound
from samtime.web.door import page
from samtime.web.explained import answer_of, asked_day, name_channel, shown, slug_of
from samtime.web.form_state import FormState

# What only the asker's own organization can change.
OURS = ("terms_not_accepted", "no_booking_right")
ASKED = ("channel", "offering", "service", "location", "on")


@page(Right.BOOK_AT_PARTNER, Right.SEE_PARTNERS)
def explain(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The answer; POST asks the clinic, whose inbox then holds the question."""
    state = FormState.posted(request.POST if request.method == "POST" else request.GET)
    on = asked_day(state, actor)
    name_channel(actor, state)
    answer, status = answer_of(actor, state, on)
    if request.method == "POST":
        if answer is None:
            raise NotFound()
        where = {name: state.text(name) for name in ASKED if state.text(name)}
        subject = UUID(state.text("offering") or state.text("service"))
        ask_clinic(actor=actor, channel=answer.channel, answer=answer, where=where, subject=subject)
        name = {"name": answer.channel.provider.name}
        messages.success(request, _("%(name)s has your question in its inbox.") % name)
        return redirect(request.get_full_path())
    context = {
        "state": state,
        "on": on,
        "answer": answer,
        "may_ask": answer is not None and any(r.code not in OURS for r in answer.reasons),
        "kept": [(n, state.text(n)) for n in ASKED if n != "on" and state.text(n)],
        "channels": outside_channels(actor),
        **shown(answer, slug_of(request)),
    }
    return render(request, "partner/explain/explain.html", context, status=status)
