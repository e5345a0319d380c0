"""The table of ticks as markup: thousands of cells, each written in one go, not by a template.

Everything that people typed goes through `escape`; a cell's key is «channel/s/service» or
«channel/o/offering».
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import UUID

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from samtime.channels.queries.matrix import Cell, Column, Group, Matrix, ServiceRow
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
Counts = Mapping[tuple[str, str], int]


def fault_words() -> dict[str, str]:
    """Why a ticked cell cannot be booked, in a few words."""
    return {
        "channel_suspended": _("channel is suspended"),
        "no_practitioner": _("no practitioner here"),
        "no_booking_right": _("no user with booking right"),
        "no_price": _("no price"),
        "no_free_time": _("no free time in 60 days"),
    }


def _keys(state: FormState, name: str) -> set[str]:
    """Keys as fields of their own, or (from the script) in one field."""
    return set(" ".join(state[name] or []).split())


def seen_of(table: Matrix) -> str:
    """How every cell was shown, for a form without scripts: channels, services, a letter each."""
    channels = ",".join(str(column.channel) for column in table.columns)
    services = ",".join(str(row.service) for row in table.rows)
    return f"{channels}|{services}|{''.join(c.state[0] for r in table.rows for c in r.cells)}"


def _seen(text: str) -> Iterator[tuple[str, str]]:
    parts = text.split("|")
    if len(parts) != 3:
        return
    channels, services = parts[0].split(","), parts[1].split(",")
    places = ((service, channel) for service in services for channel in channels)
    for (service, channel), letter in zip(places, parts[2], strict=False):
        yield f"{channel}/s/{service}", letter


class Posted:
    """What came back from the form: keys that are ticked, and how they were seen."""

    def __init__(self, state: FormState) -> None:
        self.on, self.was, self.some = (_keys(state, name) for name in ("on", "was", "some"))
        for key, seen in _seen(" ".join(state["seen"] or [])):
            {"a": self.was, "s": self.some}.get(seen, set()).add(key)

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


class Drawing:
    """What every cell needs to know; words that thousands of cells share are looked up once."""

    def __init__(self, table: Matrix, here: str, *, currency: str, may_edit: bool, narrow: str):
        self.table, self.currency, self.may_edit = table, currency, may_edit
        self.here = escape(here)
        self.posted: Posted | None = None
        self.counts: Counts = {}
        self.columns = [channel_name(c.kind, c.name) for c in table.columns]
        self.names = [escape(name) for name in self.columns]
        self.ids = [str(column.channel) for column in table.columns]
        self.narrow = self.ids.index(narrow) if narrow in self.ids else len(self.ids) - 1
        self.css = ["" if n == self.narrow else "st-wide-only" for n in range(len(self.ids))]
        self.place = table.location.name if table.location else _("all locations")
        self.faults = fault_words()
        self.label = _("%(service)s for %(channel)s at %(place)s")
        self.out = f'<span class="st-hidden">{escape(_("not in agreement"))}</span>'
        self.nobody, self.minutes = escape(_("no practitioner here")), _("%(minutes)s min")
        self.people_of = _("Practitioners of %(name)s")
        self.fold = (
            '<button type="button" class="st-matrix-fold" aria-expanded="%s" data-fold hidden'
            f' aria-label="%s">{icon_svg("chevron-right")}</button>'
        )


def service_row(drawing: Drawing, row: ServiceRow, *, is_wide: bool) -> SafeString:
    """The row of a service: its head with fold and length, then its cells."""
    name = escape(row.name)
    fold = '<span class="st-matrix-fold"></span>'
    if row.people and drawing.table.location:
        fold = drawing.fold % (str(is_wide).lower(), escape(drawing.people_of % {"name": row.name}))
    link = f"{drawing.here}&amp;service={row.service}"
    nobody = "" if row.people else f'<small class="st-block">{drawing.nobody}</small>'
    minutes = escape(drawing.minutes % {"minutes": row.minutes})
    return mark_safe(
        f'<tr data-service="{row.service}" data-name="{escape(row.name.lower())}"><th scope="row"'
        f' class="st-matrix-first"><div class="st-matrix-line">{fold}<span><a href="{link}"'
        f' hx-get="{link}" hx-target="#panel-slot" hx-select="#panel" hx-push-url="true">{name}</a>'
        f"{nobody}</span><small>{minutes}</small></div></th>"
        f"{_cells(drawing, row, 's', row.service, row.cells, row.name)}</tr>"
    )


def group_cells(drawing: Drawing, group: Group) -> SafeString:
    """The boxes of a specialty: all its services in a column."""
    label, cells = _("All of %(group)s for %(name)s"), []
    for number, column in enumerate(drawing.table.columns):
        css = " ".join(filter(None, ("" if column.in_agreement else "st-out", drawing.css[number])))
        box = ""
        if column.in_agreement and drawing.may_edit:
            words = escape(label % {"group": group.name, "name": drawing.columns[number]})
            box = (
                f'<input type="checkbox" data-group-tick="{column.channel}" aria-label="{words}"'
                " hidden>"
            )
        cells.append(f'<td class="{css}">{box}</td>')
    return mark_safe("".join(cells))


def practitioner_cells(
    drawing: Drawing, row: ServiceRow, offering: UUID, name: str, cells: Sequence[Cell]
) -> SafeString:
    """The cells of one practitioner of it."""
    made = _cells(drawing, row, "o", offering, cells, f"{row.name}, {name}")
    return mark_safe(made)


def _cells(
    drawing: Drawing, row: ServiceRow, kind: str, ident: UUID, cells: Sequence[Cell], name: str
) -> str:
    label = escape(drawing.label).replace("%(service)s", escape(name))
    label = label.replace("%(place)s", escape(drawing.place))
    end, made = "" if drawing.may_edit else " disabled", []
    tail, above = f"/{kind}/{ident}", f"/s/{row.service}"
    for number, cell in enumerate(cells):
        css = drawing.css[number]
        if cell.state == "out":
            made.append(f'<td class="st-out {css}">{drawing.out}</td>')
            continue
        channel = drawing.ids[number]
        checked = cell.state == "all"
        if drawing.posted:
            checked = _is_checked(drawing.posted, channel + tail, channel + above, checked)
        count = drawing.counts.get((channel, str(ident)))
        extra = f' data-b="{count}"' if count else ""
        price = _price(drawing, cell) if cell.price is not None else ""
        signs = _signs(drawing, cell) if cell.next_on or cell.fault else ""
        made.append(
            f'<td class="{css}"><label class="st-cell"><input type="checkbox" name="on" value="'
            f'{channel}{tail}" data-was="{cell.state}" aria-label="'
            f'{label.replace("%(channel)s", drawing.names[number])}"{extra}'
            f"{' checked' if checked else ''}{end}>{price}</label>{signs}</td>"
        )
    return "".join(made)


def _is_checked(posted: Posted, key: str, above: str, checked: bool) -> bool:
    for one in (above, key):
        checked = posted.shows(one, "all" if checked else "none")
    return checked


def _price(drawing: Drawing, cell: Cell) -> str:
    text = escape(money(Money(cell.price or 0, drawing.currency)))
    return f'<small class="st-cell-price">{text}</small>'


def _signs(drawing: Drawing, cell: Cell) -> str:
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
        found += (
            f'<button type="button" class="st-cell-why" data-why tabindex="-1"'
            f' title="{text}" aria-label="{text}"></button>'
        )
    return found


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
