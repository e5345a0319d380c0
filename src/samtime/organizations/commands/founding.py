"""An organization made by the operator, before anybody of it is here (D32)."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.models import LANGUAGES
from samtime.accounts.rights import Right
from samtime.foundation.errors import FieldError, Invalid, Refusal
from samtime.foundation.tenancy import viewing_as
from samtime.journal.commands import Happening, record
from samtime.organizations import rules
from samtime.organizations.commands import CURRENCY_OF
from samtime.organizations.models import COUNTRIES, Organization

LANGUAGE_OF = {"NO": "nb", "RO": "ro", "HU": "hu"}
KINDS = {"provider": "provider", "insurer": "insurer", "operator": "operator"}


class SlugTaken(Refusal):
    """Another organization has this word in its address, or it is reserved."""

    code = "slug_taken"
    status = 409
    field = "slug"
    sentence = _("The address word «%(slug)s» is taken or reserved. Choose another.")


@dataclass(frozen=True, slots=True)
class NewOrganization:
    """What the operator says of it; the rest is its own administrator's to fill in."""

    slug: str
    name: str
    country: str
    capabilities: tuple[str, ...]
    language: str = ""
    registration_number: str | None = None


@transaction.atomic
def create_organization(*, actor: Actor, new: NewOrganization) -> Organization:
    """An organization without users. Slugs are fixed for ever: a-z, 0-9 and hyphens.

    The operator's own organization alone may be called «operator».
    Refuses: RightMissing, Invalid, SlugTaken.
    """
    actor.require(Right.OPERATE)
    _check(new)
    reserved = new.slug in rules.RESERVED_SLUGS
    operators_own = new.slug == "operator" and new.capabilities == ("operator",)
    taken = Organization.objects.filter(slug=new.slug).exists()
    if taken or (reserved and not operators_own):
        raise SlugTaken(slug=new.slug)
    made = Organization.objects.create(
        slug=new.slug,
        name=new.name.strip(),
        kind=next((KINDS[c] for c in new.capabilities if c in KINDS), new.capabilities[0]),
        country=new.country,
        currency=CURRENCY_OF.get(new.country, "EUR"),
        language=new.language or LANGUAGE_OF.get(new.country, "en"),
        registration_number=new.registration_number,
        capabilities=list(new.capabilities),
        second_factor_required=not settings.DEMO,
    )
    happening = Happening(
        kind="organization.created",
        object_kind="organization",
        object_id=made.public_id,
        organization_id=made.id,
        data={"capabilities": made.capabilities},
    )
    with viewing_as(made.id):
        record(actor, happening)
    return made


def _check(new: NewOrganization) -> None:
    faults = []
    if not rules.SLUG.fullmatch(new.slug) or not 2 <= len(new.slug) <= 63:
        sentence = _("Use 2 to 63 small letters, digits and hyphens, for example «north-clinic».")
        faults.append(FieldError("slug", "invalid", sentence))
    if not 1 <= len(new.name.strip()) <= 200:
        faults.append(FieldError("name", "invalid", _("Write the organisation's name.")))
    if new.country not in COUNTRIES:
        sentence = _("The country is one of %(countries)s.")
        faults.append(
            FieldError("country", "invalid", sentence % {"countries": ", ".join(COUNTRIES)})
        )
    unknown = [c for c in new.capabilities if c not in rules.CAPABILITIES]
    if unknown or not new.capabilities:
        sentence = _("A capability is one of %(names)s.")
        names = ", ".join(rules.CAPABILITIES)
        faults.append(FieldError("capability", "invalid", sentence % {"names": names}))
    if new.language and new.language not in dict(LANGUAGES):
        faults.append(FieldError("language", "invalid", _("Choose one of the languages.")))
    if faults:
        raise Invalid(*faults)
