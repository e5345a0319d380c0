"""SQL of the search: the offerings open to an actor on a local day, ready for the day masks.

Two shapes with one meaning (D8, D9): `NARROW` looks up the ticks of each offering, for one offering
or a few institutions; `WIDE` reads all ticks of the organization at once. Prices are not judged
here but for the starts that were found.
"""

from functools import lru_cache

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.queries import (
    ALIVE,
    BUFFER_AFTER,
    BUFFER_BEFORE,
    DURATION,
    INSIDE,
    LISTED,
    TICKED,
)

LENGTHS = [
    part.replace("{day}", "%(day)s::date") for part in (DURATION, BUFFER_BEFORE, BUFFER_AFTER)
]
OFFERS = f"""
SELECT o.id, c.mask_id, ch.id AS channel, l.id AS location, s.id AS service,
  ({LENGTHS[0]})::int AS dur, ({LENGTHS[1]})::int AS bef, ({LENGTHS[2]})::int AS aft,
  c.step_minutes::int AS step, s.lead_minutes::int AS lead, s.horizon_days::int AS hor,
  l.time_zone AS zone,
  {{need}} AS room{{columns}}
FROM channels_channel ch
  JOIN calendars_calendar c ON c.provider_id = ch.provider_id
  JOIN organizations_location l ON l.id = c.location_id
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
# Days on which a length changes, of whoever may be searched on that side.
LENGTH_OF = {
    "x.provider_id = %(me)s AND x.outsider_id IS NULL": "zs.provider_id = %(me)s",
    "x.outsider_id = %(me)s": (
        "zs.provider_id IN (SELECT zc.provider_id FROM channels_channel zc"
        " WHERE zc.outsider_id = %(me)s)"
    ),
}
DATED = (
    ("catalog_servicelength", "catalog_service", "service_id"),
    ("calendars_offeringlength", "calendars_offering", "offering_id"),
)
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


def _offers(sides: Sides, *, wide: bool = False, **parts: str) -> str:
    return " UNION ALL ".join(
        OFFERS.format(whose=whose, listed=WIDE.format(mine=mine) if wide else NARROW, **parts)
        for whose, mine in sides
    )


PERSON = """JOIN organizations_practitionerrole pr ON pr.id = c.role_id
  JOIN organizations_practitioner p ON p.id = pr.practitioner_id
  LEFT JOIN {hours} ON {same}
"""
# Minutes after midnight between which each weekday can be open at all, whatever the dates of rules.
WEEK = " || ".join(
    f"int2send(coalesce(min(h.low) FILTER (WHERE h.weekday = {n}), 1440)::int2)"
    f" || int2send(coalesce(max(h.high) FILTER (WHERE h.weekday = {n}), 0)::int2)"
    for n in range(1, 8)
)
HOURS = f"""(SELECT h.calendar_id, {WEEK} AS week FROM (
  SELECT r.calendar_id, r.weekday, floor(extract(epoch FROM r.start) / 60) AS low,
    ceil(extract(epoch FROM r.end) / 60) AS high
  FROM calendars_availabilityrule r WHERE r.kind = 'open'{{mine}}
  UNION ALL SELECT r.calendar_id, extract(isodow FROM r.date),
    floor(extract(epoch FROM coalesce(r.start, '00:00')) / 60),
    ceil(extract(epoch FROM coalesce(r.end, '24:00')) / 60)
  FROM calendars_availabilityexception r WHERE NOT r.closed{{mine}}) h
  GROUP BY h.calendar_id) week"""
PERSON_WIDE = PERSON.format(hours=HOURS.format(mine=""), same="week.calendar_id = c.id")
PERSON_NARROW = PERSON.format(
    hours="LATERAL " + HOURS.format(mine=" AND r.calendar_id = c.id"), same="true"
)
SHUT = "decode(repeat('05a00000', 7), 'hex')"
WHO = f""", o.public_id AS public, c.provider_id AS provider, pr.practitioner_id AS practitioner,
  coalesce(week.week, {SHUT}) AS week, lower(s.specialty) AS specialty, p.gender AS gender,
  p.languages::text[] AS languages,
  coalesce(l.latitude, 'NaN')::float8 AS latitude, coalesce(l.longitude, 'NaN')::float8 AS longitude
"""
KIND = "dur, bef, aft, step, lead, hor, zone, room, specialty, gender, languages"
NUMBERS = ("id", "mask_id", "channel", "location", "service", "provider", "practitioner")
LOAD = """
SELECT {since}, {until}, g.* FROM (SELECT 1) always LEFT JOIN (
  SELECT {kind}, {numbers} FROM ({offers}) e GROUP BY {kind}) g ON true
"""


@lru_cache(maxsize=16)
def load_sql(sides: Sides, *, few: bool) -> str:
    """All offerings open to the organization on `day`, a row per kind, ids as concatenated bytes.

    Its first two columns: the day since which the ticks have been so, and the first on which one
    changes. `few`: only those of the institutions `providers`.
    """
    columns = [f"string_agg(int8send({name}), ''::bytea)" for name in NUMBERS]
    columns += [f"string_agg({one}, ''::bytea)" for one in ("uuid_send(public)", "week")]
    columns += [f"string_agg(float8send({n}), ''::bytea)" for n in ("latitude", "longitude")]
    offers = _offers(
        sides,
        wide=not few,
        more=PERSON_NARROW if few else PERSON_WIDE,
        wanted="ch.provider_id = ANY(%(providers)s::bigint[])" if few else "true",
        need=NEED_NARROW if few else NEED_WIDE,
        columns=WHO,
    )
    return LOAD.format(
        since=_change_days(sides, "max", "<= %(day)s::date", "greatest"),
        until=_change_days(sides, "min", "> %(day)s::date", "least"),
        kind=KIND,
        numbers=", ".join(columns),
        offers=offers,
    )


def _change_days(sides: Sides, which: str, when: str, together: str) -> str:
    """The nearest day on which a tick or a length changes."""
    days = [
        f"(SELECT {which}(x.from_on) FROM channels_listing x WHERE {mine} AND x.from_on {when})"
        for _whose, mine in sides
    ]
    days += [
        f"(SELECT {which}(x.from_on) FROM {table} x"
        f" JOIN {owner} zs ON zs.id = x.{key}"
        f" WHERE {LENGTH_OF[mine]} AND x.from_on {when})"
        for _whose, mine in sides
        for table, owner, key in DATED
    ]
    return f"{together}({', '.join(days)})"
