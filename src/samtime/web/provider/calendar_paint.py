"""Columns of the calendar as HTML, written by hand: a week of twenty practitioners has more than a
thousand blocks, and the template language would take ten times as long for them (W6).

Every piece of text goes through `escape`. A block's place is four classes (see calendar.css).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape as escaped
from itertools import chain
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from samtime.bookings.queries.grid import GridBlock, GridColumn, left_of
from samtime.bookings.queries.grid_facts import Stretch
from samtime.bookings.rules import MOVABLE
from samtime.channels.queries.names import channel_name
from samtime.web.badges import badge_of
from samtime.web.provider.calendar_signs import ICONS, ROLES, SIGNS, used
from samtime.web.templatetags.look import cal_place

LETTERS = {"partner": "P", "assistance": "A", "insurer": "I"}
HOUR = {5: 216, 10: 120, 15: 74, 30: 64}
LANES = 4
# A second line begins with a space as wide as the sign that is its background.
ROOM = "\n\u2003\u2002"


class Words:
    """What every block says, in the reader's language: looked up once, not a thousand times."""

    def __init__(self) -> None:
        self.until = escaped(_("until %(time)s"))
        self.paid_at_partner = escaped(_("Paid at partner"))
        self.no_show = escaped(_("No-show"))
        self.closed = escaped(_("Closed"))
        self.other_source = escaped(_("Other source"))
        self.free = _("free, with %(who)s")
        self.states: dict[str, str] = {}
        self.sources: dict[tuple[str, str], str] = {}
        self.untils: dict[int, str] = {}
        self.facets: dict[tuple[Any, ...], Facet] = {}

    def state(self, state: str) -> str:
        """«Booked»."""
        if state not in self.states:
            self.states[state] = escaped(str(badge_of("booking", state).word))
        return self.states[state]

    def until_clock(self, minute: int) -> str:
        """«until 09:05»."""
        if minute not in self.untils:
            self.untils[minute] = self.until % {"time": clock_of(minute)}
        return self.untils[minute]

    def source(self, block: GridBlock) -> str:
        """«Own desk», or the partner's name."""
        key = (block.source, block.source_name)
        if key not in self.sources:
            self.sources[key] = escaped(source_word(block))
        return self.sources[key]


class Facet(NamedTuple):
    """What bookings of one kind and length have in common: classes, marks, signs and lines; and for
    those who hear it, `what` is booked and `how` it stands, around the hour it lasts until."""

    classes: str
    marks: str
    signs: str
    gap: str
    lines: str
    what: str
    how: str


@dataclass(frozen=True, slots=True)
class Look:
    """How columns are drawn: hours, pixels of an hour, where a click on free time leads.

    `piece`: minutes of one piece of free time, 0 = each stretch whole. `home`: «/o/<slug>/».
    """

    home: str
    first: int
    last: int
    zoom: int = 15
    piece: int = 30
    may_book: bool = False
    may_move: bool = False
    source: str = ""
    narrow: bool = False
    words: "Words" = field(default_factory=lambda: Words())

    @property
    def hour(self) -> int:
        """Pixels of an hour."""
        return HOUR[self.zoom]


@lru_cache(maxsize=20_000)
def _place(minute: int, length: int) -> str:
    return str(cal_place(minute, length))


@lru_cache(maxsize=2000)
def clock_of(minute: int) -> str:
    """«09:05»."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def hours_of(columns: list[GridColumn]) -> tuple[int, int]:
    """First hour drawn and the one after the last: 8 to 16, wider where there is more.

    A room is there day and night: its bookings alone count.
    """
    low, high = 8 * 60, 16 * 60
    for column in columns:
        for start, end in column.open if column.bookable else ():
            low, high = min(low, start), max(high, end)
        for kind, _ident, minute, until, *_rest in column.blocks:
            if kind == "booking" and (minute < low or until > high):
                low, high = min(low, minute), max(high, until)
    return low // 60, min(24, -(-high // 60))


def painted(column: GridColumn, free: Sequence[Stretch], look: Look, now: int = -1) -> str:
    """One column: closed time, free time to click, blocks in lanes. `free`: `column.free()`.

    `now`: the minute of the line, -1 for none; what is booked stands above it.
    """
    line = [f'<div class="st-now {_place(now, 5)}" data-now="{now}"></div>'] if now >= 0 else []
    parts = (_closed(column, look), line, _free(column, free, look), _blocks(column, look))
    return "".join(chain.from_iterable(parts))


def framed(columns: Iterable["Framed"]) -> tuple[SafeString, SafeString]:
    """The heads, and the columns below them, in order."""
    heads, bodies = [], []
    for shown in columns:
        column, new = shown.column, " st-new-day" if shown.new_day else ""
        heads.append(
            f'<div class="st-cal-who{new}"><strong>{escaped(shown.head)}</strong>'
            f"<small>{escaped(shown.sub)}</small></div>"
        )
        bodies.append(
            f'<div class="st-cal-column{new}" data-calendar="{column.ident}"'
            f' data-day="{column.on}" data-who="{escaped(column.name)}">{shown.html}</div>'
        )
    return mark_safe("".join(heads)), mark_safe("".join(bodies))


@dataclass(frozen=True, slots=True)
class Framed:
    """A column as drawn: its head, and whether a day begins here."""

    column: GridColumn
    html: str
    head: str
    sub: str
    new_day: bool


def _closed(column: GridColumn, look: Look) -> Iterator[str]:
    word = look.words.closed
    for low, high in left_of([(look.first * 60, look.last * 60)], column.open):
        yield (
            f'<div class="st-block st-block-closed {_place(low, high - low)}">'
            f'<span class="st-hidden">{word}</span></div>'
        )


def _free(column: GridColumn, free: Sequence[Stretch], look: Look) -> Iterator[str]:
    if not look.may_book or not column.bookable:
        return
    base = f"{look.home}calendar/new/?calendar={column.ident}&amp;date={column.on}&amp;time="
    label = escaped(look.words.free % {"who": column.name})
    for start, end in free:
        for low, high in _pieces(start, end, look.piece):
            clock = clock_of(low)
            yield (
                f'<a class="st-block st-block-open {_place(low, high - low)}" data-free="{low}"'
                f' data-until="{high}" href="{base}{clock}" aria-label="{clock} {label}"></a>'
            )


def _pieces(start: int, end: int, piece: int) -> Iterator[tuple[int, int]]:
    """Cut at the clock's half hours; a rest of less than a cell is nothing."""
    if not piece:
        if end - start >= 5:
            yield start, end
        return
    cursor = start
    while cursor < end:
        stop = min((cursor // piece + 1) * piece, end)
        if stop - cursor >= 5:
            yield cursor, stop
        cursor = stop


def _blocks(column: GridColumn, look: Look) -> Iterator[str]:
    first, last = look.first * 60, look.last * 60
    shown = [b for b in column.blocks if b.until > first and b.minute < last]
    for block, lane in _lanes(shown):
        low, high = max(block.minute, first), min(block.until, last)
        place = _place(low, max(high - low, 5)) + lane
        if block.kind == "booking":
            if block.low != block.minute or block.high != block.until:
                yield from _buffers(block, first, last)
            yield _booking(block, place, look)
        elif block.kind == "hold":
            yield _hold(block, place)
        else:
            yield _other(block, place, look)


def _lanes(blocks: list[GridBlock]) -> Iterator[tuple[GridBlock, str]]:
    """Blocks that overlap stand side by side; the class says which lane of how many."""
    cluster: list[GridBlock] = []
    reach = -1
    for block in blocks:
        if cluster and block.minute >= reach:
            yield from _side_by_side(cluster)
            cluster = []
        cluster.append(block)
        reach = max(reach, block.until) if len(cluster) > 1 else block.until
    yield from _side_by_side(cluster)


def _side_by_side(cluster: list[GridBlock]) -> Iterator[tuple[GridBlock, str]]:
    if len(cluster) == 1:
        yield cluster[0], ""
        return
    ends: list[int] = []
    lanes = []
    for block in cluster:
        lane = next((n for n, end in enumerate(ends) if end <= block.minute), len(ends))
        if lane == len(ends):
            ends.append(block.until)
        else:
            ends[lane] = block.until
        lanes.append(lane)
    count = min(len(ends), LANES)
    for block, lane in zip(cluster, lanes, strict=True):
        yield block, f" st-lane st-lane-{min(lane, LANES - 1)} st-lanes-{count}"


def _buffers(block: GridBlock, first: int, last: int) -> Iterator[str]:
    for low, high in ((block.low, block.minute), (block.until, block.high)):
        low, high = max(low, first), min(high, last)
        if high > low:
            yield f'<div class="st-buffer {_place(low, high - low)}"></div>'


def source_word(block: GridBlock) -> str:
    """«Own desk», or the partner's name."""
    return channel_name(block.source, block.source_name)


def _booking(block: GridBlock, place: str, look: Look) -> str:
    _kind, ident, minute, until, title, *shared, version = block[:11]
    if look.source and look.source != block.source:
        word = f"{clock_of(minute)} {look.words.other_source}"
        return f'<div class="st-block st-block-other {place}"><span>{word}</span></div>'
    key = (*shared, until - minute)
    facet = look.words.facets.get(key)
    if facet is None:
        facet = look.words.facets[key] = _facet(block, look)
    clock, who = clock_of(minute), escaped(title)
    # One element and little text: each part more costs a browser, a thousand times, its share.
    return (
        f'<a class="st-block {facet.classes} {place}" href="{look.home}bookings/{ident}/"'
        f' data-at="{minute}" data-until="{until}" data-v="{version}"{facet.marks} aria-label='
        f'"{clock} {who}{facet.what}, {look.words.until_clock(until)}{facet.how}">'
        f"{facet.signs}<strong>{clock}{facet.gap}{who}</strong>{facet.lines}</a>"
    )


def _facet(block: GridBlock, look: Look) -> Facet:
    length = block.until - block.minute
    lines = max(1, (length * look.hour // 60 - 4) // 16)
    gone = block.state == "noshow"
    role = "st-block-noshow" if gone else f"st-role-{ROLES.get(block.source, 'desk')}"
    lined = " st-lined" if lines > 1 else ""
    tight = " st-tight" if length * look.hour < 20 * 60 else ""
    moves = " data-moves" if look.may_move and block.state in MOVABLE else ""
    heard, how = _heard(block, look)
    return Facet(
        classes=f"{role}{lined}{tight}",
        marks=moves,
        signs=_signs(block, look, lines),
        # Where columns are narrow the name has the second line to itself, the word none.
        gap="\n" if look.narrow and lines > 1 else " ",
        lines=_lines(block, look, lines),
        what=heard,
        how=how,
    )


def _heard(block: GridBlock, look: Look) -> tuple[str, str]:
    """What is said before the hour it lasts until, in the order of the lines that are seen, and
    after it."""
    words, service = look.words, escaped(block.service)
    source, how = words.source(block), [words.state(block.state)]
    lines = [service, source] if look.narrow else [source, service]
    if block.state == "noshow":
        lines = (
            [service, words.no_show, source] if look.narrow else [words.no_show, service, source]
        )
        how = []
    if block.payment == "paid_at_partner":
        how.append(words.paid_at_partner)
    return ", ".join(["", *lines]), ", ".join(["", *how])


def _signs(block: GridBlock, look: Look, lines: int) -> str:
    paid = used("coins") if block.payment == "paid_at_partner" else ""
    sign = used(SIGNS[block.state]) if block.state in SIGNS else ""
    if look.narrow:  # there is room for one, and none beside a name on the first line
        return _marked(paid or (sign if lines > 1 else ""))
    if lines > 1:
        return _marked(f"{sign}{paid}")
    icon = used(ICONS.get(block.source, "device-desktop"))
    return _marked(f"{sign}{paid}{icon}", LETTERS.get(block.source, "D"))


def _marked(signs: str, letter: str = "") -> str:
    """The letter is written by the style: as text it would be no part of the block's name."""
    said = f' data-letter="{letter}"' if letter else ""
    marks = f'<span class="st-block-signs" aria-hidden="true"{said}>{signs}</span>'
    return marks if signs else ""


def _lines(block: GridBlock, look: Look, lines: int) -> str:
    """The lines below the first, as many as there is room for: whence it came, and what it is."""
    word = look.words.no_show if block.state == "noshow" else look.words.source(block)
    source = f"{ROOM}{word}" if lines > 1 and not look.narrow else ""
    return f"{source}\n{escaped(block.service)}" if lines > 2 else source


def _hold(block: GridBlock, place: str) -> str:
    word = escaped(_("Held"))
    return (
        f'<div class="st-block st-block-held {place}"><strong>{clock_of(block.minute)} {word}'
        f' <span data-expires="{block.expires}"></span></strong>'
        f"<span>{escaped(source_word(block))}</span></div>"
    )


def _other(block: GridBlock, place: str, look: Look) -> str:
    words = {"meeting": _("Meeting"), "absence": _("Absence"), "busy": _("Busy elsewhere")}
    icons = {"meeting": "users-group", "absence": "beach", "busy": "calendar-x"}
    word = words.get(block.kind, _("Blocked"))
    icon = used(icons.get(block.kind, "lock"))
    text = escaped(f"{word}: {block.title}" if block.title else word)
    inner = f"<strong>{icon} {text}</strong>"
    if block.kind == "busy" or not block.version:
        return f'<div class="st-block st-block-blocked {place}">{inner}</div>'
    hours = f"{clock_of(block.minute)}–{clock_of(block.until)}"
    return (
        f'<a class="st-block st-block-blocked {place}" data-block'
        f' data-at="{block.minute}" data-until="{block.until}" data-v="{block.version}"'
        f' href="{look.home}calendar/blocks/{block.ident}/" aria-label="{text} {hours}">{inner}</a>'
    )
