"""The agent's cockpit over HTTP: first free everywhere, hold, person by level, confirm."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.bookings.models import Booking, Hold
from samtime.channels.models import Channel, ChannelTerms
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.journal.models import JournalEntry
from samtime.patients.commands import add_patient
from tests.town import NOW, TODAY, at, book, listing, partner_channel, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOME = "/o/hello/partner/book/"


@pytest.fixture
def agent(town):
    return visitor(town.agent)


@pytest.fixture
def two_clinics(town):
    """Hello also books at Fjord, whose physio is called as Aurora's MRI in English."""
    town.physio.names = {"en": "MR knee", "nb": "MR kne"}
    town.physio.save()
    town.mri.name, town.mri.names = "RMN genunchi", {"en": "MR knee"}
    town.mri.save()
    with viewing_as(town.fjord.id):
        channel = partner_channel(town.fjord, town.hello, [town.sentrum], payment_place="partner")
        listing(channel, town.sentrum, town.physio)
    return town


def level(town, access):
    with viewing_as(town.aurora.id):
        ChannelTerms.objects.update(patient_access=access)


def take(agent, town, start, **more):
    offering = more.pop("offering", town.mri_ana)
    given = {"offering": str(offering.public_id), "start": start.isoformat(), **more}
    return agent.post(f"{HOME}take/", given)


def the_hold(town):
    set_viewer(town.hello.id)
    return Hold.objects.order_by("-id").first()


def confirm(agent, town, **more):
    given = {
        "patient.given_name": "Șerban",
        "patient.family_name": "Țest",
        "patient.birth_date": "1980-02-03",
        "patient.phone": "0040 555 012",
        "patient.language": "ro",
        **more,
    }
    return agent.post(f"{HOME}held/{the_hold(town).public_id}/confirm/", given)


def clocks(page):
    return re.findall(r'data-clock="(\d\d:\d\d)"', page)


def test_three_letters_find_one_service_at_two_institutions(two_clinics, agent):
    """B1, B2, B5, T7: names in any language, accents folded, grouped; only what is ticked."""
    for typed in ("mr kne", "RMN gen", "genunchi"):
        page = texts(agent.get(f"{HOME}find/", {"q": typed}))
        assert "2 institutions" in page
        assert "Clinica Aurora SRL" in page
        assert "Fjord Fysio og Helse AS" in page
        assert "paid to us" in page
    assert "No service you may book" in texts(agent.get(f"{HOME}find/", {"q": "ecg"}))


def test_first_free_is_in_order_and_apart_in_each_calendar(town, agent):
    """B5: no two rows of one doctor overlap."""
    found = clocks(texts(agent.get(HOME)))
    assert found[:4] == ["08:15", "08:15", "08:45", "08:45"] or found[:2] == ["08:00", "08:00"]
    assert len(found) == 9


@pytest.mark.parametrize(
    ("given", "only"),
    [
        ({"part": "afternoon"}, "12:00"),
        ({"from": "2026-06-03"}, "08:00"),
        ({"near": "nowhere"}, None),
    ],
)
def test_filters_narrow(town, agent, given, only):
    """B3: part of day, date; an unknown place is said at its field."""
    page = texts(agent.get(f"{HOME}find/", given))
    if only:
        assert clocks(page)[0] == only
    else:
        assert "No institution knows this place" in page


def test_the_list_costs_the_same_whatever_it_shows(two_clinics, agent):
    """P1: a bounded number of statements: the look ahead is longer, never the rows' number."""
    counts = []
    for given in ({"q": "mr kne"}, {}, {"q": "mr kne", "group": "doctor"}):
        with CaptureQueriesContext(connection) as seen:
            agent.get(f"{HOME}find/", given)
        counts.append(len(seen))
    assert max(counts) <= 18


def test_long_lists_come_to_whoever_opens_the_filters(two_clinics, agent):
    """B3: closed, what is chosen travels hidden and stands as a chip; open, every list is there."""
    fjord = str(two_clinics.fjord.public_id)
    closed = texts(agent.get(f"{HOME}find/", {"provider": fjord}))
    assert f'<input type="hidden" name="provider" value="{fjord}">' in closed
    assert "Clinica Aurora SRL" not in closed
    assert 'data-drop="provider"' in closed
    opened = texts(agent.get(f"{HOME}find/", {"provider": fjord, "filters": "1"}))
    assert f'<option value="{fjord}" selected>' in opened
    assert "<option" in opened.partition('id="id_practitioner"')[2]
    assert ">Clinica Aurora SRL</option>" in opened


def test_nothing_free_says_which_filter_cuts_most(town, agent):
    """SCREENS 6.1: the filter to leave out, with how many times that gives."""
    page = texts(agent.get(f"{HOME}find/", {"part": "evening"}))
    assert "Nothing free for this wish." in page
    assert 'data-widen="part"' in page
    assert "over 50 times" in page


def test_hold_person_confirm_at_level_none(town, agent):
    """B9, B10, B11, P17, P20: the booking is the partner's, with its source and payment state."""
    level(town, "none")
    page = texts(take(agent, town, at(0, 9)))
    assert "No search here." in page
    assert "Monday 1 June 2026 at 09:00" in page
    assert "luni, 1 iunie 2026" in page.lower()
    answer = confirm(agent, town)
    assert answer.status_code == 200
    set_viewer(town.aurora.id)
    made = Booking.objects.get()
    assert (made.source, made.booker_id, made.payment_state, made.language) == (
        "partner",
        town.hello.id,
        "due_at_institution",
        "ro",
    )
    assert f"{made.reference[:4]}-{made.reference[4:]}" in texts(answer)


def test_pressing_confirm_twice_books_once(town, agent):
    """P2: the second press shows the first booking."""
    take(agent, town, at(0, 9))
    first, second = confirm(agent, town), confirm(agent, town)
    assert first.status_code == second.status_code == 200
    set_viewer(town.aurora.id)
    assert Booking.objects.count() == 1


def test_taking_the_same_time_twice_holds_it_once(town, agent):
    """P2, B5: a second press, or a request sent again after its answer was lost, shows the hold."""
    first, second = take(agent, town, at(0, 9)), take(agent, town, at(0, 9))
    assert first.status_code == second.status_code == 200
    assert f'data-hold="{the_hold(town).public_id}"' in texts(second)
    assert Hold.objects.count() == 1
    assert take(visitor(town.agent2), town, at(0, 9)).status_code == 409
    assert Hold.objects.count() == 1


def test_letting_go_twice_lets_go_once(town, agent):
    """P2, B7: also a time that is booked already stays booked, and nothing is told twice."""
    take(agent, town, at(0, 9))
    act = f"{HOME}held/{the_hold(town).public_id}/"
    for _press in range(2):
        assert agent.post(act, {"act": "release"}).status_code == 200
    take(agent, town, at(0, 10))
    act = f"{HOME}held/{the_hold(town).public_id}/"
    confirm(agent, town)
    assert agent.post(act, {"act": "release"}).status_code == 200
    set_viewer(town.aurora.id)
    assert Booking.objects.get().state == "booked"
    assert JournalEntry.objects.filter(kind="booking.released").count() == 1


def test_a_partnership_that_ends_in_the_middle_of_a_call_is_said(town, agent):
    """B13, SCREENS 1.1: at the last click and at the next hold; what was typed stays."""
    take(agent, town, at(0, 9))
    with viewing_as(town.aurora.id):
        Channel.objects.filter(id=town.channel.id).update(state="closed")
    answer = confirm(agent, town)
    assert answer.status_code in (403, 409)
    for said in (texts(answer), texts(take(agent, town, at(0, 10)))):
        assert 'data-part="slot"' in said
        assert 'role="alert"' in said
        assert 'data-part="person"' not in said  # the form on the screen is left alone
    set_viewer(town.aurora.id)
    assert not Booking.objects.exists()


def test_a_pause_is_said_where_the_times_would_stand(town, agent):
    """P24, B13: on both screens, with what lifts it; nothing is offered and nothing held."""
    with viewing_as(town.aurora.id):
        Channel.objects.filter(id=town.channel.id).update(paused_at=NOW)
    for path in (HOME, f"{HOME}find/?q=mri", f"{HOME}calendars/?show=1"):
        page = texts(agent.get(path))
        assert "has not accepted the new general terms in time" in page
        assert "data-pick" not in page
    assert "accepted the new general terms" in texts(take(agent, town, at(0, 9)))
    assert the_hold(town) is None


def test_faults_stand_at_their_fields_and_what_was_typed_stays(town, agent):
    take(agent, town, at(0, 9))
    answer = confirm(agent, town, **{"patient.phone": "", "patient.birth_date": "31.31.2000"})
    assert answer.status_code == 422
    assert "Write a phone number." in texts(answer)
    assert "Write the birth date like 24.11.1980." in texts(answer)
    assert 'value="Șerban"' in texts(answer)
    set_viewer(town.aurora.id)
    assert not Booking.objects.exists()


def test_search_level_shows_masked_hits_and_books_the_chosen_one(town, agent):
    """P18, P19, B10."""
    level(town, "search")
    set_viewer(town.aurora.id)
    known = add_patient(actor=town.desk, person=person("Astrid-Test", "Vestprøve"), today=TODAY)
    take(agent, town, at(0, 9))
    look = f"{HOME}held/{the_hold(town).public_id}/person/"
    page = texts(agent.post(look, {"patient.family_name": "vest"}))
    assert "Astrid" not in page
    page = texts(
        agent.post(look, {"patient.family_name": "vest", "patient.birth_date": "3.2.1980"})
    )
    assert "Astrid-Test Vest•••••" in page
    assert "Vestprøve" not in page
    answer = confirm(agent, town, patient_id=str(known.public_id))
    assert answer.status_code == 200
    set_viewer(town.aurora.id)
    assert Booking.objects.get().patient_id == known.id


@pytest.mark.parametrize("access", ["none", "confirm"])
def test_below_search_the_answer_tells_nothing(town, agent, access):
    """Scenario 6, P20: same page and same statements for a known and an unknown person."""
    level(town, access)
    set_viewer(town.aurora.id)
    add_patient(actor=town.desk, person=person("Testine", "Kjent"), today=TODAY)
    take(agent, town, at(0, 9))
    look = f"{HOME}held/{the_hold(town).public_id}/person/"
    pages, counts = [], []
    for family in ("Warm", "Kjent", "Ukjent"):
        with CaptureQueriesContext(connection) as seen:
            answer = agent.post(
                look, {"patient.family_name": family, "patient.birth_date": "3.2.1980"}
            )
        pages.append(texts(answer))
        counts.append(len(seen))
    assert pages[1] == pages[2]
    assert counts[1] == counts[2]


def test_a_double_is_told_of_our_own_bookings_only(town, agent):
    """The warning tells nothing about strangers."""
    book(town.agent2, town.mri_ana, at(1, 9), person("Testine", "Dobbel"))
    book(town.desk, town.mri_ana, at(1, 11), person("Testine", "Fremmed"))
    take(agent, town, at(0, 9))
    look = f"{HOME}held/{the_hold(town).public_id}/person/"
    given = {"patient.birth_date": "3.2.1980"}
    assert "You already booked this person" in texts(
        agent.post(look, {"patient.family_name": "dobbel", **given})
    )
    assert "already booked" not in texts(
        agent.post(look, {"patient.family_name": "Fremmed", **given})
    )


def test_a_time_taken_meanwhile_offers_three_at_the_same_place(town, agent):
    """B13: and nothing is held."""
    book(town.desk, town.mri_ana, at(0, 9))
    answer = take(agent, town, at(0, 9))
    page = texts(answer)
    assert answer.status_code == 409
    assert "09:00 was taken a second ago." in page
    assert page.count("data-pick") == 3
    assert the_hold(town) is None


def test_another_time_lets_the_former_go_in_the_same_step(town, agent):
    """B7: also one that overlaps it; a refused one keeps the former."""
    take(agent, town, at(0, 9))
    first = the_hold(town)
    assert take(agent, town, at(0, 9, 15), instead=str(first.public_id)).status_code == 200
    second = the_hold(town)
    first.refresh_from_db()
    assert first.expires_at <= NOW < second.expires_at
    book(town.desk, town.mri_ana, at(0, 11))
    assert take(agent, town, at(0, 11), instead=str(second.public_id)).status_code == 409
    second.refresh_from_db()
    assert second.expires_at > NOW


def test_earlier_and_later_stay_at_the_place(town, agent):
    book(town.desk, town.mri_ana, at(0, 8, 15))
    take(agent, town, at(0, 9))
    act = f"{HOME}held/{the_hold(town).public_id}/"
    assert "Mon 1 Jun, 09:45" in texts(agent.post(act, {"act": "later"}))
    act = f"{HOME}held/{the_hold(town).public_id}/"
    page = texts(agent.post(act, {"act": "earlier"}))
    assert "Mon 1 Jun, 09:00" in page
    set_viewer(town.hello.id)
    assert Hold.objects.filter(expires_at__gt=NOW).count() == 1


def test_the_fourth_hold_names_the_three(town, agent):
    """SCREENS 1.1: and offers to let one go."""
    for hour in (9, 10, 11):
        take(agent, town, at(0, hour))
    answer = take(agent, town, at(0, 12))
    page = texts(answer)
    assert answer.status_code == 409
    assert page.count("data-let-go") == 3
    assert "Mon 1 Jun, 09:00" in page


def test_an_ended_hold_says_so_and_books_nothing(town, agent, monkeypatch):
    """SCREENS 1.1: the form on the screen is left alone."""
    take(agent, town, at(0, 9))
    hold = the_hold(town)
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=6))
    answer = confirm(agent, town)
    assert answer.status_code == 409
    assert 'data-part="over"' in texts(answer)
    assert 'data-part="person"' not in texts(answer)
    set_viewer(town.aurora.id)
    assert not Booking.objects.filter(public_id=hold.public_id).exists()


def live(agent, page):
    token = re.search(r'data-token="([^"]+)"', page)[1]
    version = re.search(r'data-version="([^"]+)"', page)[1]
    return agent.get(f"{HOME}live/", {"live": token, "version": version})


def test_live_answers_204_until_a_shown_row_changes(town, agent):
    """SCREENS 1.1: then the list anew; a withdrawn right is seen too."""
    page = texts(agent.get(HOME))
    with CaptureQueriesContext(connection) as seen:
        assert live(agent, page).status_code == 204
    assert len(seen) <= 6
    book(town.desk, town.mri_ana, at(0, 9))
    fresh = live(agent, page)
    assert fresh.status_code == 200
    assert live(agent, texts(fresh)).status_code == 204
    with viewing_as(town.aurora.id):
        town.channel.state = "suspended"
        town.channel.save()
    assert "Nothing ticked for you yet" in texts(live(agent, texts(fresh)))


def test_a_strangers_or_broken_token_is_404(two_clinics, agent):
    """P7: nobody asks about calendars he was not shown."""
    page = texts(agent.get(HOME))
    token = re.search(r'data-token="([^"]+)"', page)[1]
    for bad in ("", "x", token[:-2] + "zz"):
        assert agent.get(f"{HOME}live/", {"live": bad, "version": "1"}).status_code == 404


def test_who_may_not_book_gets_404(town):
    """B12, P7."""
    for who in (town.outsider, town.desk, town.insurer):
        for path in ("", "find/", "live/", "take/"):
            assert visitor(who).get(HOME + path).status_code == 404


def test_without_scripts_it_says_what_it_needs(town, agent):
    page = texts(agent.get(HOME))
    assert "This screen needs JavaScript." in page
    assert "/o/hello/partner/book/calendars/" in page
