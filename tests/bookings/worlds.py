"""Random small worlds around the changes of clock: as plain facts, and as rows."""

import random
import uuid
from datetime import UTC, date, datetime, time, timedelta

from samtime.accounts.actor import system_actor
from samtime.calendars import masks
from samtime.calendars.models import (
    Allocation,
    AvailabilityException,
    AvailabilityRule,
    ResourceGroup,
    ResourceNeed,
)
from samtime.calendars.models import Resource as ResourceRow
from samtime.channels.models import ListingPrice
from samtime.foundation.tenancy import viewing_as
from tests import town
from tests.bookings.oracle import DAY, Place, Rule, Special, World

ZONES = ("Europe/Oslo", "Europe/Bucharest", "Europe/Budapest")
PERIODS = ((15, 30), (20, 30), (30, 15), (45, 15), (30, 20), (45, 30), (20, 15), (15, 5))


def last_sunday(year: int, month: int) -> date:
    """Both clocks change on the last Sunday of March and October."""
    day = date(year, month, 31)
    return day - timedelta(days=day.isoweekday() % 7)


def changes(years) -> list[date]:
    return [last_sunday(year, month) for year in years for month in (3, 10)]


def wall(chance: random.Random, low: int = 0, high: int = 287) -> time:
    n = chance.randint(low, high)
    return time(n * 5 // 60, n * 5 % 60)


def span(chance: random.Random) -> tuple[time, time]:
    """Often around the hours in which clocks change."""
    if chance.random() < 0.4:
        return wall(chance, 0, 40), wall(chance, 41, 80)
    first = chance.randint(0, 280)
    return wall(chance, first, first), wall(chance, first + 1, min(first + 130, 287))


def world(chance: random.Random, change: date) -> World:
    """Two practitioners at three places, one of them at two, some days around a change."""
    start = change - DAY * chance.randint(0, 2)
    duration, step = chance.choice(PERIODS)
    before, after = chance.choice((0, 0, 5, 15)), chance.choice((0, 5, 10, 30))
    days = chance.randint(2, 4)
    outside = chance.random() < 0.4
    groups = [["r1", "r2"], ["d1"]][: chance.choice((0, 1, 1, 2))]
    places = []
    for who in (0, 0, 1):
        own = duration if chance.random() < 0.7 else chance.choice((15, 20, 30, 45))
        rules = [_rule(chance, start, days) for _n in range(chance.randint(3, 9))]
        exceptions = [_exception(chance, start, days) for _n in range(chance.randint(0, 2))]
        place = Place(who, chance.choice(ZONES), step, own, rules, exceptions)
        place.groups = groups if len(places) != 1 else []
        place.prices = [(date(2020, 1, 1), 1000 + len(places))]
        if outside:
            place.ticks = [(date(2020, 1, 1), chance.random() < 0.8)]
            if chance.random() < 0.5:
                place.ticks.append((start + DAY * chance.randint(0, 3), chance.random() < 0.6))
            if chance.random() < 0.4:
                place.prices.append((start + DAY * chance.randint(0, 3), 2000 + len(places)))
        if chance.random() < 0.3:
            later = start + DAY * chance.randint(0, days)
            place.lengths = [(later, chance.choice((15, 20, 30, 45)))]
        places.append(place)
    midnight = datetime.combine(start, time(), UTC)
    now = midnight + timedelta(minutes=chance.randint(-1500, 400))
    taken = _taken(chance, midnight, days, groups)
    lead, horizon = chance.choice((0, 0, 45, 1440)), chance.choice((365, 365, 2))
    return World(places, taken, now, start, days, before, after, lead, horizon)


def _rule(chance, start, days) -> Rule:
    low, high = span(chance)
    day = start + DAY * chance.randint(-1, days)
    valid_from = chance.choice((date(2020, 1, 1), start, start + DAY))
    valid_to = chance.choice((None, None, None, start + DAY, start + 2 * DAY))
    kind = chance.choice(("open", "open", "open", "break"))
    return Rule(kind, day.isoweekday(), low, high, valid_from, valid_to)


def _exception(chance, start, days) -> Special:
    day = start + DAY * chance.randint(-1, days)
    if chance.random() < 0.4:
        return Special(day, chance.random() < 0.5, None, None)
    low, high = span(chance)
    return Special(day, chance.random() < 0.4, low, high)


def _taken(chance, midnight, days, groups):
    """Occupied times that do not overlap for one resource, some at odd minutes."""
    found = []
    for who in (0, 1, *(room for group in groups for room in group)):
        at = midnight - timedelta(hours=30)
        for _n in range(chance.randint(0, 12)):
            at += timedelta(minutes=chance.choice((0, 5, 35, 95, 200, 333, 700)))
            end = at + timedelta(minutes=chance.choice((5, 15, 30, 45, 61, 180)))
            found.append((who, at, end))
            at = end
    return found


class Rows:
    """The same world in the database."""

    def __init__(self, facts: World):
        self.facts = facts
        name = uuid.uuid4().hex[:10]
        self.provider = town.organization(f"p{name}", "Oracle", "RO", "RON", "provider")
        self.service = town.service(
            self.provider,
            f"s{name}",
            facts.places[0].duration,
            1,
            buffer_before_minutes=facts.before,
            buffer_after_minutes=facts.after,
            lead_minutes=facts.lead,
            horizon_days=facts.horizon,
        )
        people = [town.practitioner(self.provider, f"Test{n}", "Test") for n in range(2)]
        self.places = [
            town.location(self.provider, f"l{n}{name}", place.zone)
            for n, place in enumerate(facts.places)
        ]
        self.rooms: dict[str, ResourceRow] = {}
        self.calendars = []
        for n, place in enumerate(facts.places):
            self.calendars.append(self._calendar(people[place.practitioner], n, place))
        self.offerings = [c.offers[f"s{name}"] for c in self.calendars]
        self._take([p.resource for p in people])
        self.actor = system_actor(self.provider.id)
        if facts.places[0].ticks is not None:
            self._outside(name)
        self.days = [facts.start + DAY * n for n in range(-3, facts.days + 4)]
        ids = [c.mask_id for c in self.calendars] + [r.id for r in self.rooms.values()]
        masks.rebuild(ids, self.days)

    def _calendar(self, who, number, place: Place):
        made = town.calendar(who, self.places[number], self.service, days=())
        made.step_minutes = place.step
        made.save()
        offering = next(iter(made.offers.values()))
        if place.duration != self.service.duration_minutes:
            offering.duration_minutes = place.duration
            offering.save()
        if place.lengths:
            self._date(offering, place)
        for r in place.rules:
            AvailabilityRule.objects.create(
                calendar=made,
                kind=r.kind,
                weekday=r.weekday,
                start=r.start,
                end=r.end,
                valid_from=r.valid_from,
                valid_to=r.valid_to,
            )
        for e in place.exceptions:
            AvailabilityException.objects.create(
                calendar=made, date=e.day, closed=e.closed, start=e.start, end=e.end
            )
        for group in place.groups:
            self._group(number, group)
        return made

    @staticmethod
    def _date(offering, place):
        """What held before, and the changes; a change to the service's own follows it."""
        usual = offering.service.duration_minutes
        for day, minutes in [(date(2000, 1, 1), place.duration), *place.lengths]:
            own = minutes if minutes != usual else None
            offering.lengths.create(from_on=day, duration_minutes=own)
        offering.lengths_dated = True
        offering.save()

    def _group(self, number, names):
        place = self.places[number]
        group = ResourceGroup.objects.create(provider=self.provider, location=place, name="G")
        for name in names:
            if name not in self.rooms:
                self.rooms[name] = ResourceRow.objects.create(
                    provider=self.provider, kind="room", name=name
                )
            group.members.add(self.rooms[name])
        ResourceNeed.objects.create(service=self.service, location=place, group=group)

    def _take(self, people):
        for who, low, high in self.facts.taken:
            resource = self.rooms.get(who) if isinstance(who, str) else people[who]
            if resource is not None:
                Allocation.objects.create(
                    resource=resource,
                    provider_id=self.provider.id,
                    period=(low, high),
                    kind="busy",
                    source_id=uuid.uuid4(),
                )

    def _outside(self, name):
        partner = town.organization(f"o{name}", "Outside", "RO", "RON", "partner")
        channel = town.partner_channel(self.provider, partner, self.places)
        for number, place in enumerate(self.facts.places):
            for from_on, is_open in dict(place.ticks).items():
                town.listing(
                    channel,
                    self.places[number],
                    self.service,
                    is_open=is_open,
                    from_on=from_on,
                    offering=self.offerings[number] if number == 2 else None,
                )
        self.actor = system_actor(partner.id)
        self.channel = channel
        self._prices()

    def _prices(self):
        with viewing_as(self.provider.id):
            for number, place in enumerate(self.facts.places):
                for from_on, amount in place.prices:
                    ListingPrice.objects.create(
                        channel=self.channel,
                        provider_id=self.provider.id,
                        outsider_id=self.channel.outsider_id,
                        location=self.places[number],
                        service=self.service,
                        amount=amount,
                        currency="RON",
                        from_on=from_on,
                    )
