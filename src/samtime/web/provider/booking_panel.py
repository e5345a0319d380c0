"""One booking in the panel of the calendar; one button, one command."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.attendance import undo_mark, write_note
from samtime.bookings.commands.changes import (
    Said,
    arrive,
    cancel_booking,
    fulfil,
    mark_no_show,
    record_payment,
)
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import one_booking, patient_names
from samtime.bookings.rules import MOVABLE, is_late, may_become, shown_reference
from samtime.foundation.errors import NotFound, Refusal, VersionConflict
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.journal.commands import Access, log_access
from samtime.journal.models import JournalEntry
from samtime.journal.queries import history_of
from samtime.organizations.queries import member_names, names_of_organizations
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.form_state import FormState
from samtime.web.money_fields import money_shown, money_typed
from samtime.web.once import once_only
from samtime.web.provider.calendar import calendar_page
from samtime.web.provider.calendar_choice import choice_back
from samtime.web.provider.event_forms import version_typed

SEES = (Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
HAPPENED: dict[str, str | Promise] = {
    "booking.booked": _lazy("Booked"),
    "booking.moved": _lazy("Moved"),
    "booking.resized": _lazy("Length changed"),
    "booking.cancelled": _lazy("Cancelled"),
    "booking.desk_took_over": _lazy("Moved to own desk"),
    "booking.arrived": _lazy("Arrived"),
    "booking.fulfilled": _lazy("Attended"),
    "booking.no_show": _lazy("No-show"),
    "booking.mark_undone": _lazy("Mark taken back"),
    "booking.paid": _lazy("Payment noted"),
    "booking.note_changed": _lazy("Note changed"),
    "booking.confirmation_wanted": _lazy("Confirmation sent again"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history: what, when, who, why."""

    word: str
    at: datetime
    who: str
    why: str


@page(*SEES)
@once_only
def booking(request: HttpRequest, actor: Actor, booking_id: UUID) -> HttpResponse:
    """One booking beside its day; a POST runs the act named by its button."""
    if request.method != "POST":
        return booking_shown(request, actor, booking_id)
    found = one_booking(actor, booking_id)
    state = FormState.posted(request.POST)
    act = ACTS.get(state.text("act"))
    if act is None:
        return booking_shown(request, actor, booking_id, state=state, status=422)
    try:
        act[0](actor, found, state)
    except NotFound:
        raise
    except Refusal as refusal:
        changed = isinstance(refusal, VersionConflict)
        if not changed:
            state.refuse(refusal)
        return booking_shown(
            request, actor, booking_id, state=state, theirs=changed, status=refusal.status
        )
    if not state.ok:
        return booking_shown(request, actor, booking_id, state=state, status=422)
    return booking_shown(request, actor, booking_id, str(act[1]()))


@page(*SEES)
def booking_live(request: HttpRequest, actor: Actor, booking_id: UUID) -> HttpResponse:
    """204 while the booking is as the open panel shows it, else 200: its bar says so."""
    found = one_booking(actor, booking_id)
    same = str(found.version) == request.GET.get("version", "")
    return HttpResponse(status=204 if same else 200)


def booking_shown(
    request: HttpRequest,
    actor: Actor,
    booking_id: UUID,
    said: str = "",
    *,
    state: FormState | None = None,
    theirs: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The panel. `said`: what was just done; a form without script is sent on to the address.

    `state` may hold `undo`: the fields that move it back to where it stood.
    """
    found = one_booking(actor, booking_id)
    address = f"/o/{slug_of(request)}/bookings/{booking_id}/"
    scripted = bool(request.headers.get("HX-Request"))
    choice = choice_back(request, local_day(found.starts_at, found.location.time_zone))
    if said and not scripted:
        messages.success(request, said)
        return redirect(f"{address}?back={choice.href().replace('&', '%26').replace('?', '%3F')}")
    if scripted:  # else the whole page logs, in one row with the calendar's names
        seen = Access(actor.organization_id, (found.patient_id,), "opened", "booking")
        log_access(actor, seen)
    panel = panel_context(actor, found, state or FormState()) | {"said": said, "theirs": theirs}
    if theirs and panel["state"].text("act") == "note":
        mine, kept = panel["state"].text("note"), found.note
        panel["differs"] = [(_("Note"), mine, kept)] if mine != kept else []
    response = calendar_page(request, actor, choice, panel, status=status)
    if said:
        response["HX-Push-Url"] = address
    return response


def panel_context(actor: Actor, found: Booking, state: FormState) -> dict[str, Any]:
    """What the panel shows and which buttons it has."""
    own = found.provider_id == actor.organization_id
    names = patient_names(actor, [found.patient_id])
    mark = own and actor.may(Right.MARK_ATTENDANCE)
    now = timezone.now()
    due = found.payment_state == "due_at_institution" and found.state != "cancelled"
    return {
        "template": "provider/bookings/_booking.html",
        "booking": found,
        "name": names.get(found.patient_id, "–"),
        "reference": shown_reference(found.reference),
        "state": state,
        "may_move": found.state in MOVABLE and actor.may(Right.CHANGE_BOOKING),
        "may_note": own and actor.may(Right.CHANGE_BOOKING),
        "marks": [s for s in ("arrived", "fulfilled", "noshow") if may_become(found.state, s)]
        if mark
        else [],
        "may_undo": mark and found.state in ("arrived", "fulfilled", "noshow"),
        "early": now < found.starts_at,
        "late": is_late(found.starts_at, now, found.service.cancel_limit_minutes),
        "may_pay": own and due and actor.may(Right.TAKE_PAYMENT),
        "minutes": int((found.ends_at - found.starts_at).total_seconds() // 60),
        "price": Money(found.price_amount, found.currency),
        "amount_to_pay": state.text("amount") or money_shown(found.price_amount, found.currency),
        "commission": Money(found.commission_amount, found.currency),
        "paid": Money(found.paid_amount, found.currency),
        "history": history(actor, found),
    }


def history(actor: Actor, found: Booking) -> list[Happened]:
    """Who did what when; of another organization only its name. Three queries."""
    rows = history_of(actor, found.public_id, limit=50)
    people = member_names(actor, [r.user_id for r in rows if r.user_id])
    houses = names_of_organizations(
        {r.actor_organization_id for r in rows if r.actor_organization_id}
    )
    return [_happened(r, people, houses) for r in rows if r.kind in HAPPENED]


def _happened(row: JournalEntry, people: dict[int, str], houses: dict[int, str]) -> Happened:
    house = houses.get(row.actor_organization_id or 0, "")
    return Happened(
        word=str(HAPPENED[row.kind]),
        at=row.at,
        who=people.get(row.user_id or 0, "") or house,
        why=str(row.data.get("reason", "") or ""),
    )


def _arrive(actor: Actor, found: Booking, state: FormState) -> None:
    arrive(actor=actor, booking=found.public_id, now=_now(), reason=state.text("reason"))


def _fulfil(actor: Actor, found: Booking, state: FormState) -> None:
    fulfil(actor=actor, booking=found.public_id, now=_now(), reason=state.text("reason"))


def _no_show(actor: Actor, found: Booking, state: FormState) -> None:
    mark_no_show(actor=actor, booking=found.public_id, now=_now(), reason=state.text("reason"))


def _undo(actor: Actor, found: Booking, state: FormState) -> None:
    undo_mark(actor=actor, booking=found.public_id, now=_now(), version=version_typed(state))


def _cancel(actor: Actor, found: Booking, state: FormState) -> None:
    asked = "by" in state.values
    cancel_booking(
        actor=actor,
        booking=found.public_id,
        reason=state.text("reason"),
        now=_now(),
        version=version_typed(state),
        said=Said(state.text("by"), state.text("tell") != "") if asked else None,
    )


def _note(actor: Actor, found: Booking, state: FormState) -> None:
    write_note(
        actor=actor,
        booking=found.public_id,
        note=state.text("note"),
        version=version_typed(state),
        now=_now(),
    )


def _pay(actor: Actor, found: Booking, state: FormState) -> None:
    amount = money_typed(state, "amount", found.currency)
    if amount is None:
        return
    record_payment(
        actor=actor,
        booking=found.public_id,
        method=state.text("method"),
        amount=amount.minor,
        now=_now(),
    )


def _now() -> datetime:
    return timezone.now()


Act = tuple[Callable[[Actor, Booking, FormState], None], Callable[[], str]]
ACTS: dict[str, Act] = {
    "arrive": (_arrive, lambda: _("Marked as arrived.")),
    "fulfil": (_fulfil, lambda: _("Marked as attended.")),
    "no_show": (_no_show, lambda: _("Marked as no-show.")),
    "undo": (_undo, lambda: _("Taken back.")),
    "cancel": (_cancel, lambda: _("The appointment is cancelled and its time is free again.")),
    "note": (_note, lambda: _("Note saved.")),
    "pay": (_pay, lambda: _("Payment noted.")),
}
