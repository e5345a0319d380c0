"""Calls about partnerships, invitations and the matrix of ticks."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query
from pydantic import Field

from samtime.accounts.actor import Actor
from samtime.api.door import answer
from samtime.api.v1.api import api
from samtime.api.v1.organization import PageQuery
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.api.v1.shapes import Body, MoneyIn, instant, listed_rows, money
from samtime.channels.models import ChannelTerms
from samtime.foundation.errors import FieldError, Invalid
from samtime.organizations.queries import home_day
from samtime.partners.commands import (
    Card,
    Proposal,
    Terms,
    end_partnership,
    give_notice,
    invite_partner,
    number_warnings,
    resend_invitation,
    resume_partnership,
    suspend_partnership,
)
from samtime.partners.commands.notice import Notice
from samtime.partners.models import Invitation, Partnership
from samtime.partners.queries import (
    agreements,
    latest_invitations,
    partnership,
    partnerships,
    terms_on,
)


class AddressIn(Body):
    """Headquarters."""

    street: str = Field("", max_length=1000)
    postal_code: str = Field("", max_length=1000)
    city: str = Field("", max_length=1000)
    country: str = Field("", max_length=2)


class CompanyIn(Body):
    """The partner's company."""

    name: str = Field(max_length=1000)
    tax_number: str = Field("", max_length=1000)
    registration_number: str = Field("", max_length=1000)
    country: str = Field(max_length=2)
    headquarters: AddressIn = Field(default_factory=lambda: AddressIn.model_validate({}))
    kind: str = Field("provider", max_length=30)


class PersonIn(Body):
    """Its representative."""

    name: str = Field(max_length=1000)
    email: str = Field(max_length=1000)
    phone: str = Field("", max_length=1000)


class CommissionIn(Body):
    """none, percentage with a rate, or a fixed amount."""

    statistics: bool = True
    kind: str = Field("none", max_length=12)
    rate: str = Field("", max_length=20)
    amount: MoneyIn | None = None


class PartnershipIn(Body):
    """A partner to invite, with the terms."""

    company: CompanyIn
    representative: PersonIn
    locations: list[UUID] = Field(default_factory=list, max_length=200)
    commission: CommissionIn = Field(default_factory=lambda: CommissionIn.model_validate({}))
    payment_place: str = Field("institution", max_length=12)
    patient_access: str = Field("none", max_length=10)

    def proposal(self) -> Proposal:
        """As the command takes it."""
        home, commission = self.company.headquarters, self.commission
        card = Card(
            company_name=self.company.name,
            tax_number=self.company.tax_number,
            registration_number=self.company.registration_number,
            country=self.company.country,
            representative_name=self.representative.name,
            representative_email=self.representative.email,
            representative_phone=self.representative.phone,
            street=home.street,
            postal_code=home.postal_code,
            city=home.city,
            headquarters_country=home.country or self.company.country,
            kind=self.company.kind,
        )
        terms = Terms(
            location_ids=tuple(self.locations),
            payment_place=self.payment_place,
            patient_access=self.patient_access,
            statistics=commission.statistics,
            kind=commission.kind if commission.statistics else "none",
            rate=commission.rate,
            amount=commission.amount.amount if commission.amount else "",
        )
        return Proposal(card, terms)


@api.get("/partnerships")
def partnership_list(request: HttpRequest, q: Query[PageQuery]) -> HttpResponse:
    """Both sides: the provider's in every state, and those that reached the partner."""
    actor = actor_of(request, "partnerships.read")
    sent, terms = latest_invitations(actor), terms_on(actor, home_day(actor, timezone.now()))

    def shape(found: Partnership) -> dict[str, Any]:
        return _partnership(actor, found, sent.get(found.id), terms.get(found.channel_id))

    own = partnerships(actor).select_related("channel", "partner", "provider")
    rows = [*own, *agreements(actor).select_related("channel", "partner", "provider")]
    return listed_rows(request, rows, shape, limit=q.limit, cursor=q.cursor)


@api.post("/partnerships", response={201: dict})
def partnership_invite(request: HttpRequest, body: PartnershipIn) -> HttpResponse:
    """Invite a partner."""
    actor = actor_of(request, "partnerships.write")

    def run() -> tuple[int, Any]:
        made = invite_partner(actor=actor, proposal=body.proposal())
        return 201, one_partnership(actor, made.public_id)

    return repeatable(request, actor, run)


@api.get("/partnerships/{partnership_id}")
def partnership_detail(request: HttpRequest, partnership_id: UUID) -> HttpResponse:
    """One partnership, read by either side."""
    actor = actor_of(request, "partnerships.read")
    theirs = agreements(actor).filter(public_id=partnership_id).first()
    if theirs is None:
        return answer(200, one_partnership(actor, partnership_id))
    terms = terms_on(actor, home_day(actor, timezone.now()))
    return answer(200, _partnership(actor, theirs, None, terms.get(theirs.channel_id)))


class ResendIn(Body):
    """A corrected address, if it changed."""

    email: str = Field("", max_length=1000)


@api.post("/partnerships/{partnership_id}/resend")
def partnership_resend(
    request: HttpRequest, partnership_id: UUID, body: ResendIn | None = None
) -> HttpResponse:
    """A new link; the old one is dead."""
    actor = actor_of(request, "partnerships.write")

    def run() -> tuple[int, Any]:
        email = body.email if body else ""
        resend_invitation(actor=actor, partnership_id=partnership_id, email=email)
        return 200, one_partnership(actor, partnership_id)

    return repeatable(request, actor, run)


class EndIn(Body):
    """What happens to bookings still to come: honour, desk (the own desk takes them over), cancel.

    `on`: the last day, left out = now; `message`: what the other side is told along with it.
    """

    future_bookings: str = Field("honour", max_length=10)
    on: date | None = None
    message: str = Field("", max_length=1000)


@api.post("/partnerships/{partnership_id}/end")
def partnership_end(
    request: HttpRequest, partnership_id: UUID, body: EndIn | None = None
) -> HttpResponse:
    """End it now, or after a last day; history stays."""
    actor = actor_of(request, "partnerships.write")
    asked = body or EndIn.model_validate({})

    def run() -> tuple[int, Any]:
        future = asked.future_bookings
        if asked.on is None:
            end_partnership(
                actor=actor,
                partnership_id=partnership_id,
                future_bookings=future,
                message=asked.message,
            )
        else:
            # Ours to end as the provider; the other side's agreement is not under this address.
            ident = partnership(actor, partnership_id).public_id
            _give_notice(actor, ident, Notice(asked.on, future, asked.message))
        return 200, one_partnership(actor, partnership_id)

    return repeatable(request, actor, run)


def _give_notice(actor: Actor, partnership_id: UUID, notice: Notice) -> None:
    """The command's fault is at its own field; here the day is called `on`."""
    try:
        give_notice(actor=actor, partnership_id=partnership_id, notice=notice)
    except Invalid as fault:
        named = {"ends_on": "on"}
        faults = [FieldError(named.get(e.field, e.field), e.code, e.detail) for e in fault.errors]
        raise Invalid(*faults) from None


@api.post("/partnerships/{partnership_id}/suspend")
def partnership_suspend(request: HttpRequest, partnership_id: UUID) -> HttpResponse:
    """Pause it."""
    actor = actor_of(request, "partnerships.write")

    def run() -> tuple[int, Any]:
        suspend_partnership(actor=actor, partnership_id=partnership_id)
        return 200, one_partnership(actor, partnership_id)

    return repeatable(request, actor, run)


@api.post("/partnerships/{partnership_id}/resume")
def partnership_resume(request: HttpRequest, partnership_id: UUID) -> HttpResponse:
    """Go on with it."""
    actor = actor_of(request, "partnerships.write")

    def run() -> tuple[int, Any]:
        resume_partnership(actor=actor, partnership_id=partnership_id)
        return 200, one_partnership(actor, partnership_id)

    return repeatable(request, actor, run)


def one_partnership(actor: Actor, public_id: UUID) -> dict[str, Any]:
    """A partnership as the API shows it. Refuses: NotFound."""
    found = partnership(actor, public_id)
    sent, terms = latest_invitations(actor), terms_on(actor, home_day(actor, timezone.now()))
    return _partnership(actor, found, sent.get(found.id), terms.get(found.channel_id))


def _partnership(
    actor: Actor, found: Partnership, sent: Invitation | None, terms: ChannelTerms | None
) -> dict[str, Any]:
    """As its reader may see it: the inviter's card, and how his mail fared, are his."""
    partner, provider = found.partner, found.provider
    own = found.provider_id == actor.organization_id
    return {
        "id": str(found.public_id),
        "state": found.state,
        "ends_on": found.ends_on.isoformat() if found.ends_on else None,
        "notice_by": found.notice_by or None,
        "bookings_at_end": found.bookings_at_end if found.state == "notice_given" else None,
        "channel": str(found.channel.public_id),
        "company": {
            "name": found.company_name,
            "tax_number": found.tax_number,
            "registration_number": found.registration_number,
            "country": found.country,
            "kind": found.kind,
            "headquarters": {
                "street": found.street,
                "postal_code": found.postal_code,
                "city": found.city,
                "country": found.headquarters_country or found.country,
            },
        },
        "warnings": _warnings(found) if own else [],
        "representative": _representative(found) if own else None,
        "provider": {"id": str(provider.public_id), "name": provider.name},
        "partner": {"id": str(partner.public_id), "name": partner.name} if partner else None,
        "invitation": _invitation(sent) if sent else None,
        **_terms(terms),
    }


def _warnings(found: Partnership) -> list[dict[str, str]]:
    return [
        {"field": w.field, "code": w.code, "detail": str(w.detail)}
        for w in number_warnings(found.country, found.registration_number, found.tax_number)
    ]


def _representative(found: Partnership) -> dict[str, str]:
    return {
        "name": found.representative_name,
        "email": found.representative_email,
        "phone": found.representative_phone,
    }


def _terms(terms: ChannelTerms | None) -> dict[str, Any]:
    if terms is None:
        return {"commission": None, "payment_place": None, "patient_access": None}
    rate = f"{terms.commission_rate // 100}.{terms.commission_rate % 100:02d}"
    return {
        "commission": {
            "statistics": terms.statistics,
            "kind": terms.commission_kind,
            "rate": rate,
            "amount": money(terms.commission_amount, terms.currency),
        },
        "payment_place": terms.payment_place,
        "patient_access": terms.patient_access,
    }


def _invitation(sent: Invitation) -> dict[str, Any]:
    return {
        "state": sent.state,
        "email": sent.email,
        "sent_at": instant(sent.sent_at),
        "expires_at": instant(sent.expires_at),
    }
