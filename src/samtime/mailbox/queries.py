"""Mails of an organization and their delivery."""

from uuid import UUID

from django.db.models import QuerySet

from samtime.foundation.tenancy import Viewer
from samtime.mailbox.models import OutgoingMail


def mails_about(viewer: Viewer, about_id: UUID) -> "QuerySet[OutgoingMail]":
    """Every mail about an object, newest first."""
    return OutgoingMail.objects.visible_to(viewer).filter(about_id=about_id).order_by("-id")
