"""PATCH of a partnership: card at once, terms from a day on (P27, P29)."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.accounts.queries import names_of
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.partnerships import CommissionIn, CompanyIn, PersonIn, one_partnership
from samtime.api.v1.repeatable import actor_of
from samtime.api.v1.shapes import Body, instant
from samtime.channels.models import ChannelTerms
from samtime.foundation.money import Money
from samtime.journal.queries import history_of
from samtime.organizations.queries import home_day
from samtime.partners.commands import Card, Terms, TermsChange, change_partner, change_terms
from samtime.partners.models import Partnership
from samtime.partners.queries import dated_terms, partnership


class PartnershipPatch(Body):
    """What changes; everything left out stays. `from` is the appointments' day, else today."""

    company: CompanyIn | None = None
    representative: PersonIn | None = None
    locations: list[UUID] | None = Field(None, max_length=200)
    commission: CommissionIn | None = None
    payment_place: str | None = Field(None, max_length=12)
    patient_access: str | None = Field(None, max_length=10)
    from_: date | None = Field(None, alias="from")


@api.patch("/partnerships/{partnership_id}")
def partnership_change(
    request: HttpRequest, partnership_id: UUID, body: PartnershipPatch
) -> HttpResponse:
    """Change the card, the terms from a day on, or both."""
    actor = actor_of(request, "partnerships.write")
    found = partnership(actor, partnership_id)
    if body.company or body.representative:
        card = _card(found, body)
        change_partner(actor=actor, partnership_id=partnership_id, card=card)
    given = (body.locations, body.commission, body.payment_place, body.patient_access)
    if any(value is not None for value in given):
        change = TermsChange(_terms(actor, found, body), body.from_)
        change_terms(actor=actor, partnership_id=partnership_id, change=change)
    return answer(200, one_partnership(actor, partnership_id))


@api.get("/partnerships/{partnership_id}/history")
def partnership_history(request: HttpRequest, partnership_id: UUID) -> HttpResponse:
    """Every change, newest first: when, who, what, old and new values; at most 200."""
    actor = actor_of(request, "partnerships.read")
    found = partnership(actor, partnership_id)
    entries = history_of(actor, found.public_id)
    names = names_of({entry.user_id for entry in entries if entry.user_id})
    items = [
        {
            "at": instant(entry.at),
            "kind": entry.kind,
            "user": names.get(entry.user_id or 0),
            "from": entry.data.get("from"),
            "changes": [
                {"field": name, "old": old, "new": new}
                for name, (old, new) in entry.data.get("changed", {}).items()
            ],
        }
        for entry in entries
    ]
    return answer(200, {"items": items, "next": None})


def _card(found: Partnership, body: PartnershipPatch) -> Card:
    company, who = body.company, body.representative
    home = company.headquarters if company else None
    return Card(
        company_name=company.name if company else found.company_name,
        tax_number=company.tax_number if company else found.tax_number,
        registration_number=company.registration_number if company else found.registration_number,
        country=company.country if company else found.country,
        kind=company.kind if company else found.kind,
        representative_name=who.name if who else found.representative_name,
        representative_email=who.email if who else found.representative_email,
        representative_phone=who.phone if who else found.representative_phone,
        street=home.street if home else found.street,
        postal_code=home.postal_code if home else found.postal_code,
        city=home.city if home else found.city,
        headquarters_country=home.country if home else found.headquarters_country,
    )


def _terms(actor: Actor, found: Partnership, body: PartnershipPatch) -> Terms:
    # What is left out stays what it is on the day from which the rest changes.
    every, day = dated_terms(found), body.from_ or home_day(actor, timezone.now())
    now = ([row for row in every if row.from_on <= day] or every[:1])[-1]
    commission = body.commission
    places = body.locations
    if places is None:
        places = list(found.channel.locations.values_list("public_id", flat=True))
    given = _commission(now) if commission is None else commission
    return Terms(
        location_ids=tuple(places),
        payment_place=body.payment_place or now.payment_place,
        patient_access=body.patient_access or now.patient_access,
        statistics=given.statistics,
        kind=given.kind,
        rate=given.rate,
        amount=given.amount.amount if given.amount else "",
    )


def _commission(now: ChannelTerms) -> CommissionIn:
    fixed = now.commission_kind == "fixed"
    amount = Money(now.commission_amount, now.currency).amount
    return CommissionIn.model_validate(
        {
            "statistics": now.statistics,
            "kind": now.commission_kind,
            "rate": Money(now.commission_rate, "EUR").amount,
            "amount": {"amount": amount, "currency": now.currency} if fixed else None,
        }
    )
