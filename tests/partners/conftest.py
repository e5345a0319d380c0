"""What the partners' tests share: a proposal, the general terms, the link of the last mail."""

import re
from types import SimpleNamespace

import pytest
from django.utils import timezone

from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.mailbox.models import OutgoingMail
from samtime.organizations.commands import Signature
from samtime.organizations.models import TermsDocument
from samtime.partners.commands import Card, Proposal, Terms, invite_partner
from samtime.partners.queries import behind_link

NUMBER = "312319489"


def card(**more):
    """A company nobody has heard of, with a number that passes."""
    given = {
        "company_name": "Nordvik Prøvekontor AS",
        "tax_number": NUMBER,
        "registration_number": "312 319 489",
        "country": "NO",
        "representative_name": "Kari Test Dahl",
        "representative_email": "kari@nordvik.example",
        "representative_phone": "+47 555 01 224",
    }
    return Card(**{**given, **more})


def proposal(town, *, terms=None, **more):
    """The card, and 12.5 % at Centru."""
    given = {"location_ids": (town.centru.public_id,), "kind": "percentage", "rate": "12,5"}
    return Proposal(card(**more), Terms(**{**given, **(terms or {})}))


def invite(town, **more):
    """Aurora invites."""
    set_viewer(town.aurora.id)
    return invite_partner(actor=town.admin, proposal=proposal(town, **more))


def secret_of(provider):
    """The token of the newest mail."""
    with viewing_as(provider.id):
        text = OutgoingMail.objects.order_by("-id").first().text
    return re.search(r"/invite/([\w-]+)", text)[1]


def behind(town):
    """What stands behind the newest link, read by nobody in particular."""
    set_viewer(0)
    return behind_link(secret_of(town.aurora), language="en", request_id="test")


def signature(**more):
    """Kari may sign."""
    given = {
        "terms_version": 4,
        "person_name": "Kari Test Dahl",
        "person_role": "manager",
        "authority": True,
        "network": "192.0.2.7",
    }
    return Signature(**{**given, **more})


@pytest.fixture
def terms(town):
    """The general terms in force: version 4, English and Norwegian."""
    made = SimpleNamespace()
    for language in ("en", "nb"):
        document = TermsDocument.objects.create(
            version=4,
            language=language,
            title="General terms for partners",
            text="1 Who takes part\n\nOnly companies.",
            sha256="a" * 64,
            effective_from=timezone.now().date(),
        )
        setattr(made, language, document)
    return made
