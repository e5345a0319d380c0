"""On how many outside channels a service is open: what nobody outside may book yet shows here."""

from datetime import date
from uuid import UUID

from django.db import connection

from samtime.accounts.actor import Actor
from samtime.catalog.models import Service

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


OUTSIDERS = """
SELECT DISTINCT org.id, org.name FROM (
  SELECT DISTINCT ON (x.channel_id, x.location_id, x.offering_id) ch.outsider_id, x.open
  FROM channels_listing x JOIN channels_channel ch ON ch.id = x.channel_id
  WHERE x.provider_id = %(me)s AND x.service_id = %(service)s AND ch.outsider_id IS NOT NULL
    AND ch.state = 'open'
  ORDER BY x.channel_id, x.location_id, x.offering_id, x.from_on DESC) t
  JOIN organizations_organization org ON org.id = t.outsider_id
WHERE t.open ORDER BY org.name
"""


def outsiders_with(actor: Actor, service: Service) -> list[tuple[int, str]]:
    """Organizations that may book a service of the provider somewhere: internal id and name."""
    with connection.cursor() as cursor:
        cursor.execute(OUTSIDERS, {"me": actor.organization_id, "service": service.id})
        return list(cursor.fetchall())


def open_channel_counts(actor: Actor, day: date) -> dict[UUID, int]:
    """Per service of the provider: outside channels on which it is open somewhere. One query."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_COUNTS, {"me": actor.organization_id, "day": day})
        return dict(cursor.fetchall())
