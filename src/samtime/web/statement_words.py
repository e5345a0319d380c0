"""Words of statements: months, rates, reasons; one wording for pages, files and both sides."""

from datetime import date, datetime

from babel.dates import format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from samtime.billing.models import SettlementStatement, StatementLine
from samtime.billing.queries.corrections import Owed, changed_after_sending, correction_month
from samtime.billing.rules import FROZEN
from samtime.foundation.money import Money
from samtime.web.agreement_words import percent
from samtime.web.templatetags.formats import day_short, money


def month_word(period: date) -> str:
    """«October 2026» in the reader's language, with a capital where a title begins with it."""
    return format_date(period, "LLLL y", locale=(get_language() or "en").split("-")[0])


def rate_word(line: StatementLine) -> str:
    """«12.5%», «15.00 each», «–» where nothing is due."""
    if line.kind == "correction" or line.outcome in ("cancelled", "noshow"):
        return "–"
    if line.commission_kind == "percentage":
        return f"{percent(line.commission_rate)}%"
    if line.commission_kind == "fixed":
        return _("fixed")
    return "–"


def reason_words() -> dict[str, str]:
    """What a partner may say is wrong with a line."""
    return {
        "wrong_outcome": _("Wrong outcome"),
        "wrong_rate": _("Wrong rate"),
        "wrong_price": _("Wrong price"),
        "not_ours": _("Not our booking"),
        "missing": _("Missing booking"),
    }


def paid_word(line: StatementLine) -> str:
    """Where the patient paid."""
    if line.outcome in ("cancelled", "noshow"):
        return "–"
    return _("Partner") if line.payment_place == "partner" else _("Institution")


def correction_word(reason: str) -> str:
    """Why a correction is there."""
    words = {
        "dispute": _("Accepted dispute"),
        "outcome": _("Changed after sending"),
        "late": _("Came into a month already sent"),
    }
    return words.get(reason, "")


def owed_word(owed: Owed | None) -> str:
    """«Next period: one correction, RON -56.25»; «» where none is due."""
    if owed is None:
        return ""
    word = ngettext(
        "Next period: one correction, %(sum)s",
        "Next period: %(count)s corrections, %(sum)s",
        owed.count,
    )
    return word % {"count": owed.count, "sum": money(Money(owed.amount, owed.currency))}


def changed_word(statement: SettlementStatement, now: datetime) -> str:
    """What became of a sent statement's bookings since, and where it is made good; «»: nothing."""
    if statement.state not in FROZEN:
        return ""
    count, amount = changed_after_sending(statement, now)
    if not count:
        return ""
    word = ngettext(
        "One booking changed after sending: %(sum)s. The statement of %(month)s corrects it.",
        "%(count)s bookings changed after sending: %(sum)s. The statement of %(month)s corrects"
        " them.",
        count,
    )
    month = correction_month(statement.channel, statement.currency)
    facts = {"count": count, "sum": money(Money(amount, statement.currency))}
    return word % (facts | {"month": month_word(month) if month else ""})


def rates_in_words(lines: list[StatementLine], currency: str) -> str:
    """«12% to 14 Oct, then 10%»; several rates at once are listed."""
    spans: list[tuple[str, date]] = []
    for line in sorted(lines, key=lambda x: x.starts_at):
        if line.kind != "visit" or line.outcome != "attended":
            continue
        word = rate_word(line)
        if line.commission_kind == "fixed":
            word = _("%(amount)s each") % {"amount": money(Money(line.would_be, currency))}
        if spans and spans[-1][0] == word:
            spans[-1] = (word, line.on)
        else:
            spans.append((word, line.on))
    if len(spans) == 2:
        facts = {"first": spans[0][0], "day": day_short(spans[0][1]), "second": spans[1][0]}
        return _("%(first)s to %(day)s, then %(second)s") % facts
    return ", ".join(dict.fromkeys(word for word, _day in spans))
