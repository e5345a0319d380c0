"""The table of ticks as markup: thousands of cells, each written in one go, not by a template.

Everything that people typed goes through `escape`; a cell's key is «channel/s/service» or
«channel/o/offering».
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from samtime.channels.queries.matrix import Cell, Column, Matrix, ServiceRow
from samtime.channels.queries.names import channel_name
from samtime.foundation.money import Money
from samtime.web.form_state import FormState
from samtime.web.icons import icon_svg
from samtime.web.templatetags.formats import day_short, money

ICONS = {
    "own_desk": "device-desktop",
    "partner": "affiliate",
    "assistance": "headset",
    "insurer": "shield-half",
}
ROLES = {"own_desk": "desk", "partner": "partner", "assistance": "assist", "insurer": "insurer"}
Counts = Mapping[tuple[UUID, UUID], int]


def fault_words() -> dict[str, str]:
    """Why a ticked cell cannot be booked, in a few words."""
    return {
        "channel_suspended": _("channel is suspended"),
        "no_practitioner": _("no practitioner here"),
        "no_booking_right": _("no user with booking right"),
        "no_price": _("no price"),
        "no_free_time": _("no free time in 60 days"),
    }


class Posted:
    """What came back from the form: keys that are ticked, and how they were seen."""

    def __init__(self, state: FormState) -> None:
        self.on = set(state["on"] or [])
        self.was, self.some = set(state.text("was").split()), set(state.text("some").split())

    @property
    def touched(self) -> list[str]:
        """Keys that differ from what was seen."""
        dashes = {key for key in self.some if key in self.on}
        cleared = set(self.cleared)
        return sorted(((self.on ^ self.was) - self.some) | dashes | cleared)

    @property
    def cleared(self) -> list[str]:
        """Dashes that were emptied: only a script can tell them from untouched ones."""
        return [key for key in self.some if key in self.was]

    def seen(self, key: str) -> str:
        """How the person saw the cell."""
        if key in self.some:
            return "some"
        return "all" if key in self.was else "none"

    def shows(self, key: str, state: str) -> bool:
        """Whether the box is ticked when the form comes back."""
        if key in self.on:
            return True
        return state == "all" and key not in self.was


@dataclass(slots=True)
class Drawing:
    """What every cell needs to know."""

    table: Matrix
    slug: str
    currency: str
    may_edit: bool
    narrow: int
    posted: Posted | None = None
    counts: Counts = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=fault_words)

    def __post_init__(self) -> None:
        self.columns = [channel_name(c.kind, c.name) for c in self.table.columns]

    @property
    def place(self) -> str:
        """The location's name, or all of them."""
        found = self.table.location
        return found.name if found else _("all locations")


def service_cells(drawing: Drawing, row: ServiceRow) -> SafeString:
    """The cells of a service."""
    return _cells(drawing, row, "s", row.service, row.cells, row.name)


def practitioner_cells(
    drawing: Drawing, row: ServiceRow, offering: UUID, name: str, cells: Sequence[Cell]
) -> SafeString:
    """The cells of one practitioner of it."""
    return _cells(drawing, row, "o", offering, cells, f"{row.name}, {name}")


def _cells(
    drawing: Drawing, row: ServiceRow, kind: str, ident: UUID, cells: Sequence[Cell], name: str
) -> SafeString:
    label = _("%(service)s for %(channel)s at %(place)s")
    made = [
        _cell(drawing, number, (kind, ident, row.service), cell, label, name)
        for number, cell in enumerate(cells)
    ]
    return mark_safe("".join(made))


def _cell(
    drawing: Drawing,
    number: int,
    who: tuple[str, UUID, UUID],
    cell: Cell,
    label: str,
    name: str,
) -> str:
    narrow = "" if number == drawing.narrow else " st-wide-only"
    if cell.state == "out":
        return f'<td class="st-out{narrow}"><span class="st-hidden">{_OUT()}</span></td>'
    kind, ident, service = who
    channel = drawing.table.columns[number].channel
    key = f"{channel}/{kind}/{ident}"
    checked = _is_checked(drawing, key, f"{channel}/s/{service}", cell.state)
    facts = {"service": name, "channel": drawing.columns[number], "place": drawing.place}
    count = drawing.counts.get((channel, ident), 0)
    more = (
        f"{f' data-b={chr(34)}{count}{chr(34)}' if count else ''}"
        f"{' checked' if checked else ''}{'' if drawing.may_edit else ' disabled'}"
    )
    box = (
        f'<input type="checkbox" name="on" value="{key}" data-was="{cell.state}"'
        f' aria-label="{escape(label % facts)}"{more}>'
    )
    css = f' class="{narrow.strip()}"' if narrow else ""
    signs = _signs(drawing, cell, channel, who) if cell.next_on or cell.fault else ""
    return f'<td{css}><label class="st-cell">{box}{_price(drawing, cell)}</label>{signs}</td>'


def _OUT() -> str:  # noqa: N802 (a word, looked up once per cell outside the agreement)
    return escape(_("not in agreement"))


def _is_checked(drawing: Drawing, key: str, above: str, state: str) -> bool:
    checked = state == "all"
    if drawing.posted:
        for one in (above, key):
            checked = drawing.posted.shows(one, "all" if checked else "none")
    return checked


def _price(drawing: Drawing, cell: Cell) -> str:
    if cell.price is None:
        return ""
    return (
        f'<small class="st-cell-price">{escape(money(Money(cell.price, drawing.currency)))}</small>'
    )


def _signs(drawing: Drawing, cell: Cell, channel: UUID, who: tuple[str, UUID, UUID]) -> str:
    found = ""
    if cell.next_on:
        day = day_short(cell.next_on)
        word = _("opens on %(day)s") if cell.next_open else _("closes on %(day)s")
        text = escape(word % {"day": day})
        found += (
            f'<span class="st-cell-sign" title="{text}">{icon_svg("clock")}'
            f'<span class="st-hidden">{text}</span></span>'
        )
    if cell.fault:
        reason = drawing.faults.get(cell.fault, cell.fault)
        text = escape(_("Ticked but not bookable: %(reason)s") % {"reason": reason})
        address = escape(why_address(drawing, channel, who[0], who[1], who[2]))
        found += (
            f'<a class="st-cell-why" href="{address}" title="{text}" data-why tabindex="-1">'
            f'{icon_svg("alert-triangle")}<span class="st-hidden">{text}</span></a>'
        )
    return found


def why_address(drawing: Drawing, channel: UUID, kind: str, ident: UUID, service: UUID) -> str:
    """Where the cell is explained."""
    asked: dict[str, Any] = {"channel": channel, "service": service, "on": drawing.table.on}
    if drawing.table.location:
        asked["location"] = drawing.table.location.slug
    if kind == "o":
        asked["offering"] = ident
    return f"/o/{drawing.slug}/why/?{urlencode(asked)}"


def heads(drawing: Drawing) -> list[tuple[Column, str, str, str, bool]]:
    """Column, icon, role, name, and whether it is the one that a telephone shows."""
    return [
        (c, ICONS[c.kind], ROLES[c.kind], drawing.columns[n], n == drawing.narrow)
        for n, c in enumerate(drawing.table.columns)
    ]


def kept_rows(table: Matrix, *, only: str, group: str, name: str) -> None:
    """Leave the rows that the filters ask for. `only`: fault, new, or a channel to differ from."""
    keep = _filter(table, only)
    for one in table.groups:
        one.rows = [
            row
            for row in one.rows
            if keep(row) and name in row.name.casefold() and (not group or one.name == group)
        ]
    table.groups = [one for one in table.groups if one.rows]


def _filter(table: Matrix, only: str) -> Callable[[ServiceRow], bool]:
    outside = [n for n, c in enumerate(table.columns) if c.kind != "own_desk"]
    if only == "fault":
        return lambda row: any(cell.fault for cell in row.cells)
    if only == "new":
        return lambda row: all(_is_unheard(row.cells[n]) for n in outside)
    ids = [str(column.channel) for column in table.columns]
    if only in ids:
        base = ids.index(only)
        return lambda row: any(_differs(row.cells[n], row.cells[base]) for n in outside)
    return lambda _row: True


def _is_unheard(cell: Cell) -> bool:
    return cell.state in ("none", "out") and cell.next_on is None


def _differs(cell: Cell, base: Cell) -> bool:
    return "out" not in (cell.state, base.state) and cell.state != base.state


def all_keys(rows: Iterable[tuple[str, UUID, Sequence[Cell]]], table: Matrix, state: str) -> str:
    """The keys of the cells in a state: what a form without scripts sends back as seen."""
    return " ".join(
        f"{column.channel}/{kind}/{ident}"
        for kind, ident, cells in rows
        for column, cell in zip(table.columns, cells, strict=True)
        if cell.state == state
    )
