"""A partner asks the clinic why it cannot book something: an item in the clinic's inbox."""

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction

from samtime.accounts.actor import Actor, system_actor
from samtime.accounts.rights import Right
from samtime.bookings.queries.why import Answer
from samtime.channels.models import Channel
from samtime.foundation.errors import NotFound
from samtime.foundation.tenancy import viewing_as
from samtime.inbox.commands import raise_item
from samtime.inbox.models import InboxItem
from samtime.journal.commands import Happening, record


@transaction.atomic
def ask_clinic(
    *, actor: Actor, channel: Channel, answer: Answer, where: dict[str, str], subject: UUID
) -> InboxItem:
    """Put the question into the clinic's inbox; asked again while open it stays one item.

    `where` are the public ids of the question, for the clinic's own explanation; `subject` is the
    offering or service asked about. Refuses: RightMissing, NotFound (not this actor's channel).
    """
    actor.require_any(Right.BOOK_AT_PARTNER, Right.SEE_PARTNERS)
    if channel.outsider_id != actor.organization_id:
        raise NotFound()
    with viewing_as(channel.provider_id):
        item = raise_item(
            replace(system_actor(channel.provider_id), request_id=actor.request_id),
            kind="booking_question",
            object_kind="offering",
            object_id=subject,
            facts={
                "name": channel.name,
                "service": answer.service,
                "place": answer.place,
                "reasons": [reason.code for reason in answer.reasons],
            },
            link=f"why/?{urlencode(where)}",
        )
    happening = Happening(
        kind="channel.asked",
        object_kind="channel",
        object_id=channel.public_id,
        organization_id=channel.provider_id,
        other_id=channel.outsider_id,
        channel_id=channel.id,
        data={"offering": str(subject)},
    )
    record(actor, happening)
    return item
