"""W1 to W4: how long free starts take, names and prices included where a page shows them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from benchmarks.ground import PROVIDERS, monday
from benchmarks.measuring import Figure, figure


def measure() -> list[Figure]:
    """The figures of SPEED.md section 1."""
    from django.db import transaction

    with transaction.atomic():
        return [*_own_desk(), *_partner()]


def _own_desk() -> list[Figure]:
    from django.utils import timezone

    from samtime.accounts.actor import system_actor
    from samtime.accounts.rights import Right
    from samtime.bookings.queries.free_days import free_days
    from samtime.bookings.queries.slots import find_slots
    from samtime.bookings.queries.starts import search
    from samtime.bookings.queries.wishes import SlotSearch
    from samtime.calendars.models import Offering
    from samtime.foundation.tenancy import set_viewer

    now, first = timezone.now(), monday()
    desk = replace(system_actor(1), rights=frozenset({Right.BOOK}))
    offering = Offering.objects.select_related("service").get(id=1)
    set_viewer(1)
    one = SlotSearch(start=first, days=28, limit=1000, offering=offering.public_id)
    end = first + timedelta(days=28)
    month = SlotSearch(start=first, days=30, service=offering.service.public_id)
    starts = search(desk, one, day=first, end=end, now=now).count()
    page = replace(one, limit=20)
    return [
        figure(
            f"W1  {starts} starts of one practitioner, 28 days",
            lambda: search(desk, one, day=first, end=end, now=now).count(),
            "0.5 ms and 4 x",
            lambda ms, ratio: ms <= 0.5 and ratio <= 4,
            runs=300,
        ),
        figure(
            "W1b first 20 of them with names and prices",
            lambda: find_slots(desk, page, now=now),
            "-",
            lambda ms, ratio: True,
        ),
        figure(
            "W1c all of them with names and prices",
            lambda: find_slots(desk, one, now=now),
            "-",
            lambda ms, ratio: True,
        ),
        figure(
            "W4  free days, 20 practitioners, 30 days",
            lambda: free_days(desk, month, now=now),
            "2 ms",
            lambda ms, ratio: ms <= 2,
        ),
    ]


def _partner() -> list[Figure]:
    from django.utils import timezone

    from samtime.accounts.actor import system_actor
    from samtime.accounts.rights import Right
    from samtime.bookings.queries.slots import find_slots
    from samtime.bookings.queries.wishes import SlotSearch
    from samtime.foundation.tenancy import set_viewer

    now = timezone.now()
    agent = replace(system_actor(PROVIDERS + 1), rights=frozenset({Right.BOOK_AT_PARTNER}))
    set_viewer(agent.organization_id)
    city = SlotSearch(
        start=monday(), limit=20, specialty="Consultation", near=(44.9, 20.0), radius_km=15
    )
    country = replace(city, days=30, near=(45.8, 24.0), radius_km=2000)
    return [
        figure(
            "W2  first 20 of 200 practitioners of a city",
            lambda: find_slots(agent, city, now=now),
            "2 ms and 15 x",
            lambda ms, ratio: ms <= 2 and ratio <= 15,
        ),
        figure(
            "W3  first 20 of 10,000 practitioners",
            lambda: find_slots(agent, country, now=now),
            "15 ms",
            lambda ms, ratio: ms <= 15,
        ),
        figure(
            "W3b the same when everything that is kept is read anew",
            lambda: _from_nothing(agent, country, now),
            "-",
            lambda ms, ratio: True,
            runs=9,
        ),
    ]


def _from_nothing(agent: Any, wish: Any, now: Any) -> None:
    """The first search of a process: whose offerings are open is not known yet."""
    from samtime.bookings.queries.slots import find_slots
    from samtime.channels.queries import kept

    kept.forget()
    find_slots(agent, wish, now=now)
