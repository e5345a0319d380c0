"""On which terms may this actor book? The one place that answers, for one time and for searches.

D8: the offering's listing wins, else the service's, no row is closed; own desk is open unless a row
closes it. D9: every date is the appointment's date in the location's zone. Price: the listing's,
else the offering's, else the service's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.models import Channel
from samtime.foundation.errors import NotFound, Refusal
from samtime.foundation.prepared import fetch


class NotListed(Refusal):
    """The service is not open on the actor's channel at that place and day."""

    code = "not_listed"
    status = 409
    sentence = _("This examination is not open to you at this place on that day.")


class ChannelInactive(Refusal):
    """The relationship is suspended, ended or not yet accepted."""

    code = "channel_inactive"
    status = 409
    sentence = _("The cooperation with this institution is not active.")


class TermsOverdue(Refusal):
    """The outsider has not accepted the general terms in time: its channels pause (P24)."""

    code = "terms_not_accepted"
    status = 409
    sentence = _(
        "Booking is paused: your company has not accepted the new general terms in time. "
        "Somebody who may sign for it can accept them now, and booking goes on at once."
    )


class ChannelAmbiguous(Refusal):
    """Several channels are open; the caller must say which (D15)."""

    code = "channel_ambiguous"
    status = 422
    field = "channel"
    sentence = _("You may book here through several channels. Say which one.")


LISTED = """
  LEFT JOIN LATERAL (
    SELECT x.open FROM channels_listing x
    WHERE x.channel_id = ch.id AND x.location_id = l.id AND x.service_id = s.id
      AND (x.offering_id = o.id OR x.offering_id IS NULL) AND x.from_on <= {day}
    ORDER BY (x.offering_id IS NULL), x.from_on DESC LIMIT 1) tick ON true
"""
PRICED = """
  LEFT JOIN LATERAL (
    SELECT x.amount, x.currency FROM channels_listingprice x
    WHERE x.channel_id = ch.id AND x.location_id = l.id AND x.service_id = s.id
      AND (x.offering_id = o.id OR x.offering_id IS NULL) AND x.from_on <= {day}
    ORDER BY (x.offering_id IS NULL), x.from_on DESC LIMIT 1) lp ON true
  LEFT JOIN LATERAL (
    SELECT x.amount, x.currency FROM calendars_offeringprice x
    WHERE x.offering_id = o.id AND x.from_on <= {day} ORDER BY x.from_on DESC LIMIT 1) op ON true
  LEFT JOIN LATERAL (
    SELECT x.amount, x.currency, x.vat_rate, x.vat_category FROM catalog_serviceprice x
    WHERE x.service_id = s.id AND x.from_on <= {day} ORDER BY x.from_on DESC LIMIT 1) sp ON true
"""
PRICE = "coalesce(lp.amount, op.amount, sp.amount)"
ALIVE = """o.ended_on IS NULL AND s.ended_on IS NULL
  AND c.ended_on IS NULL AND l.ended_on IS NULL"""


@dataclass(frozen=True, slots=True)
class BookingTerms:
    """Everything a booking freezes, judged for one offering, channel and day.

    Money in minor units of `currency`, gross; rates in hundredths of a percent.
    """

    offering_id: int
    offering_public_id: UUID
    calendar_id: int
    mask_id: int
    practitioner_resource_id: int
    practitioner_id: int
    service_id: int
    location_id: int
    location_public_id: UUID
    zone: str
    provider_id: int
    billing_organization_id: int
    duration: int
    before: int
    after: int
    step: int
    lead_minutes: int
    horizon_days: int
    cancel_limit_minutes: int
    channel_id: int
    channel_public_id: UUID
    channel_kind: str
    outsider_id: int | None
    price: int
    currency: str
    vat_rate: int
    vat_category: str
    terms_id: int | None
    payment_place: str
    patient_access: str
    commission_kind: str
    commission_rate: int
    commission_amount: int
    calendars: list[int]
    rooms: str | None

    @property
    def room_groups(self) -> list[list[int]]:
        """The groups of which the service needs one room or device each (D20)."""
        each = self.rooms.split(";") if self.rooms else []
        return [[int(room) for room in group.split(",")] for group in each]


def length_sql(column: str) -> str:
    """A service's duration or buffer on `{day}`; rows are looked at only where some are dated."""
    return (
        "CASE WHEN s.lengths_dated THEN (SELECT z." + column + " FROM catalog_servicelength z"
        " WHERE z.service_id = s.id AND z.from_on <= {day} ORDER BY z.from_on DESC LIMIT 1)"
        " ELSE s." + column + " END"
    )


# The offering's own duration on `{day}`, else the service's.
OWN_DURATION = (
    "CASE WHEN o.lengths_dated THEN (SELECT w.duration_minutes FROM calendars_offeringlength w"
    " WHERE w.offering_id = o.id AND w.from_on <= {day} ORDER BY w.from_on DESC LIMIT 1)"
    " ELSE o.duration_minutes END"
)
DURATION = f"coalesce({OWN_DURATION}, {length_sql('duration_minutes')})"
BUFFER_BEFORE, BUFFER_AFTER = (length_sql(f"buffer_{side}_minutes") for side in ("before", "after"))
ONE = f"""
SELECT o.id, o.public_id, c.id, c.mask_id, c.practitioner_resource_id, pr.practitioner_id, s.id,
  l.id, l.public_id, l.time_zone, o.provider_id, pr.billing_organization_id,
  {DURATION}, {BUFFER_BEFORE}, {BUFFER_AFTER},
  c.step_minutes, s.lead_minutes, s.horizon_days, s.cancel_limit_minutes,
  ch.id, ch.public_id, ch.kind, ch.outsider_id, {PRICE},
  coalesce(lp.currency, op.currency, sp.currency, org.currency),
  coalesce(sp.vat_rate, 0), coalesce(sp.vat_category, 'E'),
  t.id, coalesce(t.payment_place, 'institution'), coalesce(t.patient_access, 'none'),
  coalesce(t.commission_kind, 'none'), coalesce(t.commission_rate, 0),
  coalesce(t.commission_amount, 0),
  CASE WHEN ch.state = 'open' AND ch.paused_at IS NOT NULL THEN 'paused' ELSE ch.state END,
  tick.open, cl.id IS NOT NULL, {ALIVE},
  (SELECT array_agg(own.mask_id) FROM calendars_calendar own
    WHERE own.practitioner_resource_id = c.practitioner_resource_id),
  (SELECT string_agg(one.rooms, ';') FROM (
    SELECT string_agg(m.resource_id::text, ',' ORDER BY m.resource_id) AS rooms
    FROM calendars_resourceneed n
      JOIN calendars_resourcegroup_members m ON m.resourcegroup_id = n.group_id
      JOIN calendars_resource r ON r.id = m.resource_id AND r.ended_on IS NULL
    WHERE n.service_id = s.id AND n.location_id = l.id GROUP BY n.group_id) one)
FROM calendars_offering o
  JOIN calendars_calendar c ON c.id = o.calendar_id
  JOIN organizations_practitionerrole pr ON pr.id = c.role_id
  JOIN catalog_service s ON s.id = o.service_id
  JOIN organizations_location l ON l.id = c.location_id
  JOIN organizations_organization org ON org.id = o.provider_id
  JOIN channels_channel ch ON ch.provider_id = o.provider_id
  LEFT JOIN channels_channellocation cl ON cl.channel_id = ch.id AND cl.location_id = l.id
  CROSS JOIN LATERAL (SELECT (%(at)s::timestamptz AT TIME ZONE l.time_zone)::date AS day) d
  LEFT JOIN LATERAL (
    SELECT x.* FROM channels_channelterms x WHERE x.channel_id = ch.id AND x.from_on <= d.day
    ORDER BY x.from_on DESC LIMIT 1) t ON true
{LISTED}{PRICED}
WHERE {{by}} AND {{whose}}
""".replace("{day}", "d.day")


def terms_for(
    actor: Actor,
    *,
    at: datetime,
    offering_id: UUID | None = None,
    internal_id: int | None = None,
    channel: UUID | None = None,
    moving: bool = False,
) -> BookingTerms:
    """The terms on which the actor may book this offering at this instant. One query.

    `moving`: the provider moves a booking that came through `channel`; what was agreed holds,
    whatever has become of the relationship or its ticks since.
    Refuses: NotFound (no such offering for this actor), ChannelInactive, TermsOverdue, NotListed,
    ChannelAmbiguous, RightMissing.
    """
    rows = _rows(actor, at, offering_id, internal_id, moving=moving)
    if channel is not None:
        rows = [r for r in rows if r[20] == channel]
    if not rows:
        raise NotFound()
    if moving:
        return _terms(_alive(rows[0]))
    own = [r for r in rows if r[21] == "own_desk"]
    actor.require(Right.BOOK if own else Right.BOOK_AT_PARTNER)
    candidates = own or [r for r in rows if r[33] == "open"]
    if not candidates:
        raise TermsOverdue() if any(r[33] == "paused" for r in rows) else ChannelInactive()
    listed = [r for r in candidates if _listed(r)]
    if not listed:
        raise NotListed()
    if len(listed) > 1:
        raise ChannelAmbiguous()
    return _terms(listed[0])


def _terms(row: tuple[Any, ...]) -> BookingTerms:
    return BookingTerms(*_known_price(row)[:33], *row[37:39])


def _rows(
    actor: Actor, at: datetime, public: UUID | None, internal: int | None, *, moving: bool = False
) -> list[tuple[Any, ...]]:
    own_desk = "((o.provider_id = %(me)s AND ch.kind = 'own_desk') OR ch.outsider_id = %(me)s)"
    sql = ONE.format(
        by="o.public_id = %(public)s" if public else "o.id = %(internal)s",
        whose="o.provider_id = %(me)s" if moving else own_desk,
    )
    values = {"at": at, "public": public, "internal": internal, "me": actor.organization_id}
    return fetch(sql, values)


def _listed(row: tuple[Any, ...]) -> bool:
    tick, in_agreement, alive = row[34], row[35], row[36]
    if not alive:
        return False
    if row[21] == "own_desk":
        return tick is not False
    return bool(tick) and bool(in_agreement) and row[23] is not None


def _alive(row: tuple[Any, ...]) -> tuple[Any, ...]:
    if not row[36]:
        raise NotListed()
    return row


def _known_price(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row if row[23] is not None else (*row[:23], 0, *row[24:])


ELIGIBLE = f"""
SELECT o.id, c.mask_id, {PRICE} AS price, {DURATION} AS dur,
  {BUFFER_BEFORE} AS bef, {BUFFER_AFTER} AS aft, c.step_minutes AS step,
  s.lead_minutes AS lead, s.horizon_days AS hor, s.id AS service, l.id AS location,
  ch.id AS channel,
  l.time_zone AS zone, {{distance}} AS distance,
  EXISTS (SELECT 1 FROM calendars_resourceneed n WHERE n.service_id = s.id
    AND n.location_id = l.id) AS room
FROM channels_channel ch
  JOIN calendars_calendar c ON c.provider_id = ch.provider_id
  JOIN organizations_location l ON l.id = c.location_id
  JOIN calendars_offering o ON o.calendar_id = c.id
  JOIN catalog_service s ON s.id = o.service_id
  {{more}}
{LISTED}{PRICED}
WHERE {ALIVE} AND {{whose}} AND {{wanted}}
""".replace("{day}", "%(day)s::date")
TICKED = (
    "ch.outsider_id = %(me)s AND ch.state = 'open' AND ch.paused_at IS NULL AND tick.open"
    " AND EXISTS (SELECT 1 FROM channels_channellocation cl"
    " WHERE cl.channel_id = ch.id AND cl.location_id = l.id)"
)
OUTSIDE = f"{TICKED} AND {PRICE} IS NOT NULL"
INSIDE = "ch.provider_id = %(me)s AND ch.kind = 'own_desk' AND tick.open IS DISTINCT FROM false"


def outside_channels(actor: Actor) -> list[Channel]:
    """Open channels on which the actor's organization books at providers, by provider's name."""
    rows = Channel.objects.filter(
        outsider_id=actor.organization_id, state="open", paused_at__isnull=True
    )
    return list(rows.select_related("provider").order_by("provider__name", "id"))


def paused_for(actor: Actor) -> str:
    """Why the actor's organization may book nowhere for now: the sentence, or «». One query."""
    rows = Channel.objects.filter(outsider_id=actor.organization_id, state="open")
    return str(TermsOverdue.sentence) if rows.filter(paused_at__isnull=False).exists() else ""


def own_channels(actor: Actor) -> list[Channel]:
    """The provider's channels in the order of the matrix: own desk, then by acceptance (T3)."""
    rows = Channel.objects.visible_to(actor).filter(provider_id=actor.organization_id)
    found = list(rows.exclude(state="preparing").select_related("outsider"))
    return sorted(found, key=lambda c: (c.kind != "own_desk", c.opened_at or c.id, c.id))
