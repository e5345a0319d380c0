"""The number of statements of a booking is constant: every one is a round trip under locks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.calendars import masks
from samtime.calendars.models import Resource, ResourceGroup, ResourceNeed
from tests.town import at, book, near_days

pytestmark = pytest.mark.django_db


def rooms(town, group, number):
    for n in range(number):
        room = Resource.objects.create(provider=town.aurora, kind="room", name=f"MR {n}")
        group.members.add(room)
        masks.rebuild([room.id], near_days())


def statements(town, hour):
    with CaptureQueriesContext(connection) as seen:
        book(town.agent, town.mri_ana, at(0, hour))
    return len(seen)


def test_a_partners_booking_takes_as_many_statements_however_many_rooms_there_are(town):
    """SPEED W5: fewer than twenty, the viewer's included."""
    group = ResourceGroup.objects.create(provider=town.aurora, location=town.centru, name="MR")
    ResourceNeed.objects.create(service=town.mri, location=town.centru, group=group)
    rooms(town, group, 1)
    first = statements(town, 8)
    rooms(town, group, 4)
    assert statements(town, 10) <= first < 20
