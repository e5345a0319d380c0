"""Settings > Reminders: how long before a visit, for all services and for single ones."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog.commands.reminding import set_service_reminder
from samtime.catalog.models import Service
from samtime.catalog.queries import services
from samtime.foundation.errors import Refusal
from samtime.organizations.commands.reminding import REMINDER_HOURS, set_reminder_hours
from samtime.organizations.queries import organization_of
from samtime.web.door import page
from samtime.web.form_state import FormState

FOLLOWS = "follows"


@page(Right.EDIT_CATALOG)
def reminders(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One form: the clinic's time, and each service's own; a POST saves all of it or nothing."""
    found = list(services(actor))
    if request.method == "POST":
        state = FormState.posted(request.POST)
        try:
            with transaction.atomic():
                _save(actor, state, found)
            messages.success(request, _("Saved."))
            return redirect(request.path)
        except Refusal as refusal:
            state.refuse(refusal)
    else:
        state = FormState({"hours": str(organization_of(actor).reminder_hours)})
        for one in found:
            own = one.reminder_hours
            state.values[_field(one)] = FOLLOWS if own is None else str(own)
    choices = [(str(hours), _words(hours)) for hours in REMINDER_HOURS]
    context = {
        "state": state,
        "choices": choices,
        "own_choices": [(FOLLOWS, _("As for all services")), *choices],
        "rows": [(_field(one), one.name) for one in sorted(found, key=_follows)],
        "own_count": sum(not _follows(one) for one in found),
    }
    status = 200 if state.ok else 422
    return render(request, "provider/reminders/reminders.html", context, status=status)


def _save(actor: Actor, state: FormState, found: list[Service]) -> None:
    set_reminder_hours(actor=actor, hours=_number(state.text("hours")))
    for one in found:
        said = state.text(_field(one)) or FOLLOWS
        hours = None if said == FOLLOWS else _number(said)
        set_service_reminder(actor=actor, service_id=one.public_id, hours=hours)


def _follows(one: Service) -> bool:
    """Services with a time of their own stand first."""
    return one.reminder_hours is None


def _field(one: Service) -> str:
    return f"service-{one.public_id}"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 5 else -1


def _words(hours: int) -> str:
    if hours == 0:
        return _("No reminder")
    if hours % 24 == 0:
        days = hours // 24
        return ngettext("%(count)s day before", "%(count)s days before", days) % {"count": days}
    return ngettext("%(count)s hour before", "%(count)s hours before", hours) % {"count": hours}
