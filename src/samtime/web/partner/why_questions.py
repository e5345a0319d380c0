"""«Why not?» beside a search that found nothing: one question for each place it could have been."""

from datetime import date
from uuid import UUID

from django.utils.http import urlencode

from samtime.accounts.actor import Actor
from samtime.bookings.queries.showcase import OpenOffering, open_offerings
from samtime.bookings.queries.wishes import SlotSearch

MOST_WHYS = 3


def open_there(
    actor: Actor, wish: SlotSearch, services: tuple[UUID, ...], on: date
) -> list[OpenOffering]:
    """What is ticked for this wish, though nothing of it is free; for a chosen service."""
    return [
        one
        for one in (open_offerings(actor, on=on) if services else [])
        if one.service in services
        and wish.provider in (None, one.provider)
        and wish.location in (None, one.location)
    ]


def why_questions(offered: list[OpenOffering], on: date) -> list[tuple[str, str]]:
    """«Why not?» for each place of these, at most three: the place, and the question's address."""
    asked = {
        f"{one.provider_name}, {one.location_name}": urlencode(
            {
                "channel": str(one.channel),
                "service": str(one.service),
                "location": str(one.location),
                "on": on.isoformat(),
            }
        )
        for one in offered
    }
    return list(asked.items())[:MOST_WHYS]
