"""What we may book, and asking for more (T5, T7, P31, P32); the partner's terms page (P24)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from samtime.accounts.actor import system_actor
from samtime.channels.models import ListingPrice
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.inbox.models import InboxItem
from samtime.partners.commands.asking import close_answered_requests
from samtime.partners.models import Partnership, WiderAccessRequest
from tests.town import NOW, listing
from tests.web.visitors import texts, visitor

BASE = "/o/hello/partner/catalogue/"
TODAY = timezone.now().date()


@pytest.fixture
def bond(town):
    with viewing_as(town.aurora.id):
        return Partnership.objects.create(
            provider=town.aurora,
            partner=town.hello,
            channel=town.channel,
            state="active",
            company_name=town.hello.name,
            registration_number="R-hello",
            country="RO",
            representative_name="Test",
            representative_email="admin@hello.example",
            accepted_at=NOW,
        )


def test_price_now_and_next_and_the_end(town, bond):
    """T5, P31: the channel's dated price, the day it ends; what is not ticked is not there."""
    later = TODAY + timedelta(days=30)
    with viewing_as(town.aurora.id):
        ListingPrice.objects.create(
            channel=town.channel,
            provider_id=town.aurora.id,
            outsider_id=town.hello.id,
            location=town.centru,
            service=town.mri,
            amount=50000,
            currency="RON",
            from_on=later,
        )
    listing(town.channel, town.nord, town.mri, is_open=False, from_on=later)
    page = texts(visitor(town.manager).get(BASE))
    for words in ("Mri", "450.00", "500.00", "Aurora Centru", "Ends ", "12.5%"):
        assert words in page
    assert "Ecg" not in page.split("<tbody>")[1].split("</tbody>")[0]


def test_asking_for_more_waits_at_the_clinic_and_closes_when_ticked(town, bond):
    """P32, T5: the list in the clinic's inbox; done when all of it is open."""
    client = visitor(town.manager)
    assert "Ecg" in texts(client.get(f"{BASE}?ask={bond.public_id}"))
    address = f"{BASE}ask/{bond.public_id}/"
    assert client.post(address, {}).status_code == 422
    open_one = f"{town.centru.public_id}/{town.mri.public_id}"
    assert client.post(address, {"wanted": [open_one]}).status_code == 422
    with viewing_as(town.aurora.id):
        assert not WiderAccessRequest.objects.exists()
    wanted = f"{town.centru.public_id}/{town.ecg.public_id}"
    assert client.post(address, {"wanted": [wanted], "message": "Please"}).status_code == 302
    with viewing_as(town.aurora.id):
        item = InboxItem.objects.get(kind="wider_access_asked")
    assert item.facts["list"] == ["Ecg (Aurora Centru)"]
    assert "Waits for an answer" in texts(client.get(BASE))
    listing(town.channel, town.centru, town.ecg, from_on=TODAY)
    with viewing_as(town.aurora.id):
        close_answered_requests(actor=system_actor(town.aurora.id), now=timezone.now())
        item.refresh_from_db()
    assert item.resolved_at is not None
    assert "All opened" in texts(client.get(BASE))


def test_an_agent_reads_and_does_not_ask_and_a_stranger_has_no_page(town, bond):
    """T7."""
    client = visitor(town.agent)
    assert client.get(BASE).status_code == 200
    assert client.get(f"{BASE}?ask={bond.public_id}").status_code in (403, 404)
    assert client.post(f"{BASE}ask/{bond.public_id}/", {"message": "x"}).status_code == 404
    assert visitor(town.outsider).get(BASE).status_code == 404
    set_viewer(0)


def test_terms_page_with_nothing_to_sign(town, bond):
    """P24."""
    assert "Nothing waits for a signature" in texts(
        visitor(town.manager).get("/o/hello/partner/terms/")
    )
