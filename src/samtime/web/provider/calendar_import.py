"""Settings > Import > Calendar: an .ics file is looked at first, then applied as a whole."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.calendar_import import (
    BOOKINGS,
    BUSY,
    KIND,
    CalendarGiven,
    apply_calendar,
    judge_calendar,
    look_at_calendar,
    upload_from,
)
from samtime.bookings.commands.import_work import hand_in, is_long
from samtime.calendars.queries.feeds import practitioners_to_feed
from samtime.documents.models import ImportRun
from samtime.documents.queries import import_run
from samtime.foundation.errors import FieldError, Invalid, NotFound, Refusal
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.once import once_only
from samtime.web.provider.import_progress import at_work
from samtime.web.provider.imports import run_page
from samtime.web.uploads import uploaded


@page(Right.EDIT_CALENDAR)
def calendar_import(request: HttpRequest, actor: Actor) -> HttpResponse:
    """File, whose calendar, busy or bookings; POST looks at it and changes nothing."""
    state = FormState({"mode": BUSY})
    if request.method == "POST":
        state = FormState.posted(request.POST)
        try:
            run = _look(request, actor, state)
            return redirect("provider:calendar_import_run", slug_of(request), run.public_id)
        except Refusal as refusal:
            state.refuse(refusal)
    context = {
        "state": state,
        "file_error": state.errors.get("file", ""),
        "people": [(str(p.public_id), str(p)) for p in practitioners_to_feed(actor)],
        "modes": [
            (BUSY, _("All events are busy time")),
            (BOOKINGS, _("Events that name a service and a client become bookings")),
        ],
        "slug": slug_of(request),
    }
    status = 200 if state.ok else 422
    return render(request, "provider/calendar_import/calendar_import.html", context, status=status)


def _look(request: HttpRequest, actor: Actor, state: FormState) -> ImportRun:
    found = uploaded(request, "file")
    if found is None:
        raise Invalid(FieldError("file", "missing", _("Choose a file.")))
    person = ident_typed(state.text("practitioner"))
    if person is None:
        raise Invalid(FieldError("practitioner", "required", _("Choose a practitioner.")))
    given = CalendarGiven(found[0], found[1], person, state.text("mode"))
    if is_long(upload_from(given)):
        judge_calendar(given, timezone.now())
        return hand_in(actor=actor, upload=upload_from(given))
    return look_at_calendar(actor=actor, given=given, now=timezone.now())


@page(Right.EDIT_CALENDAR)
@once_only
def calendar_import_run(request: HttpRequest, actor: Actor, run_id: UUID) -> HttpResponse:
    """What the file would do, or what is wrong in which event; POST applies it."""
    found = import_run(actor, run_id)
    if found.kind != KIND:
        raise NotFound()
    state = FormState()
    answer = at_work(request, actor, found)
    if answer is not None:
        return answer
    if request.method == "POST":
        try:
            found = apply_calendar(actor=actor, run_id=run_id, now=timezone.now())
        except NotFound:
            raise
        except Refusal as refusal:
            state.refuse(refusal)
        else:
            done = ngettext("%(count)s event imported.", "%(count)s events imported.", found.rows)
            messages.success(request, done % {"count": found.rows})
            return redirect("provider:calendar_import_run", slug_of(request), run_id)
    return run_page(request, actor, found, state, back="provider:calendar_import")
