"""The first ten minutes of a new clinic, on Today: what is done, and where the next step is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.calendars.queries import offerings, rules
from samtime.catalog.queries import services
from samtime.organizations.queries import locations, organization_of, roles
from samtime.partners.queries import partnerships


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its words, its place (`name` of a page), whether it is done."""

    words: str
    name: str
    is_done: bool


def first_steps(actor: Actor) -> list[Step]:
    """The steps for whoever may take them all; [] once time can be booked.

    An invited partner is the last step and keeps the list from nobody: not every clinic wants one.
    """
    if not (actor.may(Right.EDIT_ORGANIZATION) and actor.may(Right.EDIT_CATALOG)):
        return []
    if rules(actor).exists() and offerings(actor).exists():
        return []
    own = organization_of(actor)
    is_there: list[tuple[str, str, Callable[[], Any]]] = [
        (_("Check the company's own data"), "provider:company", lambda: own.street and own.city),
        (_("Add a location"), "provider:institution", lambda: locations(actor).exists()),
        (_("Add a practitioner"), "provider:schedules", lambda: roles(actor).exists()),
        (_("Add a service with its price"), "provider:services", lambda: services(actor).exists()),
        (_("Set the hours that can be booked"), "provider:schedules", rules(actor).exists),
        (_("Invite the first partner"), "provider:partners", partnerships(actor).exists),
    ]
    return [Step(words, name, bool(done())) for words, name, done in is_there]
