"""«Who has seen my data»: the access log of one patient, in words; a question or an objection."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samtime.bookings.commands.patient_link import AboutData, write_about_data
from samtime.bookings.queries.patient_link import PatientLink
from samtime.foundation.errors import Refusal
from samtime.foundation.periods import local_day
from samtime.journal.models import AccessLogEntry
from samtime.journal.queries import accesses_to
from samtime.organizations.queries import names_of_organizations
from samtime.web.form_state import FormState
from samtime.web.public.client_door import client_page, shell

ACTS: dict[str, str | Promise] = {
    "opened": gettext_lazy("opened your appointment or card"),
    "listed": gettext_lazy("saw you in a list"),
    "searched": gettext_lazy("found you in a search"),
    "chosen": gettext_lazy("booked for you"),
    "linked": gettext_lazy("booked for you"),
    "seen": gettext_lazy("saw your data"),
    "changed": gettext_lazy("changed your data"),
    "unmasked": gettext_lazy("saw an identity number of yours in full"),
    "address_shown": gettext_lazy("saw your protected address"),
    "merged": gettext_lazy("joined two records about you"),
    "unmerged": gettext_lazy("separated two records again"),
    "exported": gettext_lazy("took your data out in a file"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One line: on which day, who, what; how often."""

    day: date
    who: str
    act: str
    times: int


@client_page
def patient_access(request: HttpRequest, link: PatientLink, token: str) -> HttpResponse:
    """The lines by day, newest first; POST writes to the clinic."""
    state, status = FormState(), 200
    if request.method == "POST":
        state = FormState.posted(request.POST)
        about = AboutData(state.text("act"), state.text("text"))
        try:
            write_about_data(link=link, about=about, now=timezone.now())
            messages.success(request, _("The clinic has your message and answers you."))
            return redirect("public:patient_access", token)
        except Refusal as refusal:
            state.refuse(refusal)
            status = refusal.status
    rows = accesses_to(link.actor, link.booking.patient_id)
    page = {
        **shell(link, token),
        "state": state,
        "lines": _lines(rows, link.booking.location.time_zone),
    }
    return render(request, "public/patient_booking/patient_access.html", page, status=status)


def _lines(rows: list[AccessLogEntry], zone: str) -> list[Seen]:
    names = names_of_organizations({r.organization_id for r in rows})
    counted: dict[tuple[date, str, str], int] = {}
    for row in rows:
        who = names.get(row.organization_id, "–")
        if row.actor_kind == "link":
            who = _("You, by your link")
        act = str(ACTS.get(row.action, row.action))
        key = (local_day(row.at, zone), who, act)
        counted[key] = counted.get(key, 0) + 1
    return [Seen(day, who, act, times) for (day, who, act), times in counted.items()]
