"""Calls about bookings: make, list, move, cancel, mark, pay."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import AwareDatetime, Field

from samtime.accounts.actor import Actor
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.api.v1.shapes import Body, MoneyIn, instant, listed, money
from samtime.api.v1.times import judged_day
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.changes import (
    NewPlace,
    arrive,
    cancel_booking,
    fulfil,
    mark_no_show,
    move_booking,
    record_payment,
)
from samtime.bookings.models import STATES, Booking
from samtime.bookings.queries.agenda import BookingFilter, bookings, one_booking
from samtime.bookings.queries.seen import accesses
from samtime.bookings.rules import shown_reference
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.periods import day_bounds
from samtime.journal.commands import log_access
from samtime.organizations.queries import home_zone
from samtime.patients.commands import PatientGiven


class PatientIn(Body):
    """A person's details."""

    given_name: str = Field(max_length=1000)
    family_name: str = Field(max_length=1000)
    birth_date: date | None = None
    phone: str = Field("", max_length=1000)
    email: str = Field("", max_length=1000)
    language: str = Field("", max_length=5)
    identifier: str = Field("", max_length=1000)

    def given(self) -> PatientGiven:
        """As the command takes it."""
        return PatientGiven(**self.dict())


class BookingIn(Body):
    """A hold, or an offering and a start; a person, or a known patient's id."""

    hold: UUID | None = None
    offering: UUID | None = None
    start: AwareDatetime | None = None
    patient: PatientIn | None = None
    patient_id: UUID | None = None
    channel: UUID | None = None
    note: str = Field("", max_length=2000)
    notify: bool = True


@api.post("/bookings", response={201: dict})
def booking_make(request: HttpRequest, body: BookingIn) -> HttpResponse:
    """Book a held or a free time."""
    actor = actor_of(request, "bookings.write")
    wish = Wish(
        hold=body.hold,
        offering=body.offering,
        start=body.start,
        patient=body.patient.given() if body.patient else None,
        patient_id=body.patient_id,
        channel=body.channel,
        note=body.note,
        notify=body.notify,
    )

    def run() -> tuple[int, Any]:
        made = book_slot(actor=actor, wish=wish, now=timezone.now())
        return 201, _booking(actor, one_booking(actor, made.public_id))

    return repeatable(request, actor, run, required=True)


class BookingQuery(Schema):
    """Filters of GET /bookings."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None
    source: str = Field("", max_length=64)
    state: str = Field("", max_length=20)
    location: str = Field("", max_length=64)
    practitioner: str = Field("", max_length=64)
    limit: int = Field(100, ge=1, le=200)
    cursor: str = Field("", max_length=200)


@api.get("/bookings")
def booking_list(request: HttpRequest, q: Query[BookingQuery]) -> HttpResponse:
    """The organization's own bookings, as provider or as booker."""
    actor = actor_of(request, "bookings.read")
    zone = home_zone(actor)
    if q.state not in ("", *STATES):
        raise Invalid(
            FieldError(
                "state", "state", _("One of: %(expected)s.") % {"expected": ", ".join(STATES)}
            )
        )
    wish = BookingFilter(
        start=day_bounds(judged_day(q.from_, "from"), zone)[0] if q.from_ else None,
        end=day_bounds(judged_day(q.to, "to"), zone)[1] if q.to else None,
        source=q.source,
        state=q.state,
        location=q.location,
        practitioner=q.practitioner,
    )
    shown: list[Booking] = []

    def shape(booking: Booking) -> dict[str, Any]:
        shown.append(booking)
        return _booking(actor, booking)

    response = listed(request, bookings(actor, wish), shape, limit=q.limit, cursor=q.cursor)
    _log(actor, shown, "listed")
    return response


@api.get("/bookings/{booking_id}")
def booking_detail(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """One booking."""
    actor = actor_of(request, "bookings.read")
    found = one_booking(actor, booking_id)
    _log(actor, [found], "opened")
    return answer(200, _booking(actor, found))


def _log(actor: Actor, shown: list[Booking], action: str) -> None:
    for access in accesses(actor, shown, action, "api"):
        log_access(actor, access)


class MoveIn(Body):
    """Where to."""

    start: AwareDatetime
    offering: UUID | None = None


@api.post("/bookings/{booking_id}/move")
def booking_move(request: HttpRequest, booking_id: UUID, body: MoveIn) -> HttpResponse:
    """Move; `If-Match` guards the version."""
    actor = actor_of(request, "bookings.write")
    place = NewPlace(body.start, body.offering, _version(request))

    def run() -> tuple[int, Any]:
        move_booking(actor=actor, booking=booking_id, to=place, now=timezone.now())
        return 200, _booking(actor, one_booking(actor, booking_id))

    return repeatable(request, actor, run, required=True)


def _version(request: HttpRequest) -> int | None:
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given or given == "*":
        return None
    return int(given) if given.isdecimal() and len(given) < 10 else 0


class CancelIn(Body):
    """Why."""

    reason: str = Field("", max_length=5000)


@api.post("/bookings/{booking_id}/cancel")
def booking_cancel(request: HttpRequest, booking_id: UUID, body: CancelIn) -> HttpResponse:
    """Cancel; the time is free at once."""
    actor = actor_of(request, "bookings.write")
    version = _version(request)

    def run() -> tuple[int, Any]:
        cancel_booking(
            actor=actor,
            booking=booking_id,
            reason=body.reason,
            now=timezone.now(),
            version=version,
        )
        return 200, _booking(actor, one_booking(actor, booking_id))

    return repeatable(request, actor, run, required=True)


class MarkIn(Body):
    """A reason is needed before the start."""

    reason: str = Field("", max_length=500)


MARKS = {"arrive": arrive, "fulfil": fulfil, "no-show": mark_no_show}


def _mark(request: HttpRequest, booking_id: UUID, act: str, reason: str) -> HttpResponse:
    actor = actor_of(request, "bookings.write")

    def run() -> tuple[int, Any]:
        MARKS[act](actor=actor, booking=booking_id, now=timezone.now(), reason=reason)
        return 200, _booking(actor, one_booking(actor, booking_id))

    return repeatable(request, actor, run)


@api.post("/bookings/{booking_id}/arrive")
def booking_arrive(
    request: HttpRequest, booking_id: UUID, body: MarkIn | None = None
) -> HttpResponse:
    """The patient is here."""
    return _mark(request, booking_id, "arrive", body.reason if body else "")


@api.post("/bookings/{booking_id}/fulfil")
def booking_fulfil(
    request: HttpRequest, booking_id: UUID, body: MarkIn | None = None
) -> HttpResponse:
    """The visit took place."""
    return _mark(request, booking_id, "fulfil", body.reason if body else "")


@api.post("/bookings/{booking_id}/no-show")
def booking_no_show(
    request: HttpRequest, booking_id: UUID, body: MarkIn | None = None
) -> HttpResponse:
    """Nobody came."""
    return _mark(request, booking_id, "no-show", body.reason if body else "")


class PayIn(Body):
    """How much, and how."""

    method: str = Field(max_length=20)
    amount: MoneyIn


@api.post("/bookings/{booking_id}/pay")
def booking_pay(request: HttpRequest, booking_id: UUID, body: PayIn) -> HttpResponse:
    """Paid at the institution."""
    actor = actor_of(request, "bookings.write")
    paid = body.amount.money()

    def run() -> tuple[int, Any]:
        if one_booking(actor, booking_id).currency != paid.currency:
            raise Invalid(FieldError("amount.currency", "currency", _("Another currency.")))
        record_payment(
            actor=actor,
            booking=booking_id,
            method=body.method,
            amount=paid.minor,
            now=timezone.now(),
        )
        return 200, _booking(actor, one_booking(actor, booking_id))

    return repeatable(request, actor, run)


def _booking(actor: Actor, b: Booking) -> dict[str, Any]:
    zone = b.location.time_zone
    return {
        "id": str(b.public_id),
        "reference": shown_reference(b.reference),
        "state": b.state,
        "payment_state": b.payment_state,
        "payment_place": b.payment_place,
        "price": money(b.price_amount, b.currency),
        "commission": money(b.commission_amount, b.currency),
        "source": {
            "channel": str(b.channel.public_id),
            "kind": b.source,
            "organization": str(b.booker.public_id),
            "organization_name": b.booker.name,
            "user": str(b.booker_user.public_id) if b.booker_user else None,
        },
        "provider": str(b.provider.public_id),
        "location": str(b.location.public_id),
        "practitioner": str(b.practitioner.public_id),
        "service": str(b.service.public_id),
        "offering": str(b.offering.public_id),
        "start": instant(b.starts_at, zone),
        "end": instant(b.ends_at, zone),
        "patient": b.patient_as_given,
        "note": b.note,
        "cancelled": {"by": b.cancelled_by, "reason": b.cancel_reason, "late": b.cancelled_late}
        if b.state == "cancelled"
        else None,
        "version": b.version,
    }
