"""An agreement that lives: its card, dated terms and places changed; paused, resumed, ended."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.commands import (
    TermsValues,
    rename_channel,
    resume_channel,
    set_channel_locations,
    set_terms,
    suspend_channel,
)
from samtime.channels.models import Channel, ChannelTerms
from samtime.foundation.errors import FieldError, Invalid, VersionConflict
from samtime.organizations.queries import organization_of
from samtime.partners.commands.checks import Card, Terms, check_card, check_terms, refuse
from samtime.partners.commands.inviting import (
    NotPossibleInState,
    move,
    note,
    put_card,
    today_of,
)
from samtime.partners.models import Partnership
from samtime.partners.queries import partnership_for_change
from samtime.partners.rules import LIVE, carried_over, stored_number


@dataclass(frozen=True, slots=True)
class TermsChange:
    """New terms for appointments from a day on; None = today. Places count at once.

    `version`: of the partnership as it was read; None = whatever it is by now.
    """

    terms: Terms
    from_on: date | None = None
    version: int | None = None


@transaction.atomic
def change_terms(*, actor: Actor, partnership_id: UUID, change: TermsChange) -> Partnership:
    """New dated terms; what was booked or settled keeps the old ones (P27, P29, D9).

    Refuses: RightMissing, NotFound, Invalid (also a day that has passed), NotPossibleInState,
    VersionConflict (somebody was faster).
    """
    actor.require(Right.EDIT_TERMS)
    partnership = partnership_for_change(actor, partnership_id)
    if change.version is not None and change.version != partnership.version:
        raise VersionConflict()
    if partnership.state not in (*LIVE, "draft"):
        raise NotPossibleInState()
    today = today_of(actor)
    from_on = change.from_on or today
    agreed, faults = check_terms(actor, organization_of(actor), change.terms)
    if from_on < today:
        faults.append(FieldError("from", "past_date", _("Choose today or a later day.")))
    refuse(faults)
    channel = partnership.channel
    before = channel.terms.filter(from_on__lte=from_on).order_by("-from_on").first()
    places = sorted(channel.locations.values_list("id", flat=True))
    set_channel_locations(actor=actor, channel=channel, location_ids=agreed.location_ids)
    after = asdict(agreed.values)
    old = _values(before, after) if before else {}
    set_terms(actor=actor, channel=channel, terms=agreed.values, from_on=from_on)
    if old:
        _carry_over(actor, channel, old, after, from_on)
    partnership.version += 1
    partnership.save(update_fields=["version"])
    changed = {name: [old.get(name), value] for name, value in after.items()}
    differing = {name: pair for name, pair in changed.items() if pair[0] != pair[1]}
    note(
        actor,
        partnership,
        "partnership.terms_changed",
        **{
            "from": from_on.isoformat(),
            "changed": differing,
            "locations": len(agreed.location_ids),
            "places": [places, sorted(agreed.location_ids)],
        },
    )
    return partnership


def _values(row: ChannelTerms, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _carry_over(
    actor: Actor, channel: Channel, old: dict[str, Any], new: dict[str, Any], from_on: date
) -> None:
    """What was planned for later days and only repeats the old values follows the change."""
    later = list(channel.terms.filter(from_on__gt=from_on).order_by("from_on"))
    before = [_values(row, new) for row in later]
    for row, was, values in zip(later, before, carried_over(old, new, before), strict=True):
        if was != values:
            terms = TermsValues(**values)
            set_terms(actor=actor, channel=channel, terms=terms, from_on=row.from_on)


@transaction.atomic
def change_partner(
    *, actor: Actor, partnership_id: UUID, card: Card, version: int | None = None
) -> Partnership:
    """The inviter's own card (P27). The number that names the company stays what it is.

    Refuses: RightMissing, NotFound, VersionConflict (somebody was faster), Invalid.
    """
    actor.require(Right.INVITE_PARTNER)
    partnership = partnership_for_change(actor, partnership_id)
    if version is not None and version != partnership.version:
        raise VersionConflict()
    faults = check_card(card)
    same = (partnership.country, partnership.registration_number)
    typed = (card.country, stored_number(card.country, card.registration_number))
    if not faults and same != typed and partnership.state != "draft":
        sentence = _("The number names the company and stays. Invite another company instead.")
        faults.append(FieldError("company.registration_number", "fixed", sentence))
    if faults:
        raise Invalid(*faults)
    before = _card_now(partnership)
    put_card(partnership, card)
    partnership.country, partnership.registration_number = typed
    partnership.version += 1
    partnership.save()
    rename_channel(actor=actor, channel=partnership.channel, name=card.company_name)
    changed = _changed(before, _card_now(partnership))
    note(actor, partnership, "partnership.card_changed", **changed)
    return partnership


COMPANY = (
    "company_name",
    "kind",
    "registration_number",
    "tax_number",
    "street",
    "postal_code",
    "city",
)
PERSON = ("representative_name", "representative_email", "representative_phone")


def _card_now(partnership: Partnership) -> dict[str, str]:
    return {name: str(getattr(partnership, name)) for name in (*COMPANY, *PERSON)}


def _changed(before: dict[str, str], after: dict[str, str]) -> dict[str, object]:
    """Old and new values of the company; of a person only which fields, for the journal keeps
    for ever and holds no persons' data."""
    differing = [name for name in after if before[name] != after[name]]
    return {
        "changed": {name: [before[name], after[name]] for name in differing if name in COMPANY},
        "person": [name for name in differing if name in PERSON],
    }


@transaction.atomic
def suspend_partnership(*, actor: Actor, partnership_id: UUID) -> Partnership:
    """A pause: no new bookings, everything else stays. Refuses: NotFound, NotPossibleInState."""
    actor.require(Right.INVITE_PARTNER)
    partnership = partnership_for_change(actor, partnership_id)
    if partnership.state != "active":
        raise NotPossibleInState()
    move(partnership, "suspended")
    suspend_channel(actor=actor, channel=partnership.channel)
    note(actor, partnership, "partnership.suspended")
    return partnership


@transaction.atomic
def resume_partnership(*, actor: Actor, partnership_id: UUID) -> Partnership:
    """The pause is over. Refuses: NotFound, NotPossibleInState."""
    actor.require(Right.INVITE_PARTNER)
    partnership = partnership_for_change(actor, partnership_id)
    if partnership.state != "suspended":
        raise NotPossibleInState()
    move(partnership, "active")
    resume_channel(actor=actor, channel=partnership.channel)
    note(actor, partnership, "partnership.resumed")
    return partnership
