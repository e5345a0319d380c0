"""How long before a visit patients of an organization are reminded."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid
from samtime.journal.commands import Happening, record
from samtime.organizations.models import Organization

REMINDER_HOURS = (0, 2, 4, 12, 24, 48, 72, 168)


def check_reminder_hours(hours: int, field: str) -> None:
    """Refuses: Invalid, unless it is one of the offered numbers of hours (0 = never)."""
    if hours not in REMINDER_HOURS:
        raise Invalid(FieldError(field, "invalid", _("Choose one of the times.")))


@transaction.atomic
def set_reminder_hours(*, actor: Actor, hours: int) -> Organization:
    """The time for every service without one of its own. Refuses: RightMissing, Invalid."""
    actor.require(Right.EDIT_CATALOG)
    check_reminder_hours(hours, "hours")
    own = Organization.objects.select_for_update(no_key=True).get(id=actor.organization_id)
    if own.reminder_hours == hours:
        return own
    own.reminder_hours = hours
    own.save(update_fields=["reminder_hours"])
    happening = Happening(
        "organization.changed",
        "organization",
        own.public_id,
        own.id,
        data={"changed": ["reminder_hours"]},
    )
    record(actor, happening)
    return own
