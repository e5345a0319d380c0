"""Everything at once on rooms and two locations; a process killed in the middle (P1, P2, P4)."""

import os
import random
import signal
import time
from collections import Counter
from datetime import time as wall
from datetime import timedelta

import pytest
from django.db import Error, connection, transaction

from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.changes import NewPlace, cancel_booking, move_booking
from samtime.bookings.commands.holds import extend_hold, hold_slot, release_hold
from samtime.bookings.commands.taking import sweep_expired_holds
from samtime.bookings.models import Booking, Hold
from samtime.calendars import masks
from samtime.calendars.commands.hours import ExceptionGiven, add_exception, remove_exception
from samtime.calendars.models import (
    Allocation,
    AvailabilityException,
    Resource,
    ResourceGroup,
    ResourceNeed,
)
from samtime.foundation.errors import Refusal
from samtime.foundation.tenancy import set_viewer
from samtime.foundation.transient import is_away
from tests.promises.test_races import as_actor, overlaps, together
from tests.town import NOW, TODAY, at, near_days, person

pytestmark = pytest.mark.race
LATER = NOW + timedelta(minutes=6)


def with_rooms(town):
    """Two rooms at each place that every MRI needs; room numbers before and after calendars'."""
    with transaction.atomic():
        for place in (town.centru, town.nord):
            group = ResourceGroup.objects.create(provider=town.aurora, location=place, name="MR")
            for name in ("MR 1", "MR 2"):
                room = Resource.objects.create(provider=town.aurora, kind="room", name=name)
                group.members.add(room)
            ResourceNeed.objects.create(service=town.mri, location=place, group=group)
        town.rooms = list(Resource.objects.filter(kind="room").values_list("id", flat=True))
        town.masks = [c.mask_id for c in (town.ana_centru, town.ana_nord, town.dan_nord)]
        masks.rebuild([*town.rooms, *town.masks], near_days())


def picked(actor, rows):
    return as_actor(actor, lambda: rows.order_by("?").first())


class Client:
    """One of many who do what they like, chosen by chance, with everything the desk may do."""

    def __init__(self, town, number):
        self.town, self.chance = town, random.Random(number)
        self.actor = town.desk if number % 2 else town.admin
        self.said = Counter()
        self.kinds = [self.book] * 5 + [self.hold] * 4 + [self.book_held] * 3 + [self.move] * 4
        self.kinds += [self.cancel] * 4 + [self.release, self.extend, self.sweep, self.edit]

    def run(self, steps):
        for _step in range(steps):
            act = self.chance.choice(self.kinds)
            try:
                act()
                self.said[act.__name__] += 1
            except Refusal as refusal:
                self.said[type(refusal).__name__] += 1
            except Error as fault:
                if not is_away(fault):
                    raise
                self.said["told to come again"] += 1  # the lock's second is over: 503 at the door
        return self.said

    def place(self):
        day, hour = self.chance.choice((0, 1, 5)), 8 + self.chance.randrange(4)
        offering = self.chance.choice(
            [self.town.mri_ana, self.town.ecg_ana, self.town.dan_nord.offers["mri"]]
            if day < 5
            else [self.town.ana_nord.offers["mri"]]
        )
        return offering.public_id, at(day, hour, self.chance.choice((0, 15, 30)))

    def do(self, command, **given):
        return as_actor(self.actor, lambda: command(actor=self.actor, now=NOW, **given))

    def book(self):
        offering, start = self.place()
        self.do(book_slot, wish=Wish(offering=offering, start=start, patient=person()))

    def hold(self):
        offering, start = self.place()
        self.do(hold_slot, offering=offering, start=start)

    def own_hold(self):
        found = picked(self.actor, Hold.objects.filter(expires_at__gt=NOW))
        return found.public_id if found else None

    def book_held(self):
        if hold := self.own_hold():
            self.do(book_slot, wish=Wish(hold=hold, patient=person()))

    def release(self):
        if hold := self.own_hold():
            self.do(release_hold, hold=hold)

    def extend(self):
        if hold := self.own_hold():
            self.do(extend_hold, hold=hold)

    def sweep(self):
        sweep_expired_holds(now=LATER, most=5)

    def move(self):
        if known := picked(self.actor, Booking.objects.filter(state="booked")):
            offering, start = self.place()
            to = NewPlace(start, offering=self.chance.choice((offering, None)))
            self.do(move_booking, booking=known.public_id, to=to)

    def cancel(self):
        if known := picked(self.actor, Booking.objects.filter(state="booked")):
            self.do(cancel_booking, booking=known.public_id, reason="")

    def edit(self):
        calendar = self.chance.choice([self.town.ana_centru, self.town.dan_nord])
        actor = self.town.admin
        known = picked(actor, AvailabilityException.objects.filter(calendar=calendar))
        if known:
            as_actor(
                actor,
                lambda: remove_exception(actor=actor, exception_id=known.public_id, now=NOW),
            )
        else:
            given = ExceptionGiven(TODAY, True, wall(14), wall(15))
            as_actor(
                actor,
                lambda: add_exception(
                    actor=actor, calendar_id=calendar.public_id, given=given, now=NOW
                ),
            )


def facts_agree(town):
    """No overlap; masks equal truth; every booking has exactly its own time, nobody else any."""
    assert overlaps() == 0
    with transaction.atomic():
        set_viewer(town.aurora.id)
        ids = [*town.rooms, *town.masks]
        rows = masks.lock_days(ids, near_days())
        for mask, day, opened, busy, _run in masks._truth(ids, near_days()):
            assert (rows[mask, day].open, rows[mask, day].busy) == (opened, busy), (mask, day)
        kept = Allocation.objects.filter(kind="booking", resource__kind="practitioner")
        periods = {a.source_id: a.period.lower for a in kept}
        booked = {b.public_id: b.starts_at for b in Booking.objects.filter(state="booked")}
        assert periods == booked
        rooms = Allocation.objects.filter(kind="booking", resource__kind="room").count()
        assert rooms == Booking.objects.filter(state="booked", service=town.mri).count()


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def all_at_once(town, clients, steps):
    with_rooms(town)
    answers = together(clients, lambda n: Client(town, n).run(steps), patience=900, presses=1)
    faults = [answer for answer, _time in answers if not isinstance(answer, Counter)]
    assert not faults, faults
    facts_agree(town)
    return sum((answer for answer, _time in answers), Counter())


def test_everything_at_once_on_rooms_and_two_locations(lasting_town):
    """P1, P4: book, hold, move, cancel, release, sweep and edited hours; nobody sees a deadlock."""
    said = all_at_once(lasting_town, 6, 22)
    assert said["book"] > 5
    assert sum(said.values()) == 6 * 22


@pytest.mark.prove
def test_twenty_thousand_racing_operations(lasting_town, record_property):
    """P1, long form."""
    began = time.monotonic()
    said = all_at_once(lasting_town, 8, 2600)
    took = time.monotonic() - began
    record_property("figure", f"{sum(said.values())} operations in {took:.0f} s: {dict(said)}")
    record_property("figure", f"deadlocks met by the database: {deadlocks()}")
    assert sum(said.values()) >= 20_000
    assert deadlocks() == 0


def test_a_process_killed_in_the_middle_of_booking_leaves_nothing(lasting_town):
    """P2: SIGKILL between the booking's rows and the commit; the time is free at once."""
    town = lasting_town
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        connection.connection = None  # the parent's, not ours to close
        wish = Wish(offering=town.mri_ana.public_id, start=at(0, 9), patient=person())
        with transaction.atomic():
            set_viewer(town.desk.organization_id)
            book_slot(actor=town.desk, wish=wish, now=NOW)
            os.write(tell, b"x")
            time.sleep(60)
        os._exit(1)
    assert os.read(ready, 1) == b"x"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    wish = Wish(offering=town.mri_ana.public_id, start=at(0, 9), patient=person())
    booked = as_actor(town.desk, lambda: book_slot(actor=town.desk, wish=wish, now=NOW))
    with transaction.atomic():
        set_viewer(town.aurora.id)
        assert list(Booking.objects.values_list("public_id", flat=True)) == [booked.public_id]
        assert Allocation.objects.count() == 1
    assert overlaps() == 0


def test_a_release_does_not_free_what_was_booked_meanwhile(lasting_town):
    """D4: hold and booking share an identity; letting the hold go must not touch the booking."""
    town = lasting_town
    hold = as_actor(
        town.desk,
        lambda: hold_slot(
            actor=town.desk, offering=town.ecg_ana.public_id, start=at(0, 9), now=NOW
        ),
    )
    wish = Wish(hold=hold.public_id, patient=person())
    as_actor(town.desk, lambda: book_slot(actor=town.desk, wish=wish, now=NOW))
    as_actor(town.desk, lambda: release_hold(actor=town.desk, hold=hold.public_id, now=NOW))
    sweep_expired_holds(now=LATER)
    with transaction.atomic():
        assert [a.kind for a in Allocation.objects.all()] == ["booking"]
