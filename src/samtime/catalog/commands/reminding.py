"""A service's own time for reminding its patients."""

from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.catalog.models import Service
from samtime.foundation.errors import NotFound
from samtime.journal.commands import Happening, record
from samtime.organizations.commands.reminding import check_reminder_hours


@transaction.atomic
def set_service_reminder(*, actor: Actor, service_id: UUID, hours: int | None) -> Service:
    """Hours before the visit; None follows the organization, 0 never reminds.

    Refuses: RightMissing, NotFound, Invalid.
    """
    actor.require(Right.EDIT_CATALOG)
    if hours is not None:
        check_reminder_hours(hours, f"service-{service_id}")
    rows = Service.objects.filter(provider_id=actor.organization_id, public_id=service_id)
    service: Service | None = rows.select_for_update().first()
    if service is None:
        raise NotFound(field="service")
    if service.reminder_hours == hours:
        return service
    service.reminder_hours = hours
    service.save(update_fields=["reminder_hours"])
    happening = Happening(
        kind="service.changed",
        object_kind="service",
        object_id=service.public_id,
        organization_id=actor.organization_id,
        data={"changed": ["reminder_hours"]},
    )
    record(actor, happening)
    return service
