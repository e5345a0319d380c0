"""Mails of an organization and their delivery."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet, Sum

from samtime.foundation.tenancy import Viewer
from samtime.mailbox.models import DeliveryCount, OutgoingMail


def mails_about(viewer: Viewer, about_id: UUID) -> "QuerySet[OutgoingMail]":
    """Every mail about an object, newest first."""
    return OutgoingMail.objects.visible_to(viewer).filter(about_id=about_id).order_by("-id")


def undelivered_since(day: date) -> int:
    """How many mails of all organizations came back or could not be sent since a day."""
    found = DeliveryCount.objects.filter(on_day__gte=day).aggregate(total=Sum("count"))
    return int(found["total"] or 0)
