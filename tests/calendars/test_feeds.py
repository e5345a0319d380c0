"""Outside calendars as busy times, over a real server that answers or misbehaves."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from samtime.accounts.actor import system_actor
from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.commands.taking import SlotTaken
from samtime.calendars import masks
from samtime.calendars.commands.feeds import (
    Subscription,
    TooManyFeeds,
    note_failure,
    subscribe,
    unsubscribe,
)
from samtime.calendars.models import Allocation, BusyFeed
from samtime.calendars.queries.feeds import feeds_to_read, url_of
from samtime.calendars.rules import merged, rounded_out, without
from samtime.connectors import outward
from samtime.connectors.ical_feed.events import NotACalendar, TooManyEvents, busy_times
from samtime.foundation.errors import Invalid, NotFound, RightMissing
from samtime.foundation.tenancy import set_viewer
from samtime.inbox.models import InboxItem
from samtime.jobs.feeds import read_feed
from tests.connectors.servers import listening, reply
from tests.town import NOW, at, book, member, near_days

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=400)


def ics(*events):
    """A calendar of events given as lines."""
    body = "".join(f"BEGIN:VEVENT\r\n{e}\r\nEND:VEVENT\r\n" for e in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}END:VCALENDAR\r\n".encode()


def event(uid, start, end, *more):
    return "\r\n".join([f"UID:{uid}", f"DTSTART{start}", f"DTEND{end}", *more])


def told(text, zone="Europe/Oslo"):
    found = busy_times(text, first=FIRST, last=LAST, zone=zone)
    return [(f"{e.starts_at:%m-%d %H:%M}", f"{e.ends_at:%m-%d %H:%M}") for e in found.events]


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [("Europe/Oslo", 8, 7), ("Europe/Bucharest", 7, 6), ("Europe/Budapest", 8, 7)],
)
def test_a_weekly_event_keeps_its_wall_time_over_both_changes(zone, winter, summer):
    """P22: nine o'clock stays nine o'clock, in UTC one hour apart."""
    weekly = event(
        "w", f";TZID={zone}:20260105T090000", f";TZID={zone}:20260105T093000", "RRULE:FREQ=WEEKLY"
    )
    found = busy_times(ics(weekly), first=FIRST, last=LAST, zone="UTC").events
    assert {e.ends_at - e.starts_at for e in found} == {timedelta(minutes=30)}
    hours = {e.starts_at.date().isoformat(): e.starts_at.hour for e in found}
    assert hours["2026-03-23"] == winter
    assert hours["2026-03-30"] == summer
    assert hours["2026-10-19"] == summer
    assert hours["2026-10-26"] == winter


def test_exceptions_of_a_repeated_event():
    """EXDATE leaves out, RECURRENCE-ID moves or cancels, RDATE adds."""
    series = event(
        "s",
        ";TZID=Europe/Oslo:20260601T090000",
        ";TZID=Europe/Oslo:20260601T093000",
        "RRULE:FREQ=DAILY;UNTIL=20260605T070000Z",
        "EXDATE;TZID=Europe/Oslo:20260602T090000",
        "RDATE;TZID=Europe/Oslo:20260608T090000",
    )
    moved = event("s", ":20260603T120000Z", ":20260603T130000Z", "RECURRENCE-ID:20260603T070000Z")
    gone = event(
        "s",
        ";TZID=Europe/Oslo:20260604T090000",
        ";TZID=Europe/Oslo:20260604T093000",
        "RECURRENCE-ID;TZID=Europe/Oslo:20260604T090000",
        "STATUS:CANCELLED",
    )
    starts = [start for start, _end in told(ics(series, moved, gone))]
    assert starts == ["06-01 07:00", "06-03 12:00", "06-05 07:00", "06-08 07:00"]


def test_whole_days_missing_hours_and_years():
    """A whole day is the place's; a time in the gap begins after it; three years are cut."""
    assert told(ics(event("d", ";VALUE=DATE:20260329", ";VALUE=DATE:20260330"))) == [
        ("03-28 23:00", "03-29 22:00")
    ]
    assert told(ics("UID:g\r\nDTSTART;TZID=Europe/Oslo:20260329T023000\r\nDURATION:PT30M")) == [
        ("03-29 01:00", "03-29 01:30")
    ]
    long = busy_times(
        ics(event("y", ":20250101T000000Z", ":20280101T000000Z")),
        first=FIRST,
        last=LAST,
        zone="UTC",
    )
    assert len(long.events) == 1


def test_what_keeps_nobody_busy():
    for more in ("STATUS:CANCELLED", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"):
        assert told(ics(event("f", ":20260601T080000Z", ":20260601T090000Z", more))) == []
    assert told(ics(event("p", ":20200601T080000Z", ":20200601T090000Z"))) == []
    assert told(ics(event("z", ":20260601T080000Z", ":20260601T080000Z"))) == []


def test_hostile_calendars_end_in_words(monkeypatch):
    """P33, T7: garbage, endless repetition, a hundred thousand events: quick and clear."""
    # Quick is judged by the processor's time, not by what else the machine has to do.
    monkeypatch.setattr("samtime.connectors.ical_feed.events.MOST_SECONDS", 600)
    began = time.process_time()
    for garbage in (b"", b"<html>", b"\x00\xff" * 99, b"BEGIN:VCALENDAR", b"BEGIN:VEVENT\r\n"):
        with pytest.raises(NotACalendar):
            busy_times(garbage, first=FIRST, last=LAST, zone="UTC")
    one = event("n", ":20260601T080000Z", ":20260601T090000Z")
    with pytest.raises(TooManyEvents):
        busy_times(ics(*[one] * 100_000), first=FIRST, last=LAST, zone="UTC")
    bad = [
        event("a", ":20260601T080000Z", ":20260601T090000Z", "RRULE:FREQ=SECONDLY"),
        event("b", ":20260601T080000Z", ":20260601T070000Z"),
        event("c", ":19000101T080000Z", ":19000101T090000Z", "RRULE:FREQ=DAILY"),
        "UID:d\r\nSUMMARY:no start",
        event("e", ":20260601T080000Z", ":20260601T090000Z", "RRULE:FREQ=SOMETIMES"),
    ]
    impossible = event(
        "i", ":20260601T080000Z", ":20260601T090000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    )
    found = busy_times(ics(*bad, impossible), first=FIRST, last=LAST, zone="UTC")
    assert found.unreadable == [1, 2, 3, 4, 5]
    assert len(found.events) == 1
    assert time.process_time() - began < 10


def test_rounding_merging_and_leaving_out():
    """D25: outward to five minutes; arithmetic of runs."""
    low, high = at(0, 9, 3), at(0, 9, 31)
    assert rounded_out(low, high) == (at(0, 9, 0), at(0, 9, 35))
    assert rounded_out(at(0, 9), at(0, 10)) == (at(0, 9), at(0, 10))
    runs = merged([(at(0, 9), at(0, 10)), (at(0, 10), at(0, 11)), (at(0, 13), at(0, 14))])
    assert runs == [(at(0, 9), at(0, 11)), (at(0, 13), at(0, 14))]
    taken = [(at(0, 8), at(0, 9, 30)), (at(0, 10), at(0, 10, 15)), (at(0, 13), at(0, 15))]
    assert without(runs, taken) == [(at(0, 9, 30), at(0, 10)), (at(0, 10, 15), at(0, 11))]


@pytest.fixture
def clockwork(clock, monkeypatch):
    outward.breaker.__init__()
    monkeypatch.setattr(outward, "_judge_no_transaction", lambda: None)


def subscribed(town, url, actor=None):
    set_viewer(town.aurora.id)
    given = Subscription(town.ana.public_id, "Hospital", url)
    return subscribe(actor=actor or town.desk, given=given, now=NOW)


def read(feed):
    read_feed.func(feed_id=str(feed.public_id), organization_id=feed.provider_id)
    set_viewer(feed.provider_id)
    feed.refresh_from_db()
    return feed


def busy(feed):
    rows = Allocation.objects.filter(source_id=feed.public_id).order_by("period")
    return [(a.period.lower, a.period.upper) for a in rows]


HOSPITAL = event(
    "h", ";TZID=Europe/Bucharest:20260603T090200", ";TZID=Europe/Bucharest:20260603T110000"
)


@pytest.mark.django_db
def test_events_cannot_be_booked_over(town, clockwork, settings):
    """B13: busy within one reading, free when the event or the subscription is gone."""
    state = {"body": ics(HOSPITAL)}

    def answer(handler):
        if handler.headers.get("If-None-Match") == '"1"' and state["body"] == ics(HOSPITAL):
            return reply(handler, 304, b"")
        return reply(handler, 200, state["body"], "text/calendar", ETag='"1"')

    with listening(answer) as (place, asked):
        settings.OUTWARD_ALLOW = {place}
        feed = read(subscribed(town, f"http://{place}/secret.ics"))
        assert (feed.events, feed.fault, feed.worked_at) == (1, "", NOW)
        assert busy(feed) == [(at(2, 9), at(2, 11))]
        with pytest.raises(SlotTaken):
            book(town.desk, town.mri_ana, at(2, 10))
        wrong = masks.check_all(today=NOW.date(), resources=[town.ana_centru.mask_id])
        assert not {day for _mask, day in wrong} & set(near_days())
        read(feed)
        assert [path for _m, path, _b in asked] == ["/secret.ics"] * 2
        assert busy(feed) == [(at(2, 9), at(2, 11))]
        state["body"] = ics()
        read(feed)
        assert busy(feed) == []
        book(town.desk, town.mri_ana, at(2, 10))
    assert b"secret" not in bytes(feed.encrypted_url)
    assert url_of(feed).endswith("/secret.ics")


@pytest.mark.django_db
def test_a_booking_under_an_event_stays(town, clockwork, settings):
    """What is booked keeps its place; when it is cancelled the event takes the rest."""
    made = book(town.desk, town.mri_ana, at(2, 10))
    with listening(lambda h: reply(h, 200, ics(HOSPITAL), "text/calendar")) as (place, _asked):
        settings.OUTWARD_ALLOW = {place}
        feed = read(subscribed(town, f"http://{place}/"))
        assert busy(feed) == [(at(2, 9), at(2, 10)), (at(2, 10, 35), at(2, 11))]
        cancel_booking(actor=town.desk, booking=made.public_id, reason="", now=NOW)
        assert busy(read(feed)) == [(at(2, 9), at(2, 11))]
        unsubscribe(actor=town.desk, feed_id=feed.public_id, now=NOW)
    assert busy(feed) == []
    book(town.desk, town.mri_ana, at(2, 9))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, b"<html>", "no_calendar"),
        (404, b"", "gone"),
        (403, b"", "refused"),
        (500, b"", "protocol"),
        (200, b"x" * (5 * 1024 * 1024 + 1), "too_large"),
        (302, b"", "forbidden"),
    ],
)
def test_what_goes_wrong_keeps_the_old_times(town, clockwork, settings, status, body, fault):
    """P33, P15: after three failures somebody is told; a reading that works closes it again."""
    state = {"bad": False}

    def answer(handler):
        if state["bad"]:
            return reply(handler, status, body, Location="http://10.0.0.1/x")
        return reply(handler, 200, ics(HOSPITAL), "text/calendar")

    with listening(answer) as (place, _asked):
        settings.OUTWARD_ALLOW = {place}
        feed = read(subscribed(town, f"http://{place}/"))
        state["bad"] = True
        for number in (1, 2, 3):
            assert read(feed).failures == number
            assert InboxItem.objects.filter(kind="feed_failing").exists() == (number == 3)
        assert feed.fault == fault
        assert busy(feed) == [(at(2, 9), at(2, 11))]
        state["bad"] = False
        outward.breaker.__init__()
        assert read(feed).failures == 0
    assert not InboxItem.objects.filter(resolved_at=None).exists()


@pytest.mark.django_db
def test_addresses_that_lead_inside_are_not_kept(town):
    """P15: judged when saved; what the door resolves is judged there and at each call."""
    set_viewer(town.aurora.id)
    for url in (
        "http://clinic.example/a",
        "https://10.0.0.1/",
        "https://localhost/",
        "ftp://x",
        "",
    ):
        with pytest.raises(Invalid):
            subscribed(town, url)
    assert not BusyFeed.objects.exists()
    assert (
        url_of(subscribed(town, "webcal://clinic.example/a.ics")) == "https://clinic.example/a.ics"
    )


@pytest.mark.django_db
def test_who_may_subscribe(town):
    """The desk for everybody, a practitioner for himself, nobody for a stranger."""
    own = member(town.aurora, "ana@aurora.example", "practitioner", practitioner=town.ana)
    other = member(town.aurora, "dan@aurora.example", "practitioner", practitioner=town.dan)
    feed = subscribed(town, "https://clinic.example/", own)
    with pytest.raises(NotFound):
        subscribed(town, "https://clinic.example/", other)
    with pytest.raises(NotFound):
        unsubscribe(actor=other, feed_id=feed.public_id, now=NOW)
    set_viewer(town.stranger.id)
    with pytest.raises(NotFound):
        unsubscribe(actor=town.outsider, feed_id=feed.public_id, now=NOW)
    with pytest.raises(RightMissing):
        subscribed(town, "https://clinic.example/", town.agent)


@pytest.mark.django_db
def test_ten_at_most_and_the_turn_of_each(town, clock):
    """P14: the same address again is the same subscription."""
    feeds = [subscribed(town, f"https://clinic.example/{n}") for n in range(10)]
    again = subscribed(town, "https://clinic.example/3")
    assert again.id == feeds[3].id
    with pytest.raises(TooManyFeeds):
        subscribed(town, "https://clinic.example/11")
    actor = system_actor(town.aurora.id)
    note_failure(actor=actor, feed_id=feeds[0].public_id, fault="slow", now=NOW)
    every = timedelta(minutes=10)
    assert len(feeds_to_read(actor, now=NOW + timedelta(minutes=5), every=every)) == 9
    assert len(feeds_to_read(actor, now=NOW + timedelta(minutes=10), every=every)) == 10
