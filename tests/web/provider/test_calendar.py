"""The calendar's day: shows bookings with their source, books at the own desk."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samtime.accounts.rights import Right
from samtime.bookings.models import Booking
from samtime.bookings.queries.agenda import own_calendars
from samtime.bookings.queries.grid import GridBlock, Wall
from samtime.bookings.queries.grid_calendars import grid_calendars
from samtime.calendars.commands.rooms import RoomGroupGiven, add_room_group
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import AccessLogEntry
from samtime.web.provider.calendar_paint import _lanes
from tests.town import at, book, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = "/o/aurora/calendar/2026-06-01/day/"


NEW = "/o/aurora/calendar/new/"


def form(town, **more):
    return {
        "type": "appointment",
        "service": str(town.mri.public_id),
        "calendar": str(town.ana_centru.public_id),
        "date": "2026-06-01",
        "time": "9",
        "patient.given_name": "Testine",
        "patient.family_name": "Prøvesen",
        "patient.birth_date": "03.02.1980",
        "patient.phone": "+47 555 01 234",
        "act": "invite",
        **more,
    }


def test_the_day_shows_a_partners_booking_with_its_name_and_logs_the_reading(town):
    """R2, P12."""
    book(town.agent, town.mri_ana, at(0, 9))
    page = visitor(town.desk).get(DAY)
    assert page.status_code == 200
    assert "09:00 Testine Prøvesen" in texts(page)
    assert "Hello Calls SRL" in texts(page)
    set_viewer(town.aurora.id)
    assert AccessLogEntry.objects.filter(purpose="calendar", patient_ids__len=1).exists()


def test_the_desk_books_by_the_panel(town):
    answer = visitor(town.desk).post(NEW, form(town))
    assert answer.status_code == 302
    set_viewer(town.aurora.id)
    assert Booking.objects.get().starts_at == at(0, 9)


def test_bad_input_keeps_what_was_typed_and_names_the_field(town):
    """Nothing typed is lost."""
    answer = visitor(town.desk).post(NEW, form(town, **{"patient.phone": "1", "note": "hei"}))
    assert answer.status_code == 422
    assert "A phone number has 5 to 15 digits." in texts(answer)
    assert "Prøvesen" in texts(answer)
    set_viewer(town.aurora.id)
    assert not Booking.objects.exists()


def test_a_taken_time_offers_others(town):
    """B13."""
    book(town.desk, town.mri_ana, at(0, 9))
    answer = visitor(town.desk).post(NEW, form(town))
    assert answer.status_code == 409
    assert "This time was just taken." in texts(answer)
    assert "Mon 1 Jun, 09:45" in texts(answer)


@pytest.mark.parametrize("who", ["outsider", "agent", "insurer"])
def test_a_stranger_gets_404(town, who):
    """P7: not there and not yours are one answer."""
    assert visitor(getattr(town, who)).get(DAY).status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(town, client):
    assert client.get(DAY).headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("day", ["2026-13-01", "x", "9999-01-01"])
def test_a_day_that_does_not_exist_is_404(town, day):
    assert visitor(town.desk).get(f"/o/aurora/calendar/{day}/day/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_bookings(town):
    """P1 of SPEED."""
    client = visitor(town.desk)
    counts = []
    for hours in ((9,), (10, 11, 12, 13)):
        for hour in hours:
            book(town.desk, town.mri_ana, at(0, hour), person(phone=f"5550{hour}00"))
        client.get(DAY)
        with CaptureQueriesContext(connection) as seen:
            client.get(DAY)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_week_shows_each_day_of_everybody_and_chips_choose(town):
    """B13: work week and week; one practitioner by its chip."""
    book(town.desk, town.mri_ana, at(3, 9))
    desk = visitor(town.desk)
    week = texts(desk.get("/o/aurora/calendar/2026-06-01/week/"))
    assert week.count('class="st-cal-column') == 7 * 3
    # Twenty-one columns are narrow; the frame around them stays as on every page.
    assert "st-agenda-narrow" in week
    assert '<span class="st-wide">EN</span>' in week
    one = texts(
        desk.get(f"/o/aurora/calendar/2026-06-01/work-week/?who={town.ana_centru.public_id}")
    )
    assert one.count('class="st-cal-column') == 5
    assert "Thu 4 Jun" in one
    assert "09:00 Testine Prøvesen" in one


def test_the_zoom_is_remembered_in_a_cookie(town):
    desk = visitor(town.desk)
    assert "st-zoom-5 " in texts(desk.get(f"{DAY}?zoom=5"))
    assert "st-zoom-5 " in texts(desk.get(DAY))


def test_rooms_show_what_stands_in_them(town):
    """Rooms and devices as columns; a practitioner with his own calendar alone has no such view."""
    with viewing_as(town.aurora.id):
        group = RoomGroupGiven(town.centru.public_id, "MR", ("MR 1",), (town.mri.public_id,))
        add_room_group(actor=town.admin, given=group, now=town.now)
    book(town.desk, town.mri_ana, at(0, 9))
    page = texts(visitor(town.desk).get("/o/aurora/calendar/2026-06-01/rooms/"))
    assert "MR 1" in page
    assert "09:00 Testine Prøvesen" in page


def test_a_source_alone_leaves_the_others_without_names(town):
    book(town.agent, town.mri_ana, at(0, 9))
    page = texts(visitor(town.desk).get(f"{DAY}?source=insurer"))
    assert "Testine" not in page
    assert "Other source" in page


def test_the_live_question_is_204_until_something_changes_even_a_note(town):
    """SCREENS 1.1: holds, bookings, and what moves nothing: a note, a payment."""
    desk = visitor(town.desk)
    booking = book(town.agent, town.mri_ana, at(0, 9))

    def asked():
        page = desk.get(DAY).content.decode()
        marks = {n: re.search(f'data-{n}="([^"]+)"', page)[1] for n in ("token", "version")}
        return "/o/aurora/calendar/2026-06-01/day/live/", marks

    address, marks = asked()
    assert desk.get(address, marks).status_code == 204
    desk.post(
        f"/o/aurora/bookings/{booking.public_id}/", {"act": "note", "note": "x", "version": "1"}
    )
    assert desk.get(address, marks).status_code == 200
    address, marks = asked()
    book(town.agent, town.mri_ana, at(0, 11), person("To"))
    set_viewer(0)
    assert "11:00 To Prøvesen" in texts(desk.get(address, marks))
    assert visitor(town.outsider).get(address, marks).status_code == 404


def test_the_day_sheet_prints_a_page_for_each_and_leaves_names_out(town):
    """B6, P12: SCREENS 2.15."""
    book(town.agent, town.mri_ana, at(0, 9))
    desk = visitor(town.desk)
    sheet = texts(desk.get("/o/aurora/calendar/2026-06-01/day-sheet/"))
    assert '<strong>Testine Prøvesen</strong></td><td data-label="Born">1980</td>' in sheet
    assert "P Hello Calls SRL" in sheet
    assert "No bookings" in sheet
    set_viewer(town.aurora.id)
    assert AccessLogEntry.objects.filter(purpose="day_sheet").count() == 1
    bare = texts(desk.get("/o/aurora/calendar/2026-06-01/day-sheet/?names=no"))
    assert "Prøvesen" not in bare
    assert "09:00–09:30" in bare


def test_the_day_the_clocks_change_is_drawn_by_the_wall_clock():
    """SPEED 2.6: 25 October 2026 in Oslo has 25 hours; nine o'clock is nine o'clock."""
    wall = Wall(date(2026, 10, 25), "Europe/Oslo")
    nine = int(datetime(2026, 10, 25, 8, tzinfo=UTC).timestamp()) // 60
    assert wall(nine) == 9 * 60
    assert wall(wall.high) == 1440


def test_overlapping_blocks_stand_in_lanes():
    """S9: an overbooked visit stands beside the other."""
    blocks = [GridBlock("booking", str(n), m, m + 30) for n, m in enumerate((540, 550, 600))]
    lanes = [lane for _block, lane in _lanes(blocks)]
    assert lanes == [" st-lane st-lane-0 st-lanes-2", " st-lane st-lane-1 st-lanes-2", ""]


@pytest.mark.parametrize("who", ["admin", "desk", "practitioner", "placed"])
def test_the_grids_calendars_are_the_ones_a_person_may_see(town, who):
    """The statement by hand answers as `own_calendars`, in the same order."""
    actor = {
        "practitioner": replace(
            town.desk, rights=frozenset({Right.SEE_OWN_CALENDAR}), practitioner_id=town.ana.id
        ),
        "placed": replace(town.desk, location_ids=frozenset({town.centru.id})),
    }.get(who) or getattr(town, who)
    with viewing_as(town.aurora.id):
        for place in ("", town.centru.slug, "nowhere"):
            rows = own_calendars(actor, location=place)
            told = [
                (c.id, str(c.role.practitioner), c.location.name, c.location.time_zone)
                for c in rows
            ]
            found = grid_calendars(actor, location=place)
            assert [(c.id, c.name, c.place, c.zone) for c in found] == told
    assert told == []


@pytest.mark.parametrize("view", ["day", "week", "rooms"])
def test_the_page_and_the_live_question_tell_the_same_version(town, view):
    """Also where a day has no mask row yet; nothing changed, so nothing is sent."""
    book(town.desk, town.mri_ana, at(0, 9))
    desk = visitor(town.desk)
    far = (at(0, 9) + timedelta(days=400)).date()
    for day in ("2026-06-01", far.isoformat()):
        page = texts(desk.get(f"/o/aurora/calendar/{day}/{view}/"))
        marks = {n: re.search(f'data-{n}="([^"]+)"', page) for n in ("token", "version")}
        if not all(marks.values()):
            continue
        asked = {n: m[1] for n, m in marks.items()}
        answer = desk.get(f"/o/aurora/calendar/{day}/{view}/live/", asked)
        assert answer.status_code == 204


def test_a_block_is_one_element_whose_name_says_what_has_no_room(town):
    """SCREENS 2.17, P1 of SPEED: all words in the name, each visible once, no drawing inside."""
    book(town.agent, town.mri_ana, at(0, 9), person("A"))
    page = texts(visitor(town.desk).get(DAY))
    [block] = re.findall(r'<a class="st-block st-role-partner[^>]*>.*?</a>', page, re.S)
    name = "09:00 A Prøvesen, Hello Calls SRL, Mri, until 09:30, Booked"
    assert f'aria-label="{name}' in block
    assert "<strong>09:00 A Prøvesen</strong>" in block
    assert "<svg" not in block
    assert ".st-agenda .st-lined.st-role-partner{background-image:" in page


def test_in_narrow_columns_the_name_has_its_own_line_and_no_word_is_cut(town):
    """SCREENS 2.17: a source's word that has no room is left out; its sign stays."""
    book(town.agent, town.mri_ana, at(0, 9))
    page = texts(visitor(town.desk).get("/o/aurora/calendar/2026-06-01/week/"))
    assert "st-agenda-narrow" in page
    assert "<strong>09:00\nTestine Prøvesen</strong></a>" in page
    assert "st-role-partner st-lined" in page


def test_who_works_stands_before_who_does_not_and_a_day_without_anybody_says_so(town):
    """SCREENS 4.6: an empty day names the reason and leads to the hours."""
    saturday = texts(visitor(town.desk).get("/o/aurora/calendar/2026-06-06/day/"))
    order = ["Aurora Nord\n8 h free", "Aurora Centru\nclosed", "Aurora Nord\nclosed"]
    assert sorted(order, key=saturday.index) == order
    sunday = texts(visitor(town.desk).get("/o/aurora/calendar/2026-06-07/day/"))
    assert "No practitioner works on this day." in sunday
    assert "<small>Aurora Centru\nclosed</small>" in sunday
    assert "No practitioner works on this day." not in texts(visitor(town.desk).get(DAY))


def test_rooms_are_drawn_for_the_hours_of_the_day(town):
    """A room is never closed; the night has no rows for it."""
    with viewing_as(town.aurora.id):
        group = RoomGroupGiven(town.centru.public_id, "MR", ("MR 1",), (town.mri.public_id,))
        add_room_group(actor=town.admin, given=group, now=town.now)
    page = texts(visitor(town.desk).get("/o/aurora/calendar/2026-06-01/rooms/"))
    assert "st-first-8 st-hours-8" in page
    assert "<small>Aurora Centru</small>" in page


@pytest.mark.parametrize("view", ["day", "week"])
@pytest.mark.parametrize("state", ["booked", "noshow", "fulfilled"])
def test_what_is_seen_on_a_block_is_said_in_the_same_words_and_order(town, view, state):
    """WCAG 2.5.3: whoever speaks to the machine reads the name off the screen."""
    made = [book(town.agent, town.mri_ana, at(0, 9)), book(town.desk, town.ecg_ana, at(0, 10))]
    set_viewer(town.aurora.id)
    Booking.objects.filter(id__in=[b.id for b in made]).update(state=state)
    page = texts(visitor(town.desk).get(f"/o/aurora/calendar/2026-06-01/{view}/?zoom=10"))
    blocks = re.findall(r'data-v="[^>]*aria-label="([^"]*)"[^>]*>(.*?)</a>', page, re.S)
    assert len(blocks) == 2
    for name, inside in blocks:
        seen = " ".join(re.sub(r"<[^>]*>", "", inside).split())
        assert seen in name.replace(",", "")
        assert "Mri" in name or "Ecg" in name
        assert "No-show" in name or state != "noshow"
