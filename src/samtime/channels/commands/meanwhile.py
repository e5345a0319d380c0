"""Somebody else changed a cell in the meantime: shown, never overwritten (SCREENS.md 1.9)."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from samtime.calendars.models import Offering
from samtime.channels.commands.cells import Cell, Change, Table
from samtime.foundation.errors import Refusal


class ChangedMeanwhile(Refusal):
    """Cells are not as the person saw them; carries {number of the change: state now}."""

    code = "changed_meanwhile"
    status = 409
    sentence = _("Somebody changed the same ticks in the meantime. Nothing was saved.")


def check_seen(changes: Sequence[Change], cells: Sequence[Cell], ticks: Table) -> None:
    """Refuse where a cell is neither as it was seen nor as it is wanted. At most one query."""
    told = [(n, c, cell) for n, (c, cell) in enumerate(zip(changes, cells, strict=True)) if c.seen]
    if not told:
        return
    people = _people([cell for _n, _c, cell in told if cell.offering_id is None])
    found = {}
    for number, change, cell in told:
        now = _state(cell, ticks, people)
        if now not in (change.seen, "all" if change.open else "none"):
            found[number] = now
    if found:
        raise ChangedMeanwhile(now=found)


def _people(cells: Sequence[Cell]) -> dict[tuple[int, int], list[int]]:
    """Who gives each service at each location."""
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    if not cells:
        return found
    rows = Offering.objects.filter(
        calendar__location_id__in={cell.location.id for cell in cells},
        service_id__in={cell.service_id for cell in cells},
        ended_on=None,
        calendar__ended_on=None,
    )
    for place, service, ident in rows.values_list("calendar__location_id", "service_id", "id"):
        found[(place, service)].append(ident)
    return found


def _state(cell: Cell, ticks: Table, people: dict[tuple[int, int], list[int]]) -> str:
    ids: list[int | None] = [cell.offering_id]
    if cell.offering_id is None:
        ids = [*people[(cell.location.id, cell.service_id)]] or [None]
    found = {bool(ticks.value_of(cell, offering_id)) for offering_id in ids}
    if len(found) > 1:
        return "some"
    return "all" if found.pop() else "none"
