"""Why not bookable: the clinic's panel."""

import pytest

from samtime.channels.models import Channel
from samtime.foundation.tenancy import viewing_as
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.usefixtures("clock")
BASE = "/o/aurora/why/"


def asked(town, service, **more):
    """The address of a question about a service at Centru on Tuesday."""
    given = {
        "channel": town.channel.public_id,
        "service": service.public_id,
        "location": town.centru.public_id,
        "on": "2026-06-02",
    }
    return BASE + "?" + "&".join(f"{k}={v}" for k, v in {**given, **more}.items())


def test_the_panel_names_the_reason_who_can_change_it_and_the_way_there(town):
    """P32, T7: the answer first, then every switch; Fix leads to the cell."""
    page = texts(visitor(town.admin).get(asked(town, town.ecg)))
    assert "Hello Calls SRL cannot book this." in page
    assert "Service is not ticked" in page
    assert "Can be changed by an administrator." in page
    assert "/o/aurora/traffic-channels/?location=aurora-centru&amp;q=Ecg" in page


def test_what_is_bookable_says_how_many_times_there_are(town):
    """T7: «Bookable: 32 times on that day», with whom."""
    page = texts(visitor(town.admin).get(asked(town, town.mri)))
    assert "Hello Calls SRL can book this." in page
    assert "free times on that day" in page
    assert "with Ana-Test Ionescu" in page


def test_a_suspended_channel_and_its_word(town):
    """P5, T7: the channel's own switch."""
    with viewing_as(town.aurora.id):
        Channel.objects.filter(id=town.channel.id).update(state="suspended")
    page = texts(visitor(town.desk).get(asked(town, town.mri)))
    assert "Channel is suspended" in page


def test_what_does_not_exist_is_told_and_a_stranger_finds_nothing(town):
    """T7: a combination that is none; another clinic's page is not there."""
    answer = visitor(town.admin).get(asked(town, town.physio))
    assert answer.status_code == 422
    assert "There is no such combination." in texts(answer)
    assert visitor(town.outsider).get(asked(town, town.mri)).status_code == 404
    assert visitor(town.agent).get(asked(town, town.mri)).status_code == 404
