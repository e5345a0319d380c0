"""The inbox of an organization: open items, oldest first, each with its sentence."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from samtime.foundation.tenancy import Viewer
from samtime.inbox.models import InboxItem


def open_items(viewer: Viewer) -> "QuerySet[InboxItem]":
    """What waits, oldest first."""
    return InboxItem.objects.visible_to(viewer).filter(resolved_at=None).order_by("created_at")


def title_of(item: InboxItem) -> str:
    """The item's sentence in the reader's language."""
    sentences = {
        "booking_question": _("%(name)s asks why it cannot book %(service)s at %(place)s."),
        "booking_stranded": _("A booking of %(name)s lies outside the working hours."),
        "bookings_stranded": _("%(count)s bookings of %(name)s lie on what was closed for it."),
        "invitation_asked_again": _("%(name)s asks for a new invitation link."),
        "invitation_bounced": _("The invitation to %(name)s came back."),
        "invitation_declined": _("%(name)s declined the invitation."),
        "invitation_undelivered": _("The invitation to %(name)s did not arrive."),
        "invitation_waiting": _("%(name)s invites you to book in its calendars. Answer it."),
        "partner_module_asked": _("%(name)s asks for the partner module."),
        "invitation_expired": _("The invitation to %(name)s was not answered in time."),
        "mail_failed": _("A mail to %(name)s could not be delivered."),
        "booking_moved_by_institution": _("%(name)s moved your booking %(reference)s."),
        "booking_cancelled_by_institution": _("%(name)s cancelled your booking %(reference)s."),
        "statement_due": _("The statement of %(month)s for %(name)s has not been sent."),
        "statement_waiting": _("%(name)s sent the statement of %(month)s. Answer it."),
        "statement_disputed": _("%(name)s disputes the statement of %(month)s."),
        "statement_accepted": _("%(name)s accepted the statement of %(month)s. Close it."),
        "dispute_answered": _("%(name)s answered your dispute of %(month)s."),
        "module_asked": _("%(name)s asks for the partner module."),
        "user_invitation_expired": _("%(name)s did not join in time: the link is too old."),
        "user_invitation_undelivered": _("The mail that gives %(name)s access did not arrive."),
    }
    facts = {
        "name": "–",
        "count": "–",
        "service": "–",
        "place": "–",
        "reference": "–",
        "month": "–",
        **item.facts,
    }
    sentence = sentences.get(item.kind)
    return sentence % facts if sentence else item.kind.replace("_", " ").capitalize()
