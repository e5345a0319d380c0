"""Statistics as pages show them, for both sides: the asked period, table, foot, charts, files."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.channels.queries.names import channel_name
from samtime.foundation.errors import Invalid, NotFound
from samtime.foundation.exports import Cell, Sheet, csv_bytes, xlsx_bytes
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.reports.queries import StatisticsLine, StatisticsWish, booking_statistics, totals
from samtime.reports.queries.over_time import reading_zone, sources_over_time
from samtime.reports.rules import month_of
from samtime.web.dates import day_typed
from samtime.web.form_state import FormState
from samtime.web.statement_charts import with_table
from samtime.web.statement_words import month_word
from samtime.web.templatetags.formats import day_in_list, day_short

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = {"xlsx": (xlsx_bytes, XLSX), "csv": (csv_bytes, "text/csv; charset=utf-8")}
FILLS = {
    "own_desk": ("desk",),
    "partner": ("partner", "hatch-partner", "primary", "outline"),
    "assistance": ("assist",),
    "insurer": ("insurer",),
    "rest": ("hatch",),
}
FILTERS = ("channel", "location", "service", "practitioner", "provider", "booker_user", "outcome")
PARTNERS = "partners"
MOST_BARS = 12


def group_words(*groups: str) -> list[tuple[str, str]]:
    """Groupings and their words, in this order."""
    words = {
        "source": _("Booking source"),
        "location": _("Location"),
        "service": _("Service"),
        "practitioner": _("Practitioner"),
        "day": _("Day"),
        "institution": _("Institution"),
        "agent": _("Agent"),
    }
    return [(key, words[key]) for key in groups]


@dataclass(slots=True)
class Asked:
    """What the address asks for, and what is wrong with it."""

    state: FormState
    wish: StatisticsWish

    @property
    def narrowed(self) -> bool:
        """Whether the address filters by more than the period, or is wrong: filters stand open."""
        text = self.state.text
        return not self.state.ok or text("sent") == PARTNERS or any(text(n) for n in FILTERS)


def asked(
    request: HttpRequest,
    actor: Actor,
    *,
    usual_group: str,
    partners_only: bool = False,
    as_booker: bool = False,
) -> Asked:
    """The period (this month unless it says otherwise) and the filters of an address."""
    state = FormState.posted(request.GET)
    zone = reading_zone(actor)
    first, last = month_of(local_day(timezone.now(), zone))
    state.values["group_by"] = state.text("group_by") or usual_group
    chosen: dict[str, Any] = {name: state.text(name) for name in FILTERS}
    wish = StatisticsWish(
        start=_day(state, "from", first),
        end=_day(state, "to", last),
        zone=zone,
        partners_only=partners_only or state.text("sent") == PARTNERS,
        as_booker=as_booker,
        **chosen,
    )
    return Asked(state, wish)


def _day(state: FormState, name: str, usual: date) -> date:
    typed = state.text(name)
    if not typed:
        state.values[name] = usual.isoformat()
        return usual
    found = day_typed(typed)
    if found is None:
        state.wrong(name, _("Write the day as year-month-day, for example 2026-11-24."))
        return usual
    return found


def lines_of(actor: Actor, what: Asked) -> list[StatisticsLine]:
    """The rows of the table; none when something is wrong, which the form then says."""
    if not what.state.ok:
        return []
    try:
        group = what.state.text("group_by")
        return booking_statistics(actor, what.wish, group_by=group, now=timezone.now())
    except Invalid as refusal:
        what.state.refuse(refusal)
        return []


def filter_context(what: Asked) -> dict[str, Any]:
    """What stands in the filters, folded on a phone until one is set."""
    return {
        "state": what.state,
        "wish": what.wish,
        "narrowed": what.narrowed,
        "cleared": f"?from={what.wish.start}&to={what.wish.end}",
        "refused": not what.state.ok,
    }


def table_context(
    request: HttpRequest, actor: Actor, what: Asked, groups: list[tuple[str, str]]
) -> dict[str, Any]:
    """Table, foot and charts of a page."""
    lines = [_named(line, what) for line in lines_of(actor, what)]
    return {
        **filter_context(what),
        "lines": lines,
        "totals": totals(lines),
        "groups": groups,
        "group_word": dict(groups).get(what.state.text("group_by"), ""),
        "query": request.GET.urlencode(),
        "charts": charts_of(actor, what, lines) if lines else {},
    }


def _named(line: StatisticsLine, what: Asked) -> StatisticsLine:
    """A day as its reader writes it; everything else has its name."""
    if what.state.text("group_by") != "day":
        return line
    return replace(line, label=day_short(date.fromisoformat(line.key)))


def charts_of(actor: Actor, what: Asked, lines: list[StatisticsLine]) -> dict[str, Any]:
    """Bookings by source over time; outcomes of every day, or of the first twelve groups."""
    step, steps, series = sources_over_time(actor, what.wish)
    used: dict[str, int] = {}
    told = []
    for one in series:
        fills = FILLS.get(one.kind, ("primary",))
        fill = fills[min(used.get(one.kind, 0), len(fills) - 1)]
        used[one.kind] = used.get(one.kind, 0) + 1
        name = channel_name(one.kind, one.name) or _("Others")
        told.append({"name": name, "fill": fill, "values": one.counts})
    over_time = {
        "labels": [_step_word(step, day) for day in steps],
        "series": told,
        "stacked": True,
        "horizontal": False,
    }
    by_day = what.state.text("group_by") == "day"
    outcomes = _outcomes(lines, most=None if by_day else MOST_BARS)
    return {
        "sources": with_table(over_time),
        "outcomes": with_table(outcomes | {"stacked": True, "horizontal": not by_day}),
    }


def _step_word(step: str, day: date) -> str:
    if step == "month":
        return month_word(day)
    return day_in_list(day) if step == "day" else _("from %(day)s") % {"day": day_short(day)}


def _outcomes(lines: list[StatisticsLine], *, most: int | None) -> dict[str, Any]:
    """Counts by group: a group with two currencies has two lines and one bar."""
    counted: dict[tuple[str, str], list[int]] = {}
    for x in lines:
        counts = (x.attended, _unmarked(x), x.cancelled, x.no_show, x.coming)
        before = counted.get((x.key, x.label), [0] * len(counts))
        counted[(x.key, x.label)] = [a + b for a, b in zip(before, counts, strict=True)]
    shown = list(counted.items())[:most]
    looks = [
        (_("Attended"), "primary"),
        (_("Not marked"), "outline"),
        (_("Cancelled"), "hatch"),
        (_("No-show"), "danger"),
        (_("To come"), "desk"),
    ]
    series = [
        {"name": name, "fill": fill, "values": [counts[n] for _group, counts in shown]}
        for n, (name, fill) in enumerate(looks)
        if any(counts[n] for _group, counts in shown)
    ]
    return {"labels": [label or "–" for (_key, label), _counts in shown], "series": series}


def _unmarked(line: StatisticsLine) -> int:
    """Past visits that nobody marked."""
    return line.bookings - line.attended - line.no_show - line.cancelled - line.coming


def file_of(sheet: Sheet, kind: str, name: str) -> HttpResponse:
    """A table as xlsx or csv. Refuses: NotFound (another kind)."""
    if kind not in FILES:
        raise NotFound()
    make, content_type = FILES[kind]
    response = HttpResponse(make(sheet), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def table_file(actor: Actor, what: Asked, groups: list[tuple[str, str]], kind: str) -> HttpResponse:
    """The table of a page as a file without live formulas; a refused wish says why."""
    lines = lines_of(actor, what)
    if not what.state.ok:
        return refused_file(what.state)
    head = dict(groups).get(what.state.text("group_by"), "")
    name = f"statistics-{what.wish.start}-{what.wish.end}"
    labels = [_cell(line, what) for line in lines]
    return file_of(statistics_sheet(lines, labels, head), kind, name)


def _cell(line: StatisticsLine, what: Asked) -> Cell:
    is_day = what.state.text("group_by") == "day"
    return date.fromisoformat(line.key) if is_day else line.label


def statistics_sheet(lines: list[StatisticsLine], labels: list[Cell], head: str) -> Sheet:
    """The table with its foot, one row per currency."""
    heads = [
        head,
        _("Bookings"),
        _("Attended"),
        _("No-show"),
        _("Cancelled"),
        _("To come"),
        _("Value"),
        _("Commission"),
        _("Expected commission"),
        _("Currency"),
    ]
    foot = [_cells(x, _("Sum")) for x in totals(lines)]
    return Sheet(_("Statistics"), heads, [*map(_cells, lines, labels), *foot])


def _cells(line: StatisticsLine, label: Cell) -> list[Cell]:
    money = [Money(m, line.currency) for m in (line.value, line.commission, line.expected)]
    counts = [line.bookings, line.attended, line.no_show, line.cancelled, line.coming]
    return [label, *counts, *money, line.currency]


def refused_file(state: FormState) -> HttpResponse:
    """A file that cannot be made says why in a line."""
    sentence = next(iter([*state.errors.values(), *state.general]), "")
    return HttpResponse(sentence, status=422, content_type="text/plain; charset=utf-8")
