"""Another duration of a service: from which day, whom it concerns, and taking it back."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.agenda import patient_names
from samtime.bookings.queries.lengthened import lengthened
from samtime.calendars.commands.own_lengths import drop_own_length
from samtime.catalog.commands.lengths import drop_length
from samtime.catalog.models import Service
from samtime.catalog.queries import length_on
from samtime.catalog.rules import Length
from samtime.foundation.periods import local_day
from samtime.journal.commands import Access, log_access
from samtime.organizations.queries import home_zone
from samtime.web.dates import day_typed
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed

SHOWN = 100
OWN = ("csrfmiddlewaretoken", "once", "sure", "act")
NUMBERS = ("duration_minutes", "buffer_before_minutes", "buffer_after_minutes")


def day_of(state: FormState, today: date) -> date | None:
    """From when the length holds; today where nothing is said. What is no day is noted."""
    if not state.text("from"):
        return today
    found = day_typed(state.text("from"))
    if found is None:
        state.wrong("from", _("Write the day, for example 24.11.2026."))
    return found


def review_of(actor: Actor, found: Service, state: FormState) -> dict[str, Any] | None:
    """What another length would mean; None where there is nothing to ask, or something is wrong.

    Refuses: RightMissing.
    """
    actor.require(Right.EDIT_CATALOG)
    today = local_day(timezone.now(), home_zone(actor))
    from_on = day_typed(state.text("from")) if state.text("from") else today
    typed = [state.text(name) for name in NUMBERS]
    if from_on is None or from_on < today or not all(t.isdecimal() and len(t) < 4 for t in typed):
        return None
    wanted = Length(*(int(t) for t in typed))
    if wanted == length_on(found, from_on):
        return None
    told = lengthened(actor, found, wanted, from_on=from_on, now=timezone.now())
    if not told.booked and not told.outsiders:
        return None
    shown = told.misfits[:SHOWN]
    names = patient_names(actor, [b.patient_id for b in shown])
    ids = tuple(sorted({b.patient_id for b in shown}))
    if ids:
        log_access(actor, Access(actor.organization_id, ids, "listed", "schedule"))
    return {
        "panel": "length",
        "length": wanted,
        "length_before": length_on(found, from_on),
        "from_on": from_on,
        "told": told,
        "misfits": [(b, names.get(b.patient_id, "–")) for b in shown],
        "hidden": [(k, v) for k, v in state.values.items() if isinstance(v, str) and k not in OWN],
    }


def drop(request: HttpRequest, actor: Actor, found: Service, state: FormState) -> HttpResponse:
    """A length to come is taken back: the service's, or «<offering> <day>» of a practitioner."""
    today = local_day(timezone.now(), home_zone(actor))
    ident, _blank, typed = state.text("drop").rpartition(" ")
    day = day_typed(typed) or today
    if ident:
        drop_own_length(actor=actor, offering_id=ident_needed(ident), from_on=day, today=today)
    else:
        drop_length(actor=actor, service_id=found.public_id, from_on=day, today=today)
    messages.success(request, _("Taken back."))
    tab = "practitioners" if ident else "details"
    return redirect("provider:service", slug_of(request), found.public_id, tab)
