"""A free start as people see it: whose, where, of what service, at which price on that day."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import isinf
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from samtime.bookings.queries.groups import Hit
from samtime.channels.queries import PRICE, PRICED
from samtime.foundation.prepared import fetch


class Slot(NamedTuple):
    """A free start. Price gross in minor units; instants in UTC."""

    offering: UUID
    offering_id: int
    provider: UUID
    provider_name: str
    location: UUID
    location_name: str
    zone: str
    practitioner: UUID
    practitioner_name: str
    service: UUID
    service_name: str
    start: datetime
    end: datetime
    price: int
    currency: str
    payment_place: str
    distance_km: float | None = None
    mask_id: int = 0
    service_names: Mapping[str, str] = MappingProxyType({})

    def service_in(self, language: str) -> str:
        """The service's name in a language, else the provider's own."""
        return self.service_names.get(language) or self.service_name


DESCRIBE = f"""
SELECT h.nr - 1, o.id, o.public_id, org.public_id, org.name, l.public_id, l.name, l.time_zone,
  p.public_id, trim(concat(p.title, ' ', p.given_name, ' ', p.family_name)), s.public_id, s.name,
  nullif(s.names, '{{}}')::text, org.currency, {PRICE}, ch.kind,
  (SELECT t.payment_place FROM channels_channelterms t
    WHERE t.channel_id = ch.id AND t.from_on <= h.day ORDER BY t.from_on DESC LIMIT 1)
FROM (SELECT u.*, DATE '1970-01-01' + u.days::int AS day
    FROM unnest(%(offerings)s::bigint[], %(channels)s::bigint[], %(days)s::bigint[],
      %(locations)s::bigint[], %(services)s::bigint[], %(practitioners)s::bigint[],
      %(providers)s::bigint[]) WITH ORDINALITY
      AS u(offering, channel, days, location, service, practitioner, provider, nr)) h
  JOIN calendars_offering o ON o.id = h.offering
  JOIN organizations_practitioner p ON p.id = h.practitioner
  JOIN organizations_location l ON l.id = h.location
  JOIN catalog_service s ON s.id = h.service
  JOIN organizations_organization org ON org.id = h.provider
  JOIN channels_channel ch ON ch.id = h.channel
{PRICED}
""".replace("{day}", "h.day")


EPOCH = date(1970, 1, 1).toordinal()
# Numbers of the offering, channel, day since the epoch, location, service, practitioner, provider.
Key = tuple[int, int, int, int, int, int, int]
ARRAYS = (
    "offerings", "channels", "days", "locations", "services", "practitioners", "providers",
)  # fmt: skip


def described(hits: list[Hit]) -> list[Slot]:
    """Names, ids and the price of each hit's local day: one query for all of them.

    What has no price at all is not for outsiders and is left out.
    """
    if not hits:
        return []
    keys = [_key(hit) for hit in hits]
    known = _names(list(dict.fromkeys(keys)))
    return [_slot(h, known[key]) for h, key in zip(hits, keys, strict=True) if key in known]


def _key(hit: Hit) -> Key:
    offer = hit.offer
    day = datetime.fromtimestamp(hit.minute * 60, ZoneInfo(offer.zone)).toordinal() - EPOCH
    whose = offer.location, offer.service, offer.practitioner, offer.provider
    return (offer.id, offer.channel, day, *whose)


def _names(keys: list[Key]) -> dict[Key, tuple[Any, ...]]:
    values = dict(zip(ARRAYS, np.array(keys, np.int64).T, strict=True))
    rows = fetch(DESCRIBE, values)
    return {keys[r[0]]: r for r in rows if r[14] is not None or r[15] == "own_desk"}


def _slot(hit: Hit, row: tuple[Any, ...]) -> Slot:
    start, offer = datetime.fromtimestamp(hit.minute * 60, UTC), hit.offer
    return Slot(
        offering=row[2],
        offering_id=row[1],
        provider=row[3],
        provider_name=row[4],
        location=row[5],
        location_name=row[6],
        zone=row[7],
        practitioner=row[8],
        practitioner_name=row[9],
        service=row[10],
        service_name=row[11],
        start=start,
        end=start + timedelta(minutes=offer.duration),
        price=row[14] or 0,
        currency=row[13],
        payment_place=row[16] or "institution",
        distance_km=_known(offer.distance),
        mask_id=offer.mask,
        service_names=_translations(row[12]) if row[12] else {},
    )


def _known(kilometres: float | None) -> float | None:
    """A place without coordinates is infinitely far on the page and shows no distance."""
    return None if kilometres is None or isinf(kilometres) else kilometres


@lru_cache(maxsize=4096)
def _translations(text: str) -> dict[str, str]:
    """The same few services come again and again. Nobody changes what this answers."""
    names: dict[str, str] = json.loads(text)
    return names
