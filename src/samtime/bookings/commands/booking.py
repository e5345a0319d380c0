"""Booking a time: the moment in which everything agreed is judged and frozen (invariants 2, 3)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.commands.alternatives import with_alternatives
from samtime.bookings.commands.holds import HoldExpired, live_hold
from samtime.bookings.commands.overbooking import PLAIN, Knowingly, judge_start, judged
from samtime.bookings.commands.taking import take
from samtime.bookings.models import Booking, Hold
from samtime.bookings.queries.judging import Span, span_of
from samtime.bookings.rules import new_reference
from samtime.calendars import masks
from samtime.calendars.models import Allocation
from samtime.channels.queries import BookingTerms, terms_for
from samtime.channels.rules import commission, net_of_vat, payment_state_at_booking
from samtime.foundation.errors import FieldError, Invalid, NotFound, RightMissing
from samtime.foundation.periods import local_day
from samtime.foundation.prepared import insert
from samtime.foundation.tenancy import on_behalf
from samtime.journal.commands import Access, Happening, log_access, record
from samtime.patients.commands import PatientGiven, checked, patient_for_booking
from samtime.patients.models import Patient
from samtime.patients.queries.own import limited


@dataclass(frozen=True, slots=True)
class Wish:
    """What to book: a hold, or an offering and a start; for whom; and what goes with it.

    `phone` and `email` are where a chosen patient (`patient_id`) wants this confirmation.
    `known`: what the own desk overrides with a reason.
    """

    hold: UUID | None = None
    offering: UUID | None = None
    start: datetime | None = None
    patient: PatientGiven | None = None
    patient_id: UUID | None = None
    channel: UUID | None = None
    note: str = ""
    notify: bool = True
    language: str = ""
    phone: str = ""
    email: str = ""
    known: Knowingly = PLAIN


def book_slot(*, actor: Actor, wish: Wish, now: datetime) -> Booking:
    """Book a held time, or a free one at once.

    Refuses: NotFound, HoldExpired, Invalid (at the field), NotListed, ChannelInactive,
    ChannelAmbiguous, OutsideHours, TooLate, SlotTaken with three alternatives.
    """
    actor.require_any(Right.BOOK, Right.BOOK_AT_PARTNER)
    _judge_shape(wish)
    if wish.hold is not None:
        return _book_held(actor=actor, wish=wish, now=now)
    offering, start = wish.offering, wish.start
    if offering is None or start is None:
        raise Invalid(FieldError("hold", "missing", str(_("Say which time to book."))))
    return with_alternatives(
        actor, offering, start, now, lambda: _book_free(actor=actor, wish=wish, now=now)
    )


def _judge_shape(wish: Wish) -> None:
    if (wish.patient is None) == (wish.patient_id is None):
        sentence = str(_("Give either a person's details or a known patient."))
        raise Invalid(FieldError("patient", "patient", sentence))
    if len(wish.note) > 2000:
        raise Invalid(FieldError("note", "too_long", str(_("At most 2,000 characters."))))


@transaction.atomic
def _book_held(*, actor: Actor, wish: Wish, now: datetime) -> Booking:
    assert wish.hold is not None
    hold = live_hold(actor, wish.hold, now, lock=True)
    terms = terms_for(
        actor, at=hold.starts_at, internal_id=hold.offering_id, channel=hold.channel.public_id
    )
    span = span_of(terms, hold.starts_at)
    masks.lock_days(terms.calendars, span.days)
    kept = Allocation.objects.filter(source_id=hold.public_id, kind="hold")
    if not kept.update(kind="booking", expires_at=None):
        raise HoldExpired()
    booking = _write(actor, wish, terms, span, ident=hold.public_id, now=now, hold=hold)
    hold.expires_at = now
    hold.save(update_fields=["expires_at"])
    return booking


@transaction.atomic
def _book_free(*, actor: Actor, wish: Wish, now: datetime) -> Booking:
    assert wish.offering is not None
    assert wish.start is not None
    terms = terms_for(actor, at=wish.start, offering_id=wish.offering, channel=wish.channel)
    terms = judged(actor, terms, wish.known)
    judge_start(terms, wish.start, now, wish.known)
    span, ident = span_of(terms, wish.start), uuid.uuid4()
    despite = wish.known.despite
    take(terms, span, kind="booking", source_id=ident, now=now, despite=despite)
    return _write(actor, wish, terms, span, ident=ident, now=now)


def _write(
    actor: Actor,
    wish: Wish,
    terms: BookingTerms,
    span: Span,
    *,
    ident: UUID,
    now: datetime,
    hold: Hold | None = None,
) -> Booking:
    patient, given = _patient(actor, wish, terms, now)
    price = hold.price_amount if hold else terms.price
    booking = Booking(
        public_id=ident,
        reference=new_reference(),
        provider_id=terms.provider_id,
        booker_id=actor.organization_id,
        booker_user_id=actor.user_id,
        channel_id=terms.channel_id,
        source=terms.channel_kind,
        patient_id=patient.id,
        patient_as_given=given,
        language=wish.language or given.get("language") or patient.language or actor.language,
        offering_id=terms.offering_id,
        calendar_id=terms.calendar_id,
        service_id=terms.service_id,
        location_id=terms.location_id,
        practitioner_id=terms.practitioner_id,
        billing_organization_id=terms.billing_organization_id,
        starts_at=span.start,
        ends_at=span.end,
        note=wish.note,
        notify=wish.notify,
        **agreed(terms, price),
    )
    insert(booking)
    note_booking(actor, booking, "booking.booked", **wish.known.trace())
    return booking


def agreed(terms: BookingTerms, price: int) -> dict[str, object]:
    """What a booking freezes of the terms, at this price."""
    net = net_of_vat(price, terms.vat_rate, terms.currency)
    return {
        "payment_place": terms.payment_place,
        "payment_state": payment_state_at_booking(terms.payment_place, price),
        "price_amount": price,
        "net_amount": net,
        "currency": terms.currency,
        "vat_rate": terms.vat_rate,
        "vat_category": terms.vat_category,
        "commission_kind": terms.commission_kind,
        "commission_rate": terms.commission_rate,
        "commission_amount": commission(
            terms.commission_kind,
            net=net,
            rate=terms.commission_rate,
            amount=terms.commission_amount,
            currency=terms.currency,
        ),
        "terms_id": terms.terms_id,
    }


def _patient(
    actor: Actor, wish: Wish, terms: BookingTerms, now: datetime
) -> tuple[Patient, dict[str, str]]:
    """The provider's patient behind the booking, and what the booker gave."""
    own = terms.channel_kind == "own_desk"
    if wish.patient is None:
        return _known_patient(actor, wish, terms, now, own=own)
    person = checked(wish.patient, today=local_day(now, terms.zone))
    access = "own" if own else terms.patient_access
    if own:
        patient = patient_for_booking(
            actor=actor,
            provider_id=terms.provider_id,
            channel_id=terms.channel_id,
            access=access,
            person=person,
        )
    else:
        with on_behalf(terms.provider_id, channel_id=terms.channel_id):
            patient = patient_for_booking(
                actor=actor,
                provider_id=terms.provider_id,
                channel_id=terms.channel_id,
                access=access,
                person=person,
            )
    return patient, person.as_given()


def _known_patient(
    actor: Actor, wish: Wish, terms: BookingTerms, now: datetime, *, own: bool
) -> tuple[Patient, dict[str, str]]:
    """A patient of the own desk, or a hit a partner chose where the terms let him search (D14).

    The level is judged before anybody is looked for. A partner gets the name and birth date he
    booked for, never the clinic's phone or e-mail: those stand as he typed them for this booking.
    """
    if not own and terms.patient_access != "search":
        raise RightMissing()
    assert wish.patient_id is not None
    if own:
        known = _one(terms.provider_id, wish.patient_id, seen_by=actor)
        return known, _as_given(known, wish, own=True).as_given()
    with on_behalf(terms.provider_id, channel_id=terms.channel_id):
        patient = _one(terms.provider_id, wish.patient_id)
        seen = Access(terms.provider_id, (patient.id,), "chosen", "booking", terms.channel_id)
        log_access(actor, seen)
    given = _as_given(patient, wish, own=False)
    return patient, checked(given, today=local_day(now, terms.zone)).as_given()


def _one(provider_id: int, public_id: UUID, *, seen_by: Actor | None = None) -> Patient:
    """Locked, so that no merge takes it away meanwhile; a merged one is the one that stayed.

    `seen_by`: somebody of the own desk, who may not see everybody. Refuses: NotFound.
    """
    rows = Patient.objects.select_for_update().filter(provider_id=provider_id)
    patient: Patient | None = rows.filter(public_id=public_id).first()
    while patient is not None and patient.merged_into_id is not None:
        patient = rows.filter(id=patient.merged_into_id).first()
    if patient is not None and seen_by is not None:
        patient = limited(seen_by, rows.filter(id=patient.id)).first()
    if patient is None:
        raise NotFound(field="patient_id")
    return patient


def _as_given(patient: Patient, wish: Wish, *, own: bool) -> PatientGiven:
    return PatientGiven(
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        phone=wish.phone or (patient.phone if own else ""),
        email=wish.email or (patient.email if own else ""),
        language=wish.language or (patient.language if own else ""),
    )


def note_booking(actor: Actor, booking: Booking, kind: str, **data: object) -> None:
    """The journal row of a change to a booking; reactions send the mails."""
    happening = Happening(
        kind=kind,
        object_kind="booking",
        object_id=booking.public_id,
        organization_id=booking.provider_id,
        other_id=booking.booker_id if booking.booker_id != booking.provider_id else None,
        channel_id=booking.channel_id,
        data={"version": booking.version, **data},
    )
    record(actor, happening)
