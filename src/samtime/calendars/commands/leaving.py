"""A practitioner leaves a location, or the provider; calendars close, bookings and history stay."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.commands.calendars import end_calendar
from samtime.calendars.queries import calendars
from samtime.foundation.periods import local_day
from samtime.organizations.commands.practitioners import end_practitioner, end_practitioner_role
from samtime.organizations.queries import home_day, practitioner_role


@transaction.atomic
def remove_from_location(*, actor: Actor, role_id: UUID, now: datetime) -> None:
    """He no longer works there (N12). Refuses: RightMissing, NotFound."""
    actor.require(Right.EDIT_CATALOG)
    role = practitioner_role(actor, role_id)
    for calendar in calendars(actor).filter(role=role):
        end_calendar(actor=actor, calendar_id=calendar.public_id, now=now)
    end_practitioner_role(
        actor=actor, role_id=role_id, today=local_day(now, role.location.time_zone)
    )


@transaction.atomic
def remove_practitioner(*, actor: Actor, practitioner_id: UUID, now: datetime) -> None:
    """He has left (N11): every calendar and every role ends. Refuses: RightMissing, NotFound."""
    actor.require(Right.EDIT_CATALOG)
    for calendar in calendars(actor).filter(role__practitioner__public_id=practitioner_id):
        end_calendar(actor=actor, calendar_id=calendar.public_id, now=now)
    end_practitioner(actor=actor, practitioner_id=practitioner_id, today=home_day(actor, now))
