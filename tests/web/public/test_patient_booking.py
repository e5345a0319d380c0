"""The patient's link: no account, one question, then read, confirm, move, cancel."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from samtime.accounts.actor import ActorKind
from samtime.accounts.models import AccessToken
from samtime.accounts.rights import Right
from samtime.bookings.commands.changes import NewPlace, cancel_booking, move_booking
from samtime.bookings.models import Booking, Hold
from samtime.bookings.queries.patient_link import behind_booking_link
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.journal.models import AccessLogEntry, JournalEntry
from samtime.mailbox.models import OutgoingMail
from tests.mailbox.test_letters import react_to
from tests.town import NOW, at, book, member, person
from tests.web.visitors import visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BORN = {"act": "identify", "birth_date": "3.2.1980"}


def link_of(town, kind="booking.booked"):
    """The link in the newest letter."""
    react_to(kind)
    with viewing_as(town.aurora.id):
        text = OutgoingMail.objects.latest("id").text
    set_viewer(0)
    return re.search(r"/b/[\w-]+", text).group()


@pytest.fixture
def made(town):
    """A partner's booking on Thursday at nine, with a letter."""
    town.mri.names = {"ro": "RMN"}
    town.mri.save()
    return book(town.agent, town.mri_ana, at(3, 9), person(email="t@p.example", language="en"))


@pytest.fixture
def link(town, made):
    return link_of(town)


@pytest.fixture
def opened(link):
    """A browser that gave the right birth date."""
    client = Client()
    assert client.post(link, BORN).status_code == 302
    return client


def row(town, made):
    with viewing_as(town.aurora.id):
        return Booking.objects.get(public_id=made.public_id)


def test_the_birth_date_comes_first_and_reading_changes_nothing(town, made, link):
    """S11, P14: a scanner that opens every address learns and changes nothing."""
    client = Client()
    for more in ("", "/cancel", "/move", "/access", "/appointment.ics"):
        page = client.get(link + more).content.decode()
        assert "date of birth" in page
        assert "Testine" not in page
        assert "Thursday" not in page
        assert "09:00" not in page
    before = row(town, made)
    assert client.post(link, BORN).status_code == 302
    for more in ("", "/cancel", "/move", "/access", "/appointment.ics"):
        assert client.get(link + more).status_code == 200
    after = row(town, made)
    assert (after.state, after.version, after.client_confirmed_at) == ("booked", 1, None)
    assert before.starts_at == after.starts_at
    with viewing_as(town.aurora.id):
        assert not Hold.objects.exists()
        seen = AccessLogEntry.objects.filter(actor_kind="link")
        assert {e.purpose for e in seen} == {"own_link"}


def test_what_who_where_when_and_what_it_costs(town, opened, link):
    """S3, P17: with the zone's word, the payer and the limit before the act."""
    page = opened.get(link).content.decode()
    for words in (
        "Hello Testine, this is your appointment",
        "Thursday 4 June 2026, 09:00 (Bucharest)",
        "Mri, 30 minutes",
        "with Ana-Test Ionescu",
        "Clinica Aurora SRL",
        "RON\u00a0450.00",
        "You pay at the visit.",
        "free of charge, until Wed 3 Jun, 09:00",
    ):
        assert words in page, words


def test_five_wrong_dates_pause_the_link(town, link, monkeypatch):
    """Five tries, then fifteen minutes in which the right date does not open it either."""
    client = Client()
    left = [
        client.post(link, {**BORN, "birth_date": f"{day}.2.1981"}).content.decode()
        for day in range(1, 6)
    ]
    assert "4 tries are left" in left[0]
    assert "1 try is left" in left[3]
    assert "Try again after 08:15" in left[4]
    assert client.post(link, BORN).status_code == 422
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=16))
    assert client.post(link, BORN).status_code == 302


def test_without_a_birth_date_the_phone_is_asked(town):
    """A clinic may not know the day; four digits of the phone stand for it."""
    book(town.desk, town.mri_ana, at(3, 9), person(email="t@p.example", birth_date=None))
    link = link_of(town)
    client = Client()
    assert "Last four digits" in client.get(link).content.decode()
    assert client.post(link, {"act": "identify", "phone_end": "9999"}).status_code == 422
    assert client.post(link, {"act": "identify", "phone_end": "1234"}).status_code == 302


def test_the_client_confirms_once(town, made, opened, link):
    """S11: the clinic sees «Confirmed by client»; said twice it is noted once."""
    for _twice in range(2):
        assert opened.post(link, {"act": "confirm"}).status_code == 302
    assert row(town, made).client_confirmed_at == NOW
    assert "You have confirmed" in opened.get(link).content.decode()
    with viewing_as(town.aurora.id):
        entry = JournalEntry.objects.get(kind="booking.confirmed_by_client")
    assert entry.actor_kind == ActorKind.LINK
    page = visitor(town.admin).get(f"/o/aurora/bookings/{made.public_id}/").content.decode()
    assert "Confirmed by client" in page


def test_cancel_says_what_it_means_and_frees_the_time(town, made, opened, link):
    """P17, R2: the partner hears of it; the letter cancels the same calendar entry."""
    assert "It costs you nothing." in opened.get(f"{link}/cancel").content.decode()
    done = opened.post(f"{link}/cancel", {"act": "cancel", "reason": "Ill"})
    assert done.status_code == 302
    gone = row(town, made)
    assert (gone.state, gone.cancelled_by, gone.cancel_reason) == ("cancelled", "patient", "Ill")
    react_to("booking.cancelled")
    with viewing_as(town.hello.id):
        assert InboxItem.objects.get().kind == "booking_cancelled_by_client"
    with viewing_as(town.aurora.id):
        file = OutgoingMail.objects.latest("id").attachments[0]
    assert file["content_type"] == "text/calendar; method=CANCEL"
    assert opened.post(link, {"act": "confirm"}).status_code == 409
    again = book(town.desk, town.mri_ana, at(3, 9), person("Anna"))
    assert again.state == "booked"


def test_after_the_limit_there_is_a_phone_number(town, made, opened, link, monkeypatch):
    """The limit stands before the act; afterwards neither page nor POST does it."""
    town.centru.phone = "+40 21 555 01 00"
    town.centru.save()
    late = at(3, 9) - timedelta(hours=23)
    monkeypatch.setattr(timezone, "now", lambda: late)
    opened.post(link, BORN)
    page = opened.get(link).content.decode()
    assert "was possible until" in page
    assert "+40 21 555 01 00" in page
    assert f"{link}/move" not in page
    assert opened.post(f"{link}/cancel", {"act": "cancel"}).status_code == 409
    assert opened.post(f"{link}/move", {"act": "move"}).status_code == 409
    assert row(town, made).state == "booked"


def times_in(page):
    return re.findall(r'name="time" value="([^"]+)"', page)


def test_move_keeps_a_time_while_it_is_read(town, made, opened, link):
    """R7, B13: a list of the same service and place; one kept, the former let go; then moved."""
    first, second, *_rest = times_in(opened.get(f"{link}/move").content.decode())
    opened.post(f"{link}/move", {"time": first})
    opened.post(f"{link}/move", {"time": second})
    with viewing_as(town.aurora.id):
        (hold,) = Hold.objects.filter(expires_at__gt=NOW)
    page = opened.get(f"{link}/move").content.decode()
    assert "Move to this time" in page
    assert "Kept for you" in page
    assert opened.post(f"{link}/move", {"act": "move"}).status_code == 302
    moved = row(town, made)
    assert (moved.starts_at, moved.sequence) == (hold.starts_at, 1)
    assert moved.client_confirmed_at == NOW
    assert moved.reference == made.reference
    assert moved.commission_amount == made.commission_amount
    assert opened.post(f"{link}/move", {"act": "move"}).status_code == 409


def test_a_kept_time_keeps_others_away_and_others_keep_him(town, made, opened, link):
    """P4: the loser reads that the time was taken, and his appointment stays."""
    first = times_in(opened.get(f"{link}/move").content.decode())[0]
    from datetime import datetime

    start = datetime.fromisoformat(first.partition(" ")[2])
    book(town.desk, town.mri_ana, start, person("Anna"))
    refused = opened.post(f"{link}/move", {"time": first})
    assert refused.status_code == 409
    assert "just taken" in refused.content.decode()
    assert row(town, made).starts_at == made.starts_at


def test_another_service_or_place_is_not_there(town, opened, link):
    """D6: the link acts on this booking and on nothing else."""
    for offering in (town.ecg_ana, town.dan_nord.offers["mri"]):
        answer = opened.post(
            f"{link}/move", {"time": f"{offering.public_id} {at(2, 12).isoformat()}"}
        )
        assert answer.status_code == 404
    for rubbish in ("x", "x y", f"{town.mri_ana.public_id} 2026-06-03T10:00:00"):
        assert opened.post(f"{link}/move", {"time": rubbish}).status_code == 404
    with viewing_as(town.aurora.id):
        assert not Hold.objects.exists()


def test_a_link_has_one_right(town, link):
    found = behind_booking_link(link.removeprefix("/b/"), language="en", request_id="t")
    assert found.actor.rights == frozenset({Right.ACT_BY_LINK})
    assert Right.ACT_BY_LINK not in town.admin.rights


def test_the_clinic_moved_it_and_the_old_link_shows_the_new_time(town, made, opened, link):
    """Moved by the clinic: the new time on top, to be confirmed anew."""
    opened.post(link, {"act": "confirm"})
    AccessToken.objects.update(created_at=NOW - timedelta(hours=1))
    set_viewer(town.aurora.id)
    move_booking(actor=town.desk, booking=made.public_id, to=NewPlace(at(3, 11)), now=NOW)
    set_viewer(0)
    page = opened.get(link).content.decode()
    assert "moved your appointment" in page
    assert "11:00 (Bucharest)" in page
    assert "Please confirm" in page


def test_cancelled_by_the_desk_while_the_patient_reads(town, made, opened, link):
    set_viewer(town.aurora.id)
    cancel_booking(actor=town.desk, booking=made.public_id, reason="", now=NOW)
    set_viewer(0)
    assert opened.post(f"{link}/cancel", {"act": "cancel"}).status_code == 409
    assert "Cancelled" in opened.get(link).content.decode()


def test_an_old_link_gets_a_new_one_by_mail_only(town, made, opened, link, monkeypatch):
    """The address the clinic knows gets it; the page tells nothing; three an hour."""
    monkeypatch.setattr(timezone, "now", lambda: made.ends_at + timedelta(days=2))
    page = opened.get(link).content.decode()
    assert "too old" in page
    assert "Testine" not in page
    assert opened.post(link, {"act": "confirm"}).status_code == 410
    for _three in range(3):
        assert "on its way" in opened.post(link, {"act": "fresh"}).content.decode()
    assert opened.post(link, {"act": "fresh"}).status_code == 429
    new = link_of(town, "booking.link_wanted")
    assert new != link
    with viewing_as(town.aurora.id):
        assert OutgoingMail.objects.latest("id").recipient == "t@p.example"
    assert "date of birth" in Client().get(new).content.decode()


def test_a_stranger_finds_nothing(town, made, link):
    for wrong in ("/b/abc", f"/b/{made.public_id}", f"{link}x", "/b/" + "a" * 500):
        assert Client().get(wrong).status_code == 404
    other = book(town.desk, town.mri_ana, at(3, 14), person("Anna", email="a@p.example"))
    set_viewer(0)
    client = Client()
    client.post(link, BORN)
    new = link_of(town)
    assert other.reference not in client.get(new).content.decode()
    assert "date of birth" in client.get(new).content.decode()


def test_the_page_speaks_the_patients_language(town):
    """In the language of the booking until another is chosen."""
    book(town.desk, town.mri_ana, at(3, 9), person(email="t@p.example", language="ro"))
    link = link_of(town)
    client = Client()
    assert 'lang="ro"' in client.get(link).content.decode()
    client.post(link, BORN)
    assert "4 iunie 2026" in client.get(link).content.decode()
    client.cookies["django_language"] = "hu"
    assert "2026. június 4., csütörtök" in client.get(link).content.decode()


def test_the_calendar_file_is_the_letters_entry(town, made, opened, link):
    """STANDARDS 3: the same UID and SEQUENCE, in UTC, without the service's name."""
    answer = opened.get(f"{link}/appointment.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    assert str(event["uid"]) == f"{made.public_id}@samtime"
    assert event.decoded("dtstart") == at(3, 9)
    assert "attendee" not in event
    assert "MRI" not in str(event["summary"]).upper()


def test_who_has_seen_my_data_and_a_question_about_it(town, made, opened, link):
    """P12, P18: by organisation, act and day; the words go to the clinic's inbox."""
    visitor(town.admin).get(f"/o/aurora/bookings/{made.public_id}/")
    page = opened.get(f"{link}/access").content.decode()
    assert "Clinica Aurora SRL" in page
    assert "opened your appointment" in page
    assert "You, by your link" in page
    assert opened.post(f"{link}/access", {"act": "ask", "text": ""}).status_code == 422
    assert opened.post(f"{link}/access", {"act": "ask", "text": "Who?"}).status_code == 302
    with viewing_as(town.aurora.id):
        assert InboxItem.objects.get().facts["text"] == "Who?"


def test_holding_is_limited(town, made, opened, link):
    """Rate limit: a link cannot walk through the calendar."""
    times = times_in(opened.get(f"{link}/move").content.decode())
    with viewing_as(town.aurora.id):
        Hold.objects.bulk_create(
            Hold(
                provider=town.aurora,
                holder=town.aurora,
                channel=made.channel,
                offering=town.mri_ana,
                starts_at=NOW,
                ends_at=NOW + timedelta(minutes=5),
                price_amount=0,
                currency="RON",
                expires_at=NOW,
                moves=made.public_id,
            )
            for _n in range(20)
        )
        Hold.objects.update(created_at=NOW)
    assert opened.post(f"{link}/move", {"time": times[0]}).status_code == 429


def test_a_reminder_still_finds_its_way(town, made, link):
    """Every letter carries a link of its own, and the earlier ones go on working."""
    set_viewer(town.aurora.id)
    move_booking(actor=town.desk, booking=made.public_id, to=NewPlace(at(8, 11)), now=NOW)
    new = link_of(town, "booking.moved")
    assert new != link
    assert AccessToken.objects.filter(kind="patient_booking").count() == 2
    assert {t.expires_at.date() for t in AccessToken.objects.all()} == {date(2026, 6, 10)}
    assert member(town.fjord, "x@fjord.example", "admin").may(Right.BOOK)
