"""The organization's own card: what others read of it and where its invoices go."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.models import LANGUAGES
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, VersionConflict
from samtime.journal.commands import Happening, record
from samtime.organizations.models import Organization

LONGEST = {"name": 200, "street": 200, "postal_code": 20, "city": 100, "phone": 40, "website": 200}


@dataclass(frozen=True, slots=True)
class CompanyGiven:
    """The card as described. Country, registration number and currency stay (D12, D17)."""

    name: str
    tax_number: str
    street: str
    postal_code: str
    city: str
    email: str
    invoice_email: str
    phone: str
    website: str
    language: str


def card_of(found: Organization) -> CompanyGiven:
    """The card as it is, as a change starts from it."""
    return CompanyGiven(**{name: getattr(found, name) for name in CompanyGiven.__slots__})


@transaction.atomic
def change_company(
    *, actor: Actor, given: CompanyGiven, seen: CompanyGiven | None = None
) -> Organization:
    """Replace the card; `seen` is what the person looked at while changing it.

    Refuses: RightMissing, Invalid, VersionConflict (somebody else changed it meanwhile).
    """
    actor.require(Right.EDIT_ORGANIZATION)
    faults = _faults(given)
    if faults:
        raise Invalid(*faults)
    own = Organization.objects.select_for_update(no_key=True).get(id=actor.organization_id)
    before = card_of(own)
    if seen is not None and seen != before:
        raise VersionConflict()
    changed = [n for n in CompanyGiven.__slots__ if getattr(before, n) != getattr(given, n)]
    if not changed:
        return own
    for name in changed:
        setattr(own, name, getattr(given, name))
    own.save(update_fields=changed)
    happening = Happening(
        "organization.changed",
        "organization",
        own.public_id,
        own.id,
        data={"changed": changed},
    )
    record(actor, happening)
    return own


def _faults(given: CompanyGiven) -> list[FieldError]:
    faults = []
    if not given.name.strip():
        faults.append(FieldError("name", "required", _("Write the company's name.")))
    for name, longest in LONGEST.items():
        if len(getattr(given, name)) > longest:
            sentence = _("This is too long: at most %(longest)s letters.")
            faults.append(FieldError(name, "too_long", sentence % {"longest": longest}))
    if len(given.tax_number) > 40:
        sentence = _("This is too long: at most %(longest)s letters.")
        faults.append(FieldError("tax_number", "too_long", sentence % {"longest": 40}))
    for name in ("email", "invoice_email"):
        if getattr(given, name) and not _is_fine(validate_email, getattr(given, name)):
            sentence = _("An e-mail address looks like name@clinic.example.")
            faults.append(FieldError(name, "email", sentence))
    if given.website and not _is_fine(URLValidator(["https", "http"]), given.website):
        sentence = _("A web address looks like https://clinic.example.")
        faults.append(FieldError("website", "website", sentence))
    if given.language not in dict(LANGUAGES):
        faults.append(FieldError("language", "invalid", _("Choose one of the languages.")))
    return faults


def _is_fine(judge: object, text: str) -> bool:
    try:
        judge(text)  # type: ignore[operator]
    except ValidationError:
        return False
    return len(text) <= 254
