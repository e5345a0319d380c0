"""What the inviter typed, checked all at once: company, representative, places, terms."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.channels.commands import TermsValues
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.money import Money, NotMoney
from samtime.organizations.models import COUNTRIES, Organization
from samtime.organizations.queries import locations
from samtime.partners import rules


@dataclass(frozen=True, slots=True)
class Card:
    """The inviter's own card of the partner, as typed. It never edits the partner's data."""

    company_name: str
    tax_number: str
    registration_number: str
    country: str
    representative_name: str
    representative_email: str
    representative_phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    headquarters_country: str = ""
    kind: str = "provider"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms as typed: `rate` in percent («12.5»), `amount` per booking in own currency."""

    location_ids: tuple[UUID, ...]
    payment_place: str = "institution"
    patient_access: str = "none"
    statistics: bool = True
    kind: str = "none"
    rate: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Terms that passed: internal ids of places, and values to store."""

    location_ids: frozenset[int]
    values: TermsValues


LONGEST = (
    ("company_name", "company.name", 200),
    ("representative_name", "representative.name", 200),
    ("representative_phone", "representative.phone", 40),
    ("street", "company.headquarters.street", 200),
    ("postal_code", "company.headquarters.postal_code", 20),
    ("city", "company.headquarters.city", 100),
)
FORM_ORDER = (
    "company.country",
    "company.registration_number",
    "company.tax_number",
    "company.name",
    "company.kind",
    "company.headquarters.street",
    "company.headquarters.postal_code",
    "company.headquarters.city",
    "company.headquarters.country",
    "representative.name",
    "representative.email",
    "representative.phone",
)
DIGITS: dict[str, str | Promise] = {
    "NO": _("The organisation number has %(count)s digits; it needs 9."),
    "RO": _("The tax number has %(count)s digits; it needs 2 to 10."),
    "HU": _("The tax number has %(count)s digits; it needs 8 or 11."),
    "SE": _("The organisation number has %(count)s digits; it needs 10."),
    "DK": _("The company number has %(count)s digits; it needs 8."),
    "FI": _("The business number has %(count)s digits; it needs 8."),
}
PERSON = _("This is a person's number. A partner must be a company or registered practice.")
ONE_NUMBER = _("In Norway both numbers are the same. Compare them with the company's papers.")
CHECK = _("This number fails its check digit. Compare it with the company's papers.")


def check_card(card: Card) -> list[FieldError]:
    """Every fault of a card at its field, in the order of the form; [] when all is well."""
    faults = [*_texts(card), *_numbers(card), *_addressee(card)]
    return sorted(faults, key=lambda fault: FORM_ORDER.index(fault.field))


def _numbers(card: Card) -> list[FieldError]:
    if card.country not in COUNTRIES:
        return []
    return number_faults(card.country, card.registration_number, card.tax_number)


def check_terms(actor: Actor, own: Organization, terms: Terms) -> tuple[Agreed, list[FieldError]]:
    """The terms as values, and every fault at its field. Statistics off means no commission (D13).

    Takes: places of the actor's organization; a percentage from 0 to 100 with two decimals.
    """
    faults: list[FieldError] = []
    places = {p.public_id: p.id for p in locations(actor)}
    ids = frozenset(places[one] for one in terms.location_ids if one in places)
    if not ids or len(ids) != len(set(terms.location_ids)):
        sentence = _("Choose at least one location where the partner may book.")
        faults.append(FieldError("locations", "no_location", sentence))
    kind = terms.kind if terms.statistics else "none"
    for value, allowed, field in (
        (kind, ("none", "percentage", "fixed"), "commission.kind"),
        (terms.payment_place, ("partner", "institution"), "payment_place"),
        (terms.patient_access, ("none", "confirm", "search"), "patient_access"),
    ):
        if value not in allowed:
            faults.append(FieldError(field, "invalid", _("Choose one of the possibilities.")))
    rate = _rate(terms.rate, faults) if kind == "percentage" else 0
    amount = _amount(terms.amount, own.currency, faults) if kind == "fixed" else 0
    values = TermsValues(
        payment_place=terms.payment_place,
        patient_access=terms.patient_access,
        statistics=terms.statistics,
        commission_kind=kind,
        commission_rate=rate,
        commission_amount=amount,
    )
    return Agreed(ids, values), faults


def refuse(faults: list[FieldError]) -> None:
    """Raises Invalid with all faults, if there are any."""
    if faults:
        raise Invalid(*faults)


def email_fault(email: str) -> FieldError | None:
    """Whether this can be an address at all."""
    try:
        validate_email(email)
        fits = len(email) <= 254
    except ValidationError:
        fits = False
    if fits:
        return None
    sentence = _("This is not an e-mail address. It looks like name@company.example.")
    return FieldError("representative.email", "email", sentence)


def _texts(card: Card) -> Iterator[FieldError]:
    if not card.company_name:
        yield FieldError("company.name", "required", _("Write the name of the company."))
    if not card.representative_name:
        sentence = _("Write the name of the person who represents the company.")
        yield FieldError("representative.name", "required", sentence)
    for name, field, longest in LONGEST:
        if len(getattr(card, name)) > longest:
            sentence = _("This is too long: at most %(longest)s letters.")
            yield FieldError(field, "too_long", sentence % {"longest": longest})
    if card.country not in COUNTRIES:
        yield FieldError("company.country", "invalid", _("Choose the country of the company."))
    if card.headquarters_country and card.headquarters_country not in COUNTRIES:
        sentence = _("Choose the country of the headquarters.")
        yield FieldError("company.headquarters.country", "invalid", sentence)
    if card.kind not in rules.KINDS:
        yield FieldError("company.kind", "invalid", _("Choose what kind of partner this is."))


def number_faults(
    country: str, registration_number: str, tax_number: str, *, demanded: bool = True
) -> list[FieldError]:
    """What is wrong with the form of the two numbers, at their fields; check digits only warn."""
    faults: list[FieldError] = []
    for field, typed, judge in (
        ("company.tax_number", tax_number, rules.tax_number_fault),
        ("company.registration_number", registration_number, rules.registration_number_fault),
    ):
        if rules.is_persons_number(country, typed):
            faults.append(FieldError(field, "person_not_company", PERSON))
        elif not typed:
            faults += _missing(country, field) if demanded else []
        elif fault := judge(country, typed):
            sentence = _number_sentence(field, country, typed, fault)
            faults.append(FieldError(field, fault, sentence))
    return faults


def number_warnings(country: str, registration_number: str, tax_number: str) -> list[FieldError]:
    """Numbers of the right form that fail their check: worth a second look, never a refusal."""
    if country == "NO" and registration_number and tax_number:
        both = {rules.asked_by(country, text, "") for text in (registration_number, tax_number)}
        if len(both) > 1:
            return [FieldError("company.tax_number", "differs", ONE_NUMBER)]
    return [
        FieldError(field, "check", CHECK)
        for field, typed in (
            ("company.registration_number", registration_number),
            ("company.tax_number", tax_number),
        )
        if typed and rules.check_digit_fails(country, typed)
    ]


def _missing(country: str, field: str) -> list[FieldError]:
    if field == "company.registration_number":
        return [FieldError(field, "required", _("Write the registration number."))]
    # Norway has one number for both.
    return [] if country == "NO" else [FieldError(field, "required", _("Write the tax number."))]


def _number_sentence(field: str, country: str, text: str, fault: str) -> str | Promise:
    if fault == "check":
        return CHECK
    count = sum(sign.isdigit() for sign in text)
    examples = {"RO": "J40/1234/2010", "HU": "01-10-041585"}
    if field == "company.registration_number" and country in examples:
        sentence = _("A registration number looks like %(example)s.")
        return sentence % {"example": examples[country]}
    told = DIGITS.get(country, _("This number has %(count)s digits; that cannot be right."))
    return told % {"count": count}


def _addressee(card: Card) -> Iterator[FieldError]:
    if fault := email_fault(card.representative_email):
        yield fault
    phone = card.representative_phone
    if phone and (
        sum(sign.isdigit() for sign in phone) < 5
        or not all(sign.isdigit() or sign in "+-()./ \u00a0" for sign in phone)
    ):
        sentence = _("A phone number has at least 5 digits, for example +47 555 01 224.")
        yield FieldError("representative.phone", "phone", sentence)


def _rate(text: str, faults: list[FieldError]) -> int:
    try:
        rate = Money.parse(_no_letters(text.replace("%", "")), "EUR").minor
    except NotMoney:
        rate = -1
    if not 0 <= rate <= 10000:
        sentence = _("Write a percentage from 0 to 100, with at most two decimals.")
        faults.append(FieldError("commission.rate", "percentage", sentence))
        return 0
    return rate


def _amount(text: str, currency: str, faults: list[FieldError]) -> int:
    try:
        amount = Money.parse(_no_letters(text), currency).minor
    except NotMoney:
        amount = -1
    if not 0 <= amount <= 10**10:
        sentence = _("Write an amount per booking, zero or more, with at most two decimals.")
        faults.append(FieldError("commission.amount", "amount", sentence))
        return 0
    return amount


def _no_letters(text: str) -> str:
    return "?" if not text or any(sign.isalpha() for sign in text) else text
