"""Many at once: one winner, clean answers, masks equal to truth (P1, P4)."""

import random
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import Error, connection, connections, transaction

from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.changes import NewPlace, NotPossible, cancel_booking, move_booking
from samtime.bookings.commands.taking import SlotTaken
from samtime.bookings.models import Booking
from samtime.calendars import masks
from samtime.foundation.errors import Refusal
from samtime.foundation.tenancy import set_viewer
from samtime.foundation.transient import is_away, is_retried
from tests.town import NOW, at, near_days, person

pytestmark = pytest.mark.race


def pressing(act, presses=10):
    """What `act` gives to somebody who presses again when the door says «try again»: on a busy
    machine the first may keep a row longer than the second may wait for it."""
    for _press in range(presses - 1):
        try:
            return act()
        except Error as fault:
            if not is_away(fault):
                raise
    return act()


def together(number, act, patience=300, presses=10):
    """Run `act(n)` in that many threads with their own connections; what each answered."""
    answers, gate = [None] * number, threading.Barrier(number)

    def run(n):
        try:
            connection.ensure_connection()
            gate.wait(patience)
            began = time.monotonic()
            try:
                answers[n] = (pressing(lambda: act(n), presses), time.monotonic() - began)
            except Refusal as refusal:
                answers[n] = (refusal, time.monotonic() - began)
            except Exception as fault:
                answers[n] = (fault, time.monotonic() - began)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience)
    return answers


def as_actor(actor, run):
    """A request: one transaction with the viewer set; a deadlock is run again once, as doors do."""
    for last in (False, True):
        try:
            with transaction.atomic():
                set_viewer(actor.organization_id)
                return run()
        except Refusal:
            raise
        except Exception as fault:
            if last or not is_retried(fault):
                raise
    raise AssertionError


def overlaps():
    """Pairs of live allocations of one resource that overlap: must be none, ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM calendars_allocation a JOIN calendars_allocation b"
            " ON a.resource_id = b.resource_id AND a.id < b.id AND a.period && b.period"
            " WHERE a.live AND b.live"
        )
        return cursor.fetchone()[0]


def masks_equal_truth(town):
    with transaction.atomic():
        ids = [c.mask_id for c in (town.ana_centru, town.ana_nord, town.dan_nord)]
        rows = masks.lock_days(ids, near_days())
        return all(
            (rows[m, d].open, rows[m, d].busy) == (o, b)
            for m, d, o, b, _run in masks._truth(ids, near_days())
        )


def test_sixty_four_bookers_on_one_slot_have_one_winner(lasting_town):
    """P1, P4, scenario 2: one wins, 63 are told with three alternatives, nobody hangs."""
    town = lasting_town
    actors = [town.agent, town.agent2, town.desk, town.manager]

    def book(n):
        actor = actors[n % 4]
        wish = Wish(
            offering=town.mri_ana.public_id, start=at(0, 9), patient=person(phone=f"5550{n:04}")
        )
        return as_actor(actor, lambda: book_slot(actor=actor, wish=wish, now=NOW))

    answers = together(64, book, presses=1)
    kinds = Counter(type(answer).__name__ for answer, _time in answers)
    assert kinds == {"Booking": 1, "SlotTaken": 63}
    losers = [a for a, _t in answers if isinstance(a, SlotTaken)]
    assert all(len(a.facts["alternatives"]) == 3 for a in losers)
    assert max(seconds for _a, seconds in answers) < 10
    assert overlaps() == 0
    assert masks_equal_truth(town)


def test_booking_moving_and_cancelling_at_once_keeps_masks_true(lasting_town):
    """P1: 8 clients do what they like on two practitioners; no overlap, no deadlock shown."""
    town = lasting_town
    offerings = [town.mri_ana, town.ecg_ana, town.dan_nord.offers["mri"]]
    strange = []

    def busy_day(n):
        chance = random.Random(n)
        actor = town.desk
        for _step in range(14):
            start = at(chance.randrange(2), 8 + chance.randrange(4), chance.choice([0, 15, 30]))
            offering = chance.choice(offerings)
            try:
                _one_step(town, actor, offering, start, chance)
            except (SlotTaken, NotPossible):
                pass
            except Refusal as refusal:
                strange.append(refusal)
        return "done"

    answers = together(8, busy_day, presses=1)
    assert [a for a, _t in answers] == ["done"] * 8
    assert not strange
    assert overlaps() == 0
    assert masks_equal_truth(town)


def _one_step(town, actor, offering, start, chance):
    kind = chance.random()
    if kind < 0.6:
        wish = Wish(offering=offering.public_id, start=start, patient=person())
        as_actor(actor, lambda: book_slot(actor=actor, wish=wish, now=NOW - timedelta(hours=1)))
        return
    known = as_actor(actor, lambda: Booking.objects.filter(state="booked").order_by("?").first())
    if known is None:
        return
    if kind < 0.85:
        place = NewPlace(start)
        as_actor(
            actor,
            lambda: move_booking(actor=actor, booking=known.public_id, to=place, now=NOW),
        )
    else:
        as_actor(
            actor,
            lambda: cancel_booking(actor=actor, booking=known.public_id, reason="", now=NOW),
        )
