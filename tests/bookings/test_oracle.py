"""The search and the judge against a slow oracle (P1, P22; the rules of time of SPEED.md 2.6).

Worlds lie around both changes of clock in Oslo, Bucharest and Budapest: breaks, exceptions, ends of
validity, buffers, rooms, one practitioner at two places, ticks and prices that change by the day.
"""

import random
from dataclasses import replace
from datetime import timedelta
from unittest import mock

import pytest
from django.db import transaction

from samtime.bookings.commands.holds import hold_slot, release_hold
from samtime.bookings.queries import nearest, starts
from samtime.bookings.queries.free_days import free_days
from samtime.bookings.queries.slots import find_slots
from samtime.bookings.queries.wishes import SlotSearch
from samtime.calendars import masks
from samtime.foundation.errors import Refusal
from samtime.foundation.periods import local_day
from samtime.foundation.tenancy import set_viewer
from tests.bookings.oracle import Oracle, at_cell
from tests.bookings.worlds import Rows, changes, world

pytestmark = pytest.mark.django_db


class Rolled(Exception):
    """The world is over."""


def prove_world(chance, change, *, holds):
    """How many slots were compared, held, and refused in one world."""
    facts = world(chance, change)
    counted = (0, 0, 0)
    try:
        with transaction.atomic():
            counted = _proved(chance, facts, Rows(facts), holds)
            raise Rolled
    except Rolled:
        return counted


def _proved(chance, facts, rows, holds):
    oracle = Oracle(facts)
    set_viewer(rows.actor.organization_id)
    wish = SlotSearch(start=facts.start, days=facts.days, limit=5000)
    offered = oracle.offered()
    place = {o.id: n for n, o in enumerate(rows.offerings)}
    found = find_slots(rows.actor, wish, now=facts.now).items
    told = [(s.start, place[s.offering_id], s.price) for s in found]
    if facts.places[0].ticks is None:
        offered, told = [o[:2] for o in offered], [o[:2] for o in told]
    assert told == offered
    for slot in found:
        day = local_day(slot.start, slot.zone)
        minutes = facts.places[place[slot.offering_id]].duration_on(day)
        assert slot.end - slot.start == timedelta(minutes=minutes)
    few = find_slots(rows.actor, replace(wish, limit=5), now=facts.now).items
    assert few == found[:5]
    with mock.patch.object(starts, "MANY", 0), mock.patch.object(nearest, "FIRST_READ", 1):
        assert find_slots(rows.actor, wish, now=facts.now).items == found
        few = find_slots(rows.actor, replace(wish, limit=3), now=facts.now).items
        assert few == found[:3]
    days = {o.id: set() for o in rows.offerings}
    for slot in found:
        days[slot.offering_id].add(local_day(slot.start, slot.zone))
    free = free_days(rows.actor, wish, now=facts.now)
    assert {o: set(d) for o, d in free.items() if d} == {o: d for o, d in days.items() if d}
    return len(told), *_judged(chance, facts, rows, oracle, found, holds)


def _judged(chance, facts, rows, oracle, found, holds):
    for slot in chance.sample(found, min(holds, len(found))):
        hold = hold_slot(actor=rows.actor, offering=slot.offering, start=slot.start, now=facts.now)
        if chance.random() < 0.3:
            told = {(s.offering_id, s.start) for s in _search(rows, facts)}
            assert (slot.offering_id, slot.start) not in told
        release_hold(actor=rows.actor, hold=hold.public_id, now=facts.now)
    refused = 0
    for number, offering in enumerate(rows.offerings):
        cells = [c for c in oracle.clocks[number].wall if abs(_days(c, facts)) <= facts.days]
        for cell in chance.sample(cells, holds):
            allowed = oracle.may_be_taken(number, cell)
            assert _can_be_held(rows, offering, at_cell(cell), facts.now) is allowed
            refused += not allowed
    assert not wrong_masks(rows)
    return min(holds, len(found)), refused


def _days(cell, facts):
    return (at_cell(cell).date() - facts.start).days


def _search(rows, facts):
    wish = SlotSearch(start=facts.start, days=facts.days, limit=5000)
    return find_slots(rows.actor, wish, now=facts.now).items


def _can_be_held(rows, offering, start, now):
    try:
        hold = hold_slot(actor=rows.actor, offering=offering.public_id, start=start, now=now)
    except Refusal:
        return False
    release_hold(actor=rows.actor, hold=hold.public_id, now=now)
    return True


def wrong_masks(rows):
    ids = [c.mask_id for c in rows.calendars] + [r.id for r in rows.rooms.values()]
    kept = masks.lock_days(ids, rows.days)
    truth = {(m, d): (o, b) for m, d, o, b, _run in masks._truth(ids, rows.days)}
    return [key for key, row in kept.items() if truth[key] != (row.open, row.busy)]


def test_the_search_lists_exactly_what_the_oracle_lists():
    """P1: equal lists, in order; what is listed can be held, what is not cannot."""
    chance = random.Random(2026)
    days = changes(range(2026, 2028))
    counted = [prove_world(chance, chance.choice(days), holds=2) for _n in range(24)]
    assert sum(c[0] for c in counted) > 1500
    assert sum(c[2] for c in counted) > 50


@pytest.mark.prove
def test_tens_of_thousands_of_slots_equal_the_oracle(record_property):
    """P1, long form: every change of clock from 2026 to 2032."""
    chance = random.Random(1)
    days = changes(range(2026, 2033))
    counted = [prove_world(chance, day, holds=5) for day in days for _n in range(24)]
    found, held, refused = (sum(c[n] for c in counted) for n in range(3))
    figure = f"{len(counted)} worlds: {found} slots equal, {held} held, {refused} refused"
    record_property("figure", figure)
    assert found > 20_000
