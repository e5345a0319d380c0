"""The agent's secret feed: made, masked, revoked; dead when he leaves."""

import re

import pytest
from django.test import Client
from icalendar import Calendar

from samtime.bookings.commands.changes import cancel_booking
from samtime.bookings.models import AgentFeed
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.organizations.models import Membership
from tests.town import NOW, at, book, person
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PAGE = "/o/hello/partner/bookings/feed/"


def address(town, **more):
    page = texts(visitor(town.agent).post(PAGE, more))
    return re.search(r"/calendar/booked/[\w-]+\.ics", page).group()


def test_the_feed_tells_when_and_where_and_nobodys_name(town):
    """SCREENS 6.3, P7: only what this agent booked, masked also where the terms let him search."""
    town.channel.terms.update(patient_access="search")
    mine = book(town.agent, town.mri_ana, at(3, 9), person("Testine", "Hemmelig"), note="Kne")
    gone = book(town.agent, town.mri_ana, at(3, 12), person("Borte", "Hemmelig"))
    book(town.agent2, town.mri_ana, at(3, 10), person("Annen", "Hemmelig"))
    book(town.desk, town.mri_ana, at(3, 11), person("Klinikkens", "Hemmelig"))
    set_viewer(town.hello.id)
    cancel_booking(actor=town.agent, booking=gone.public_id, reason="", now=NOW)
    set_viewer(0)
    link = address(town)
    answer = Client().get(link)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["uid"]) == f"{mine.public_id}@samtime"
    assert event.decoded("dtstart") == at(3, 9)
    assert str(event["summary"]) == "Booking at Clinica Aurora SRL"
    for word in (b"Hemmelig", b"Testine", b"Mri", b"Kne", mine.reference.encode()):
        assert word not in answer.content
    same = Client().get(link, headers={"If-None-Match": answer["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert link not in texts(visitor(town.agent).get(PAGE))


def test_sent_twice_it_is_one_address(town):
    """D22."""
    assert address(town, once="a" * 32) == address(town, once="a" * 32)
    with viewing_as(town.hello.id):
        assert AgentFeed.objects.count() == 1


def test_revoked_or_left_it_is_dead(town):
    """P9: nobody else revokes it; whoever leaves takes nothing along."""
    first, second = address(town), address(town)
    with viewing_as(town.hello.id):
        ident = AgentFeed.objects.latest("id").public_id
    assert visitor(town.agent2).post(PAGE, {"revoke": ident}).status_code == 404
    assert Client().get(second).status_code == 200
    assert visitor(town.agent).post(PAGE, {"revoke": ident}).status_code == 302
    assert [Client().get(a).status_code for a in (first, second)] == [200, 404]
    Membership.objects.filter(user_id=town.agent.user_id).update(ended_at=NOW)
    assert Client().get(first).status_code == 404


@pytest.mark.parametrize("who", ["outsider", "desk", "insurer"])
def test_a_stranger_gets_404(town, who):
    """P7."""
    assert visitor(getattr(town, who)).get(PAGE).status_code == 404
    assert Client().get("/calendar/booked/nothing.ics").status_code == 404


def test_the_page_shows_what_the_feed_would_tell(town):
    """Before an address is made: when and where, nobody's name; only one's own."""
    book(town.agent, town.mri_ana, at(3, 9), person("Testine", "Hemmelig"))
    book(town.agent2, town.mri_ana, at(3, 10), person("Annen", "Hemmelig"))
    set_viewer(0)
    page = texts(visitor(town.agent).get(PAGE))
    assert "1 booking of yours" in page
    assert page.count("Booking at ") == 1
    assert "Hemmelig" not in page
