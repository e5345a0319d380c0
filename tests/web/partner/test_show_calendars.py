"""Show calendars: free green, taken red with its word, own blue; hold, person, confirm."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samtime.bookings.models import Booking, Hold
from samtime.channels.models import Channel, ChannelTerms
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.patients.commands import add_patient
from samtime.web.partner import calendar_choice
from tests.town import at, book, listing, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOME = "/o/hello/partner/book/calendars/"


def blocks(page, kind):
    """The texts of the blocks of a kind in the columns."""
    found = re.findall(rf"st-block-{kind}[^>]*>(.*?)</(?:button|div|a)>", page, re.S)
    return [re.sub(r"<[^>]+>", "", text).strip() for text in found]


def shown(town, actor):
    return texts(visitor(actor).get(f"{HOME}?show=1&day=2026-06-01&service={town.mri.public_id}"))


def test_free_taken_and_own_are_told_apart_and_strangers_never_show(town):
    """B4, B6, invariant 5: another's booking is only «Taken»."""
    book(town.desk, town.mri_ana, at(0, 9), person("Geheim", "Hemmelig"))
    book(town.agent, town.mri_ana, at(0, 11))
    page = shown(town, town.agent)
    assert any(text.startswith("08:00 Free") for text in blocks(page, "free"))
    assert any(text.endswith("Taken") for text in blocks(page, "taken"))
    assert any("Testine Prøvesen" in text for text in blocks(page, "own"))
    assert "Hemmelig" not in page


def test_hold_name_the_person_and_confirm(town):
    """B5, B9, B10: the booking is the partner's and the clinic has it."""
    client = visitor(town.agent)
    held = client.post(
        f"{HOME}hold/",
        {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat()},
    )
    assert held.status_code == 302
    panel = client.get(held.headers["Location"])
    assert "Held for you" in texts(panel)
    set_viewer(town.hello.id)
    hold = Hold.objects.get()
    answer = client.post(
        f"{HOME}held/{hold.public_id}/",
        {
            "act": "confirm",
            "patient.given_name": "Șerban",
            "patient.family_name": "Țest",
            "patient.birth_date": "1980-02-03",
            "patient.phone": "0040 555 012",
        },
    )
    assert answer.status_code == 302
    set_viewer(town.aurora.id)
    booking = Booking.objects.get()
    assert (booking.source, booking.booker_id) == ("partner", town.hello.id)


def test_missing_details_keep_the_hold_and_what_was_typed(town):
    client = visitor(town.agent)
    client.post(
        f"{HOME}hold/",
        {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat()},
    )
    set_viewer(town.hello.id)
    hold = Hold.objects.get()
    answer = client.post(
        f"{HOME}held/{hold.public_id}/", {"act": "confirm", "patient.given_name": "Șerban"}
    )
    assert answer.status_code == 422
    assert "Șerban" in texts(answer)
    assert "Write a phone number." in texts(answer)


def test_a_time_that_was_just_taken_offers_three_others(town):
    """B13."""
    book(town.desk, town.mri_ana, at(0, 9))
    answer = visitor(town.agent).post(
        f"{HOME}hold/",
        {
            "offering": str(town.mri_ana.public_id),
            "start": at(0, 9).isoformat(),
            "service": str(town.mri.public_id),
            "day": "2026-06-01",
        },
    )
    assert answer.status_code == 409
    assert "This time was just taken." in texts(answer)


def test_our_own_booking_can_be_cancelled(town):
    """B8."""
    booking = book(town.agent, town.mri_ana, at(3, 9))
    client = visitor(town.agent2)
    address = f"/o/hello/partner/bookings/{booking.public_id}/"
    assert "Testine Prøvesen" in texts(client.get(address))
    assert client.post(address, {"reason": ""}).status_code == 302
    set_viewer(town.hello.id)
    assert Booking.objects.get().state == "cancelled"


def test_who_may_not_book_gets_404(town):
    """B12, P7."""
    for who in (town.outsider, town.desk, town.insurer):
        assert visitor(who).get(HOME).status_code == 404


def marks(page):
    """What the open page asks with."""
    return re.search(r'data-live-href="([^"]+)"', page)[1].replace("&amp;", "&")


def test_the_columns_ask_cheaply_and_come_anew_when_a_row_changed(town):
    """B4, B6, B13, SCREENS 1.1: 204 until somebody books; then free starts are named."""
    client = visitor(town.agent)
    page = texts(client.get(f"{HOME}?show=1&day=2026-06-01&service={town.mri.public_id}"))
    href = marks(page)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(href).status_code == 204
    assert len(seen) <= 6
    key = f"{town.mri_ana.public_id}@{at(0, 9).isoformat()}"
    assert key in page
    book(town.desk, town.mri_ana, at(0, 9))
    fresh = client.get(href)
    assert fresh.status_code == 200
    assert 'id="columns"' in texts(fresh)
    assert key not in texts(fresh)
    assert client.get(marks(texts(fresh))).status_code == 204


def test_all_are_ticked_at_first_and_unticking_narrows(town):
    """B2, B3."""
    client = visitor(town.agent)
    asked = f"{HOME}?show=1&day=2026-06-01&service={town.mri.public_id}"
    everything = texts(client.get(asked))
    assert everything.count('class="st-cal-who"') == 2
    assert len(re.findall(r'name="(?:place|doctor)"[^>]*checked', everything)) == 4
    one = texts(client.get(f"{asked}&doctor={town.ana.public_id}"))
    assert one.count('class="st-cal-who"') == 1


def test_another_examination_has_everything_ticked_again(town):
    """B2, B3: ticks made for one examination hide nobody of another."""
    with viewing_as(town.aurora.id):
        listing(town.channel, town.nord, town.ecg)
    client, mri = visitor(town.agent), town.mri.public_id
    page = texts(client.get(f"{HOME}?show=1&day=2026-06-01&service={mri}"))
    mark = re.search(r'name="of" value="([^"]+)"', page)[1]
    ticked = {"show": "1", "day": "2026-06-01", "of": mark, "doctor": str(town.ana.public_id)}
    assert texts(client.get(HOME, {**ticked, "service": mri})).count('class="st-cal-who"') == 1
    other = texts(client.get(HOME, {**ticked, "service": str(town.ecg.public_id)}))
    boxes = re.findall(r'name="doctor"[^>]*>', other)
    assert boxes
    assert all("checked" in box for box in boxes)


def test_of_very_many_the_first_are_shown_and_a_name_finds_the_others(town, monkeypatch):
    """B2, B3: what nobody can look at side by side is not drawn, and says how to get to it."""
    for most in ("MOST_COLUMNS", "MOST_TICKS"):
        monkeypatch.setattr(calendar_choice, most, 1)
    client = visitor(town.agent)
    asked = {"show": "1", "day": "2026-06-01", "service": str(town.mri.public_id)}
    page = texts(client.get(HOME, asked))
    assert page.count('class="st-cal-who"') == 1
    assert "The first 1 calendars are shown." in page
    assert "and 1 more, found by its name" in page
    for who in (town.ana, town.dan):
        found = texts(client.get(HOME, {**asked, "who": who.family_name[:4]}))
        assert re.findall(r'st-cal-who"><strong>([^<]+)', found) == [str(who)]
    assert "is called «Nobody»" in texts(client.get(HOME, {**asked, "who": "Nobody"}))


def test_the_columns_cost_the_same_whatever_they_show(town):
    """P1: as many statements for one column as for all."""
    client, counts = visitor(town.agent), []
    asked = f"{HOME}?show=1&day=2026-06-01&service={town.mri.public_id}"
    for path in (asked, asked, f"{asked}&doctor={town.ana.public_id}"):
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        counts.append(len(seen))
    assert counts[1] == counts[2] <= 13


def test_where_the_agreement_allows_it_the_panel_searches(town):
    """B10, P19: masked, by a plain POST; elsewhere it refuses."""
    set_viewer(town.aurora.id)
    add_patient(actor=town.desk, person=person("Astrid-Test", "Vestprøve"), today=town.today)
    client = visitor(town.agent)
    client.post(
        f"{HOME}hold/",
        {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat()},
    )
    set_viewer(town.hello.id)
    address = f"{HOME}held/{Hold.objects.get().public_id}/"
    given = {
        "act": "search",
        "patient.family_name": "vest",
        "patient.birth_date": "3.2.1980",
    }
    refused = client.post(address, given)
    assert refused.status_code == 403
    assert "Vest•" not in texts(refused)
    with viewing_as(town.aurora.id):
        ChannelTerms.objects.update(patient_access="search")
    page = texts(client.post(address, given))
    assert "Astrid-Test Vest•••••" in page
    chosen = re.search(r'name="patient_id" value="([0-9a-f-]{36})"', page)[1]
    answer = client.post(address, {"act": "confirm", "patient_id": chosen})
    assert answer.status_code == 302


TYPED = {"patient.given_name": "Șerban", "patient.phone": "0040 555 012", "note": "kommer sent"}
BORN = {"patient.family_name": "Țest", "patient.birth_date": "3.2.1980"}


def holds(town):
    set_viewer(town.hello.id)
    return Hold.objects.filter(expires_at__gt=timezone.now())


def slot(town, hour):
    return f"{town.mri_ana.public_id}@{at(0, hour).isoformat()}"


def has_typed(page):
    return all(text in page for text in ('value="Șerban"', 'value="0040 555 012"', "kommer sent"))


def test_keeping_the_time_longer_keeps_what_is_typed(town):
    """B10: and pressing it again keeps it no longer, and says so."""
    client = visitor(town.agent)
    client.post(f"{HOME}hold/", {"slot": slot(town, 9)})
    address = f"{HOME}held/{holds(town).get().public_id}/"
    for _press in range(2):
        page = texts(client.post(address, {"act": "extend", **TYPED}))
        assert has_typed(page)
    assert "only once" in page
    assert holds(town).get().expires_at == town.now + timedelta(minutes=10)


def test_another_time_takes_what_is_typed_along(town):
    """B5, B7: the former one is let go in the same step; a refused one leaves all as it is."""
    client = visitor(town.agent)
    client.post(f"{HOME}hold/", {"slot": slot(town, 9)})
    first = holds(town).get().public_id
    page = texts(client.post(f"{HOME}hold/", {"slot": slot(town, 11), "hold": str(first), **TYPED}))
    assert has_typed(page)
    second = holds(town).get()
    assert second.starts_at == at(0, 11)
    book(town.desk, town.mri_ana, at(0, 13))
    given = {"slot": slot(town, 13), "hold": str(second.public_id), **TYPED}
    refused = client.post(f"{HOME}hold/", given)
    assert refused.status_code == 409
    assert has_typed(texts(refused))
    assert holds(town).get() == second


def test_an_ended_hold_leaves_a_form_that_the_next_time_takes_along(town, monkeypatch):
    """B13, SCREENS 1.1: nothing is booked, nothing typed is lost."""
    client = visitor(town.agent)
    client.post(f"{HOME}hold/", {"slot": slot(town, 9)})
    address = f"{HOME}held/{holds(town).get().public_id}/"
    monkeypatch.setattr(timezone, "now", lambda: town.now + timedelta(minutes=6))
    ended = client.post(address, {"act": "confirm", **BORN, **TYPED})
    assert ended.status_code == 409
    assert "Hold ended" in texts(ended)
    assert has_typed(texts(ended))
    set_viewer(town.aurora.id)
    assert not Booking.objects.exists()
    again = texts(client.post(f"{HOME}hold/", {"slot": slot(town, 9), **TYPED}))
    assert "Held for you" in again
    assert has_typed(again)


def test_two_presses_on_one_time_hold_it_once(town):
    """P2: also from a page that the back button showed again; a colleague is told it is taken."""
    client = visitor(town.agent)
    first, second = (client.post(f"{HOME}hold/", {"slot": slot(town, 9)}) for _press in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert holds(town).count() == 1
    other = visitor(town.agent2).post(f"{HOME}hold/", {"slot": slot(town, 9)})
    assert other.status_code == 409


def test_confirming_twice_books_once(town):
    """P2: with the form's key and from another window without it."""
    client = visitor(town.agent)
    client.post(f"{HOME}hold/", {"slot": slot(town, 9)})
    address = f"{HOME}held/{holds(town).get().public_id}/"
    given = {"act": "confirm", **BORN}
    given |= TYPED
    first = client.post(address, {**given, "once": "a" * 32})
    assert first.status_code == 302
    again = client.post(address, {**given, "once": "a" * 32})
    assert again.headers["Location"] == first.headers["Location"]
    elsewhere = client.post(address, given)
    assert elsewhere.status_code == 302
    assert elsewhere.headers["Location"] == first.headers["Location"]
    set_viewer(town.aurora.id)
    assert Booking.objects.count() == 1


def test_the_fourth_hold_names_the_three_and_lets_one_go(town):
    """SCREENS 1.1, B7."""
    client = visitor(town.agent)
    for hour in (9, 10, 11):
        client.post(f"{HOME}hold/", {"slot": slot(town, hour)})
    refused = client.post(f"{HOME}hold/", {"slot": slot(town, 12)})
    assert refused.status_code == 409
    page = texts(refused)
    assert page.count('value="release"') == 3
    assert "Mon 1 Jun, 10:00, Mri" in page
    first = re.search(rf'action="({HOME}held/[0-9a-f-]+/)"', page)[1]
    client.post(first, {"act": "release"})
    assert client.post(f"{HOME}hold/", {"slot": slot(town, 12)}).status_code == 302
    assert holds(town).count() == 3


def test_a_partnership_that_ends_meanwhile_is_said_beside_what_is_typed(town):
    """B13: at the last click, and on the page that is opened again."""
    client = visitor(town.agent)
    client.post(f"{HOME}hold/", {"slot": slot(town, 9)})
    hold_id = holds(town).get().public_id
    with viewing_as(town.aurora.id):
        Channel.objects.filter(id=town.channel.id).update(state="closed")
    given = {"act": "confirm", **BORN}
    answer = client.post(f"{HOME}held/{hold_id}/", {**given, **TYPED})
    assert answer.status_code in (403, 409)
    assert has_typed(texts(answer))
    again = client.get(HOME, {"show": "1", "hold": str(hold_id)})
    assert again.status_code == 200
    set_viewer(town.aurora.id)
    assert not Booking.objects.exists()


def test_a_lost_race_offers_the_nearest_times_as_buttons(town):
    """B13."""
    book(town.desk, town.mri_ana, at(0, 9))
    answer = visitor(town.agent).post(
        f"{HOME}hold/",
        {"offering": str(town.mri_ana.public_id), "start": at(0, 9).isoformat()},
    )
    assert texts(answer).count(">Mon 1 Jun, ") == 3
