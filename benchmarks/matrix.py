"""The table of ticks at scale: 200 services, 30 channels, three practitioners for each service.

`measure()` builds a clinic in a transaction of the connected, migrated database, asks the real
pages and commands, and rolls everything back. Floors are upper bounds; a ratio under 1 is good.
"""

import gzip
import statistics
import uuid
from collections.abc import Callable
from datetime import date, time, timedelta
from time import perf_counter, process_time
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.calendars import masks
from samtime.calendars.models import AvailabilityRule, Calendar, Offering, Resource
from samtime.catalog.models import Service, ServicePrice
from samtime.channels.commands import Change, set_listings
from samtime.channels.models import Channel, ChannelLocation, Listing
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import (
    Location,
    Membership,
    Organization,
    Practitioner,
    PractitionerRole,
)
from samtime.organizations.queries import actor_for_member

SERVICES, CHANNELS, PRACTITIONERS, PEOPLE = 200, 30, 30, 3
LONG_AGO = date(2025, 1, 1)
Line = tuple[str, float, float, float]


def measure() -> list[Line]:
    """Name with unit, figure, floor, figure through floor."""
    settings.ALLOWED_HOSTS = ["*"]
    with transaction.atomic():
        clinic = _Clinic(uuid.uuid4().hex[:8])
        lines = _measured(clinic)
        transaction.set_rollback(True)
    return [(name, figure, floor, round(figure / floor, 2)) for name, figure, floor in lines]


class _Clinic:
    """An institution with its channels; every second tick set, some practitioners differ."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.own = self._organization("clinic", ["provider"])
        set_viewer(self.own.id)
        self.place = Location.objects.create(
            organization=self.own, slug=f"p-{mark}", name="Place", time_zone="Europe/Oslo"
        )
        self.services = Service.objects.bulk_create(
            Service(
                provider=self.own,
                code=f"s{n}",
                name=f"Examination number {n} of the clinic",
                duration_minutes=30,
                specialty=f"Specialty {n % 12}",
            )
            for n in range(SERVICES)
        )
        ServicePrice.objects.bulk_create(
            ServicePrice(service=s, from_on=LONG_AGO, amount=10000, currency="NOK")
            for s in self.services
        )
        self.offerings = self._offerings()
        self.channels = self._channels()
        self._ticks()
        self.actor = self._administrator()

    def _organization(self, name: str, capabilities: list[str]) -> Organization:
        return Organization.objects.create(
            slug=f"{name}-{self.mark}",
            name=f"{name.title()} Company AS",
            country="NO",
            currency="NOK",
            capabilities=capabilities,
            registration_number=f"{name}-{self.mark}",
            second_factor_required=False,
            partner_module="on",
        )

    def _offerings(self) -> list[Offering]:
        calendars = [self._calendar(n) for n in range(PRACTITIONERS)]
        return Offering.objects.bulk_create(
            Offering(
                provider=self.own,
                calendar=calendars[(n * PEOPLE + k) % PRACTITIONERS],
                service=service,
            )
            for n, service in enumerate(self.services)
            for k in range(PEOPLE)
        )

    def _calendar(self, number: int) -> Calendar:
        person = Practitioner.objects.create(
            organization=self.own, given_name="Test", family_name=f"Number {number}"
        )
        role = PractitionerRole.objects.create(
            practitioner=person, location=self.place, billing_organization=self.own
        )
        resources = [
            Resource.objects.create(
                provider=self.own, kind=kind, name=f"{kind} {number}", practitioner=who
            )
            for kind, who in (("practitioner", person), ("calendar", None))
        ]
        calendar = Calendar.objects.create(
            provider=self.own,
            role=role,
            location=self.place,
            practitioner_resource=resources[0],
            mask=resources[1],
        )
        AvailabilityRule.objects.bulk_create(
            AvailabilityRule(
                calendar=calendar, weekday=day, start=time(8), end=time(16), valid_from=LONG_AGO
            )
            for day in range(1, 6)
        )
        today = timezone.now().date()
        masks.rebuild([resources[1].id], [today + timedelta(days=n) for n in range(14)])
        return calendar

    def _channels(self) -> list[Channel]:
        made = [
            Channel(provider=self.own, kind="own_desk", name="Own desk", state="open"),
            *(
                Channel(
                    provider=self.own,
                    outsider=self._organization(f"partner{n}", ["partner"]),
                    kind="partner",
                    name=f"Partner number {n} SRL",
                    state="open",
                    opened_at=timezone.now(),
                )
                for n in range(CHANNELS - 1)
            ),
        ]
        Channel.objects.bulk_create(made)
        ChannelLocation.objects.bulk_create(
            ChannelLocation(channel=channel, location=self.place) for channel in made[1:]
        )
        return made

    def _ticks(self) -> None:
        rows = [
            (channel, service, None)
            for c, channel in enumerate(self.channels[1:])
            for s, service in enumerate(self.services)
            if (c * 7 + s * 13) % 5 < 3
        ]
        rows += [
            (self.channels[1 + n % (CHANNELS - 1)], offering.service, offering)
            for n, offering in enumerate(self.offerings)
            if n % 5 == 0
        ]
        Listing.objects.bulk_create(
            Listing(
                channel=channel,
                provider_id=self.own.id,
                outsider_id=channel.outsider_id,
                location=self.place,
                service=service,
                offering=offering,
                open=offering is None,
                from_on=LONG_AGO,
            )
            for channel, service, offering in rows
        )

    def _administrator(self) -> Actor:
        self.user = User.objects.create_user(f"{self.mark}@matrix.example", name="Test Admin")
        for channel in self.channels[1:]:
            agent = User.objects.create_user(f"{channel.public_id}@matrix.example", name="Agent")
            Membership.objects.create(
                organization_id=channel.outsider_id,
                user=agent,
                roles=["agent"],
                can_book_at_partner=True,
                joined_at=timezone.now(),
            )
        Membership.objects.create(
            organization=self.own, user=self.user, roles=["admin"], joined_at=timezone.now()
        )
        return actor_for_member(
            user=self.user, slug=self.own.slug, language="en", request_id="measure"
        )


def _measured(clinic: _Clinic) -> list[tuple[str, float, float]]:
    client = Client()
    client.force_login(clinic.user)
    address = f"/o/{clinic.own.slug}/traffic-channels/"

    def page() -> Any:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code
        return answer

    people = f"{address}people/{clinic.services[0].public_id}/?location={clinic.place.slug}"
    with CaptureQueriesContext(connection) as asked:
        body = page().content
    queries = len(asked)
    flip = iter(range(10**6))

    def one_cell() -> None:
        set_viewer(clinic.own.id)
        change = Change(
            clinic.channels[3].public_id,
            service=clinic.services[5].public_id,
            location=clinic.place.public_id,
            open=next(flip) % 2 == 0,
        )
        set_listings(actor=clinic.actor, changes=[change])

    return [
        ("matrix page, ms", _median(page), 150),
        ("matrix page, processor ms", _processor(page), 150),
        ("matrix page compressed, KB", len(gzip.compress(body, 6)) / 1024, 100),
        ("matrix page, queries", queries, 40),
        ("practitioners of one service, ms", _median(lambda: client.get(people)), 150),
        ("save one cell, ms", _median(one_cell), 50),
    ]


def _median(run: Callable[[], Any], times: int = 7) -> float:
    run()
    taken = []
    for _n in range(times):
        start = perf_counter()
        run()
        taken.append((perf_counter() - start) * 1000)
    return round(statistics.median(taken), 1)


def _processor(run: Callable[[], Any], times: int = 7) -> float:
    taken = []
    for _n in range(times):
        start = process_time()
        run()
        taken.append((process_time() - start) * 1000)
    return round(statistics.median(taken), 1)


def main() -> None:
    """Print the table; the settings name the database."""
    import django

    django.setup()
    for name, figure, floor, ratio in measure():
        print(f"{name:40} {figure:>10.1f} {floor:>8.0f} {ratio:>6.2f}")


if __name__ == "__main__":
    main()
