"""The calendar's columns: what the one statement tells of bookings, holds, blocks and versions."""

import json
from datetime import timedelta

import pytest

from samtime.bookings.commands.attendance import write_note
from samtime.bookings.commands.blocks import BlockGiven, Fate, add_block
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.commands.holds import hold_slot
from samtime.bookings.commands.overbooking import Knowingly
from samtime.bookings.queries.grid import days_grid, grid_json
from samtime.bookings.queries.live import grid_version, rooms_version
from samtime.foundation.tenancy import set_viewer
from samtime.patients.models import Patient
from tests.town import NOW, TODAY, at, book, person

pytestmark = pytest.mark.django_db
HARD = "Ă\"\\\n</a>'{}"


@pytest.fixture
def grid(town):
    """Asks for Monday's columns as the desk sees them."""

    def asked():
        set_viewer(town.aurora.id)
        return days_grid(town.desk, days=[TODAY], now=NOW)

    return asked


def blocks_of(grid, calendar):
    [column] = [c for c in grid.columns if c.ident == str(calendar.public_id)]
    return column.blocks


def test_a_booking_is_told_whole_with_its_buffers_and_a_difficult_name(town, grid):
    """W6, B13: text the database joins by hand comes out as it went in."""
    made = book(town.agent, town.mri_ana, at(0, 9))
    set_viewer(town.aurora.id)
    Patient.objects.filter(id=made.patient_id).update(given_name=HARD)
    [block] = blocks_of(grid(), town.ana_centru)
    assert block.title == f"{HARD} Prøvesen"
    assert (block.ident, block.minute, block.until) == (str(made.public_id), 540, 570)
    assert (block.low, block.high) == (540, 575)
    assert (block.service, block.source, block.source_name) == (
        town.mri.name, "partner", "Hello Calls SRL",
    )  # fmt: skip
    assert (block.state, block.version, block.patient) == ("booked", 1, made.patient_id)


def test_holds_and_blocks_stand_at_their_own_calendars(town, grid):
    """B13, S9: a hold where it was asked for; blocked time in every calendar of the person."""
    set_viewer(town.hello.id)
    hold_slot(actor=town.agent, offering=town.mri_ana.public_id, start=at(0, 10), now=NOW)
    set_viewer(town.aurora.id)
    given = BlockGiven("meeting", at(0, 12), at(0, 13), (town.ana_centru.public_id,), HARD.strip())
    made = add_block(actor=town.desk, given=given, fate=Fate("keep", ""), now=NOW)
    told = grid()
    hold, meeting = blocks_of(told, town.ana_centru)
    assert (hold.kind, hold.minute, hold.source_name) == ("hold", 600, "Hello Calls SRL")
    assert hold.expires == int((NOW + timedelta(minutes=5)).timestamp())
    assert (meeting.kind, meeting.title, meeting.minute) == ("meeting", made.title, 720)
    assert [b.kind for b in blocks_of(told, town.ana_nord)] == ["meeting"]


def test_the_cancelled_are_left_out_and_the_overbooked_stand_in(town, grid):
    """S9: outside the constraint, in the column all the same."""
    first = book(town.desk, town.mri_ana, at(0, 9))
    known = Knowingly(overbook=True, reason="haster")
    book(town.admin, town.mri_ana, at(0, 9), person("To"), known=known)
    assert len(blocks_of(grid(), town.ana_centru)) == 2
    cancel_booking(actor=town.desk, booking=first.public_id, reason="syk", now=NOW)
    assert [b.title for b in blocks_of(grid(), town.ana_centru)] == ["To Prøvesen"]


def test_an_empty_week_and_a_full_one_are_json(town, grid):
    """W6."""
    grid()

    def told():
        set_viewer(town.aurora.id)
        return json.loads(grid_json(town.desk, [town.ana_centru.id], [TODAY], "UTC", now=NOW))

    assert told()["bookings"] == [] == told()["others"]
    book(town.agent, town.mri_ana, at(0, 9))
    after = told()
    assert [row[7] for row in after["bookings"]] == [town.channel.id]
    assert after["patients"][0][1] == "Testine Prøvesen"


def test_the_version_counts_what_moves_nothing_of_the_shown_calendars_alone(town, grid):
    """SCREENS 1.1: a note changes the column that shows it and no other's."""
    made = book(town.desk, town.mri_ana, at(0, 9))
    set_viewer(town.aurora.id)
    other = (town.dan_nord.mask_id, TODAY)
    own = (town.ana_centru.mask_id, TODAY)

    def versions():
        return [grid_version(town.desk, [own]), grid_version(town.desk, [other])]

    def room():
        return rooms_version(town.desk, [other])

    before, seen = versions(), room()
    write_note(actor=town.desk, booking=made.public_id, note="x", version=None, now=NOW)
    after = versions()
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert room() != seen
