"""The page of calendar feeds, and the secret address itself."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from samtime.bookings.commands.changes import NewPlace, move_booking
from samtime.bookings.models import Booking
from samtime.bookings.queries.feed import feed_text
from samtime.calendars.models import BusyFeed, CalendarFeed
from samtime.connectors import outward
from samtime.connectors.ical_feed import connector
from samtime.connectors.outward import Answer
from samtime.connectors.places import OutwardFault
from samtime.foundation.calendar_text import CalendarEvent, calendar_text
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import AccessLogEntry
from tests.bookings.test_calendar_import import visit
from tests.calendars.test_feeds import ics
from tests.timing import quickest
from tests.town import NOW, at, book, member, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/o/aurora/calendar-feeds/"
EVENT = b"BEGIN:VEVENT\r\nUID:x\r\nDTSTART:20990101T090000Z\r\nEND:VEVENT\r\n"


def made(town, details="masked"):
    """A new secret address, as the page shows it once."""
    given = {"practitioner": str(town.ana.public_id), "details": details}
    page = texts(visitor(town.desk).post(f"{PAGE}new/", given))
    return re.search(r"/calendar/[\w-]+\.ics", page).group()


def test_a_masked_feed_tells_only_booked(town):
    """Secret and revocable; no name, no service; shown once, kept as a hash."""
    book(town.agent, town.mri_ana, at(3, 9), person("Testine", "Hemmelig"))
    set_viewer(0)
    link = made(town)
    answer = Client().get(link)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event.decoded("dtstart"), str(event["summary"])) == (at(3, 9), "Booked")
    assert b"Testine" not in answer.content
    assert b"Hemmelig" not in answer.content
    assert link not in texts(visitor(town.desk).get(PAGE))
    with viewing_as(town.aurora.id):
        assert not AccessLogEntry.objects.filter(purpose="feed").exists()


def test_a_feed_with_initials_is_logged(town):
    """P12: every reading; an unchanged one (304) shows nothing and is none."""
    made_booking = book(town.desk, town.mri_ana, at(3, 9), person("Testine", "Hemmelig"))
    set_viewer(0)
    link = made(town, "initials")
    answer = Client().get(link)
    assert "Mri\\, T. H." in answer.content.decode()
    same = Client().get(link, headers={"If-None-Match": answer["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    with viewing_as(town.aurora.id):
        (seen,) = AccessLogEntry.objects.filter(purpose="feed")
        assert seen.patient_ids == [made_booking.patient_id]
        move_booking(
            actor=town.desk, booking=made_booking.public_id, to=NewPlace(at(3, 11)), now=NOW
        )
    changed = Client().get(link, headers={"If-None-Match": answer["ETag"]})
    assert changed.status_code == 200
    assert "SEQUENCE:1" in changed.content.decode()


def test_a_revoked_address_is_dead(town):
    link = made(town)
    with viewing_as(town.aurora.id):
        feed = CalendarFeed.objects.get()
    end = f"{PAGE}address/{feed.public_id}/end/"
    assert "Revoke the address" in texts(visitor(town.desk).get(end))
    assert Client().get(link).status_code == 200
    assert visitor(town.outsider).post(end.replace("aurora", "stranger")).status_code == 404
    assert visitor(town.desk).post(end).status_code == 302
    assert Client().get(link).status_code == 404
    assert Client().get("/calendar/nothing.ics").status_code == 404


def test_a_thousand_visits_in_milliseconds(town, django_assert_num_queries):
    """Own small writer: 1,000 events, two queries, well under a second."""
    one = book(town.desk, town.mri_ana, at(3, 9))
    rows = []
    for number in range(1000):
        start = at(3, 9) + timedelta(hours=number % 5000)
        rows.append(
            Booking(
                **{
                    f.attname: getattr(one, f.attname)
                    for f in Booking._meta.concrete_fields
                    if f.name not in ("id", "public_id", "reference", "starts_at", "ends_at")
                },
                reference=f"X{number:07}",
                starts_at=start,
                ends_at=start + timedelta(minutes=30),
            )
        )
    Booking.objects.bulk_create(rows)
    feed = CalendarFeed.objects.create(provider=town.aurora, practitioner=town.ana)
    said = []

    def write():
        with django_assert_num_queries(2):
            said.append(feed_text(feed, now=NOW))

    assert quickest(write, 1) < 1
    said = said[-1]
    assert said.text.count("BEGIN:VEVENT") == 1001


def test_lines_are_folded_and_texts_escaped():
    """RFC 5545 3.1, 3.3.11: no text ends a line or begins a property."""
    name = "Ø" * 60 + ";,\\\r\nBEGIN:VEVENT"
    event = CalendarEvent("u", 0, NOW, NOW + timedelta(hours=1), NOW, name)
    text = calendar_text([event], name="N")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    (read,) = Calendar.from_ical(text).walk("VEVENT")
    assert str(read["summary"]) == name.replace("\r", "")


def subscribe(town, monkeypatch, address="93.184.215.14", who=None, **more):
    monkeypatch.setattr(outward, "lookup", lambda host, port: [address])
    given = {
        "practitioner": str(town.ana.public_id),
        "name": "Hospital",
        "url": "webcal://clinic.example/a.ics",
        **more,
    }
    return visitor(who or town.desk).post(f"{PAGE}subscribe/", given)


def test_a_calendar_is_subscribed_and_removed(town, monkeypatch):
    """Kept at once, read by a job; the list says so, and removing asks first."""
    assert subscribe(town, monkeypatch).status_code == 302
    page = texts(visitor(town.desk).get(PAGE))
    assert "First reading within a minute" in page
    assert "clinic.example" in page
    with viewing_as(town.aurora.id):
        feed = BusyFeed.objects.get()
    end = f"{PAGE}calendar/{feed.public_id}/end/"
    assert "bookable at once" in texts(visitor(town.desk).get(end))
    assert visitor(town.desk).post(end).status_code == 302
    assert "No other calendar yet" in texts(visitor(town.desk).get(PAGE))


def test_a_bad_address_is_refused_at_its_field(town, monkeypatch):
    """P15: also a good name that leads inside; what was typed is kept."""
    inside = subscribe(town, monkeypatch, address="10.1.2.3")
    assert inside.status_code == 422
    assert "leads inside" in texts(inside)
    assert "webcal://clinic.example/a.ics" in texts(inside)
    plain = subscribe(town, monkeypatch, url="http://clinic.example/")
    assert plain.status_code == 422
    assert "begins with https://" in texts(plain)
    nameless = subscribe(town, monkeypatch, name="")
    assert "Give it a name" in texts(nameless)
    nobody = subscribe(town, monkeypatch, practitioner="")
    assert "Choose a practitioner" in texts(nobody)
    with viewing_as(town.aurora.id):
        assert not BusyFeed.objects.exists()


def test_a_practitioner_sees_his_own_and_a_stranger_nothing(town, monkeypatch):
    own = member(town.aurora, "ana@aurora.example", "practitioner", practitioner=town.ana)
    subscribe(town, monkeypatch, who=own)
    page = texts(visitor(own).get(PAGE))
    assert "Hospital" in page
    assert "Dan-Test" not in page
    other = member(town.aurora, "dan@aurora.example", "practitioner", practitioner=town.dan)
    assert "clinic.example" not in texts(visitor(other).get(PAGE))
    assert visitor(town.agent).get("/o/hello/calendar-feeds/").status_code == 404
    assert visitor(town.outsider).get(PAGE).status_code == 404


def looked(town, monkeypatch, answered, **more):
    """The form with «Look at the calendar», and a server that answers so."""

    def call(question):
        if isinstance(answered, Exception):
            raise answered
        return answered

    monkeypatch.setattr(connector, "call", call)
    return subscribe(town, monkeypatch, act="look", **more)


def test_a_calendar_is_looked_at_before_it_is_kept(town, monkeypatch):
    """Times only, nothing of what they are about; nothing is kept until Subscribe."""
    events = [visit(f"e{n}", 9 + n % 8, "Secret dinner") for n in range(7)]
    seen = looked(town, monkeypatch, Answer(200, {}, ics(*events)))
    page = texts(seen)
    assert seen.status_code == 200
    assert "7 busy times to come" in page
    assert "Secret dinner" not in page
    assert page.count('<li class="st-time">') == 5
    assert 'value="webcal://clinic.example/a.ics"' in page
    with viewing_as(town.aurora.id):
        assert not BusyFeed.objects.exists()
    assert subscribe(town, monkeypatch, act="save").status_code == 302
    with viewing_as(town.aurora.id):
        assert BusyFeed.objects.count() == 1


@pytest.mark.parametrize(
    ("answered", "sentence", "insists"),
    [
        (OutwardFault("slow"), "took longer than ten seconds", True),
        (OutwardFault("forbidden"), "leads inside a network", False),
        (Answer(404, {}, b""), "no calendar at this address any more", False),
        (Answer(200, {}, b"<html>"), "no iCalendar", False),
        (Answer(200, {}, b"BEGIN:VCALENDAR\r\n" + EVENT * 100_000), "more events than", False),
    ],
)
def test_a_calendar_that_cannot_be_read_says_why_at_its_field(
    town, monkeypatch, answered, sentence, insists
):
    """Issue 4: a feed with 100,000 events, one that never answers: a clear answer, nothing lost."""
    seen = looked(town, monkeypatch, answered)
    page = texts(seen)
    assert seen.status_code == 422
    assert sentence in page
    assert ("Subscribe all the same" in page) is insists
    assert 'value="webcal://clinic.example/a.ics"' in page
    with viewing_as(town.aurora.id):
        assert not BusyFeed.objects.exists()


def test_a_long_calendar_is_counted_only(town, monkeypatch):
    """Reading thousands of events takes longer than a page may: the job does it."""
    seen = looked(town, monkeypatch, Answer(200, {}, b"BEGIN:VCALENDAR\r\n" + EVENT * 2000))
    assert "2000 events" in texts(seen)
