"""The months of either side with who acts next, filtered by what stands in the address."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from samtime.accounts.actor import Actor
from samtime.billing.queries.statements import MonthRow, month_rows
from samtime.billing.rules import months_back
from samtime.foundation.money import Money
from samtime.foundation.periods import local_day
from samtime.organizations.queries import home_zone
from samtime.web.statement_sheet import acts_next, badge_word
from samtime.web.statement_words import month_word, owed_word
from samtime.web.templatetags.formats import money

LIST = "settlement/statements.html"
LISTED_MONTHS = 6


def listed(request: HttpRequest, actor: Actor, side: str) -> dict[str, Any]:
    """The list's lines and filters for one side: month, other organization, state."""
    today = today_of(actor)
    rows = month_rows(actor, now=timezone.now(), today=today, side=side, months=LISTED_MONTHS)
    own = side == "provider"
    names = sorted({_other(r, own) for r in rows})
    wanted = {n: request.GET.get(n, "") for n in ("month", "name", "state")}
    shown = [
        {
            "statement": r.statement,
            "name": _other(r, own),
            "month": month_word(r.statement.period),
            "base": money(Money(r.statement.base_amount, r.statement.currency)),
            "commission": money(Money(r.statement.commission_amount, r.statement.currency)),
            "acts": acts_next(r.statement, own=own, disputed_at=r.disputed_at),
            "word": badge_word(r.statement, r.disputes),
            "owed": owed_word(r.owed),
        }
        for r in rows
        if wanted["month"] in ("", f"{r.statement.period:%Y-%m}")
        and wanted["name"] in ("", _other(r, own))
        and wanted["state"] in ("", r.statement.state)
    ]
    periods = {*months_back(today, LISTED_MONTHS), *(r.statement.period for r in rows)}
    return {
        "rows": shown,
        "every": len(rows),
        "wanted": wanted,
        "narrowed": any(wanted.values()),
        "names": names,
        "months": [(f"{p:%Y-%m}", month_word(p)) for p in sorted(periods, reverse=True)],
        "state_words": state_words(),
    }


def _other(row: MonthRow, own: bool) -> str:
    return str(row.statement.partner.name if own else row.statement.provider.name)


def state_words() -> list[tuple[str, str]]:
    """The states a filter offers."""
    return [
        ("open", _("Open period")),
        ("computed", _("Computed")),
        ("reviewed", _("Reviewed")),
        ("sent", _("Sent to partner")),
        ("disputed", _("Disputed")),
        ("corrected", _("Disputes answered")),
        ("accepted", _("Accepted")),
        ("closed", _("Closed")),
    ]


def today_of(actor: Actor) -> date:
    """Today where the organization is."""
    return local_day(timezone.now(), home_zone(actor))
