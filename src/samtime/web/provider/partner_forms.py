"""The partner's forms: typed values to cards and terms, and stored ones back to the form."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from samtime.channels.models import ChannelTerms
from samtime.organizations.models import COUNTRIES, Organization
from samtime.partners.commands import Card, Proposal, Terms
from samtime.partners.models import Partnership
from samtime.web import dates
from samtime.web.agreement_words import KINDS, country_words
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.money_fields import money_shown, percent_shown, plain_typed

NOWHERE = UUID(int=0)


def choices() -> dict[str, Any]:
    """The words of every choice of the forms."""
    countries = country_words()
    return {
        "kinds": KINDS,
        "countries": [(code, countries[code]) for code in COUNTRIES],
        "yes_no": [("yes", _("Yes")), ("no", _("No"))],
        "commissions": [
            ("none", _("None")),
            ("percentage", _("Percentage settlement")),
            ("fixed", _("Fixed amount per booking")),
        ],
        "payment_places": [
            ("institution", _("At our institution")),
            ("partner", _("At the partner")),
        ],
        "accesses": [
            ("none", _("No: patient data is typed anew for every booking")),
            ("confirm", _("Find and confirm: a known patient is matched silently, no list")),
            ("search", _("Yes: search in the booking form, no list and no download")),
        ],
    }


def empty_form(own: Organization, places: list[tuple[str, str]]) -> FormState:
    """What a new partner's form starts with; the only location is chosen already."""
    return FormState(
        {
            "company.country": own.country,
            "company.headquarters.country": own.country,
            "company.kind": "provider",
            "statistics": "yes",
            "commission.kind": "none",
            "payment_place": "institution",
            "patient_access": "none",
            "locations": [places[0][0]] if len(places) == 1 else [],
        }
    )


def card_of(state: FormState) -> Card:
    """The card as typed."""
    return Card(
        company_name=state.text("company.name"),
        tax_number=state.text("company.tax_number"),
        registration_number=state.text("company.registration_number"),
        country=state.text("company.country"),
        representative_name=state.text("representative.name"),
        representative_email=state.text("representative.email"),
        representative_phone=state.text("representative.phone"),
        street=state.text("company.headquarters.street"),
        postal_code=state.text("company.headquarters.postal_code"),
        city=state.text("company.headquarters.city"),
        headquarters_country=state.text("company.headquarters.country"),
        kind=state.text("company.kind"),
    )


def terms_of(state: FormState) -> Terms:
    """The terms as typed; what is no id of a location becomes one that nobody has."""
    return Terms(
        location_ids=tuple(ident_typed(text) or NOWHERE for text in state["locations"] or []),
        payment_place=state.text("payment_place"),
        patient_access=state.text("patient_access"),
        statistics=state.text("statistics") != "no",
        kind=state.text("commission.kind"),
        rate=plain_typed(state.text("commission.rate")),
        amount=plain_typed(state.text("commission.amount")),
    )


def proposal_of(state: FormState) -> Proposal:
    """Card and terms."""
    return Proposal(card_of(state), terms_of(state))


def card_form(found: Partnership) -> FormState:
    """The stored card, for editing."""
    return FormState(
        {
            "company.name": found.company_name,
            "company.tax_number": found.tax_number,
            "company.registration_number": found.registration_number,
            "company.country": found.country,
            "company.kind": found.kind,
            "company.headquarters.street": found.street,
            "company.headquarters.postal_code": found.postal_code,
            "company.headquarters.city": found.city,
            "company.headquarters.country": found.headquarters_country,
            "representative.name": found.representative_name,
            "representative.email": found.representative_email,
            "representative.phone": found.representative_phone,
            "version": found.version,
        }
    )


def terms_form(found: Partnership, terms: ChannelTerms, today: date) -> FormState:
    """The terms in force, for editing from a day on."""
    rate = terms.commission_rate if terms.commission_kind == "percentage" else None
    amount = terms.commission_amount if terms.commission_kind == "fixed" else None
    return FormState(
        {
            "locations": [str(p.public_id) for p in found.channel.locations.all()],
            "statistics": "yes" if terms.statistics else "no",
            "commission.kind": terms.commission_kind,
            "commission.rate": "" if rate is None else percent_shown(rate),
            "commission.amount": "" if amount is None else money_shown(amount, terms.currency),
            "payment_place": terms.payment_place,
            "patient_access": terms.patient_access,
            "from": today.isoformat(),
        }
    )


def day_typed(state: FormState, name: str) -> date | None:
    """A day in a field, as people type it; what is no day of ours is noted as wrong."""
    text = state.text(name)
    if not text:
        return None
    found = dates.day_typed(text)
    if found is None or found < dates.EARLIEST:
        state.wrong(name, _("Write the day as year-month-day, for example 2026-11-24."))
        return None
    return found


def day_ahead_typed(state: FormState, name: str, today: date) -> date | None:
    """Such a day, from today on: ticks and prices of days gone by are not rewritten."""
    found = day_typed(state, name)
    if found is not None and found < today:
        state.wrong(name, _("Choose today or a later day."))
    return found
