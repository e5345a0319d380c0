"""The whole first journey, as people walk it: files, partner, ticks, booking, statistics.

A clinic's own price and staff files become services and calendars; it takes in a partner and ticks
examinations; the partner's agent finds, holds and books; the clinic sees it with source and
commission (P1 to P32, T2 to T7, B1 to B10, R1, R2, R8).
"""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from samtime.accounts.models import User
from samtime.bookings.models import Booking
from samtime.channels.models import Channel
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.models import Membership, Organization
from tests.api.conftest import Caller
from tests.partners.conftest import proposal, secret_of, terms
from tests.town import actor
from tests.web.visitors import texts, visitor

__all__ = ["terms"]
pytestmark = pytest.mark.django_db
SERVICES = "Kode;Navn;Fagområde;Varighet;Pris\nRTG1;Prøve røntgen;Bilde;30;1 250,50\n"
STAFF = (
    "Etternavn;Fornavn;Lokasjon;Tjenester;Mandag;Tirsdag;Onsdag;Torsdag;Fredag\n"
    "Prøvelege;Test-Radu;Aurora Centru;RTG1;{0};{0};{0};{0};{0}\n"
).format("08:00-16:00")
PASSWORD = "lang-nok-42-fjord"


def upload(client, kind, text):
    """Hand in a file as a spreadsheet wrote it, look at the preview, apply."""
    file = SimpleUploadedFile(f"{kind}.csv", text.encode("cp1252"))
    answer = client.post("/o/aurora/imports/", {"kind": kind, "file": file})
    assert answer.status_code == 302, texts(answer)
    page = texts(client.post(answer.url, follow=True))
    assert "1 row imported." in page or "rows imported" in page


def invited(town, admin):
    """The clinic adds a partner by the form's own call; the mail's link is followed."""
    set_viewer(town.aurora.id)
    from samtime.partners.commands import invite_partner

    invite_partner(actor=town.admin, proposal=proposal(town))
    set_viewer(0)
    return f"/invite/{secret_of(town.aurora)}"


def accepted(link):
    """The representative reads the terms and accepts; a company and its first user are there."""
    guest = Client()
    assert guest.get(link).status_code == 200
    answer = guest.post(
        link,
        {
            "terms_version": "4",
            "person_name": "Kari Test Dahl",
            "person_role": "manager",
            "authority": "1",
            "password": PASSWORD,
        },
    )
    assert answer.status_code == 302
    return guest, answer.url


def test_from_files_to_statistics(town, terms):
    """Issue 1c, walked through HTTP."""
    admin = visitor(town.admin)
    admin.cookies["django_language"] = "en"
    upload(admin, "services", SERVICES)
    upload(admin, "practitioners", STAFF)

    guest, _home = accepted(invited(town, admin))
    set_viewer(town.aurora.id)
    channel = Channel.objects.filter(kind="partner").latest("id")
    member = Membership.objects.filter(organization_id=channel.outsider_id).get()
    # The person would set up a second factor here; tests/web/account walks that way.
    Organization.objects.filter(id=member.organization_id).update(second_factor_required=False)
    partner = actor(User.objects.get(id=member.user_id), member.organization)
    slug = member.organization.slug

    assert channel.name in texts(admin.get("/o/aurora/traffic-channels/"))
    offers = Caller(town.admin).get("offerings").body["items"]
    services = {s["code"]: s["id"] for s in Caller(town.admin).get("services").body["items"]}
    xray = next(o for o in offers if o["service"] == services["RTG1"])
    agent = Caller(partner)
    search = f"slots?service={services['RTG1']}&limit=1"
    assert agent.get(search).body["items"] == []
    cell = {"channel": str(channel.public_id), "offering": xray["id"], "open": True}
    assert Caller(town.admin).put("listings", {"changes": [cell]}).status == 200

    slot = agent.get(search).body["items"][0]
    assert slot["price"] == {"amount": "1250.50", "currency": "RON"}
    calendars = f"/o/{slug}/partner/book/calendars/"
    guest.cookies["django_language"] = "en"
    day = slot["start"][:10]
    page = texts(guest.get(f"{calendars}?show=1&service={services['RTG1']}&day={day}"))
    assert '<button class="st-block st-block-free"' in page
    held = guest.post(f"{calendars}hold/", {"offering": slot["offering"], "start": slot["start"]})
    hold = re.search(r"hold=([0-9a-f-]+)", held.url).group(1)
    booked = guest.post(
        f"{calendars}held/{hold}/",
        {
            "act": "confirm",
            "patient.given_name": "Țestina",
            "patient.family_name": "Probescu",
            "patient.birth_date": "03.02.1980",
            "patient.phone": "+40 555 0101",
        },
    )
    assert booked.status_code == 302

    set_viewer(town.aurora.id)
    booking = Booking.objects.get(public_id=uuid.UUID(hold))
    assert (booking.source, booking.commission_amount) == ("partner", 15631)
    set_viewer(0)
    seen = texts(admin.get(f"/o/aurora/calendar/{day}/day/"))
    assert "Țestina Probescu" in seen
    assert channel.name in seen
    last = (timezone.now() + timedelta(days=40)).date()
    report = texts(admin.get(f"/o/aurora/reports/statistics/?from={day}&to={last}&group_by=source"))
    assert channel.name in report
    assert "156.31" in report
