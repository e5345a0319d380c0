"""«Why not?» from the cockpit and from Show calendars: the question is asked with its facts."""

import re
from html import unescape

import pytest

from tests.town import at
from tests.web.visitors import texts, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WHY = "/o/hello/partner/why/"


def questions(page):
    """The addresses of the questions on a page."""
    return [unescape(found) for found in re.findall(rf'href="({WHY}\?[^"]+)"', page)]


def test_nothing_free_in_the_cockpit_asks_for_service_place_and_day(town):
    """P32, T7, SCREENS 6.1: one question per place, the first under W; each has its answer."""
    agent = visitor(town.agent)
    page = texts(agent.get("/o/hello/partner/book/find/", {"q": "mri", "part": "evening"}))
    asked = questions(page)
    assert len(asked) == 2
    assert page.count('data-key="w"') == 1
    assert "Why not at Clinica Aurora SRL, Aurora Centru?" in page
    for address in asked:
        assert "on=2026-06-01" in address
        assert "can book this" in texts(agent.get(address))


def test_a_result_asks_by_its_time_alone(town):
    """T7: the channel is found by what the time belongs to; strangers' times stay unknown."""
    agent = visitor(town.agent)
    asked = questions(texts(agent.get("/o/hello/partner/book/find/", {"q": "mri"})))
    assert asked[0].startswith(f"{WHY}?offering=")
    answer = texts(agent.get(asked[0]))
    assert "Hello Calls SRL can book this." in answer
    foreign = town.ingrid_sentrum.offers["physio"].public_id
    assert "can book this" not in texts(agent.get(f"{WHY}?offering={foreign}&on=2026-06-01"))


def test_a_question_without_channel_reaches_the_clinics_inbox(town):
    """T7: what the clinic opens names the channel."""
    agent = visitor(town.agent)
    address = f"{WHY}?offering={town.ecg_ana.public_id}&on=2026-06-02"
    given = {"offering": str(town.ecg_ana.public_id), "on": "2026-06-02"}
    assert agent.post(address, given).status_code == 302
    page = texts(visitor(town.admin).get("/o/aurora/inbox/"))
    assert f"why/?channel={town.channel.public_id}" in page


def test_a_day_without_a_free_time_in_the_columns_asks_too(town):
    """B4, T7: Sunday; and never where something is free."""
    agent = visitor(town.agent)
    home = f"/o/hello/partner/book/calendars/?show=1&service={town.mri.public_id}&day="
    assert questions(texts(agent.get(f"{home}2026-06-07")))
    assert not questions(texts(agent.get(f"{home}2026-06-02")))


def test_a_time_that_cannot_be_held_asks_as_well(town):
    """T7: beside the refusal."""
    given = {"offering": str(town.mri_ana.public_id), "start": at(0, 6).isoformat()}
    answer = visitor(town.agent).post("/o/hello/partner/book/take/", given)
    assert answer.status_code >= 400
    assert questions(texts(answer))
