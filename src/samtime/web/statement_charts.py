"""Key figures and charts of a statement, made from the lines that stand under them (R8)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.billing.models import LineDispute, SettlementStatement
from samtime.billing.queries.figures import month_figures
from samtime.billing.queries.statements import SentLine
from samtime.billing.rules import months_back
from samtime.foundation.money import Money
from samtime.web.statement_words import month_word, rates_in_words
from samtime.web.templatetags.formats import amount, grouped, money


def key_figures(
    actor: Actor,
    statement: SettlementStatement,
    lines: list[SentLine],
    waiting: list[LineDispute],
    now: datetime,
) -> list[tuple[str, str, str, str]]:
    """Key figures: label, value, small line, tone."""
    currency = statement.currency
    before = _month_before(actor, statement, now)
    gone = _("%(cancelled)s cancelled, %(no_show)s no-show") % {
        "cancelled": statement.cancelled,
        "no_show": statement.no_show,
    }
    found = [
        (_("Bookings sent"), grouped(statement.bookings), before, ""),
        (_("Attended"), grouped(statement.attended), gone, ""),
        (
            _("Base, net of VAT"),
            money(Money(statement.base_amount, currency)),
            _("attended only"),
            "",
        ),
        (
            _("Commission"),
            money(Money(statement.commission_amount, currency)),
            rates_in_words([x.line for x in lines], currency),
            "",
        ),
    ]
    if waiting:
        by_line = {x.dispute.pk: x.line.commission_amount for x in lines if x.dispute}
        sum_ = sum(d.wanted_amount - by_line.get(d.pk, 0) for d in waiting)
        word = ngettext("%(count)s line", "%(count)s lines", len(waiting))
        found.append(
            (
                _("In dispute"),
                money(Money(sum_, currency)),
                word % {"count": len(waiting)},
                "warn",
            )
        )
    return found


def _month_before(actor: Actor, statement: SettlementStatement, now: datetime) -> str:
    period = months_back(statement.period, 2)[1]
    figures = month_figures(actor, period, now=now, channel=statement.channel)
    count = sum(f.bookings for f in figures if f.currency == statement.currency)
    return _("%(count)s in %(month)s") % {"count": count, "month": month_word(period)}


def expected_word(statement: SettlementStatement, lines: list[SentLine]) -> str:
    """What is still to come, in a sentence; «» when nothing is."""
    coming = [x.line for x in lines if x.line.outcome == "expected"]
    if not coming:
        return ""
    total = money(Money(sum(x.would_be for x in coming), statement.currency))
    word = ngettext(
        "%(count)s booking is still to come: %(total)s expected, in no sum.",
        "%(count)s bookings are still to come: %(total)s expected, in no sum.",
        len(coming),
    )
    return word % {"count": len(coming), "total": total}


def charts_of(lines: list[SentLine]) -> dict[str, Any]:
    """Two charts as data: bookings per week by outcome, commission by location."""
    visits = [x.line for x in lines if x.line.kind == "visit"]
    weeks = sorted({x.on.isocalendar()[:2] for x in visits})
    outcomes = [
        ("attended", _("Attended"), "primary"),
        ("cancelled", _("Cancelled"), "hatch"),
        ("noshow", _("No-show"), "danger"),
        ("expected", _("Expected"), "outline"),
    ]
    series = [
        {
            "name": word,
            "fill": fill,
            "values": [
                sum(x.outcome == key and x.on.isocalendar()[:2] == week for x in visits)
                for week in weeks
            ],
        }
        for key, word, fill in outcomes
    ]
    series = [s for s in series if any(s["values"])]
    places: dict[str, int] = {}
    for one in lines:
        name = str(one.line.location)
        places[name] = places.get(name, 0) + one.line.commission_amount
    ranked = sorted(places.items(), key=lambda p: (-p[1], p[0]))
    currency = lines[0].line.currency if lines else ""
    found: dict[str, Any] = {
        "weeks": {
            "labels": [_("Week %(number)s") % {"number": w} for _y, w in weeks],
            "series": series,
            "stacked": True,
            "horizontal": True,
        },
        "places": {
            "labels": [name for name, _sum in ranked],
            "series": [
                {
                    "name": _("Commission"),
                    "fill": "partner",
                    "values": [v / 100 for _n, v in ranked],
                    "texts": [amount(v, currency) for _n, v in ranked],
                }
            ],
            "stacked": False,
            "horizontal": True,
        },
    }
    return {name: with_table(chart) for name, chart in found.items()}


def with_table(chart: dict[str, Any]) -> dict[str, Any]:
    """The chart and the same figures as rows of a table, in the reader's language."""
    rows = []
    for n, label in enumerate(chart["labels"]):
        cells = [
            s["texts"][n] if "texts" in s else grouped(int(s["values"][n])) for s in chart["series"]
        ]
        rows.append((label, cells))
    return {**chart, "table": rows}
