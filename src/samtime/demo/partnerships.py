"""Who books at whom: Hello at Aurora and Duna, MedPoint invited; made by the real commands."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from samtime.accounts.actor import Actor
from samtime.calendars.models import Offering
from samtime.channels.models import Channel, ChannelTerms, Listing, ListingPrice
from samtime.demo.people import OTHERS, OrganizationData
from samtime.demo.terms import VERSION
from samtime.foundation.tenancy import viewing_as
from samtime.organizations.commands import Signature
from samtime.organizations.models import Location, Membership, Organization
from samtime.organizations.queries import actor_for_member
from samtime.partners.commands.answering import accept_invitation
from samtime.partners.commands.checks import Card, Terms
from samtime.partners.commands.inviting import Proposal, invite_partner
from samtime.partners.models import Invitation, Partnership

SINCE = timedelta(days=120)
CARDS = {data.slug: data for data in OTHERS}
# Ticked for Hello, by location; what is not here is closed.
OPEN = {
    "aurora-centru": ("A01", "A03", "A04", "A05", "A08", "A11", "A12", "A13"),
    "aurora-nord": ("A03", "A04", "A10", "A15"),
    "duna-budapest": ("D01", "D02", "D04", "D07", "D08"),
}
OWN_PRICE = ("aurora-centru", "A13", 85000)


@dataclass(frozen=True, slots=True)
class Bond:
    """A partnership of the town: provider, partner, terms as a clinic would type them."""

    provider: str
    partner: str
    terms: Terms
    accepted: bool


BONDS = (
    Bond("aurora", "hello", Terms(
        (), payment_place="institution", patient_access="search", kind="percentage", rate="12.5",
    ), accepted=True),
    Bond("duna", "hello", Terms(
        (), payment_place="partner", patient_access="none", kind="fixed", amount="1500",
    ), accepted=True),
    Bond("aurora", "medpoint", Terms(
        (), payment_place="institution", patient_access="confirm", kind="percentage", rate="10",
    ), accepted=False),
)  # fmt: skip


def make(made: dict[str, Organization], now: datetime) -> None:
    """Invite, accept, tick; what was accepted is dated four months back."""
    for bond in BONDS:
        provider, partner = made[bond.provider], made[bond.partner]
        partnership = _invite(bond, provider)
        if bond.accepted:
            _accept(partnership, partner, provider)
            with viewing_as(provider.id):
                _date_back(partnership, now)
                _tick(partnership.channel, now.date() - SINCE)


def admin_of(organization: Organization) -> Actor:
    """The organization's first member, acting."""
    membership = Membership.objects.filter(organization=organization).order_by("id").first()
    assert membership is not None
    return actor_for_member(
        user=membership.user,
        slug=organization.slug,
        language=organization.language,
        request_id="demo",
    )


def _invite(bond: Bond, provider: Organization) -> Partnership:
    places = Location.objects.filter(organization=provider).order_by("id")
    ids = tuple(places.values_list("public_id", flat=True))
    with viewing_as(provider.id):
        return invite_partner(
            actor=admin_of(provider),
            proposal=Proposal(_card(CARDS[bond.partner]), replace(bond.terms, location_ids=ids)),
        )


def _card(data: OrganizationData) -> Card:
    person = data.accounts[0]
    return Card(
        company_name=data.name,
        tax_number=data.tax_number,
        registration_number=data.registration_number,
        country=data.country,
        representative_name=person.name,
        representative_email=person.email,
        representative_phone="+40 21 555 0199",
        street="Str. Exemplului 1",
        postal_code="010101",
        city=data.city,
        headquarters_country=data.country,
        kind=data.kind,
    )


def _accept(partnership: Partnership, partner: Organization, provider: Organization) -> None:
    with viewing_as(partner.id):
        actor = admin_of(partner)
        signature = Signature(
            terms_version=VERSION,
            person_name=CARDS[partner.slug].accounts[0].name,
            person_role="Administrator",
            authority=True,
            network="127.0.0.1",
        )
        invitation = Invitation.objects.get(partnership=partnership)
        accept_invitation(actor=actor, invitation_id=invitation.public_id, signature=signature)


def _date_back(partnership: Partnership, now: datetime) -> None:
    since = now - SINCE
    Partnership.objects.filter(pk=partnership.pk).update(created_at=since, accepted_at=since)
    Channel.objects.filter(pk=partnership.channel_id).update(opened_at=since)
    ChannelTerms.objects.filter(channel_id=partnership.channel_id).update(from_on=since.date())
    Invitation.objects.filter(partnership=partnership).update(
        created_at=since, accepted_at=since, ended_at=since
    )


def _tick(channel: Channel, from_on: date) -> None:
    channel.refresh_from_db()
    places = {place.slug: place for place in channel.locations.all()}
    given = Offering.objects.filter(provider_id=channel.provider_id, ended_on=None)
    pairs = {
        (o.calendar.location_id, o.service) for o in given.select_related("calendar", "service")
    }
    dated = {
        "channel": channel,
        "provider_id": channel.provider_id,
        "outsider_id": channel.outsider_id,
        "from_on": from_on,
    }
    for slug, place in places.items():
        for location_id, service in sorted(pairs, key=lambda p: (p[0], p[1].pk)):
            if location_id != place.pk or service.code not in OPEN.get(slug, ()):
                continue
            Listing.objects.create(**dated, location=place, service=service, open=True)
            if (slug, service.code) == OWN_PRICE[:2]:
                ListingPrice.objects.create(
                    **dated, location=place, service=service, amount=OWN_PRICE[2], currency="RON"
                )
