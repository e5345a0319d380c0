"""On how many outside channels a service is open: what nobody outside may book yet shows here."""

from datetime import date
from uuid import UUID

from django.db import connection

from samtime.accounts.actor import Actor

OPEN_COUNTS = """
SELECT s.public_id, count(DISTINCT t.channel_id)
FROM catalog_service s JOIN (
  SELECT DISTINCT ON (x.channel_id, x.location_id, x.service_id, x.offering_id)
    x.channel_id, x.service_id, x.open
  FROM channels_listing x JOIN channels_channel ch ON ch.id = x.channel_id
  WHERE x.provider_id = %(me)s AND ch.kind <> 'own_desk' AND ch.state = 'open'
    AND x.from_on <= %(day)s
  ORDER BY x.channel_id, x.location_id, x.service_id, x.offering_id, x.from_on DESC) t
  ON t.service_id = s.id AND t.open
WHERE s.provider_id = %(me)s GROUP BY s.public_id
"""


def open_channel_counts(actor: Actor, day: date) -> dict[UUID, int]:
    """Per service of the provider: outside channels on which it is open somewhere. One query."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_COUNTS, {"me": actor.organization_id, "day": day})
        return dict(cursor.fetchall())
