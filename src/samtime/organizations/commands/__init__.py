"""Companies founded behind an invitation. Terms and modules stand in files of their own."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right, Role
from samtime.foundation.errors import Refusal
from samtime.organizations.commands.modules import ask_for_partner_module
from samtime.organizations.commands.terms import Signature, accept_terms, check_signature
from samtime.organizations.models import Membership, Organization
from samtime.organizations.queries import organization_by_number
from samtime.organizations.rules import RESERVED_SLUGS

__all__ = [
    "CompanyKnown",
    "NewCompany",
    "Signature",
    "accept_terms",
    "ask_for_partner_module",
    "become_partner",
    "check_signature",
    "found_partner_company",
    "free_slug",
]
CURRENCY_OF = {"NO": "NOK", "RO": "RON", "HU": "HUF", "SE": "SEK", "DK": "DKK"}


class CompanyKnown(Refusal):
    """The company is here: only its own administrators may approve (D17)."""

    code = "company_known"
    status = 409
    sentence = _("Your company is already here. One of its administrators can approve.")


@dataclass(frozen=True, slots=True)
class NewCompany:
    """A company as its own administrator confirms it; unverified until a register says so."""

    name: str
    country: str
    registration_number: str
    tax_number: str
    kind: str
    street: str
    postal_code: str
    city: str
    email: str
    phone: str
    language: str


@transaction.atomic
def found_partner_company(*, actor: Actor, company: NewCompany, user: User) -> Organization:
    """A partner's organization with its first administrator, who may book (D17, P24, P25).

    Refuses: CompanyKnown, also when somebody founds it at the same moment.
    """
    actor.require(Right.ACCEPT_TERMS)
    number = f"{company.country} {company.registration_number}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [number])
    if organization_by_number(company.country, company.registration_number):
        raise CompanyKnown()
    organization = Organization.objects.create(
        slug=free_slug(company.name),
        name=company.name,
        kind=company.kind,
        country=company.country,
        currency=CURRENCY_OF.get(company.country, "EUR"),
        language=company.language,
        tax_number=company.tax_number,
        registration_number=company.registration_number,
        street=company.street,
        postal_code=company.postal_code,
        city=company.city,
        email=company.email,
        phone=company.phone,
        capabilities=["partner"],
        second_factor_required=not settings.DEMO,
    )
    Membership.objects.create(
        organization=organization,
        user=user,
        roles=[Role.PARTNER_MANAGER, Role.AGENT],
        can_book_at_partner=True,
        joined_at=timezone.now(),
    )
    return organization


def free_slug(name: str) -> str:
    """A slug from the name that nobody has; a number is added where it is taken."""
    base = slugify(name)[:50].strip("-") or "company"
    taken = set(Organization.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= RESERVED_SLUGS
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


@transaction.atomic
def become_partner(*, actor: Actor) -> Organization:
    """The organization books at others from now on: the capability opens the partner's pages."""
    actor.require(Right.ACCEPT_TERMS)
    own = Organization.objects.select_for_update().get(id=actor.organization_id)
    if "partner" not in own.capabilities:
        own.capabilities = [*own.capabilities, "partner"]
        own.save(update_fields=["capabilities"])
    return own
