"""Whose data an answer with bookings shows, and which channel allowed it (invariant 15)."""

from collections.abc import Iterable
from typing import Protocol

from samtime.accounts.actor import Actor
from samtime.journal.commands import Access


class Seen(Protocol):
    """A booking, or what stands for one on a page."""

    @property
    def provider_id(self) -> int: ...
    @property
    def channel_id(self) -> int: ...
    @property
    def patient_id(self) -> int: ...


def accesses(actor: Actor, shown: Iterable[Seen], action: str, purpose: str) -> list[Access]:
    """One entry for each provider, and for each channel where the reader is not the provider."""
    groups: dict[tuple[int, int | None], set[int]] = {}
    for booking in shown:
        own = booking.provider_id == actor.organization_id
        key = (booking.provider_id, None if own else booking.channel_id)
        groups.setdefault(key, set()).add(booking.patient_id)
    return [
        Access(provider, tuple(sorted(patients)), action, purpose, channel)
        for (provider, channel), patients in groups.items()
    ]
