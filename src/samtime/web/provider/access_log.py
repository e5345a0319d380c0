"""Access log: who saw which client, when, on which agreement and why; what looks odd says so."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.queries.names import names_of_channels, outsiders
from samtime.foundation.errors import NotFound
from samtime.foundation.exports import Sheet, csv_bytes, xlsx_bytes
from samtime.foundation.periods import day_bounds, local_day
from samtime.journal.commands import Access, log_access
from samtime.journal.queries import AccessWish
from samtime.organizations.queries import colleague_id, colleagues, home_zone
from samtime.patients.models import Patient
from samtime.patients.queries import one_patient
from samtime.patients.queries.accesses import Seen, log_of, merged_ids, names_by_id, who_searched
from samtime.web.dates import day_typed
from samtime.web.door import page
from samtime.web.form_state import FormState
from samtime.web.idents import ident_needed
from samtime.web.provider.client_words import access_line

SHOWN, EXPORTED, NAMES = 200, 10_000, 3
USUAL, LONGEST = 30, 366
KINDS = {
    "csv": (csv_bytes, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The filters as typed and as understood."""

    state: FormState
    wish: AccessWish
    patient: Patient | None


@page(Right.SEE_JOURNAL)
def access_log(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The latest readings under the filters, and above them who searched without booking."""
    asked = _asked(request, actor)
    rows = log_of(actor, asked.wish, limit=SHOWN) if asked.state.ok else []
    pages = _lines(actor, rows)
    odd = [s for s in who_searched(actor, asked.wish) if s.is_odd] if asked.patient is None else []
    context: dict[str, Any] = {
        "state": asked.state,
        "patient": asked.patient,
        "lines": pages,
        "names_shown": True,
        "odd": [(s, _odd_words(s.searches, s.booked)) for s in odd],
        "people": [("", _("Everybody")), *colleagues(actor)],
        "organizations": [("", _("All")), *_organizations(actor)],
        "query": request.GET.urlencode(),
        "full": len(rows) == SHOWN,
        "zone": home_zone(actor),
    }
    status = 200 if asked.state.ok else 422
    response = render(request, "provider/access_log/access_log.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@page(Right.SEE_JOURNAL)
def access_log_file(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """The same as a file; handing it out is itself an entry."""
    asked = _asked(request, actor)
    if kind not in KINDS or not asked.state.ok:
        raise NotFound()
    rows = log_of(actor, asked.wish, limit=EXPORTED)
    heads = [_("When"), _("Who"), _("Organisation"), _("Agreement"), _("Act"), _("Client")]
    table = Sheet(_("Access log"), [*heads, _("Reason")], _cells(actor, rows))
    seen = tuple(sorted({i for row in rows for i in row.patients}))
    log_access(actor, Access(actor.organization_id, seen, "exported", "access_log"))
    write, media = KINDS[kind]
    response = HttpResponse(write(table), content_type=media)
    response["Content-Disposition"] = f'attachment; filename="access-log.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


def _cells(actor: Actor, rows: list[Seen]) -> list[list[str | int]]:
    return [
        [
            line["at"].isoformat(timespec="seconds"),
            line["who"],
            line["organization"],
            line["agreement"],
            line["act"],
            line["clients"],
            line["reason"],
        ]
        for line in _lines(actor, rows, names=1000)
    ]


def _lines(actor: Actor, rows: list[Seen], *, names: int = NAMES) -> list[dict[str, Any]]:
    """Readings in plain words; with the clients' names for whoever sees clients, logged too."""
    agreements = names_of_channels(actor, {r.channel_id for r in rows if r.channel_id})
    shown = {i for row in rows for i in row.patients[:names]}
    known = names_by_id(actor, shown) if actor.may(Right.SEE_PATIENTS) else {}
    if known and names == NAMES:
        ids = tuple(sorted(known))
        log_access(actor, Access(actor.organization_id, ids, "listed", "access_log"))
    return [
        {**access_line(actor, row, agreements), "clients": _clients(row, known, names)}
        for row in rows
    ]


def _clients(row: Seen, known: dict[int, str], most: int) -> str:
    text = ", ".join(known.get(i, "–") for i in row.patients[:most])
    more = len(row.patients) - most
    if more > 0:
        text += " " + ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more}
    return text


def _odd_words(searches: int, booked: int) -> str:
    first = ngettext("%(count)s search", "%(count)s searches", searches) % {"count": searches}
    then = ngettext("%(count)s booking", "%(count)s bookings", booked) % {"count": booked}
    return f"{first}, {then}"


def _asked(request: HttpRequest, actor: Actor) -> _Asked:
    state = FormState.posted(request.GET)
    zone = home_zone(actor)
    today = local_day(timezone.now(), zone)
    last = _day(state, "to", today)
    first = _day(state, "from", last - timedelta(days=USUAL))
    if state.ok and not 0 <= (last - first).days <= LONGEST:
        state.wrong("from", _("The first day comes before the last one, at most a year earlier."))
    if not state.ok:
        first = last = today
    patient = None
    if state.text("client"):
        ident = ident_needed(state.text("client"))
        patient = one_patient(actor, ident, purpose="access_log")
    wish = AccessWish(
        patient_ids=(patient.id, *merged_ids(patient)) if patient else (),
        user_id=_user(actor, state),
        organization_id=_organization(actor, state),
        start=day_bounds(first, zone)[0],
        end=day_bounds(last, zone)[1],
    )
    return _Asked(state, wish, patient)


def _day(state: FormState, name: str, usual: date) -> date:
    found = day_typed(state.text(name))
    if state.text(name) and found is None:
        state.wrong(name, _("Write the day like 24.11.2026."))
    state.values.setdefault(name, usual.isoformat())
    if not state.values[name]:
        state.values[name] = usual.isoformat()
    return found or usual


def _user(actor: Actor, state: FormState) -> int | None:
    text = state.text("user")
    return colleague_id(actor, ident_needed(text)) if text else None


def _organizations(actor: Actor) -> list[tuple[str, str]]:
    return [(public, name) for _ident, public, name in outsiders(actor)]


def _organization(actor: Actor, state: FormState) -> int | None:
    text = state.text("organization")
    if not text:
        return None
    known = {public: ident for ident, public, _name in outsiders(actor)}
    if text not in known:
        raise NotFound()
    return known[text]
