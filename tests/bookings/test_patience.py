"""Whoever waits for a wanted day's row longer than the lock's timeout asks again."""

import pytest
from django.db import OperationalError
from psycopg import errors

from samtime.bookings.commands.alternatives import MOST_TURNS, with_alternatives
from tests.town import NOW, at

pytestmark = pytest.mark.django_db


def waiting(times, fault=errors.LockNotAvailable):
    """A taking that cannot get its lock so many times, then succeeds."""
    turns = []

    def run():
        turns.append(1)
        if len(turns) <= times:
            raise OperationalError("no lock") from fault("no lock")
        return len(turns)

    return run, turns


def ask(town, run):
    return with_alternatives(town.agent, town.mri_ana.public_id, at(0, 9), NOW, run)


def test_a_long_queue_is_waited_for(town):
    """SPEED W5: a queue behind a winner is not an error."""
    run, turns = waiting(MOST_TURNS - 1)
    assert ask(town, run) == MOST_TURNS
    assert len(turns) == MOST_TURNS


def test_a_lock_that_never_comes_is_a_fault(town):
    run, turns = waiting(MOST_TURNS)
    with pytest.raises(OperationalError):
        ask(town, run)
    assert len(turns) == MOST_TURNS


def test_another_fault_is_not_tried_again(town):
    run, turns = waiting(1, errors.DiskFull)
    with pytest.raises(OperationalError):
        ask(town, run)
    assert len(turns) == 1
