"""A channel made, opened, suspended, closed; its places and its dated terms.

The relationship above (a partnership) calls these; on its own a channel has only the own desk.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.models import (
    Channel,
    ChannelLocation,
    ChannelTerms,
    Listing,
    ListingPrice,
)
from samtime.foundation.tenancy import viewing_as


@dataclass(frozen=True, slots=True)
class TermsValues:
    """What is agreed. Rate in hundredths of a percent (1250 = 12.5 %), amount in minor units.

    `commission_amount` is paid per booking. One rate for the whole channel (P31).
    """

    payment_place: str = "institution"
    patient_access: str = "none"
    statistics: bool = True
    commission_kind: str = "none"
    commission_rate: int = 0
    commission_amount: int = 0


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel to prepare; `outsider_id` None while the company is not known here."""

    kind: str
    name: str
    outsider_id: int | None
    location_ids: frozenset[int]


@transaction.atomic
def ensure_own_desk(organization_id: int) -> Channel:
    """The provider's own desk: made once, open for everything that no row closes."""
    with viewing_as(organization_id):
        channel, _made = Channel.objects.get_or_create(
            provider_id=organization_id,
            kind="own_desk",
            defaults={"name": "Own desk", "state": "open", "opened_at": timezone.now()},
        )
    return channel


@transaction.atomic
def prepare_channel(*, actor: Actor, new: NewChannel, terms: TermsValues, from_on: date) -> Channel:
    """A channel that nobody may use yet, with its places and first terms."""
    actor.require(Right.INVITE_PARTNER)
    channel = Channel.objects.create(
        provider_id=actor.organization_id,
        outsider_id=new.outsider_id,
        kind=new.kind,
        name=new.name,
    )
    _put_locations(channel, new.location_ids)
    _put_terms(channel, terms, from_on)
    return channel


@transaction.atomic
def set_terms(*, actor: Actor, channel: Channel, terms: TermsValues, from_on: date) -> ChannelTerms:
    """Terms for appointments from this day on (D9); a row of the same day is replaced."""
    actor.require(Right.EDIT_TERMS)
    return _put_terms(channel, terms, from_on)


@transaction.atomic
def set_channel_locations(
    *, actor: Actor, channel: Channel, location_ids: Collection[int]
) -> Channel:
    """The places of the agreement: the upper bound of the ticks (invariant 11), at once."""
    actor.require_any(Right.EDIT_TERMS, Right.INVITE_PARTNER)
    _put_locations(channel, location_ids)
    return channel


@transaction.atomic
def open_channel(*, actor: Actor, channel: Channel, outsider_id: int) -> Channel:
    """The outsider accepted: the channel becomes its own, a column of the matrix, and open."""
    actor.require(Right.ACCEPT_TERMS)
    with viewing_as(channel.provider_id):
        hand_channel_to(channel=channel, outsider_id=outsider_id)
        channel.state = "open"
        channel.opened_at = timezone.now()
        channel.closes_on = None
        channel.save(update_fields=["state", "opened_at", "closes_on"])
    return channel


def hand_channel_to(*, channel: Channel, outsider_id: int) -> Channel:
    """Channel and dated rows name their outsider from now on; part of commands with the right."""
    channel.outsider_id = outsider_id
    channel.save(update_fields=["outsider"])
    for dated in (ChannelTerms, Listing, ListingPrice):
        dated.objects.filter(channel=channel).update(outsider_id=outsider_id)
    return channel


@transaction.atomic
def suspend_channel(*, actor: Actor, channel: Channel) -> Channel:
    """No new bookings until it is resumed."""
    actor.require(Right.INVITE_PARTNER)
    return _put_state(channel, "suspended")


@transaction.atomic
def resume_channel(*, actor: Actor, channel: Channel) -> Channel:
    """Open again, with the same ticks and place in the matrix."""
    actor.require(Right.INVITE_PARTNER)
    return _put_state(channel, "open")


@transaction.atomic
def close_channel(*, actor: Actor, channel: Channel) -> Channel:
    """Nothing can be booked from this moment on (P9); bookings made stay what they are."""
    actor.require(Right.INVITE_PARTNER)
    return _put_state(channel, "closed")


@transaction.atomic
def rename_channel(*, actor: Actor, channel: Channel, name: str) -> Channel:
    """What heads its column."""
    actor.require(Right.INVITE_PARTNER)
    channel.name = name
    channel.save(update_fields=["name"])
    return channel


@transaction.atomic
def pause_outside_channels(*, actor: Actor, now: datetime) -> list[Channel]:
    """The actor's organization may book nowhere new for now; which channels that pauses."""
    actor.require(Right.ACCEPT_TERMS)
    rows = Channel.objects.filter(
        outsider_id=actor.organization_id, kind="partner", paused_at__isnull=True
    ).exclude(state="closed")
    found = list(rows.select_for_update(of=("self",)).order_by("id"))
    for channel in found:
        channel.paused_at = now
        channel.save(update_fields=["paused_at"])
    return found


@transaction.atomic
def release_outside_channels(*, actor: Actor) -> list[Channel]:
    """The reason of the pause is gone: everything is as it was; which channels go on."""
    actor.require(Right.ACCEPT_TERMS)
    rows = Channel.objects.filter(outsider_id=actor.organization_id, paused_at__isnull=False)
    found = list(rows.select_for_update(of=("self",)).order_by("id"))
    for channel in found:
        channel.paused_at = None
        channel.save(update_fields=["paused_at"])
    return found


def _put_state(channel: Channel, state: str) -> Channel:
    channel.state = state
    channel.save(update_fields=["state"])
    return channel


def _put_locations(channel: Channel, location_ids: Collection[int]) -> None:
    rows = ChannelLocation.objects.filter(channel=channel)
    rows.exclude(location_id__in=location_ids).delete()
    known = set(rows.values_list("location_id", flat=True))
    ChannelLocation.objects.bulk_create(
        ChannelLocation(channel=channel, location_id=place)
        for place in sorted(set(location_ids) - known)
    )


def _put_terms(channel: Channel, terms: TermsValues, from_on: date) -> ChannelTerms:
    currency = channel.provider.currency
    row, _made = ChannelTerms.objects.update_or_create(
        channel=channel,
        from_on=from_on,
        defaults={
            **asdict(terms),
            "provider_id": channel.provider_id,
            "outsider_id": channel.outsider_id,
            "currency": currency,
        },
    )
    return row
