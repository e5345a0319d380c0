"""The end of a partnership: now or after a day, what becomes of bookings, what stays readable."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.billing.queries.statements import unsettled_statements
from samtime.bookings.models import Booking
from samtime.bookings.queries.clients import unreachable
from samtime.foundation.errors import NotFound, Refusal
from samtime.organizations.queries import bookers_of
from samtime.partners import commands
from samtime.partners.commands.notice import Notice
from samtime.partners.models import Partnership
from samtime.partners.queries import future_bookings_of, partnership
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.once import once_only
from samtime.web.provider.partner_list import address_of, today_of
from samtime.web.statement_words import month_word
from samtime.web.templatetags.formats import day_short

SHOWN_BOOKINGS = 3
USUAL_NOTICE = timedelta(days=30)
LIVE_NOW = ("active", "suspended", "notice_given")


@page(Right.INVITE_PARTNER)
@once_only
def partner_end(request: HttpRequest, actor: Actor, ident: UUID) -> HttpResponse:
    """The question before the end, with its consequences, and the end (P28)."""
    found = partnership(actor, ident)
    state = end_form(today_of(actor))
    if request.method == "POST":
        state = FormState.posted(request.POST)
        try:
            sentence = _end(actor, found, state)
        except NotFound:
            raise
        except Refusal as refusal:
            state.refuse(refusal)
        else:
            messages.success(request, sentence)
            return redirect(address_of(request, ident))
    context = {
        "slug": slug_of(request),
        "found": found,
        "state": state,
        **ending(actor, found, state),
    }
    status = 200 if state.ok else 422
    return render(request, "provider/partners/end.html", context, status=status)


def _end(actor: Actor, found: Partnership, state: FormState) -> str:
    ident, future = found.public_id, state.text("future_bookings")
    if state.text("when") == "day":
        notice = Notice(day_typed(state.text("ends_on")), future, state.text("message"))
        given = commands.give_notice(actor=actor, partnership_id=ident, notice=notice)
        words = {"day": day_short(given.ends_on), "name": found.company_name}
        return _("Notice is given: the last day is %(day)s. %(name)s has been told.") % words
    message = state.text("message")
    commands.end_partnership(
        actor=actor, partnership_id=ident, future_bookings=future, message=message
    )
    return _("The partnership with %(name)s has ended.") % {"name": found.company_name}


def _unsettled(actor: Actor, found: Partnership) -> list[str]:
    """Statements that still wait for an answer, by name: the end does not settle them."""
    if not actor.may(Right.SEE_STATEMENTS):
        return []
    words = {
        "disputed": _("A dispute is open in the statement of %(month)s."),
        "accepted": _("The statement of %(month)s is accepted and not closed."),
    }
    waits = _("The statement of %(month)s has been sent and is not settled.")
    return [
        words.get(one.state, waits) % {"month": month_word(one.period)}
        for one in unsettled_statements(actor, found.channel)
    ]


def _to_call(coming: "QuerySet[Booking]") -> list[str]:
    """Who cannot be written to: those clients come into the inbox, each with the booking."""
    count = unreachable(coming).count()
    words = ngettext(
        "%(count)s client gets no e-mail: if you move or cancel, your inbox asks for a call.",
        "%(count)s clients get no e-mail: if you move or cancel, your inbox asks for a "
        "call to each.",
        count,
    )
    return [words % {"count": count}] if count else []


def end_form(today: date) -> FormState:
    """What the question starts with: at once, and what is booked stays."""
    day = (today + USUAL_NOTICE).isoformat()
    return FormState({"when": "now", "ends_on": day, "future_bookings": "honour"})


def ending(actor: Actor, found: Partnership, state: FormState) -> dict[str, Any]:
    """What the end means, with numbers, and the bookings to come (P28)."""
    coming = future_bookings_of(actor, found)
    count = coming.count()
    bookers = bookers_of(found.partner_id) if found.partner_id else 0
    losing = ngettext(
        "After the end %(count)s user there cannot book, move or see free times here.",
        "After the end %(count)s users there cannot book, move or see free times here.",
        bookers,
    )
    lines = [
        losing % {"count": bookers},
        _("They keep reading their own past bookings."),
        _("Bookings made and commission owed stay as they are."),
        *_unsettled(actor, found),
        *_to_call(coming),
    ]
    choices = [
        ("honour", _("Honour them: they stay in the calendar, and the partner reads them")),
        ("desk", _("Move to own desk: we look after them and tell the patients")),
        ("cancel", _("Cancel them, free the times and tell the patients")),
    ]
    shown = list(coming.select_related("service", "location")[:SHOWN_BOOKINGS])
    fields = {
        "state": state,
        "may_notice": found.state == "active",
        "when_choices": [("now", _("Now")), ("day", _("After a last day"))],
        "future_count": count,
        "future_choices": choices,
        "shown": shown,
        "more": count - len(shown),
    }
    return {
        "consequences": lines,
        "end_fields": render_to_string("provider/partners/_end_fields.html", fields),
    }
