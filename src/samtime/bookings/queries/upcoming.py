"""Bookings to come of something that is about to change or end."""

from datetime import datetime

from django.db.models import QuerySet

from samtime.accounts.actor import Actor
from samtime.bookings.models import Booking


def upcoming_of_service(actor: Actor, service_id: int, now: datetime) -> "QuerySet[Booking]":
    """Bookings to come of one own service."""
    rows = Booking.objects.visible_to(actor).filter(provider_id=actor.organization_id)
    return rows.filter(service_id=service_id, starts_at__gt=now, state__in=["pending", "booked"])
