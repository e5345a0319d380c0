"""The clinic's calendar against others at once: a drag onto a time a partner takes, two movers."""

from collections import Counter

import pytest

from samtime.bookings.commands.blocks import BlockGiven, add_block
from samtime.bookings.commands.booking import Wish, book_slot
from samtime.bookings.commands.changes import NewPlace, move_booking
from samtime.bookings.models import Booking
from tests.promises.test_races import as_actor, masks_equal_truth, overlaps, together
from tests.town import NOW, at, person

pytestmark = pytest.mark.race


def booked(town, start, who="Testine"):
    wish = Wish(offering=town.mri_ana.public_id, start=start, patient=person(who))
    return as_actor(town.desk, lambda: book_slot(actor=town.desk, wish=wish, now=NOW))


def moved(actor, booking, start, version=None):
    to = NewPlace(start=start, version=version)
    command = {"actor": actor, "booking": booking.public_id, "to": to, "now": NOW}
    return as_actor(actor, lambda: move_booking(**command))


def test_a_drag_onto_a_time_that_a_partner_takes_at_once_has_one_winner(lasting_town):
    """P1, S11: the loser hears of three other times; a dragged booking stays where it was."""
    town = lasting_town
    booking = booked(town, at(0, 9))
    wish = Wish(offering=town.mri_ana.public_id, start=at(0, 11), patient=person("To"))

    def act(n):
        if n:
            return as_actor(town.agent, lambda: book_slot(actor=town.agent, wish=wish, now=NOW))
        return moved(town.desk, booking, at(0, 11))

    answers = [answer for answer, _time in together(2, act)]
    assert Counter(type(a).__name__ for a in answers) == {"Booking": 1, "SlotTaken": 1}
    there = as_actor(town.desk, lambda: list(Booking.objects.filter(starts_at=at(0, 11))))
    assert len(there) == 1
    assert overlaps() == 0
    assert masks_equal_truth(town)


def test_two_receptionists_move_one_booking_and_one_is_told(lasting_town):
    """SCREENS 1.9: the version lets one through; nothing is overwritten unseen."""
    town = lasting_town
    booking = booked(town, at(0, 9))
    goals = [at(0, 11), at(0, 13)]

    def act(n):
        return moved((town.desk, town.admin)[n], booking, goals[n], version=1)

    answers = [answer for answer, _time in together(2, act)]
    assert Counter(type(a).__name__ for a in answers) == {"Booking": 1, "VersionConflict": 1}
    winner = next(n for n, a in enumerate(answers) if isinstance(a, Booking))
    kept = as_actor(town.desk, lambda: Booking.objects.get(id=booking.id))
    assert (kept.starts_at, kept.version) == (goals[winner], 2)
    assert masks_equal_truth(town)


def test_a_meeting_and_a_partners_booking_never_stand_on_each_other(lasting_town):
    """Invariant 1: whoever is second finds what the first has done."""
    town = lasting_town
    who = (town.ana_centru.public_id, town.dan_nord.public_id)
    given = BlockGiven("meeting", at(0, 11), at(0, 12), who, "Prøve")
    wish = Wish(offering=town.mri_ana.public_id, start=at(0, 11), patient=person("To"))

    def act(n):
        if n % 2:
            return as_actor(town.agent, lambda: book_slot(actor=town.agent, wish=wish, now=NOW))
        return as_actor(town.desk, lambda: add_block(actor=town.desk, given=given, now=NOW))

    answers = [answer for answer, _time in together(2, act)]
    names = {type(a).__name__ for a in answers}
    assert names in ({"BlockedTime", "SlotTaken"}, {"BlockedTime", "Booking"})
    assert masks_equal_truth(town)
