"""The patient acts by his link while the desk does: one of them wins, the other reads why."""

import pytest
from django.db import transaction

from samtime.accounts import tokens
from samtime.bookings.commands.changes import NewPlace, move_booking
from samtime.bookings.commands.patient_link import cancel_by_client, confirm_by_client
from samtime.bookings.models import Booking
from samtime.bookings.queries.patient_link import LINK, behind_booking_link
from samtime.calendars import masks
from samtime.calendars.models import Allocation
from samtime.foundation.errors import Refusal
from samtime.foundation.tenancy import viewing_as
from samtime.journal.models import JournalEntry
from tests.promises.test_engine_races import as_actor, together
from tests.town import NOW, at, book, near_days

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("clock")]


def link_to(town, made):
    from datetime import timedelta

    secret = tokens.make_token(
        kind=LINK,
        organization_id=town.aurora.id,
        object_id=made.public_id,
        email="t@p.example",
        lifetime=timedelta(days=9),
    )
    return behind_booking_link(secret, language="en", request_id="race")


def test_the_patient_cancels_while_the_desk_moves(lasting_town):
    """P4: each of three visits ends cancelled; masks equal truth; nobody sees a deadlock."""
    town = lasting_town
    for day in (2, 3, 4):
        with transaction.atomic():
            made = book(town.desk, town.mri_ana, at(day, 12))
            link = link_to(town, made)
        to = NewPlace(at(day, 14))

        def act(n, made=made, link=link, to=to):
            if n == 0:
                return as_actor(link.actor, lambda: cancel_by_client(link=link, reason="", now=NOW))
            return as_actor(
                town.desk,
                lambda: move_booking(actor=town.desk, booking=made.public_id, to=to, now=NOW),
            )

        answers = [answer for answer, _seconds in together(2, act)]
        assert all(isinstance(a, (Booking, Refusal)) for a in answers), answers
        assert isinstance(answers[0], Booking)
        with transaction.atomic(), viewing_as(town.aurora.id):
            assert Booking.objects.get(public_id=made.public_id).state == "cancelled"
            assert not Allocation.objects.exists()
    with transaction.atomic():
        wrong = masks.check_all(today=NOW.date(), resources=[town.ana_centru.mask_id])
    assert not {day for _mask, day in wrong} & set(near_days())


def test_confirming_six_times_at_once_is_noted_once(lasting_town):
    town = lasting_town
    with transaction.atomic():
        made = book(town.desk, town.mri_ana, at(3, 12))
        link = link_to(town, made)
    answers = together(
        6, lambda _n: as_actor(link.actor, lambda: confirm_by_client(link=link, now=NOW))
    )
    assert all(isinstance(a, Booking) for a, _seconds in answers)
    with transaction.atomic(), viewing_as(town.aurora.id):
        assert JournalEntry.objects.filter(kind="booking.confirmed_by_client").count() == 1
