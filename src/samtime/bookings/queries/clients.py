"""Clients of visits: whom a practitioner treats, of whom a booking is, a client's bookings."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from samtime.accounts.actor import Actor
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import SHOWN
from samtime.patients.models import Patient, PatientContact
from samtime.patients.queries.own import sees_own_only


def treated_by(actor: Actor) -> "QuerySet[Any]":
    """Internal ids of whom this practitioner has a booking with, or entered himself."""
    treated = Booking.objects.filter(
        provider_id=actor.organization_id, practitioner_id=actor.practitioner_id or 0
    )
    own = Q(id__in=treated.values("patient_id")) | Q(created_user_id=actor.user_id or 0)
    rows: QuerySet[Patient] = Patient.objects.filter(provider_id=actor.organization_id)
    return rows.filter(own).values_list("id", flat=True)


def patient_of_booking(actor: Actor, booking_id: UUID) -> int | None:
    """The internal id of whom a booking of the actor's house is for."""
    rows = Booking.objects.filter(provider_id=actor.organization_id, public_id=booking_id)
    return rows.values_list("patient_id", flat=True).first()


def unreachable(rows: "QuerySet[Booking]") -> "QuerySet[Booking]":
    """Of the provider's bookings those about which no letter can go out: nobody has an address,
    or none is wanted. Somebody calls instead."""
    told = PatientContact.objects.filter(patient=OuterRef("patient"), is_told=True)
    has_address = (
        Q(patient_as_given__email__gt="")
        | Q(patient__email__gt="")
        | Exists(told.exclude(email=""))
    )
    return rows.exclude(has_address, notify=True)


def bookings_of(actor: Actor, patient: Patient) -> "QuerySet[Booking]":
    """The patient's bookings, the latest first; a practitioner's own with him alone."""
    rows = Booking.objects.filter(provider_id=actor.organization_id, patient=patient)
    if sees_own_only(actor):
        rows = rows.filter(practitioner_id=actor.practitioner_id or 0)
    return rows.select_related(*SHOWN).order_by("-starts_at", "-id")
