"""«Why not?» beside a search that found nothing: one question for each place it could have been."""

from datetime import date
from uuid import UUID

from django.utils.http import urlencode

from samtime.accounts.actor import Actor
from samtime.bookings.queries.showcase import Asked, OpenOffering, open_offerings
from samtime.bookings.queries.wishes import SlotSearch

MOST_WHYS, MOST_LOOKED_AT = 3, 100


def open_there(actor: Actor, wish: SlotSearch, on: date) -> list[OpenOffering]:
    """What is ticked for this wish, though nothing of it is free; for a chosen service."""
    if wish.numbers is None:
        return []
    place = [wish.location] if isinstance(wish.location, UUID) else []
    provider = wish.provider if isinstance(wish.provider, UUID) else None
    asked = Asked(services=wish.numbers, provider=provider, places=place, most=MOST_LOOKED_AT)
    return open_offerings(actor, asked, on=on)


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
