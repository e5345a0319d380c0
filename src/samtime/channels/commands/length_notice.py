"""Whoever may book a service outside is told at once when it takes another time (G15)."""

from datetime import date
from uuid import UUID

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.catalog import queries
from samtime.channels.queries.published import outsiders_with
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item
from samtime.organizations.queries import organization_of


def tell_of_length(*, actor: Actor, service_id: UUID, minutes: int, from_on: date) -> int:
    """An item in the inbox of each of them, for information; answers how many.

    The viewer must be the provider. Twice changes nothing: one open item per service.
    """
    actor.require(Right.SEE_CHANNELS)
    service = queries.service(actor, service_id)
    clinic = organization_of(actor).name
    told = outsiders_with(actor, service)
    for outsider, _name in told:
        with viewing_as(outsider):
            raise_item(
                system_actor(outsider),
                kind="duration_changed",
                object_kind="service",
                object_id=service.public_id,
                facts={
                    "name": clinic,
                    "service": service.name,
                    "minutes": minutes,
                    "day": from_on.isoformat(),
                },
                link="partner/catalogue/",
            )
    return len(told)
