"""Why can we not book this: the partner's half, and asking the clinic."""

import pytest

from samtime.channels.models import Channel
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.models import InboxItem
from samtime.inbox.queries import title_of
from tests.town import NOW
from tests.web.visitors import texts, visitor

pytestmark = pytest.mark.usefixtures("clock")
BASE = "/o/hello/partner/why/"


def asked(town, offering):
    """The question about an offering on Tuesday."""
    return {
        "channel": str(town.channel.public_id),
        "offering": str(offering.public_id),
        "on": "2026-06-02",
    }


def items(town):
    """The clinic's inbox."""
    with viewing_as(town.aurora.id):
        return list(InboxItem.objects.filter(organization_id=town.aurora.id))


def test_the_partner_reads_its_half_and_asks_the_clinic(town):
    """P32, T7: no link into the clinic; one item however often it is asked."""
    agent = visitor(town.agent)
    page = texts(agent.get(BASE, asked(town, town.ecg_ana)))
    assert "Service is not ticked" in page
    assert "Can be changed by Clinica Aurora SRL." in page
    assert "/o/aurora/" not in page
    assert items(town) == []
    for _n in range(2):
        assert agent.post(BASE, asked(town, town.ecg_ana)).status_code == 302
    [item] = items(town)
    assert title_of(item) == "Hello Calls SRL asks why it cannot book Ecg at Aurora Centru."
    assert item.link.startswith("why/?channel=")
    opened = visitor(town.admin).get(f"/o/aurora/{item.link}")
    assert "Service is not ticked" in texts(opened)


def test_paused_for_terms_leads_to_the_terms_and_asks_nobody(town):
    """P24, T7: what only we can change is ours to change: a link to our terms, no question."""
    with viewing_as(town.aurora.id):
        Channel.objects.filter(id=town.channel.id).update(paused_at=NOW)
    page = texts(visitor(town.agent).get(BASE, asked(town, town.mri_ana)))
    assert "Booking is paused: new general terms are not accepted" in page
    assert "/o/hello/partner/terms/" in page
    assert "Ask the clinic" not in page


def test_nothing_about_the_clinics_calendar_where_the_service_is_not_open(town):
    """T7: opening hours and free times are told only for what is ticked."""
    page = texts(visitor(town.agent).get(BASE, asked(town, town.ecg_ana)))
    assert "Opening hours" not in page
    assert "Opening hours" in texts(visitor(town.agent).get(BASE, asked(town, town.mri_ana)))


def test_others_find_no_such_channel(town):
    """P7: an insurer has no such page, a clinic's own page is another; nothing is asked."""
    address = "/o/trygg/partner/why/"
    answer = visitor(town.insurer).post(address, asked(town, town.mri_ana))
    assert answer.status_code == 404
    assert visitor(town.outsider).get(BASE, asked(town, town.mri_ana)).status_code == 404
    assert items(town) == []
