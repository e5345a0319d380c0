"""An agent's secret address for his own calendar program: when and where he booked, never whom."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samtime.accounts import tokens
from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import AgentFeed
from samtime.bookings.queries.agent_feed import AGENT_FEED, agent_feeds
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.secrets import derived_secret
from samtime.journal.commands import Happening, record

MOST = 5
MAY = (Right.BOOK_AT_PARTNER, Right.CHANGE_BOOKING)


class TooManyAddresses(Refusal):
    """Five for one person."""

    code = "too_many_feeds"
    status = 409
    sentence = _("There are five addresses already. Revoke one first.")


@transaction.atomic
def make_agent_feed(*, actor: Actor, key: str = "") -> tuple[AgentFeed, str]:
    """A new secret address of what this person books; the secret is told this once.

    `key`: of the form that asks: sent twice it gives one address and the same secret.
    Refuses: RightMissing, NotFound (nobody signed in), TooManyAddresses.
    """
    actor.require_any(*MAY)
    if actor.user_id is None:
        raise NotFound()
    secret = ""
    if key:
        secret = derived_secret(f"{AGENT_FEED}/{actor.organization_id}/{actor.user_id}/{key}")
        known = tokens.find_token(AGENT_FEED, secret)
        if known is not None:
            made = agent_feeds(actor).filter(public_id=known.object_id).first()
            if made is not None:
                return made, secret
            secret = ""
    if agent_feeds(actor).count() >= MOST:
        raise TooManyAddresses()
    feed = AgentFeed.objects.create(organization_id=actor.organization_id, user_id=actor.user_id)
    secret = tokens.make_token(
        kind=AGENT_FEED,
        organization_id=actor.organization_id,
        object_id=feed.public_id,
        email="",
        lifetime=None,
        secret=secret,
    )
    _note(actor, feed, "agent_feed.made")
    return feed, secret


@transaction.atomic
def revoke_agent_feed(*, actor: Actor, feed_id: UUID, now: datetime) -> AgentFeed:
    """The address is dead at the next question. Refuses: RightMissing, NotFound."""
    actor.require_any(*MAY)
    feed: AgentFeed | None = (
        agent_feeds(actor).filter(public_id=feed_id).select_for_update(of=("self",)).first()
    )
    if feed is None:
        raise NotFound()
    tokens.revoke(AGENT_FEED, [feed.public_id])
    feed.revoked_at = now
    feed.save(update_fields=["revoked_at"])
    _note(actor, feed, "agent_feed.revoked")
    return feed


def _note(actor: Actor, feed: AgentFeed, kind: str) -> None:
    happening = Happening(
        kind=kind,
        object_kind="agent_feed",
        object_id=feed.public_id,
        organization_id=actor.organization_id,
    )
    record(actor, happening)
