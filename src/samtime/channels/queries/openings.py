"""SQL of the search: the offerings open to an actor on a local day, ready for the day masks.

Two shapes with one meaning (D8, D9): `NARROW` looks up the ticks of each offering, for searches in
a few calendars; `WIDE` reads all ticks of the organization at once, for searches across hundreds.
Prices are not judged here but for the starts that were found.
"""

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.queries import ALIVE, INSIDE, LISTED, TICKED

OFFERS = f"""
SELECT o.id, c.mask_id, ch.id AS channel, l.id AS location, s.id AS service,
  coalesce(o.duration_minutes, s.duration_minutes)::int AS dur,
  s.buffer_before_minutes::int AS bef, s.buffer_after_minutes::int AS aft,
  c.step_minutes::int AS step, s.lead_minutes::int AS lead, s.horizon_days::int AS hor,
  l.time_zone AS zone, {{distance}} AS distance,
  {{need}} AS room
FROM channels_channel ch
  JOIN calendars_calendar c ON c.provider_id = ch.provider_id
  JOIN {{places}} l ON l.id = c.location_id
  JOIN calendars_offering o ON o.calendar_id = c.id
  JOIN catalog_service s ON s.id = o.service_id
  {{more}}
{{listed}}
WHERE {ALIVE} AND {{whose}} AND {{wanted}}
"""
NARROW = LISTED.replace("{day}", "%(day)s::date")
NEED_NARROW = """EXISTS (SELECT 1 FROM calendars_resourceneed n
  WHERE n.service_id = s.id AND n.location_id = l.id)"""
NEED_WIDE = """(s.id, l.id) IN
  (SELECT n.service_id, n.location_id FROM calendars_resourceneed n)"""
# The newest row of a cell says what counts; its day and its answer in one number.
NEWEST = "max((x.from_on - DATE '1900-01-01') * 2 + x.open::int) %% 2 = 1 AS open"
WIDE = f"""
  LEFT JOIN (SELECT x.channel_id, x.location_id, x.service_id, {NEWEST}
    FROM channels_listing x
    WHERE {{mine}} AND x.offering_id IS NULL AND x.from_on <= %(day)s::date
    GROUP BY x.channel_id, x.location_id, x.service_id) broad
    ON broad.channel_id = ch.id AND broad.location_id = l.id AND broad.service_id = s.id
  LEFT JOIN (SELECT x.channel_id, x.location_id, x.service_id, x.offering_id, {NEWEST}
    FROM channels_listing x
    WHERE {{mine}} AND x.offering_id IS NOT NULL AND x.from_on <= %(day)s::date
    GROUP BY x.channel_id, x.location_id, x.service_id, x.offering_id) own
    ON own.channel_id = ch.id AND own.location_id = l.id AND own.service_id = s.id
      AND own.offering_id = o.id
  CROSS JOIN LATERAL (SELECT coalesce(own.open, broad.open) AS open) tick
"""
SIDES = {
    Right.BOOK: (INSIDE, "x.provider_id = %(me)s AND x.outsider_id IS NULL"),
    Right.BOOK_AT_PARTNER: (TICKED, "x.outsider_id = %(me)s"),
}


Sides = tuple[tuple[str, str], ...]


def sides_of(actor: Actor) -> list[tuple[str, str]]:
    """On which sides the actor finds times: own desk, partners', or both.

    Refuses: RightMissing.
    """
    sides = [SIDES[right] for right in SIDES if actor.may(right)]
    if not sides:
        actor.require(Right.BOOK)
    return sides


def offers_sql(sides: Sides, *, wide: bool, distance: str, more: str, wanted: str) -> str:
    """The offerings open on `day` to the organization `me`: own desk's, partners', or both.

    The wide shape stands on a table expression `place` of the locations that are near enough.
    """
    return " UNION ALL ".join(
        OFFERS.format(
            distance=distance,
            more=more,
            wanted=wanted,
            whose=whose,
            listed=WIDE.format(mine=mine) if wide else NARROW,
            places="place" if wide else "organizations_location",
            need=NEED_WIDE if wide else NEED_NARROW,
        )
        for whose, mine in sides
    )


def change_sql(sides: Sides) -> str:
    """The first day after `day` and before `end` on which a tick of the organization changes."""
    found = [
        f"(SELECT min(x.from_on) FROM channels_listing x WHERE {mine}"
        " AND x.from_on > %(day)s::date AND x.from_on < %(end)s::date)"
        for _whose, mine in sides
    ]
    return f"least({', '.join(found)})"
