"""The calendars behind the grid's columns and the chips above it, as plain tuples (P1)."""

from typing import NamedTuple

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.foundation.prepared import fetch


class GridCalendar(NamedTuple):
    """One calendar: who, where, and the ids of what lies behind it. `ident`: its public id."""

    id: int
    ident: str
    resource: int
    mask: int
    name: str
    profession: str
    location: int
    place: str
    zone: str


# As `own_calendars`, in the same order.
CALENDARS = """
SELECT c.id, c.public_id::text, c.practitioner_resource_id, c.mask_id,
  concat_ws(' ', nullif(p.title, ''), nullif(p.given_name, ''), nullif(p.family_name, '')),
  p.profession, l.id, l.name, l.time_zone
FROM calendars_calendar c
  JOIN organizations_practitionerrole r ON r.id = c.role_id
  JOIN organizations_practitioner p ON p.id = r.practitioner_id
  JOIN organizations_location l ON l.id = c.location_id
WHERE c.provider_id = %(me)s AND c.ended_on IS NULL
  AND (%(everybody)s OR r.practitioner_id = %(own)s)
  AND (%(everywhere)s OR c.location_id = ANY(%(places)s::bigint[]))
  AND (%(location)s::text = '' OR l.slug = %(location)s::text)
ORDER BY p.family_name, p.given_name, c.id
"""


def grid_calendars(actor: Actor, *, location: str = "") -> list[GridCalendar]:
    """The provider's calendars this person may see; a practitioner without the right to all
    calendars sees his own. One statement. Refuses: RightMissing."""
    actor.require_any(Right.SEE_CALENDAR, Right.SEE_OWN_CALENDAR)
    values = {
        "me": actor.organization_id,
        "everybody": actor.may(Right.SEE_CALENDAR),
        "own": actor.practitioner_id or 0,
        "everywhere": actor.location_ids is None,
        "places": list(actor.location_ids or ()),
        "location": location,
    }
    return [GridCalendar(*row) for row in fetch(CALENDARS, values)]
