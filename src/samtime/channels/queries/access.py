"""What a channel's terms let an outsider see of the provider's patients (P18 to P20)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.queries import ChannelAmbiguous, ChannelInactive
from samtime.foundation.errors import NotFound


@dataclass(frozen=True, slots=True)
class PatientAccess:
    """Level «none», «confirm» or «search» of one channel on one day, by internal ids."""

    channel_id: int
    provider_id: int
    level: str


SQL = """
SELECT ch.id, ch.provider_id, ch.state, (SELECT t.patient_access FROM channels_channelterms t
    WHERE t.channel_id = ch.id AND t.from_on <= %(on)s ORDER BY t.from_on DESC LIMIT 1)
FROM channels_channel ch JOIN organizations_organization o ON o.id = ch.provider_id
WHERE ch.outsider_id = %(me)s AND (%(channel)s::uuid IS NULL OR ch.public_id = %(channel)s)
  AND (%(provider)s::uuid IS NULL OR o.public_id = %(provider)s)
"""


def patient_access(
    actor: Actor, *, on: date, channel: UUID | None = None, provider: UUID | None = None
) -> PatientAccess:
    """The level on the one channel that is meant. One query.

    Refuses: RightMissing, NotFound, ChannelInactive, ChannelAmbiguous (D15).
    """
    actor.require(Right.BOOK_AT_PARTNER)
    values: dict[str, Any] = {
        "me": actor.organization_id,
        "on": on,
        "channel": channel,
        "provider": provider,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL, values)
        rows = cursor.fetchall()
    if not rows:
        raise NotFound(field="channel" if channel else "provider")
    opened = [row for row in rows if row[2] == "open"]
    if not opened:
        raise ChannelInactive()
    if len(opened) > 1:
        raise ChannelAmbiguous()
    return PatientAccess(opened[0][0], opened[0][1], opened[0][3] or "none")
