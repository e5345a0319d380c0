"""What a channel is called on screen: the own desk in the reader's language, others by name."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.channels.models import Channel
from samtime.organizations.models import Organization


def channel_name(kind: str, name: str) -> str:
    """The name to show. The stored name of an own desk is a code word, nobody typed it."""
    return _("Own desk") if kind == "own_desk" else name


def names_of_channels(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    """Names of the actor's own channels by internal id: which agreement allowed something."""
    rows = Channel.objects.filter(provider_id=actor.organization_id, id__in=set(ids))
    return {i: channel_name(kind, name) for i, kind, name in rows.values_list("id", "kind", "name")}


def outsiders(actor: Actor) -> list[tuple[int, str, str]]:
    """Organizations that have or had a channel into the actor's house: id, public id, name."""
    rows = Channel.objects.filter(provider_id=actor.organization_id).exclude(outsider=None)
    found = rows.values_list("outsider_id", "outsider__public_id", "outsider__name").distinct()
    own = Organization.objects.filter(id=actor.organization_id)
    all_ = [*own.values_list("id", "public_id", "name"), *found.order_by("outsider__name")]
    return [(ident, str(public), name) for ident, public, name in all_]
