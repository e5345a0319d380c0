"""Whoever may book a service outside is told at once when it takes another time (G15)."""

from datetime import date
from uuid import UUID

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.calendars.queries import offering
from samtime.catalog import queries
from samtime.channels.queries.published import outsiders_with
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item
from samtime.organizations.queries import organization_of


def tell_of_length(
    *, actor: Actor, service_id: UUID, minutes: int, from_on: date, offering_id: UUID | None = None
) -> int:
    """An item in the inbox of each of them, for information; answers how many.

    `offering_id`: it is one practitioner's own duration, who is named with the service. The viewer
    must be the provider. Twice changes nothing: one open item per service, or per offering.
    """
    actor.require(Right.SEE_CHANNELS)
    service = queries.service(actor, service_id)
    clinic, what = organization_of(actor).name, service.name
    if offering_id is not None:
        what = f"{what} ({offering(actor, offering_id).calendar.role.practitioner})"
    told = outsiders_with(actor, service)
    for outsider, _name in told:
        with viewing_as(outsider):
            raise_item(
                system_actor(outsider),
                kind="duration_changed",
                object_kind="service" if offering_id is None else "offering",
                object_id=offering_id or service.public_id,
                facts={
                    "name": clinic,
                    "service": what,
                    "minutes": minutes,
                    "day": from_on.isoformat(),
                },
                link="partner/catalogue/",
            )
    return len(told)
